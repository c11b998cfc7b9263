"""Which kind of question is on the display: the one under way that the desk spoke of last. Pure."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

UNDER_WAY: Final = ("prepared", "open", "held")
"""States of a question, as the desk says them, in which somebody may be about to vote."""


class Kind(StrEnum):
    OPEN = "open"
    SECRET = "secret"  # noqa: S105  # a kind of question


@dataclass(slots=True)
class Foreground:
    """kind: what is shown. A question that is over stays, unless one of the other kind is under way."""

    kind: Kind = Kind.OPEN
    _under_way: set[Kind] = field(default_factory=set)

    def spoken(self, kind: Kind, *, is_under_way: bool) -> None:
        """The desk has spoken of a question of this kind; is_under_way: of any of its kind."""
        if is_under_way:
            self._under_way.add(kind)
        else:
            self._under_way.discard(kind)
        if is_under_way or not self._under_way:
            self.kind = kind
        elif self.kind not in self._under_way:
            (self.kind,) = self._under_way

    def is_under_way(self, kind: Kind) -> bool:
        return kind in self._under_way
