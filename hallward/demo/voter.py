"""A person at a keypad with a secret question on it: which keys they press, from what they see. Pure.

They press for what they see and nothing else, so that a press that was lost, or a unit that starts again in
between, is met as a person would meet it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final


class Act(StrEnum):
    """What becomes of a ballot whose code is on the screen."""

    CAST = "cast"
    CHECK = "check"
    """They have it opened instead, and vote once more."""
    LEAVE = "leave"
    """They look at it and press nothing more, until the unit has been started again."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One ballot. choice: the key."""

    choice: str
    act: Act = Act.CAST


@dataclass(slots=True)
class Voter:
    """wishes: their ballots, in order. Without any they vote not at all.

    codes: every code they saw, in order. seen: every state the screen was in. cast: the choice of the ballot
    that they had cast, as soon as the screen took it.
    """

    wishes: Sequence[Wish] = ()
    codes: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    cast: str | None = None
    _at: int = 0
    _has_looked: bool = False
    """The ballot of this wish is settled: a screen to choose on is for the next."""

    def presses(self, look: Mapping[str, Any]) -> tuple[str, ...]:
        """The keys to press now, in order."""
        if look.get("kind") != "secret":
            return ()
        state, code = look["state"], look.get("code", "")
        self.seen.add(state)
        if code and state == "code" and code not in self.codes:
            self.codes.append(code)
        if state == "choosing" and self._has_looked:
            self._at, self._has_looked = self._at + 1, False
        wish = self.wish
        if wish is None:
            return ()
        if state in _CAST and wish.act is Act.CAST:
            self.cast = wish.choice
        return self._keys(state, wish)

    @property
    def wish(self) -> Wish | None:
        """The ballot at hand."""
        return self.wishes[self._at] if self._at < len(self.wishes) else None

    @property
    def is_leaving(self) -> bool:
        """They stand before a code and press nothing more."""
        wish = self.wish
        return self._has_looked and wish is not None and wish.act is Act.LEAVE

    def _keys(self, state: str, wish: Wish) -> tuple[str, ...]:
        if state == "choosing":
            return (wish.choice, "ok")
        if state == "checked":
            self._has_looked = True
            return ("ok",)
        if state != "code":
            return ()
        if wish.act is Act.LEAVE:
            self._has_looked = True
        return _AT_CODE[wish.act]


_CAST: Final = frozenset({"casting", "recorded", "in-record"})
_AT_CODE: Final[Mapping[Act, tuple[str, ...]]] = {
    Act.CAST: ("ok",),
    Act.CHECK: ("check", "ok"),
    Act.LEAVE: (),
}
