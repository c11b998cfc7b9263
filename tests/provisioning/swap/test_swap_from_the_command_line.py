"""`hallward provision swap`: who is meant, what is left to do, and the old certificate on the list."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519

from fleet.db import database_url, open_engine
from provisioning.authority.folder import AuthorityFolder
from provisioning.errors import ConfigError, FleetRefused
from provisioning.swap import swap
from tests.fleet.hall_under_test import hasty, made
from tests.fleet.places.swapped import SwapHall
from tests.provisioning.places.fleet_calls import FleetCalls
from wire.ids import DeviceId

pytestmark = pytest.mark.slow


@pytest.fixture
def swap_hall(tmp_path: Path) -> Iterator[SwapHall]:
    (tmp_path / "fleet").mkdir()
    with made(hasty(open_engine(database_url(tmp_path / "fleet", {})))) as hall:
        yield SwapHall(hall)


@pytest.fixture
def issuer(authority: AuthorityFolder) -> AuthorityFolder:
    """The authority that gave keypad-1 its certificate."""
    authority.issue_from_key(DeviceId("keypad-1"), ed25519.Ed25519PrivateKey.generate().public_key())
    return authority


@pytest.mark.parametrize("dead", ["keypad-1", "KP-1", "s-1"])
def test_a_device_its_serial_and_its_place_name_the_same_one(swap_hall: SwapHall, dead: str) -> None:
    done = swap(FleetCalls(swap_hall.floor.technician), None, dead, "KP-9", "does not start")
    assert (done.dead, done.spare, done.place, done.sittings) == (
        "keypad-1",
        "keypad-9",
        "Hàng A ghế 1",
        ("s1",),
    )
    assert not done.is_taken_back
    assert "ask the member to vote on the new unit" in done.notes[0][1]


def test_the_old_certificate_is_on_the_list_of_the_authority_and_of_the_server(
    swap_hall: SwapHall, issuer: AuthorityFolder, tmp_path: Path
) -> None:
    tls = tmp_path / "tls"
    calls = FleetCalls(swap_hall.floor.technician)
    for _ in range(2):
        done = swap(calls, issuer, "keypad-1", "keypad-9", "does not start", fleet_tls=tls)
        assert done.is_taken_back
    assert issuer.is_revoked(DeviceId("keypad-1"))
    assert len(list(x509.load_pem_x509_crl((tls / "ca.crl").read_bytes()))) == 1


def test_a_swap_that_the_fleet_refuses_takes_nothing_back(
    swap_hall: SwapHall, issuer: AuthorityFolder
) -> None:
    with pytest.raises(FleetRefused, match="it stands at Hàng A ghế 2"):
        swap(FleetCalls(swap_hall.floor.technician), issuer, "keypad-1", "keypad-2", "broken")
    assert not issuer.is_revoked(DeviceId("keypad-1"))


def test_a_name_that_means_nothing_is_said_in_words(swap_hall: SwapHall) -> None:
    with pytest.raises(ConfigError, match="look at its label"):
        swap(FleetCalls(swap_hall.floor.technician), None, "KP-77", "keypad-9", "broken")
