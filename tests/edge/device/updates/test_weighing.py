"""What two repositories say of one target, against the machine that is to carry it."""

from collections.abc import Mapping
from typing import Any

import pytest

from edge.device.errors import UpdateRefused
from edge.device.updating.weigh import Machine, Said, raised, weigh
from tests.edge.device.updates.made import DEVICE, machine, order
from tests.release.making import about
from wire.ids import DeviceId
from wire.updates import TARGET_BYTES_MAX, Assigned, Held

PATH = "models/net.tar"
SHA256 = "ab" * 32
HELD = Held(bytes.fromhex("cd" * 32), 4)
OLD = {"models": HELD, "firmware": Held(bytes(32), 7)}


def image(path: str = PATH, **changes: Any) -> Said:
    return Said(path, 1000, {"sha256": SHA256}, about(path, **{"counter": 5, **changes}).custom())


def director(path: str = PATH, hashes: Mapping[str, str] | None = None, **changes: Any) -> Said:
    assigned = {"device": DEVICE, "rollout": "rollout-1", "generation": 1, **changes}
    return Said(path, 1000, hashes or {"sha256": SHA256}, Assigned(**assigned).custom())


def cause(listed: Said | None, *named: Said, here: Machine | None = None, component: str = "models") -> str:
    """`taken`, or why not."""
    try:
        weigh(
            order(component),
            {said.path: said for said in named or (director(),)},
            lambda path: listed if listed is not None and listed.path == path else None,
            here or machine(held=OLD),
        )
    except UpdateRefused as err:
        return err.cause
    return "taken"


def test_what_both_say_to_this_device_is_taken() -> None:
    found = weigh(order(), {PATH: director()}, lambda _: image(), machine(held=OLD))
    assert (found.path, found.length, found.sha256) == (PATH, 1000, bytes.fromhex(SHA256))
    assert found.about == about(PATH, 5)


def test_the_target_in_force_is_an_answer_too() -> None:
    same = {"models": Held(bytes.fromhex(SHA256), 5)}
    assert cause(image(), here=machine(held=same)) == "taken"
    assert cause(image(), here=machine(held={"models": Held(bytes(32), 5)})) == "older"


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ((director(device=DeviceId("gate-02")),), "not-assigned"),
        ((director(rollout="another"),), "not-assigned"),
        ((director(generation=2),), "not-assigned"),
        ((director(), director("models/other.tar")), "not-assigned"),
        ((director("config/net.tar"),), "not-assigned"),
        ((director("firmware"),), "not-assigned"),
        ((Said(PATH, 1000, {"sha256": SHA256}, None),), "not-assigned"),
        ((director("models/other.tar"),), "unsigned"),
        ((director(hashes={"sha256": "cd" * 32}),), "wrong-hash"),
        ((director(hashes={"sha256": SHA256, "sha1": "ab" * 20}),), "wrong-hash"),
        ((Said(PATH, 999, {"sha256": SHA256}, director().custom),), "wrong-hash"),
    ],
)
def test_what_the_director_does_not_name_to_this_device_is_refused(named: tuple[Said, ...], why: str) -> None:
    assert cause(image(), *named) == why


def test_other_components_in_the_directors_list_do_no_harm() -> None:
    assert cause(image(), director(), director("config/settings.tar")) == "taken"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"hardware": ("keypad-zero2w",)}, "wrong-hardware"),
        ({"hardware": ("keypad-zero2w", "gate-pi5")}, "taken"),
        ({"counter": 4}, "older"),
        ({"counter": 3}, "older"),
        ({"environment": "fedcba9876543210"}, "requires-environment"),
        ({"environment": "0123456789abcdef"}, "taken"),
        ({"requires": {"firmware": 8}}, "requires-firmware"),
        ({"requires": {"firmware": 7}}, "taken"),
        ({"requires": {"memory-kb": 4_000_001}}, "requires-memory"),
        ({"requires": {"memory-kb": 4_000_000}}, "taken"),
        ({"requires": {"disk-kb": 1_000_001}}, "disk-full"),
        ({"requires": {"disk-kb": 1_000_000}}, "taken"),
        ({"component": "config"}, "wrong-shape"),
    ],
)
def test_what_this_machine_cannot_carry_is_refused(changes: dict[str, Any], why: str) -> None:
    assert cause(image(**changes)) == why


def test_what_cannot_be_told_of_a_machine_does_not_suffice() -> None:
    here = machine(memory_kb=None, disk_kb=None)
    assert cause(image(), here=here) == "taken"
    assert cause(image(requires={"memory-kb": 1}), here=here) == "requires-memory"
    assert cause(image(requires={"disk-kb": 1}), here=here) == "disk-full"


def test_nothing_goes_below_a_committed_minimum_not_even_what_is_in_force() -> None:
    here = machine(held={"models": Held(bytes.fromhex(SHA256), 5)}, minimums={"models": 6})
    assert cause(image(), here=here) == "older"


@pytest.mark.parametrize(
    ("length", "hashes", "why"),
    [
        (0, {"sha256": SHA256}, "wrong-shape"),
        (TARGET_BYTES_MAX + 1, {"sha256": SHA256}, "wrong-shape"),
        (TARGET_BYTES_MAX, {"sha256": SHA256}, "taken"),
        (1000, {"sha512": "ab" * 64}, "wrong-shape"),
        (1000, {"sha256": SHA256.upper()}, "wrong-shape"),
        (1000, {"sha256": "../" + SHA256[3:]}, "wrong-shape"),
        (1000, {}, "wrong-shape"),
    ],
)
def test_a_target_has_a_length_and_a_sha256(length: int, hashes: dict[str, str], why: str) -> None:
    both = [Said(PATH, length, hashes, said.custom) for said in (image(), director())]
    assert cause(*both) == why


class TestFloors:
    now: Mapping[str, int] = {"image/root": 2, "image/timestamp/aa": 7, "image/models/bb": 3}

    def test_they_rise_and_never_fall(self) -> None:
        floors = {"image/root": 3, "image/timestamp/aa": 5}
        assert raised(floors, self.now) == {"image/root": 3, "image/timestamp/aa": 7, "image/models/bb": 3}

    def test_those_of_replaced_keys_are_dropped_and_those_of_roles_not_asked_kept(self) -> None:
        floors = {"image/timestamp/old": 2**31, "image/config/cc": 9, "director/root": 1, "time-ms": 5}
        assert raised(floors, self.now) == {
            "image/root": 2,
            "image/timestamp/aa": 7,
            "image/models/bb": 3,
            "image/config/cc": 9,
            "director/root": 1,
            "time-ms": 5,
        }
