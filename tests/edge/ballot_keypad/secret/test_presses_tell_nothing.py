"""Rule 11: while a secret question is open, nothing that leaves depends on what is pressed, or when."""

import itertools
import logging

import pytest

from edge.ballot_keypad.keys.press import Button
from tests.edge.ballot_keypad.secret.hall import Hall
from wire import cbor, topics
from wire.board import Cast, Prepared
from wire.envelope import Purpose
from wire.voting import Carried

Said = list[tuple[int, str, object]]


def played(choice: str, at_ms: int = 300, presses: tuple[str, ...] = ()) -> Hall:
    """A vote with fixed randomness and clock; the person presses at_ms after the slot, and fumbles."""
    hall = Hall().open()
    seat = hall.seat
    seat.pass_ms(at_ms, step_ms=100)
    for name in ("ok", *presses, choice, "ok"):
        seat.keys.push(_button(name))
        seat.settle()
    seat.pass_ms(6_000 - at_ms, step_ms=100)
    seat.keys.push(_button("ok"))
    seat.settle()
    seat.pass_ms(25_000, step_ms=100)
    assert seat.state == "recorded"
    return hall


def _button(name: str) -> Button:
    return Button(name)


def outside(hall: Hall) -> Said:
    """All that left, without the bytes of ballots and what is a hash or a signature over them."""
    found: Said = []
    start = hall.heard[0][0]
    for at_ms, kind, payload in hall.heard:
        parts = cbor.decode(payload, Purpose.CARRIED.limit)
        shown: object = [len(payload), cbor.decode(parts[2], Purpose.CARRIED.limit)]
        if kind is topics.Up.BOARD:
            shown = (len(payload), _entry(parts[2]))
        found.append((at_ms - start, kind.value, shown))
    return found


def _entry(payload: bytes) -> object:
    parts = cbor.decode(payload, Purpose.CARRIED.limit)
    if parts[0] != Carried.kind:
        return parts
    entry = cbor.decode(cbor.decode(parts[4], Purpose.BOARD.limit)[2], Purpose.BOARD.limit)
    if entry[0] in (Prepared.kind, Cast.kind):
        entry[7] = [entry[7][0], len(entry[7][1])]
        entry[6] = len(entry[6])
    return [*parts[:4], len(parts[4]), entry]


def test_every_choice_says_the_same_outside_the_body() -> None:
    said = [outside(played(choice)) for choice in ("yes", "no", "abstain")]
    for one, other in itertools.pairwise(said):
        assert one == other


def test_bodies_of_every_choice_have_one_length_and_other_bytes() -> None:
    halls = [played(choice) for choice in ("yes", "no", "abstain")]
    bodies = [next(e.body for e in hall.entries if isinstance(e, Cast)) for hall in halls]
    assert len({len(body) for body in bodies}) == 1
    assert len(set(bodies)) == 3


@pytest.mark.parametrize("at_ms", [100, 900, 1_700, 2_600])
def test_when_a_key_is_pressed_does_not_show_in_when_anything_leaves(at_ms: int) -> None:
    assert [said[:2] for said in outside(played("yes", at_ms))] == [
        said[:2] for said in outside(played("yes"))
    ]


def test_how_often_keys_are_pressed_does_not_show() -> None:
    fumbled = played("yes", presses=("no", "clear", "abstain", "no", "7", "back", "up"))
    assert outside(fumbled) == outside(played("yes"))
    assert fumbled.seat.runtime.counters.own["keys"] == 0


def test_the_log_of_the_unit_says_nothing_of_presses_while_the_question_is_open(
    hall: Hall, caplog: pytest.LogCaptureFixture
) -> None:
    seat = hall.seat
    with caplog.at_level(logging.DEBUG):
        seat.keys.hold(_button("yes"))
        seat.keys.pass_ms(40_000)
        seat.settle()
        seat.keys.release()
        seat.settle()
        seat.vote("ok", "yes", "ok")
        assert caplog.records == []
        hall.close()
        seat.pass_ms(1000)
    assert [record.getMessage() for record in caplog.records if "stuck" in record.getMessage()]


def test_a_second_question_s_health_is_as_blind_as_the_first(hall: Hall) -> None:
    hall.seat.vote()
    hall.seat.pass_ms(20_000)
    assert hall.seat.keypad.secret_open
    hall.close()
    hall.seat.pass_ms(1_000)
    assert not hall.seat.keypad.secret_open
