"""What one trustee's machine keeps between two runs of the ceremony. Secret: it stands in a sealed file."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from ballot.ceremony.messages import ROUNDS, Opening, encode_body, parse_body
from ballot.group import Scalar, scalar_bytes, scalar_of
from wire import cbor, fields
from wire.errors import BadSchema

VERSION: Final = "ceremony-state/1"
STATE_BYTES_MAX: Final = 1_000_000
LEFT_MAX: Final = 1000
_BODY: Final = fields.blob_up_to(32_768)


class Stage(StrEnum):
    """The last paper that this machine wrote."""

    COMMITTED = "committed"
    OPENED = "opened"
    DEALT = "dealt"
    RECORDED = "recorded"
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True)
class Own:
    """One ceremony, as this machine lives it. begun: it proposed the beginning itself. pinned: for each round
    that is closed here, the n bodies that it saw; nobody can show it others later. last: body of the key
    record, or of the complaint."""

    ceremony_id: bytes
    index: int
    begin: bytes
    begun: bool
    stage: Stage
    opening: bytes
    coefficients: tuple[Scalar, ...] = field(repr=False)
    transport_key: bytes = field(repr=False)
    dealing: bytes = b""
    pinned: tuple[tuple[bytes, ...], ...] = ()
    share: Scalar | None = field(default=None, repr=False)
    last: bytes = b""

    def papers(self) -> list[tuple[str, bytes]]:
        """All (kind, body) that this machine has signed in this ceremony; the same bytes at each call."""
        written = [("ceremony-begin/1", self.begin)] if self.begun else []
        opening = parse_body(self.opening)
        if isinstance(opening, Opening):
            written.append((ROUNDS[0].kind, encode_body(opening.commitment)))
        if self.stage is not Stage.COMMITTED:
            written.append((ROUNDS[1].kind, self.opening))
        if self.dealing:
            written.append((ROUNDS[2].kind, self.dealing))
        if self.last:
            written.append(("complaint/1" if self.stage is Stage.COMPLAINED else "key-record/1", self.last))
        return written

    def ended(self) -> "Own":
        """Without the polynomial and the transport key, which nobody needs any more."""
        return replace(self, coefficients=(), transport_key=b"")


@dataclass(frozen=True, slots=True)
class State:
    """left: ceremonies that this machine has finished or given up; it never joins one of them again."""

    left: tuple[bytes, ...] = ()
    own: Own | None = None

    def leaving(self) -> "State":
        """The present ceremony given up, its secrets forgotten."""
        return State((*self.left, self.own.ceremony_id)[-LEFT_MAX:]) if self.own is not None else self


def encode_state(state: State) -> bytes:
    own = state.own
    parts: cbor.Value = None
    if own is not None:
        parts = [
            own.ceremony_id,
            own.index,
            own.begin,
            own.begun,
            str(own.stage),
            own.opening,
            [scalar_bytes(coefficient) for coefficient in own.coefficients],
            own.transport_key,
            own.dealing,
            own.pinned,
            None if own.share is None else scalar_bytes(own.share),
            own.last,
        ]
    return cbor.encode([VERSION, state.left, parts])


def decode_state(data: bytes) -> State:
    """Raises RecordRejected for bytes that encode_state did not write."""
    parts = cbor.decode(data, STATE_BYTES_MAX)
    if type(parts) is not list or len(parts) != 3 or parts[0] != VERSION:
        raise BadSchema(f"not {VERSION}")
    left = fields.array(0, LEFT_MAX, fields.hash_value)(parts[1])
    return State(left, None if parts[2] is None else _own(parts[2]))


def _own(parts: Any) -> Own:
    if type(parts) is not list or len(parts) != 12:
        raise BadSchema("a ceremony has 12 parts")
    scalars: tuple[bytes, ...] = fields.array(0, 9, fields.blob(32))(parts[6])
    share = fields.optional(fields.blob(32))(parts[10])
    return Own(
        ceremony_id=fields.hash_value(parts[0]),
        index=fields.integer(1, 9)(parts[1]),
        begin=_BODY(parts[2]),
        begun=fields.flag(parts[3]),
        stage=Stage(fields.one_of(*Stage)(parts[4])),
        opening=_BODY(parts[5]),
        coefficients=tuple(scalar_of(scalar) for scalar in scalars),
        transport_key=fields.blob_up_to(32)(parts[7]),
        dealing=_BODY(parts[8]),
        pinned=fields.array(0, 3, fields.array(1, 9, _BODY))(parts[9]),
        share=None if share is None else scalar_of(share),
        last=_BODY(parts[11]),
    )
