"""Contacts that bounce -> what a person wants. Pure, and the same for a matrix and for single wires.

One sample says which contacts are closed at one moment; `step` says what came of it.

- **Debounce.** A contact is down, or up, once it has been so in every sample for `bounce_ms`. Whatever it
  does before is its bounces: one push is one press, a spark is none, a key that is held is never repeated.
- **One key at a time.** Two contacts that are closed at the same moment, or one that cannot be told from a
  ghost (matrix.py), lock the whole unit until every key is up, and the person is told. None of them counts,
  and a press that had counted while its key was still down is named, so that its choice can be withdrawn.
- **At first nothing is believed.** A key that is down when the power comes has not been pressed.
- **Stuck.** A key that is down for `stuck_ms` is named to the technician. It does not vote, and does not
  keep the other keys from voting; when it comes up it is a key again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

BOUNCE_MS: Final = 30
"""Tactile switches settle within 5 to 10 ms; a finger stays on one for longer than this."""
STUCK_MS: Final = 30_000


class Button(StrEnum):
    YES = "yes"
    NO = "no"
    ABSTAIN = "abstain"
    BLANK = "blank"
    OK = "ok"
    CLEAR = "clear"
    BACK = "back"
    CHECK = "check"
    UP = "up"
    DOWN = "down"
    DIGIT_0 = "0"
    DIGIT_1 = "1"
    DIGIT_2 = "2"
    DIGIT_3 = "3"
    DIGIT_4 = "4"
    DIGIT_5 = "5"
    DIGIT_6 = "6"
    DIGIT_7 = "7"
    DIGIT_8 = "8"
    DIGIT_9 = "9"

    @property
    def digit(self) -> int | None:
        """What it types; None for a key that types nothing."""
        return int(self.value) if self.value.isdecimal() else None


@dataclass(frozen=True, slots=True)
class Pressed:
    """One press of one key."""

    button: Button


@dataclass(frozen=True, slots=True)
class Together:
    """Several keys at once: none counts. withdrawn: the one that had counted before and was still down."""

    withdrawn: Button | None = None


@dataclass(frozen=True, slots=True)
class KeyStuck:
    """For the technician: this key has been down for too long, and is no longer listened to."""

    button: Button


@dataclass(frozen=True, slots=True)
class KeyFreed:
    """It came up again, and is listened to."""

    button: Button


KeyEvent = Pressed | Together | KeyStuck | KeyFreed


@dataclass(frozen=True, slots=True)
class Times:
    """bounce_ms: how long a contact must be still. stuck_ms: how long a key may be held."""

    bounce_ms: int = BOUNCE_MS
    stuck_ms: int = STUCK_MS


TIMES: Final = Times()


@dataclass(frozen=True, slots=True)
class Sample:
    """What is closed at one moment. doubtful: those of them that may be ghosts. at_ms: monotonic."""

    closed: frozenset[Button]
    at_ms: int
    doubtful: frozenset[Button] = frozenset()


@dataclass(frozen=True, slots=True)
class Contacts:
    closed: frozenset[Button] = frozenset()
    """In the last sample."""
    moved_ms: Mapping[Button, int] = field(default_factory=lambda: MappingProxyType({}))
    """When each contact was last seen to change."""
    down_ms: Mapping[Button, int] = field(default_factory=lambda: MappingProxyType({}))
    """The keys that are down, and since when."""
    stuck: frozenset[Button] = frozenset()
    counted: Button | None = None
    """The key whose press counted, while it is down."""
    is_locked: bool = True
    """Until every key is up."""

    @property
    def down(self) -> frozenset[Button]:
        return frozenset(self.down_ms)

    @property
    def is_at_rest(self) -> bool:
        """Nothing is closed and nothing is still settling: no sample can bring anything before one closes."""
        return not self.closed and not self.down_ms and not self.is_locked


def step(before: Contacts, sample: Sample, times: Times) -> tuple[Contacts, tuple[KeyEvent, ...]]:
    """The contacts after a sample, and what came of it. Samples come in the order of their times."""
    now_ms = sample.at_ms
    moved_ms = {**before.moved_ms, **dict.fromkeys(before.closed ^ sample.closed, now_ms)}
    still = frozenset(b for b, since_ms in moved_ms.items() if now_ms - since_ms >= times.bounce_ms)
    down_ms = {b: since for b, since in before.down_ms.items() if b in sample.closed or b not in still}
    newly = [b for b in Button if b in sample.closed and b in still and b not in down_ms]
    down_ms |= dict.fromkeys(newly, now_ms)

    freed = [b for b in Button if b in before.stuck and b not in down_ms]
    jammed = [b for b, since in down_ms.items() if b not in before.stuck and now_ms - since >= times.stuck_ms]
    stuck = (before.stuck | set(jammed)).difference(freed)
    events: list[KeyEvent] = [*map(KeyFreed, freed), *map(KeyStuck, jammed)]

    alive = sample.closed - stuck
    counted = before.counted if before.counted in down_ms and before.counted not in stuck else None
    moving = (sample.closed | down_ms.keys() | (moved_ms.keys() - still)) - stuck
    locked = before.is_locked and bool(moving)
    if not locked and (len(alive) > 1 or sample.doubtful - stuck):
        events.append(Together(counted))
        locked, counted = True, None
    elif not locked and counted is None and newly:
        counted = newly[0]
        events.append(Pressed(counted))
    after = Contacts(
        sample.closed,
        MappingProxyType(moved_ms),
        MappingProxyType(down_ms),
        frozenset(stuck),
        counted,
        locked,
    )
    return after, tuple(events)
