"""Of each device that cannot take a release it is said why; being offline or frozen only lets it wait."""

from dataclasses import replace
from typing import Any

import pytest

from fleet.rollout.rules.eligible import eligible, waits, why_not
from fleet.rollout.rules.errors import NobodyEligible
from fleet.rollout.rules.shape import Backend, Freeze
from tests.fleet.rollout.rules.pretended_hall import BEGAN_MS, NEW, OLD, device, target
from wire.ids import DeviceId
from wire.updates import Held


@pytest.mark.parametrize(
    ("of_device", "of_target", "codes"),
    [
        ({}, {}, []),
        ({"is_active": False}, {}, ["not-active"]),
        ({"hardware": None}, {}, ["never-reported"]),
        ({"hardware": "gate-pi5"}, {}, ["wrong-hardware"]),
        ({"held": {}}, {}, ["never-reported"]),
        ({"held": {"firmware": NEW}}, {}, ["has-it"]),
        ({"held": {"firmware": Held(bytes(32), 9)}}, {}, ["newer"]),
        ({"held": {"firmware": Held(bytes(32), 2)}}, {}, ["newer"]),
        ({"backend": Backend.DDI}, {}, ["wrong-backend"]),
        ({"backend": Backend.BALENA}, {}, []),
        ({}, {"requires": {"firmware": 5}}, ["requires-firmware"]),
        ({"memory_kb": 400_000}, {"requires": {"memory-kb": 500_000}}, ["requires-memory"]),
        ({"memory_kb": None}, {"requires": {"memory-kb": 500_000}}, []),
        ({"disk_kb": 10}, {"requires": {"disk-kb": 20}}, ["disk-full"]),
        ({"environment": "aa"}, {"environment": "bb"}, ["requires-environment"]),
        ({"environment": "bb"}, {"environment": "bb"}, []),
        (
            {"disk_kb": 10, "memory_kb": 1},
            {"requires": {"disk-kb": 20, "memory-kb": 2, "firmware": 3}},
            ["requires-firmware", "requires-memory", "disk-full"],
        ),
    ],
)
def test_every_reason_is_given(
    of_device: dict[str, Any], of_target: dict[str, Any], codes: list[str]
) -> None:
    found = why_not(device("k-1", **of_device), target(**of_target))
    assert [reason.code for reason in found] == codes
    assert all(reason.sentence.startswith("k-1") for reason in found)


@pytest.mark.parametrize(
    ("backend", "component", "can"),
    [
        (Backend.NATIVE, "os", False),
        (Backend.DDI, "os", True),
        (Backend.BALENA, "os", True),
        (Backend.DDI, "models", False),
        (Backend.NATIVE, "models", True),
    ],
)
def test_each_component_goes_by_those_who_carry_it(backend: Backend, component: str, can: bool) -> None:
    one = device("k-1", backend=backend, held={component: OLD})
    assert (why_not(one, target(component)) == ()) is can


def test_offline_and_frozen_devices_wait() -> None:
    now_ms = BEGAN_MS + 3_600_000
    one = device("k-1")
    assert why_not(one, target()) == ()
    freeze = Freeze("morning", frozenset({DeviceId("k-2")}))
    assert [reason.code for reason in waits(one, now_ms, freeze)] == ["frozen", "offline"]
    freed = replace(one, device=DeviceId("k-2"), seen_ms=now_ms)
    assert waits(freed, now_ms, freeze) == ()


def test_a_rollout_that_nobody_can_take_is_refused_with_the_reasons_counted() -> None:
    devices = [
        device("k-1", hardware="gate-pi5"),
        device("k-2", hardware="gate-pi5"),
        device("k-3", is_active=False),
    ]
    with pytest.raises(NobodyEligible, match=r"none of 3 devices .*: wrong-hardware 2, not-active 1"):
        eligible(devices, target())
    with pytest.raises(NobodyEligible, match="no device at all"):
        eligible([], target())


def test_those_that_can_are_taken() -> None:
    devices = [device("k-1", hardware="gate-pi5"), device("k-2")]
    assert [one.device for one in eligible(devices, target())] == ["k-2"]
