"""A question is held by itself when too many seated units vanish at once, and by nothing less."""

from collections.abc import Iterable

import pytest

from fleet.votes.losses import BACK_MS, WINDOW_MS, Losses, look, too_many
from fleet.votes.rules import Question
from fleet.votes.watch import Watch
from tests.fleet.hall_under_test import HallUnderTest, ok
from tests.fleet.votes.assembly import Assembly
from wire.ids import DeviceId
from wire.records import Alarm, QuestionChanged

UNITS = [DeviceId(f"keypad-{number}") for number in range(1, 21)]


def ready(missing: Iterable[int] = ()) -> dict[DeviceId, bool]:
    return {unit: number not in set(missing) for number, unit in enumerate(UNITS, 1)}


def after(*looks: tuple[int, Iterable[int]]) -> Losses:
    losses = Losses()
    for at_ms, missing in looks:
        losses = look(losses, ready(missing), at_ms)
    return losses


@pytest.mark.parametrize(("lost", "holds"), [(0, False), (1, False), (2, False), (3, True), (20, True)])
def test_more_than_the_share_and_not_the_share_itself(lost: int, holds: bool) -> None:
    losses = after((0, ()), (500, range(1, lost + 1)))
    assert too_many(losses, len(UNITS), 10) is holds


def test_what_is_missing_from_the_beginning_is_no_loss() -> None:
    assert not after((0, range(1, 11)), (500, range(1, 11))).lost


def test_units_that_go_one_by_one_over_an_hour_hold_nothing() -> None:
    losses = Losses()
    for number in range(21):
        losses = look(losses, ready(range(1, number)), number * (WINDOW_MS // 2))
        assert not too_many(losses, len(UNITS), 10)


def test_a_unit_is_back_only_after_it_stayed() -> None:
    gone = (500, (1, 2, 3))
    assert len(after((0, ()), gone, (1000, ())).lost) == 3
    assert len(after((0, ()), gone, (1000, ()), (1000 + BACK_MS - 1, ())).lost) == 3
    assert not after((0, ()), gone, (1000, ()), (1000 + BACK_MS, ())).lost


def test_a_network_that_flaps_is_lost_all_the_while() -> None:
    looks = [(at, (1, 2, 3) if at // 2000 % 2 else ()) for at in range(0, 20_000, 1000)]
    assert len(after(*looks).lost) == 3


def test_one_unit_of_a_small_hall_is_a_swap_and_zero_percent_is_never() -> None:
    few = dict.fromkeys(UNITS[:4], True)
    one_less = look(look(Losses(), few, 0), {**few, UNITS[0]: False}, 500)
    assert not too_many(one_less, 4, 10)
    assert not too_many(after((0, ()), (500, range(1, 21))), 20, 0)


# -- in the hall ----------------------------------------------------------------------------------------


@pytest.fixture
def assembly(hall: HallUnderTest) -> Assembly:
    return Assembly(hall)


def vanish(assembly: Assembly, watch: Watch, *left: str) -> None:
    """Only these are heard of for 20 s."""
    for _ in range(5):
        assembly.hall.clock.step(4000)
        assembly.hall.alive("gate-1", *left)
        watch.tick()
    assembly.hall.append()


def state(assembly: Assembly) -> tuple[str, str | None]:
    found = ok(assembly.chair.get("/api/questions/q1"))
    return found["state"], found["held_why"]


def test_the_question_is_held_the_log_and_the_page_say_why(assembly: Assembly) -> None:
    watch = Watch(assembly.hall.office)
    assembly.open_sitting()
    assembly.prepare()
    assembly.step("open")
    watch.tick()
    vanish(assembly, watch, "keypad-1", "keypad-2")
    why = "2 of 4 units lost within 30 s"
    assert state(assembly) == ("held", why)
    assert ok(assembly.chair.get("/api/board"))["question"]["held_why"] == why
    said = assembly.hall.desk_bodies()[-2:]
    assert said[0] == Alarm("auto-held", f"q1: {why}")
    assert isinstance(said[1], QuestionChanged)
    lines = ok(assembly.hall.client("auditor").get("/api/audit"))
    assert [(line["account"], line["action"]) for line in lines if line["action"] == "question.hold"] == [
        ("fleet", "question.hold")
    ]


def test_after_somebody_resumed_only_new_losses_hold_it_again(assembly: Assembly) -> None:
    watch = Watch(assembly.hall.office)
    assembly.open_sitting()
    assembly.prepare()
    assembly.step("open")
    watch.tick()
    vanish(assembly, watch, "keypad-1", "keypad-2")
    assembly.step("resume")
    watch.tick()
    vanish(assembly, watch, "keypad-1", "keypad-2")
    assert state(assembly) == ("open", None)
    vanish(assembly, watch)
    assert state(assembly)[0] == "held"


def test_what_was_lost_before_somebody_held_and_resumed_holds_nothing_behind_it(
    assembly: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The chair is faster than the fleet, which has decided already and waits for its turn."""
    watch = Watch(assembly.hall.office)
    assembly.open_sitting()
    assembly.prepare()
    assembly.step("open")
    watch.tick()
    hold = watch._hold

    def late(question: Question, why: str) -> None:
        assembly.hall.clock.step(1)
        assembly.step("hold")
        assembly.step("resume")
        hold(question, why)

    monkeypatch.setattr(watch, "_hold", late)
    assembly.hall.clock.step(20_000)
    watch.tick()
    assert state(assembly) == ("open", None)


def test_a_sitting_that_says_never_is_never_held(assembly: Assembly) -> None:
    ok(assembly.chair.put("/api/sittings/s1/settings", json={"lost_percent": 0}))
    watch = Watch(assembly.hall.office)
    assembly.open_sitting()
    assembly.prepare()
    assembly.step("open")
    watch.tick()
    vanish(assembly, watch)
    assert state(assembly) == ("open", None)
