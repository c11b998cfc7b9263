"""A store that signs whatever it likes: no field of an answer, however wrong, ends the firmware or marks
anything; and what it accepted once it does not take back unseen."""

from dataclasses import fields

import pytest

from ballot.hashing import hash_of
from tests.ballot.board.election import CONTEST, HALL
from tests.edge.ballot_keypad.secret.hall import DEVICE, Hall
from wire import cbor, topics
from wire.envelope import Purpose, seal
from wire.ids import VoterRef
from wire.voting import BallotRefusal, BoardAnswer, encode_board_message

JUNK: tuple[cbor.Value, ...] = (
    b"", b"\0", bytes(32), b"\xff" * 32, bytes(64), bytes(33), bytes(512), 0, 1, 7, 2**53 - 1, True, False,
    None,
    "", "x\n1\n" + "A" * 44 + "\n\n", "hall-1", "keypad-01", "\n" * 9, [], [b""], {1: 2},
)  # fmt: skip
FIELDS = [each.name for each in fields(BoardAnswer)]


def say(hall: Hall, payload: bytes) -> None:
    sealed = seal(payload, Purpose.BOARD_ANSWER, hall.sealer)
    hall.link.publish(topics.down(HALL, DEVICE, topics.Down.ACK), sealed)
    hall.seat.settle()


@pytest.mark.parametrize("name", FIELDS)
def test_no_value_of_a_field_marks_anything_or_ends_the_unit(hall: Hall, name: str) -> None:
    seat = hall.seat
    hall.is_silent = True
    seat.press("ok", "yes", "ok").wait()
    carried = hall.carried[-1]
    place = hall.take(carried.entry)
    assert place is not None
    honest = cbor.decode(encode_board_message(hall.made(carried, place)), Purpose.BOARD_ANSWER.limit)
    at = 1 + FIELDS.index(name)
    for value in JUNK:
        if (type(value), value) != (type(honest[at]), honest[at]):
            say(hall, cbor.encode([*honest[:at], value, *honest[at + 1 :]]))
            assert seat.state == "preparing", value
    hall.is_silent = False
    seat.pass_ms(20_000)
    assert seat.state == "code"
    assert seat.press("ok").wait().state == "recorded"


def test_what_was_accepted_and_is_refused_later_is_an_alarm(hall: Hall) -> None:
    seat = hall.seat
    seat.vote()
    hall.use_cosigned = False
    hall.close()
    seat.wait()
    digest = hash_of(seat.question.kept.cast)
    voter = VoterRef(seat.question.kept.voter)
    hall.election.store(BallotRefusal(CONTEST, voter, digest, None, "after-close"))
    place = hall.places[digest]
    assert place.refusal == b""
    place.refusal, place.index = hall.election.leaves[-1], len(hall.election.leaves) - 1
    seat.pass_ms(20_000)
    assert "board-taken-back" in hall.alarms
    assert "THE RECORD DOES NOT FIT" in seat.screen
