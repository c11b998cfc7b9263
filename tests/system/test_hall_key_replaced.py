"""The hall's key is replaced under a whole hall: planned on one broker, because it was stolen on the other.

Both brokers meet both ways in tests/provisioning/authority/test_both_generations.py."""

import pytest

from provisioning.authority import rotation
from provisioning.authority.root_folder import KeyPlace, RootFolder, create_root_folder
from provisioning.commands import root_request
from tests.provisioning.authority.roots import replaced_key
from tests.servers.brokers import KINDS
from tests.system.conftest import HallFactory
from tests.system.hall import SystemHall


def under_a_root(hall: SystemHall) -> RootFolder:
    means = hall.authority.means
    root = create_root_folder(hall.folder / "root", KeyPlace(), "six words of a test", "Root", means)
    hall.authority.adopt(root.sign(root_request(hall.authority)))
    return root


def restart(hall: SystemHall) -> None:
    hall.authority.write_fleet_tls(hall.data / "tls", [])
    hall.stop_fleet()
    hall.serve()


def renew(hall: SystemHall) -> None:
    """What a renewal leaves in the folder of a device that runs."""
    for name in hall.keypads:
        hall.provision(name, "keypad")


@pytest.mark.parametrize("kind", KINDS[:1])
def test_planned_nobody_is_lost_on_the_way(private_hall: HallFactory, kind: str) -> None:
    hall = private_hall(kind)
    root = under_a_root(hall)
    hall.authority = replaced_key(hall.authority, root)
    restart(hall)
    hall.vote("yes")  # with certificates of the old key
    late = hall.talker("gate-late")  # with one of the new key, believed by broker, API and ingest
    late.say(5)
    hall.until_drained(late)
    renew(hall)
    hall.authority = rotation.finish(hall.authority)
    restart(hall)
    hall.vote("no")
    late.say(5)
    hall.until_drained(late)
    hall.audited()


@pytest.mark.parametrize("kind", KINDS[1:])
def test_stolen_whoever_has_not_renewed_is_out_and_comes_back_with_the_renewal(
    private_hall: HallFactory, kind: str
) -> None:
    hall = private_hall(kind)
    root = under_a_root(hall)
    hall.authority = replaced_key(hall.authority, root, at_once=True)
    restart(hall)
    fresh = hall.talker("gate-fresh")
    fresh.say(5)
    hall.until_drained(fresh)
    assert not any(hall.look(name).get("connected") for name in hall.keypads)
    renew(hall)
    hall.until(
        lambda: all(hall.look(name).get("connected") for name in hall.keypads),
        "they are back, and never stopped",
    )
    hall.vote("yes")
    hall.audited()
