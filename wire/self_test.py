"""A device's word about its own parts, asked for by a technician: a record of the hall log (SPEC §5.2).

So an acceptance is not a sheet that somebody filled in: each result stands in the log under the device's own
signature. It names parts and numbers, never a person, and nothing of it may move with a press while a secret
question is open: the device then says a refusal instead, once the question is over.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from wire import fields
from wire.errors import BadSchema
from wire.fields import Body, Check

COMMAND_BYTES: Final = 16
ROWS_MAX: Final = 32
DETAIL_BYTES_MAX: Final = 120
SELF_TEST: Final = "self-test"
"""Name of the command that asks for it; and of the one row of a device that could not test itself."""
EACH_KEY: Final = "keys"
"""Argument of that command: true when somebody stands there to press each key once."""


@dataclass(frozen=True, slots=True)
class SelfTest(Body):
    """command: id of the one that asked; null when nobody did. rows: of (part, passed, what was found)."""

    kind: ClassVar[str] = "self-test/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.optional(fields.blob(COMMAND_BYTES)),
        fields.rows(ROWS_MAX, fields.name, fields.flag, fields.text(DETAIL_BYTES_MAX)),
    )
    command: bytes | None
    rows: tuple[tuple[str, bool, str], ...]

    @classmethod
    def parsed(cls, values: Any) -> "SelfTest":
        found = super(SelfTest, cls).parsed(values)  # by name: the class with slots is another
        parts = [part for part, _, _ in found.rows]
        if not parts:
            raise BadSchema("self-test/1, rows: at least one part, or it says nothing")
        if len(set(parts)) != len(parts):
            raise BadSchema("self-test/1, rows: each part stands once, or it would pass and fail at a time")
        return found

    @property
    def passed(self) -> bool:
        """Every part has."""
        return all(passed for _, passed, _ in self.rows)
