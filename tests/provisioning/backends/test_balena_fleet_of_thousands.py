"""Lists of 2,000 devices cost tens of requests, not thousands."""

import sys
import time

import pytest

from provisioning.backends.ports import NewUnit
from tests.provisioning.backends.balena_fake import BalenaFake
from tests.provisioning.backends.connected import Balena
from wire.ids import DeviceId

pytestmark = pytest.mark.slow
MANY = 2000


def names() -> list[DeviceId]:
    return [DeviceId(f"keypad-{number:04}") for number in range(MANY)]


def crowd(fake: BalenaFake) -> None:
    for name in names():
        number = fake.add_device(name)
        for resource, field in (("device_tag", "tag_key"), ("device_environment_variable", "name")):
            row = {"id": fake.number(), "device": number, field: "ROW", "value": "1"}
            fake.tables[resource].append(row)


def told(what: str) -> None:
    sys.stdout.write(f"{what}\n")


def test_states_variables_and_tags_cost_a_handful(fake: BalenaFake, balena: Balena) -> None:
    crowd(fake)
    counts = {}
    for what, call in {
        "states": balena.backend.states,
        "variables": balena.backend.device_variables,
        "tags": balena.backend.tags,
    }.items():
        before = len(fake.asked)
        assert len(call()) == MANY
        counts[what] = len(fake.asked) - before
    told(f"requests to list {MANY} devices: {counts}")
    assert sum(counts.values()) <= 12


def test_pinning_and_freeing_cost_tens(fake: BalenaFake, balena: Balena) -> None:
    crowd(fake)
    assert balena.backend.pin_to_release("1.1.0", names()) == "2" * 40
    pinned = len(fake.asked)
    assert {row["is_pinned_on__release"] for row in fake.tables["device"]} == {22}
    assert balena.backend.pin_to_release(None, names()) is None
    freed = len(fake.asked) - pinned
    assert {row["is_pinned_on__release"] for row in fake.tables["device"]} == {None}
    told(f"requests to pin {MANY} devices: {pinned}, to free them: {freed}")
    assert max(pinned, freed) <= 30


def test_one_value_for_all_and_taking_it_away_cost_tens(fake: BalenaFake, balena: Balena) -> None:
    crowd(fake)
    assert balena.backend.set_device_variables("ROW", dict.fromkeys(names(), "2")) == MANY
    changed = len(fake.asked)
    assert {row["value"] for row in fake.tables["device_environment_variable"]} == {"2"}
    assert balena.backend.set_device_variables("ROW", dict.fromkeys(names(), "2")) == 0
    again = len(fake.asked) - changed
    assert balena.backend.set_tags("ROW", dict.fromkeys(names())) == MANY
    removed = len(fake.asked) - changed - again
    assert not fake.tables["device_tag"]
    told(f"requests to change a variable of {MANY}: {changed}, again: {again}, to take a tag away: {removed}")
    assert max(changed, removed) <= 20
    assert again <= 2


def test_registering_costs_two_each_and_one_key_for_all(fake: BalenaFake, balena: Balena) -> None:
    units = [NewUnit(device) for device in names()]
    began = time.monotonic()
    assert len(list(balena.backend.register(units))) == MANY
    told(f"requests to register {MANY} devices: {len(fake.asked)}, {time.monotonic() - began:.1f} s")
    assert len(fake.asked) <= 2 * MANY + 10
    assert sum(path == "/api-key/v1/" for _, path in fake.asked) == 1
