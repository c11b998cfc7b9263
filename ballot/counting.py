"""Open ballots: which of them count, and what the count means. Pure, integers only (DESIGN §7; SPEC §5).

The order of the leaves of the hall log decides everything: a ballot counts only if its leaf stands between
the question's first `open` and its `closed`, not while it is held, and only for the member whom the roll and
the seatings in force at that leaf bind to that keypad, who takes part in the question, and who is in the hall
if its terms say so. The fleet freezes its result with these functions, and the audit recounts with the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from wire.fields import Body
from wire.ids import DeviceId, MemberRef, QuestionId, SittingId
from wire.records import CHOICES, OpenBallot, Passage, QuestionChanged, RollPage, Seating
from wire.voting import PaperCount, Recusal, Terms


@dataclass(frozen=True, slots=True)
class Leaf:
    """An accepted record: its index in the hall log, who signed it, what it says. Refused ones are none."""

    index: int
    device: DeviceId
    body: Body


class Why(StrEnum):
    """Why a ballot that stands in the log does not count."""

    NOT_OPEN = "not-open"
    HELD = "held"
    LATE = "late"
    NOT_SEATED = "not-seated"
    OTHER_MEMBER = "other-member"
    REVOTE = "revote"
    SUPERSEDED = "superseded"
    """A later ballot of the same member took its place: the question allows revoting."""
    ABSENT = "absent"
    """The question asks for presence, and the gates say that this member is not in the hall."""
    RECUSED = "recused"
    """The member takes no part in this question; also of a ballot that was cast before that was said."""
    BY_PAPER = "by-paper"
    """The question is counted by hand."""


@dataclass(frozen=True, slots=True)
class Uncounted:
    leaf: int
    device: DeviceId
    why: Why


@dataclass(frozen=True, slots=True)
class Choice:
    """The one ballot of a member that counts."""

    member: MemberRef
    choice: str
    device: DeviceId
    leaf: int


@dataclass(frozen=True, slots=True)
class Result:
    """choices: in the order of the members' pseudonyms. opened, closed: leaf indices, None before that leaf.

    majority: the fraction that the opening leaf announced, as (num, den); (0, 1) before that leaf.
    """

    question: QuestionId
    opened: int | None
    closed: int | None
    majority: tuple[int, int]
    revote: bool
    yes: int
    no: int
    abstain: int
    choices: tuple[Choice, ...]
    uncounted: tuple[Uncounted, ...]
    roll: frozenset[MemberRef]
    """Those summoned by the roll in force at the close (at the last leaf seen, while it is open)."""
    terms: Terms | None = None
    """As the hall was told before the opening; None for a question without."""
    recused: frozenset[MemberRef] = frozenset()
    """Of the roll: those who take no part, at the close."""
    present_at_open: frozenset[MemberRef] = frozenset()
    present_at_close: frozenset[MemberRef] = frozenset()
    """Of the roll: in the hall at the opening and at the close (at the last leaf seen, before it)."""
    papers: tuple[PaperCount, ...] = ()
    """The boxes counted by hand; of one that is signed again, what was signed last. With any, `yes`, `no` and
    `abstain` are 0, and the numbers are in these."""

    @property
    def summoned(self) -> int:
        return len(self.roll)

    @property
    def cast(self) -> int:
        return self.yes + self.no + self.abstain


@dataclass(slots=True)
class Bindings:
    """Who is summoned, and which keypad speaks for whom, as the leaves say it one after the other.

    A roll takes force with its last page; page 0 begins a new one. A member speaks through one keypad at a
    time: a seating elsewhere silences the keypad they had before.
    """

    summoned: frozenset[MemberRef] = frozenset()
    _member_of: dict[DeviceId, MemberRef] = field(default_factory=dict)
    _device_of: dict[MemberRef, DeviceId] = field(default_factory=dict)
    _rows: list[tuple[MemberRef, DeviceId | None]] = field(default_factory=list)
    _next_page: int = 0

    def member_at(self, device: DeviceId) -> MemberRef | None:
        return self._member_of.get(device)

    def turn_page(self, page: RollPage) -> None:
        if page.page == 0:
            self._rows, self._next_page = [], 0
        if page.page != self._next_page:
            return  # a page out of its turn belongs to no roll; the audit names the hole in the desk's chain
        self._rows.extend(page.rows)
        self._next_page += 1
        if self._next_page == page.pages:
            self.summoned = frozenset(member for member, _ in self._rows)
            self._member_of, self._device_of = {}, {}
            for member, device in self._rows:
                if device is not None:
                    self._bind(device, member)

    def seat(self, seating: Seating) -> None:
        self._silence(seating.device)
        if seating.member is not None:
            self._bind(seating.device, seating.member)

    def _bind(self, device: DeviceId, member: MemberRef) -> None:
        self._silence(device)
        held = self._device_of.get(member)
        if held is not None:
            self._silence(held)
        self._member_of[device], self._device_of[member] = member, device

    def _silence(self, device: DeviceId) -> None:
        member = self._member_of.pop(device, None)
        if member is not None:
            del self._device_of[member]


@dataclass(slots=True)
class Count:
    """A count under way: feed it leaves in the order of the log, take `result()` whenever."""

    sitting: SittingId
    question: QuestionId
    bindings: Bindings = field(default_factory=Bindings)
    _state: str = "prepared"
    _opened: int | None = None
    _closed: int | None = None
    _revote: bool = False
    _majority: tuple[int, int] = (0, 1)
    _roll: frozenset[MemberRef] = frozenset()
    _terms: Terms | None = None
    _recused: set[MemberRef] = field(default_factory=set)
    _inside: set[MemberRef] = field(default_factory=set)
    _inside_at_open: frozenset[MemberRef] = frozenset()
    _inside_at_close: frozenset[MemberRef] | None = None
    _papers: dict[str, PaperCount] = field(default_factory=dict)
    _choices: dict[MemberRef, Choice] = field(default_factory=dict)
    _uncounted: list[Uncounted] = field(default_factory=list)

    def add(self, leaf: Leaf) -> None:
        """Take the next leaf of the log. Leaves of other sittings and questions change nothing."""
        match leaf.body:
            case RollPage(sitting=self.sitting):
                self.bindings.turn_page(leaf.body)
            case Seating(sitting=self.sitting):
                self.bindings.seat(leaf.body)
            case QuestionChanged(sitting=self.sitting, question=self.question):
                self._change(leaf.index, leaf.body)
            case OpenBallot(sitting=self.sitting, question=self.question):
                self._take(leaf, leaf.body)
            case Passage(sitting=self.sitting):
                self._pass(leaf.body)
            case Terms(sitting=self.sitting, question=self.question) if self._opened is None:
                self._terms = leaf.body
            case Recusal(sitting=self.sitting, question=self.question) if self._closed is None:
                self._recuse(leaf.body)
            case PaperCount(sitting=self.sitting, question=self.question) if self._closed is None:
                self._papers[leaf.body.box] = leaf.body
        if self._closed is None:
            self._roll = self.bindings.summoned

    def result(self) -> Result:
        choices = {} if self._papers else self._choices
        totals = dict.fromkeys(CHOICES, 0)
        for counted in choices.values():
            totals[counted.choice] += 1
        inside = self._inside if self._inside_at_close is None else self._inside_at_close
        return Result(
            question=self.question,
            opened=self._opened,
            closed=self._closed,
            majority=self._majority,
            revote=self._revote,
            **totals,
            choices=tuple(sorted(choices.values(), key=lambda counted: counted.member)),
            uncounted=self._left_out(),
            roll=self._roll,
            terms=self._terms,
            recused=self._roll & self._recused,
            present_at_open=self._roll & self._inside_at_open,
            present_at_close=self._roll & inside,
            papers=tuple(self._papers.values()),
        )

    def _left_out(self) -> tuple[Uncounted, ...]:
        if not self._papers:
            return tuple(self._uncounted)
        by_paper = [Uncounted(c.leaf, c.device, Why.BY_PAPER) for c in self._choices.values()]
        return tuple(sorted([*self._uncounted, *by_paper], key=lambda ballot: ballot.leaf))

    def _pass(self, passage: Passage) -> None:
        if passage.direction == "in":
            self._inside.add(passage.member)
        else:
            self._inside.discard(passage.member)

    def _recuse(self, recusal: Recusal) -> None:
        if not recusal.recused:
            self._recused.discard(recusal.member)
            return
        self._recused.add(recusal.member)
        cast = self._choices.pop(recusal.member, None)
        if cast is not None:
            self._uncounted.append(Uncounted(cast.leaf, cast.device, Why.RECUSED))

    def _change(self, leaf: int, change: QuestionChanged) -> None:
        if self._closed is not None:
            return  # nothing reopens a closed question: a second round is another question
        if change.state == "open" and self._opened is None:
            # The rules are those the hall was told when it opened; a later leaf cannot bend them.
            self._opened, self._revote = leaf, change.revote
            self._majority = (change.majority_num, change.majority_den)
            self._inside_at_open = frozenset(self._inside)
        if change.state == "closed":
            self._closed, self._inside_at_close = leaf, frozenset(self._inside)
        self._state = change.state

    def _take(self, leaf: Leaf, ballot: OpenBallot) -> None:
        why = self._objection(leaf.device, ballot)
        if why is not None:
            self._uncounted.append(Uncounted(leaf.index, leaf.device, why))
            return
        earlier = self._choices.get(ballot.member)
        if earlier is not None:
            self._uncounted.append(Uncounted(earlier.leaf, earlier.device, Why.SUPERSEDED))
        self._choices[ballot.member] = Choice(ballot.member, ballot.choice, leaf.device, leaf.index)

    def _objection(self, device: DeviceId, ballot: OpenBallot) -> Why | None:
        if self._closed is not None:
            return Why.LATE
        if self._opened is None or self._state not in ("open", "held"):
            return Why.NOT_OPEN
        return Why.HELD if self._state == "held" else self._objection_to_voter(device, ballot)

    def _objection_to_voter(self, device: DeviceId, ballot: OpenBallot) -> Why | None:
        seated = self.bindings.member_at(device)
        if seated is None:
            return Why.NOT_SEATED
        if seated != ballot.member:
            return Why.OTHER_MEMBER
        if ballot.member in self._recused:
            return Why.RECUSED
        if self._terms is not None and self._terms.presence and ballot.member not in self._inside:
            return Why.ABSENT
        if ballot.member in self._choices and not self._revote:
            return Why.REVOTE
        return None


def count(sitting: SittingId, question: QuestionId, leaves: Iterable[Leaf]) -> Result:
    """The result of a question, from the accepted leaves of its sitting in the order of the log."""
    counting = Count(sitting, question)
    for leaf in leaves:
        counting.add(leaf)
    return counting.result()
