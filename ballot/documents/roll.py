"""Who may vote in one contest: the signed roll, its rows, and the path that shows one row to its unit
(ballot/SPEC §2.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar, Final, NamedTuple

from ballot.documents.body import CONTEST, SESSION_KEY, VOTER, DocumentBody
from ballot.documents.faults import bad
from wire import cbor, fields
from wire.errors import BadSchema, RecordRejected
from wire.fields import Check
from wire.ids import CongressId, ContestId, VoterRef
from wire.merkle import Tree, leaf_hash, verify_inclusion

ROLL_MAX: Final = 20_000
"""Voters of one contest: their rows fit the pages of one document."""
ROW_BYTES_MAX: Final = 64


class RollRow(NamedTuple):
    """session_key: Ed25519, 32 bytes; None: summoned, has no unit yet. generation: 0 in a roll."""

    voter: VoterRef
    generation: int
    session_key: bytes | None


_COLUMNS: Final = (VOTER, fields.integer(0, 0), SESSION_KEY)


def _row(value: Any) -> RollRow:
    if type(value) is not list or len(value) != len(_COLUMNS):
        raise BadSchema(f"a row of the roll is an array of {len(_COLUMNS)}")
    return RollRow(*(check(cell) for check, cell in zip(_COLUMNS, value, strict=True)))


def encode_row(row: RollRow) -> bytes:
    """The leaf data of a row."""
    return cbor.encode(list(row))


def parse_row(data: bytes) -> RollRow:
    """Raises BadDocument."""
    try:
        return _row(cbor.decode(data, ROW_BYTES_MAX))
    except RecordRejected as err:
        raise bad("bad-body", what=err.what) from None


def roll_tree(rows: Sequence[RollRow]) -> Tree:
    """The tree whose root the roll signs; its `inclusion` gives the path of a row."""
    tree = Tree()
    for row in rows:
        tree.append(leaf_hash(encode_row(row)))
    return tree


@dataclass(frozen=True, slots=True)
class Roll(DocumentBody):
    kind: ClassVar[str] = "roll/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name,
        CONTEST,
        fields.integer(1, ROLL_MAX),
        fields.hash_value,
    )
    congress: CongressId
    contest: ContestId
    size: int
    root: bytes

    def row(self, data: bytes, index: int, path: Sequence[bytes]) -> RollRow:
        """The row of these bytes, if it stands in this roll at `index`. Raises BadDocument."""
        try:
            verify_inclusion(leaf_hash(data), index, self.size, path, self.root)
        except BadSchema:
            raise bad("not-in-roll") from None
        return parse_row(data)


@dataclass(frozen=True, slots=True)
class RollRows(DocumentBody):
    """The rows themselves, ascending by voter. Unsigned: the root of the roll vouches for them (`check`)."""

    kind: ClassVar[str] = "roll-rows/1"
    checks: ClassVar[tuple[Check, ...]] = (CONTEST, fields.array(1, ROLL_MAX, _row))
    contest: ContestId
    rows: tuple[RollRow, ...]

    @classmethod
    def parsed(cls, values: Any) -> "RollRows":
        found = super(RollRows, cls).parsed(values)  # by name: the class with slots is another
        voters = [row.voter for row in found.rows]
        if any(one >= other for one, other in pairwise(voters)):
            raise BadSchema(f"{cls.kind}, rows: must ascend by voter, nobody twice")
        return found

    def roll(self, congress: CongressId) -> Roll:
        """The roll that a commission signs for these rows."""
        tree = roll_tree(self.rows)
        return Roll(congress, self.contest, tree.size, tree.root())

    def check(self, roll: Roll) -> None:
        """Raises BadDocument unless these are all the rows of that roll and no others."""
        if self.roll(roll.congress) != roll:
            raise bad("other-roll")
