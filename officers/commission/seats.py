"""Who sits where with which key: what the fleet exports, and the seat map that only the commission keeps.

The map ties each entry of the roll to a seat and a member. Whoever holds it and the log knows whose entry is
whose (never what it says), so it is sealed and never leaves the commission.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

from ballot.documents.roll import ROLL_MAX, RollRow
from officers.errors import BadInput
from wire import cbor, fields
from wire.errors import BadSchema, RecordRejected
from wire.fields import Body, Check
from wire.ids import MEMBER_REF_BYTES, VOTER_BYTES, VoterRef, is_name
from wire.keys import Alg, public_key

VERSION: Final = "seats/1"
MAP_BYTES_MAX: Final = 4 * 2**20
_FIELDS: Final = ("device", "seat", "member", "key")


@dataclass(frozen=True, slots=True)
class Seat(Body):
    """One delegate. generation, key, reason: of their last binding; 0 and no reason: as the roll has it."""

    kind: ClassVar[str] = VERSION
    checks: ClassVar[tuple[Check, ...]] = (
        fields.blob(VOTER_BYTES),
        fields.text(64),
        fields.text(64),
        fields.blob(MEMBER_REF_BYTES),
        fields.count,
        fields.optional(fields.blob(32)),
        fields.text(200),
    )
    voter: VoterRef
    device: str
    seat: str
    member: bytes
    generation: int
    key: bytes | None
    reason: str

    @property
    def without_pseudonym(self) -> tuple[str, str, bytes, int, bytes | None]:
        return (self.device, self.seat, self.member, self.generation, self.key)

    @property
    def row(self) -> RollRow:
        return RollRow(self.voter, self.generation, self.key)


def seats_in(content: bytes, path: str, random: Callable[[int], bytes]) -> list[Seat]:
    """The delegates of the fleet's list, each with a fresh pseudonym, ascending by it: nothing in their order
    tells who is who. Raises BadInput naming the line."""
    seats: list[Seat] = []
    seen: dict[tuple[str, str], int] = {}
    lines = [(number, line) for number, line in enumerate(content.splitlines(), start=1) if line.strip()]
    if not lines:
        raise BadInput("empty-list", path=path)
    if len(lines) > ROLL_MAX:
        raise BadInput("bad-line", path=path, line=ROLL_MAX + 1, what=f"> {ROLL_MAX}")
    for number, line in lines:
        seat = _seat(line, path, number, random)
        for what, value in (
            ("seat", seat.seat),
            ("device", seat.device),
            ("member", seat.member.hex()),
            ("key", (seat.key or b"").hex()),
        ):
            if value and seen.setdefault((what, value), number) != number:
                first = seen[what, value]
                raise BadInput("twice", path=path, line=number, what=f"{what} {value}", first=first)
        seats.append(seat)
    return sorted(seats, key=lambda seat: seat.voter)


def _seat(line: bytes, path: str, number: int, random: Callable[[int], bytes]) -> Seat:
    def bad(what: str) -> BadInput:
        return BadInput("bad-line", path=path, line=number, what=what)

    try:
        found: Any = json.loads(line)
    except (UnicodeDecodeError, json.JSONDecodeError) as err:
        raise bad(str(err)) from None
    if type(found) is not dict or set(found) != set(_FIELDS):
        raise bad(", ".join(_FIELDS))
    device, seat, member, key = (found[field] for field in _FIELDS)
    if not is_name(device) and not (device is None and key is None):
        raise bad(f"device {device!r:.40}")
    if type(seat) is not str or not seat.strip() or len(seat.encode(errors="surrogatepass")) > 64:
        raise bad(f"seat {seat!r:.40}")
    try:
        raw = None if key is None else public_key(Alg.EDDSA, bytes.fromhex(key)).raw
        ref = bytes.fromhex(member)
    except (TypeError, ValueError, RecordRejected):
        raise bad("key, member: hex") from None
    if len(ref) != MEMBER_REF_BYTES:
        raise bad(f"member: {2 * MEMBER_REF_BYTES} hex")
    return Seat(VoterRef(random(VOTER_BYTES)), device or "", seat, ref, 0, raw, "")


def encode_seats(seats: Sequence[Seat]) -> bytes:
    return cbor.encode([VERSION, [seat.values() for seat in seats]])


def decode_seats(content: bytes) -> list[Seat]:
    """Raises RecordRejected."""
    parts = cbor.decode(content, MAP_BYTES_MAX)
    if type(parts) is not list or len(parts) != 2 or parts[0] != VERSION or type(parts[1]) is not list:
        raise BadSchema(f"not {VERSION}")
    return [Seat.parsed(row) for row in parts[1]]


def rebound(seat: Seat, key: bytes | None, device: str, reason: str) -> Seat:
    """The delegate with another key. The same again is the same binding: what was cut can be repeated."""
    if (seat.key, seat.reason) == (key, reason) and seat.generation > 0:
        return seat
    return replace(seat, generation=seat.generation + 1, key=key, device=device, reason=reason)
