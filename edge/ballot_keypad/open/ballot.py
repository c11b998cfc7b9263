"""The life of one open ballot at one seat, as two tables (DESIGN §7). Pure.

REST says where a keypad stands when nothing is half chosen, by what the desk last said and how far this
seat's vote has come; PRESS says what a button does there. A vote is *recorded* only by a verified receipt
that covers it. One that was not confirmed when the question was held or closed is kept and sent, and never
shown as recorded: whether it came in time is the log's to say.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from edge.ballot_keypad.choose import motion
from edge.ballot_keypad.keys.press import Button
from wire.down import BallotNotice, Counted
from wire.ids import MemberRef, QuestionId, SittingId


class State(StrEnum):
    IDLE = "idle"
    PREPARED = "prepared"
    OPEN = "open"
    CHOSEN = "chosen"
    STORED = "stored"
    RECORDED = "recorded"
    HELD = "held"
    CLOSED = "closed"
    LATE = "late"
    AGAIN = "again"
    """Held before the vote was confirmed, open again: it may be cast again."""
    WAITING = "waiting"
    """What the desk said has expired: no choice is taken until it speaks again."""
    DISABLED = "disabled"
    """The twin says that this unit may not vote now, and why."""


class Vote(StrEnum):
    """How far this seat's vote on this question has come."""

    NONE = "none"
    STORED = "stored"
    RECORDED = "recorded"
    LATE = "late"


class Action(StrEnum):
    SELECT = "select"
    FORGET = "forget"
    SAVE = "save"


class Note(StrEnum):
    """Said once, until the next thing happens."""

    NONE = ""
    FINAL = "final"
    NO_SEAT = "no-seat"
    NOT_STORED = "not-stored"
    DISABLED = "disabled"


_N, _S, _R, _L = Vote.NONE, Vote.STORED, Vote.RECORDED, Vote.LATE
REST: Final[dict[tuple[str, Vote], State]] = {
    ("prepared", _N): State.PREPARED,
    ("prepared", _S): State.STORED,
    ("prepared", _R): State.PREPARED,
    ("prepared", _L): State.PREPARED,
    ("open", _N): State.OPEN,
    ("open", _S): State.STORED,
    ("open", _R): State.RECORDED,
    ("open", _L): State.AGAIN,
    ("held", _N): State.HELD,
    ("held", _S): State.STORED,
    ("held", _R): State.RECORDED,
    ("held", _L): State.HELD,
    ("closed", _N): State.CLOSED,
    ("closed", _S): State.STORED,
    ("closed", _R): State.RECORDED,
    ("closed", _L): State.LATE,
    ("certified", _N): State.IDLE,
    ("certified", _S): State.STORED,
    ("certified", _R): State.IDLE,
    ("certified", _L): State.LATE,
}
"""(what the desk said, how far the vote is) -> state. Total."""

_TAKING: Final = (State.OPEN, State.CHOSEN, State.STORED, State.RECORDED, State.AGAIN)
_SAVES: Final = {
    motion.Action.SELECT: Action.SELECT,
    motion.Action.FORGET: Action.FORGET,
    motion.Action.CONFIRM: Action.SAVE,
}
PRESS: Final[dict[tuple[State, Button], Action]] = {
    (state, button): _SAVES[action]
    for (place, button), action in motion.TABLE.items()
    for state in (_TAKING if action is motion.Action.SELECT else (State.CHOSEN,))
}
"""(state, button) -> action, as a motion is chosen anywhere. Any other pair does nothing."""


@dataclass(frozen=True, slots=True)
class Cast:
    """This seat's newest vote on a question. late: not confirmed when the question was held or closed."""

    sitting: SittingId
    question: QuestionId
    member: MemberRef
    choice: str
    seq: int
    late: bool = False


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The vote of this seat's member that is in the log and was cast at another keypad, as the desk says."""

    question: QuestionId
    choice: str


@dataclass(frozen=True, slots=True)
class Ballot:
    notice: BallotNotice | None = None
    expires_ms: int = 0
    member: MemberRef | None = None
    """Whose seat this is, from the twin."""
    elsewhere: Elsewhere | None = None
    """From the twin, when this keypad has taken over the seat in a question that runs."""
    elsewhere_seq: int = 0
    """Up to which seq votes of this keypad stood in the log when that was said: they are older."""
    cast: Cast | None = None
    cast_leaf: int | None = None
    """Where the vote stands in the hall log, or a leaf behind it; None until a receipt covers it."""
    counted: Counted | None = None
    marked_seq: int = 0
    selected: str | None = None
    expired: bool = False
    disabled: bool = False
    """This unit may not vote now."""
    note: Note = Note.NONE

    @property
    def own_cast(self) -> Cast | None:
        """The vote of this member on this question: another's is nobody's business here."""
        cast, notice = self.cast, self.notice
        if cast is None or notice is None or self.member != cast.member:
            return None
        return cast if (cast.sitting, cast.question) == (notice.sitting, notice.question) else None

    @property
    def taken_over(self) -> str | None:
        """The choice that was cast elsewhere, while it is the one that counts: of two votes of a member that
        is the first, or, where the question allows another, the later, which can only be of this keypad."""
        notice, elsewhere = self.notice, self.elsewhere
        if notice is None or elsewhere is None or elsewhere.question != notice.question:
            return None
        own = self.own_cast
        is_later = notice.revote and own is not None and own.seq > self.elsewhere_seq
        return None if is_later else elsewhere.choice

    @property
    def choice(self) -> str | None:
        """This seat's vote on the question, wherever it was cast."""
        own = self.own_cast
        return self.taken_over or (own.choice if own is not None else None)

    @property
    def vote(self) -> Vote:
        if self.taken_over is not None:
            return Vote.RECORDED
        cast = self.own_cast
        if cast is None:
            return Vote.NONE
        if cast.seq <= self.marked_seq and (in_time := self._in_time(cast)) is not None:
            return Vote.RECORDED if in_time else Vote.LATE
        if cast.late:
            return Vote.LATE
        return Vote.RECORDED if cast.seq <= self.marked_seq else Vote.STORED

    def _in_time(self, cast: Cast) -> bool | None:
        """Whether the vote's leaf is one that counts; None before both are known."""
        word = self.counted
        if word is None or self.cast_leaf is None:
            return None
        same = (word.sitting, word.question) == (cast.sitting, cast.question)
        return word.counts(self.cast_leaf) if same else None

    @property
    def state(self) -> State:
        if self.notice is None:
            return State.IDLE
        if self.selected is not None:
            return State.CHOSEN
        rest = REST[self.notice.state, self.vote]
        if rest is State.AGAIN and not self.notice.revote:
            return State.LATE  # the first vote counts if it came in time, so a second one could contradict it
        if self.disabled and rest in (State.PREPARED, State.OPEN, State.AGAIN):
            return State.DISABLED
        return State.WAITING if self.expired and rest in (State.OPEN, State.AGAIN, State.PREPARED) else rest


def noticed(ballot: Ballot, notice: BallotNotice, expires_ms: int) -> Ballot:
    """The desk has spoken. What was only half chosen when the question is no longer open is forgotten."""
    after = replace(ballot, notice=notice, expires_ms=expires_ms, expired=False, note=Note.NONE)
    same = ballot.notice is not None and (ballot.notice.sitting, ballot.notice.question) == (
        notice.sitting,
        notice.question,
    )
    if not same or notice.state != "open":
        after = replace(after, selected=None)
    if notice.state not in ("closed", "certified"):
        # Where ballots counted was said by a store that has been restored to a time before the close.
        after = replace(after, counted=None)
    if (
        after.cast is not None
        and after.vote is Vote.STORED
        and notice.state in ("held", "closed", "certified")
    ):
        after = replace(after, cast=replace(after.cast, late=True))
    return after


def seated(ballot: Ballot, member: MemberRef | None, elsewhere: Elsewhere | None = None) -> Ballot:
    """The seat belongs to this member now, who may have voted at another keypad."""
    if (member, elsewhere) == (ballot.member, ballot.elsewhere):
        return ballot
    return replace(
        ballot,
        member=member,
        elsewhere=elsewhere,
        elsewhere_seq=ballot.marked_seq,
        selected=None,
        note=Note.NONE,
    )


def enabled(ballot: Ballot, is_enabled: bool) -> Ballot:
    """Whether this unit may vote now; what was half chosen when it may not is forgotten."""
    if is_enabled is not ballot.disabled:
        return ballot
    return replace(ballot, disabled=not is_enabled, selected=None, note=Note.NONE)


def marked(ballot: Ballot, marked_seq: int, leaf: int | None = None) -> Ballot:
    """A verified receipt has come, or the fleet's store has lost something. leaf: of the record at
    marked_seq."""
    cast, known = ballot.cast, ballot.cast_leaf
    if cast is None or marked_seq < cast.seq:
        known = None
    elif known is None or ballot.marked_seq < cast.seq:
        known = leaf
    return replace(ballot, marked_seq=marked_seq, cast_leaf=known)


def counted(ballot: Ballot, word: Counted) -> Ballot:
    """The close is a leaf: whether a vote came in time is known now, whatever was shown before."""
    return replace(ballot, counted=word)


def aged(ballot: Ballot, now_ms: int) -> Ballot:
    """A notice is in force until it expires: then nothing more is chosen, and nothing that was cast is
    forgotten."""
    if ballot.notice is None or ballot.expired or now_ms <= ballot.expires_ms:
        return ballot
    return replace(ballot, expired=True, selected=None)


def pressed(ballot: Ballot, button: Button) -> tuple[Ballot, bool]:
    """The ballot after a button, and whether the selected choice is now to be saved."""
    action = PRESS.get((ballot.state, button))
    if action is None or ballot.notice is None:
        return replace(ballot, note=Note.NONE), False
    if ballot.member is None:
        return replace(ballot, selected=None, note=Note.NO_SEAT), False
    if action is Action.SAVE:
        return ballot, True
    if action is Action.FORGET:
        return replace(ballot, selected=None, note=Note.NONE), False
    if ballot.expired or ballot.notice.state != "open":
        return ballot, False
    if ballot.disabled:
        return replace(ballot, note=Note.DISABLED), False
    if ballot.vote is not Vote.NONE and not ballot.notice.revote:
        return replace(ballot, note=Note.FINAL), False
    return replace(ballot, selected=button.value, note=Note.NONE), False


def saved(ballot: Ballot, cast: Cast) -> Ballot:
    """The vote is signed and durable: only now may the person be told."""
    return replace(ballot, cast=cast, cast_leaf=None, selected=None, note=Note.NONE)


def not_saved(ballot: Ballot) -> Ballot:
    """The disk refused it. The choice stays selected, so that the person may try again."""
    return replace(ballot, note=Note.NOT_STORED)
