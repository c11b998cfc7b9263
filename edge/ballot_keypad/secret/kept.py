"""What a unit keeps of one contest, and under which names: state and numbers, and from the cast on the signed
entry. Neither a seed, nor what it is made of, nor a choice is ever among it (HV-1 rule 10)."""

from dataclasses import astuple, dataclass, field, fields
from typing import Any, Final

from edge.ballot_keypad.secret.life import State
from wire import cbor
from wire.board import FIRST_PREV
from wire.envelope import Purpose
from wire.ids import ContestId

ROOM: Final = "secret/"
"""All names begin with it."""
CHECKPOINT: Final = ROOM + "checkpoint"
FRONT: Final = ROOM + "front"
"""The contest on the screen."""
KEY_RECORDS: Final = ROOM + "key-record/"
_LIFE: Final = "life"
_KEY: Final = "key"
_BYTES_MAX: Final = 3 * Purpose.BOARD.limit + 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """notice, counter: what the desk said last. n, prev: of the last accepted entry of (voter, generation).
    seq: the current one. way: the entry on its way, as signed;
    way_kind its type. unsure: hash of an opened ballot's entry of which this start does not know whether it
    is a leaf. proof: the newest accepted entry. body_hash: of the prepared ballot. cast: the newest vote,
    from when it is cast; cast_hash, cast_generation: of its body once it is a leaf. code: of a refusal."""

    state: State = State.WAITING
    notice: str = "prepared"
    counter: int = -1
    voter: bytes = b""
    generation: int = 0
    n: int = 0
    prev: bytes = FIRST_PREV
    seq: int = 1
    way: bytes = b""
    way_kind: str = ""
    unsure: bytes = b""
    proof: bytes = field(default=b"", repr=False)
    body_hash: bytes = b""
    cast: bytes = field(default=b"", repr=False)
    cast_hash: bytes = b""
    cast_generation: int = 0
    prepared: int = 0
    is_closed: bool = False
    has_ended: bool = False
    is_retired: bool = False
    was_lost: bool = False
    code: str = ""

    def encoded(self) -> bytes:
        return cbor.encode([str(value) if isinstance(value, State) else value for value in astuple(self)])


def decode_kept(data: bytes) -> Kept:
    values: list[Any] = cbor.decode(data, _BYTES_MAX)
    named = dict(zip((each.name for each in fields(Kept)), values, strict=True))
    return Kept(**{**named, "state": State(named["state"])})


def life_name(contest: ContestId) -> str:
    return f"{room_of(contest)}{_LIFE}"


def key_name(contest: ContestId) -> str:
    return f"{room_of(contest)}{_KEY}"


def paper_name(contest: ContestId, kind: str) -> str:
    return f"{room_of(contest)}paper/{kind}"


def room_of(contest: ContestId) -> str:
    return f"{ROOM}{contest.hex()}/"


def contest_in(name: str) -> ContestId | None:
    """The contest of a kept life; None for any other name."""
    middle, _, last = name.removeprefix(ROOM).partition("/")
    return ContestId(bytes.fromhex(middle)) if last == _LIFE else None
