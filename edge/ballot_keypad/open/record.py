"""A choice -> the record that is signed, and what the keypad keeps about it for its next start."""

from typing import Final

from edge.ballot_keypad.open.ballot import Ballot, Cast, Elsewhere
from wire import cbor
from wire.ids import MemberRef, QuestionId, SittingId
from wire.records import OpenBallot

CAST: Final = "keypad/cast"
"""Name of the kept value; written in the same durable step as the record."""
_CAST_BYTES_MAX: Final = 256


def ballot_record(ballot: Ballot) -> OpenBallot | None:
    """The vote that is selected. None when nothing is, or the seat is nobody's."""
    if ballot.notice is None or ballot.member is None or ballot.selected is None:
        return None
    return OpenBallot(ballot.notice.sitting, ballot.notice.question, ballot.member, ballot.selected)


def cast_of(record: OpenBallot, seq: int) -> Cast:
    return Cast(record.sitting, record.question, record.member, record.choice, seq)


def encode_cast(cast: Cast) -> bytes:
    return cbor.encode([cast.sitting, cast.question, cast.member, cast.choice, cast.seq, cast.late])


def decode_cast(data: bytes | None) -> Cast | None:
    if data is None:
        return None
    sitting, question, member, choice, seq, late = cbor.decode(data, _CAST_BYTES_MAX)
    return Cast(SittingId(sitting), QuestionId(question), MemberRef(member), choice, seq, late)


def elsewhere_of(cast: object) -> Elsewhere | None:
    """From the twin's `cast`, as it was checked there."""
    if not isinstance(cast, str):
        return None
    question, _, choice = cast.partition(" ")
    return Elsewhere(QuestionId(question), choice)
