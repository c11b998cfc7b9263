"""A grant is checked before a byte of it is written: by whom, for whom, over which key, and for what."""

import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding

from edge.device.claim.grant import merged
from edge.device.claim.seed import parse_seed
from edge.device.claim.table import State
from edge.device.config import DeviceConfig
from edge.device.errors import ConfigError
from tests.ballot.board.election import CHARTER
from tests.edge.device.claim.desk_under_test import ClaimDesk, seeded
from tests.edge.device.claim.rig import Machine
from tests.edge.device.hall_desk import Hall, der, make_hall
from tests.servers.waiting import wait_until
from wire.enrol import Grant

pytestmark = pytest.mark.slow
Spoil = Callable[[Grant], Grant]


@pytest.fixture(scope="package")
def sister(tmp_path_factory: pytest.TempPathFactory, hall: Hall) -> Hall:
    """Another hall under the same root."""
    return make_hall(tmp_path_factory.mktemp("sister"), "hall-2", hall.root)


def refused(tmp_path: Path, hall: Hall, spoil: Spoil, **how: Any) -> str:
    """What stands on the display; asserts that nothing was written."""
    desk = ClaimDesk(hall, spoil=spoil)
    with desk.serve() as served:
        machine = Machine(seeded(tmp_path / "d", hall, served.port), **how)
        machine.person.would_press = True
        with machine:
            machine.person.reads(State.WAITING)
            desk.place("A-1")
            machine.person.reads(State.MISFIT)
            detail = machine.person.page.detail
    written = {path.name for path in (tmp_path / "d").iterdir()}
    assert written == {"seed.toml", "root.crt", "identity.key", "state"}
    assert not desk.only.installed
    return detail


def other_key(hall: Hall) -> Spoil:
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    return lambda grant: replace(grant, certificate=der(hall.authority.issue_from_key(grant.device, key)))


def test_a_certificate_over_another_key_is_not_ours(tmp_path: Path, hall: Hall) -> None:
    assert "another key than this device's" in refused(tmp_path, hall, other_key(hall))


def test_a_certificate_for_another_name_is_not_ours(tmp_path: Path, hall: Hall) -> None:
    said = refused(tmp_path, hall, lambda grant: replace(grant, device="keypad-other"))
    assert "not for keypad-other" in said


def test_a_hall_that_the_desk_does_not_belong_to_is_not_trusted_afterwards(
    tmp_path: Path, hall: Hall, sister: Hall
) -> None:
    """Under one root, and yet nobody's: it must hold the key of the intermediate that was verified."""
    pem = sister.authority.certificate_pem
    assert "not of the hall's key that stands under the root" in refused(
        tmp_path, hall, lambda grant: replace(grant, authority=pem)
    )


def test_a_grant_of_a_sister_hall_is_refused_as_a_whole(tmp_path: Path, hall: Hall, sister: Hall) -> None:
    def spoil(grant: Grant) -> Grant:
        return replace(
            grant,
            authority=sister.authority.certificate_pem,
            intermediate=der(sister.authority.intermediate),
        )

    assert "not the one that the desk itself stands under" in refused(tmp_path, hall, spoil)


def test_an_authority_smuggled_in_beside_the_halls_own_is_one_too_many(
    tmp_path: Path, hall: Hall, sister: Hall
) -> None:
    more = hall.authority.certificate_pem + 2 * sister.authority.certificate_pem
    assert "its authority is none" in refused(tmp_path, hall, lambda grant: replace(grant, authority=more))


def test_a_certificate_that_the_hall_did_not_issue_is_refused(
    tmp_path: Path, hall: Hall, sister: Hall
) -> None:
    def spoil(grant: Grant) -> Grant:
        key = x509.load_der_x509_certificate(grant.certificate).public_key()
        assert isinstance(key, ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey)
        return replace(grant, certificate=der(sister.authority.issue_from_key(grant.device, key)))

    assert "was not issued by the authority beside it" in refused(tmp_path, hall, spoil)


def test_a_list_that_is_not_the_roots_is_refused(tmp_path: Path, hall: Hall) -> None:
    listed = x509.load_pem_x509_crl(hall.authority.revocations()).public_bytes(Encoding.DER)
    said = refused(tmp_path, hall, lambda grant: replace(grant, root_revocations=listed))
    assert "is not the root's" in said


def test_damaged_certificates_are_refused(tmp_path: Path, hall: Hall) -> None:
    assert "its certificate is not a certificate" in refused(
        tmp_path, hall, lambda grant: replace(grant, certificate=b"\x30\x00")
    )


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ("device = ", "not TOML"),
        ('device = "keypad-x"', "congress is missing"),
    ],
)
def test_settings_that_are_no_device_toml_are_refused(
    tmp_path: Path, hall: Hall, settings: str, says: str
) -> None:
    said = refused(tmp_path, hall, lambda grant: replace(grant, settings=settings))
    assert says in said or "role is missing" in said


def test_settings_for_another_role_are_refused(tmp_path: Path, hall: Hall) -> None:
    def spoil(grant: Grant) -> Grant:
        return replace(grant, settings=grant.settings.replace('role = "keypad"', 'role = "board"'))

    assert "not for keypad-" in refused(tmp_path, hall, spoil)


def test_settings_that_the_hardware_cannot_have_are_refused(tmp_path: Path, hall: Hall) -> None:
    def check(_: DeviceConfig) -> None:
        raise ConfigError("[keypad]: keypad.yes_pin is missing")

    said = refused(tmp_path, hall, lambda grant: grant, check_parts=check)
    assert "keypad.yes_pin is missing" in said
    assert "hardware.toml" in said


def test_a_charter_of_another_congress_is_refused(tmp_path: Path, hall: Hall) -> None:
    foreign = CHARTER.encode()
    assert "charter" in refused(tmp_path, hall, lambda grant: replace(grant, charter=foreign))
    assert "charter" in refused(tmp_path / "again", hall, lambda grant: replace(grant, charter=b"\x00"))


def test_a_revoked_hall_is_refused_even_by_its_own_grant(tmp_path: Path, hall: Hall) -> None:
    """The list that comes with the grant names the very intermediate that the connection verified."""
    own = make_hall(tmp_path, "hall-3", hall.root)
    listed = own.root.revoke(own.authority.intermediate).public_bytes(Encoding.DER)
    said = refused(tmp_path, own, lambda grant: replace(grant, root_revocations=listed))
    assert "revoked the hall's key" in said


SETTINGS = (
    'device = "k"\nlanguage = "en"\n[keypad]\nbounce_ms = 20\ncontrast = 9\n'
    '[identity]\nkind = "pkcs11"\nmodule = "/evil.so"\n[simulated]\nhands = true\n'
)


def test_what_the_medium_says_of_the_machine_wins_over_the_desk_field_by_field() -> None:
    seed = parse_seed('role = "keypad"', "s", '[keypad]\ncontrast = 200\nlayout = "matrix"\n')
    values = tomllib.loads(merged(SETTINGS, seed))
    assert values["keypad"] == {"bounce_ms": 20, "contrast": 200, "layout": "matrix"}
    assert values["language"] == "en"


def test_a_desk_has_no_say_in_where_the_key_lives_nor_in_what_is_simulated() -> None:
    values = tomllib.loads(merged(SETTINGS, parse_seed('role = "keypad"', "s")))
    assert "identity" not in values
    assert "simulated" not in values
    seed = parse_seed('role = "keypad"\n[simulated]\nhands = true', "s", '[identity]\nkind = "rpi-otp"\n')
    values = tomllib.loads(merged(SETTINGS, seed))
    assert values["identity"] == {"kind": "rpi-otp"}
    assert values["simulated"] == {"hands": True}


def test_a_hall_that_is_replacing_its_key_hands_out_both_anchors(
    tmp_path: Path, hall: Hall, sister: Hall
) -> None:
    both = hall.authority.certificate_pem + sister.authority.certificate_pem
    desk = ClaimDesk(hall, spoil=lambda grant: replace(grant, authority=both))
    with desk.serve() as served:
        machine = Machine(seeded(tmp_path / "d", hall, served.port))
        machine.person.would_press = True
        with machine:
            machine.person.reads(State.WAITING)
            desk.place("A-1")
            wait_until(lambda: machine.is_device, "the end of the claim")
    assert len(x509.load_pem_x509_certificates((tmp_path / "d" / "ca.crt").read_bytes())) == 2
