"""What the rules say is said in Vietnamese too, with the same names and numbers."""

import re
from dataclasses import replace

import pytest

from fleet.rollout.rules.causes import common_factor
from fleet.rollout.rules.eligible import waits, why_not
from fleet.rollout.rules.saying import Said, facts
from fleet.rollout.rules.shape import Backend, Freeze, GateRules, Plan, Wave
from tests.fleet.rollout.rules.pretended_hall import BEGAN_MS, NEW, Hall, Unit, device, target
from wire.updates import Held

GIVEN = re.compile(r"[a-z]+/[a-z]+|k-\d+|\d+")
NEEDS = {"firmware": 3, "memory-kb": 9, "disk-kb": 9}
STRANGE = target(requires=NEEDS, environment="00ff")
PLAN = Plan((Wave("all"),), gate=GateRules(soak_s=10, good_ppm=300_000, bad_ppm=900_000))


def check(said: Said) -> None:
    assert said.en
    assert said.vi not in ("", said.en)
    assert sorted(GIVEN.findall(said.en)) == sorted(GIVEN.findall(said.vi)), said


@pytest.mark.parametrize(
    "changes",
    [
        {"is_active": False},
        {"hardware": None},
        {"hardware": "gate-pi5"},
        {"held": {}},
        {"held": {"firmware": NEW}},
        {"held": {"firmware": Held(bytes(32), 9)}},
        {"backend": Backend.DDI, "memory_kb": 1, "disk_kb": 1},
    ],
)
def test_why_not(changes: dict[str, object]) -> None:
    reasons = why_not(device("k-1", **changes), STRANGE)
    assert reasons
    for reason in reasons:
        check(reason.said)


def test_what_it_waits_for() -> None:
    found = waits(device("k-1", seen_ms=None), BEGAN_MS, Freeze("morning"))
    assert [reason.code for reason in found] == ["frozen", "offline"]
    for reason in found:
        check(reason.said)


@pytest.mark.parametrize("failing", [1, 3, 60])
def test_what_failures_have_in_common(failing: int) -> None:
    units = [Unit(device(f"k-{n:03}"), "refuses" if n < failing else "well") for n in range(60)]
    for n, unit in enumerate(units):
        unit.facts = {"camera": "imx219" if n < failing else "imx708"}
    hall = Hall(replace(PLAN, gate=replace(PLAN.gate, bad_ppm=999_998, good_ppm=999_000)), units)
    hall.start()
    hall.run(3600)
    check(common_factor(list(hall.courses.values()), hall.observations(), hall.plan))


def test_facts_have_names_that_people_know() -> None:
    said = facts([("access-point", "ap-1"), ("models-before", "00ff"), ("strange", "x")])
    assert said.vi == "điểm phát sóng ap-1 + mô hình trước đó 00ff + strange x"
