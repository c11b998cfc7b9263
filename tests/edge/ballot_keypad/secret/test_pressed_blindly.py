"""A press does only what could be read when it was pressed."""

import pytest

from edge.ballot_keypad.keys.press import Button
from tests.edge.ballot_keypad.secret.hall import DEVICE, Hall
from wire.down import CommandMessage


def identify(hall: Hall) -> None:
    hall.say(CommandMessage(b"1" * 16, "identify", {}), DEVICE)
    assert "▶▶" in hall.seat.screen


@pytest.mark.parametrize("key", ["ok", "check", "clear"])
def test_a_press_at_a_unit_that_is_looked_for_brings_the_question_back_and_does_nothing_else(
    hall: Hall, key: str
) -> None:
    seat = hall.seat
    seat.press("ok", "yes", "ok").wait()
    before = seat.screen
    identify(hall)
    seat.press(key)
    assert (seat.state, seat.screen) == ("code", before)
    assert seat.press("ok").wait().state == "recorded"


def test_two_keys_take_back_only_what_one_of_them_had_done(hall: Hall) -> None:
    seat = hall.seat
    seat.press("ok", "yes")
    assert "Tán thành" in seat.screen
    seat.hall.clock.pass_ms(100)
    seat.glass._parts_each = 2
    for first in ("up", "down"):
        seat.keys.hold(Button(first))
        seat.settle()
        seat.keys.hold(Button("7"))
        seat.settle()
        seat.keys.release()
        seat.settle()
        selection = seat.question.memory.selection
        assert selection is not None
        assert selection.chosen == ("Tán thành",)
        assert "One key at a time" in seat.screen
    seat.pass_ms(5_000)
    assert "Tán thành" in seat.screen
