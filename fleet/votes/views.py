"""What the API says and takes of questions: every field with its limit."""

from typing import Annotated, Any

from pydantic import Field

from fleet.api.errors import BadInput
from fleet.api.types import Body, Den, Name, Num, PersonName, View
from fleet.api.types import Question as Text
from fleet.votes.refusals import refused
from fleet.votes.terms import Asked
from wire.voting import OPTIONS_MAX


class RuleFields(Body):
    """A rule of one's own: carried, or elected, when votes × den > base × num (≥ when not strict).

    elect: motion, each, top. base: summoned, summoned_minus_excluded, seats, present_at_open,
    present_at_close, cast, valid, for_against. Without its own quorum it has that of the sitting.
    """

    elect: str = "motion"
    base: str
    num: int
    den: int
    strict: bool = True
    quorum_of: str | None = None
    quorum_base: str | None = None
    quorum_num: int | None = None
    quorum_den: int | None = None
    seats: int = 0
    blank_allowed: bool = False
    tie: str = "none"
    rounds_max: int = 1
    second_round: str = "none"
    second_round_m: int = 0
    surplus_percent_max: int | None = None
    recused_in_base: bool = True


class NewQuestion(Body):
    """Under a preset (GET /api/rules), a rule of its own, or a majority: carried when yes × majority_den >
    (yes + no) × majority_num; none of them is a simple majority.

    revote: the last ballot of a member counts. presence: only who is in the hall votes; null: as the sitting
    says. boxes: counted by hand in these ballot boxes. persons: on the ballot of an election, and seats: how
    many of them to elect. reveal_s: the choices show this long before the close.
    """

    question: Name
    text: Text
    revote: bool = True
    majority_num: Num | None = None
    majority_den: Den | None = None
    preset: Name | None = None
    rule: RuleFields | None = None
    seats: Annotated[int, Field(ge=0, le=1000)] = 0
    presence: bool | None = None
    reveal_s: Annotated[int, Field(ge=0, le=3600)] = 0
    boxes: Annotated[list[Name], Field(max_length=100)] | None = None
    persons: Annotated[list[PersonName], Field(max_length=OPTIONS_MAX)] | None = None

    def asked(self) -> Asked:
        """Raises BadInput for half a majority."""
        if (self.majority_num is None) != (self.majority_den is None):
            raise refused(BadInput, "bad-input/half-a-majority")
        majority = (
            None
            if self.majority_num is None or self.majority_den is None
            else (self.majority_num, self.majority_den)
        )
        fields = None if self.rule is None else self.rule.model_dump()
        return Asked(self.preset, fields, majority, self.seats, self.reveal_s)


class Acceptance(Body):
    """accept_missing: go on although seats cannot be reached; the answer without it names them."""

    accept_missing: bool = False


class RuleView(View):
    """id: of the preset, `own`, or `majority`. vi, en: the rule in words."""

    id: str
    vi: str
    en: str


class ShownView(View):
    """A choice that shows before the close. name: null after a withdrawal."""

    name: str | None
    seat: str
    choice: str


class QuestionView(View):
    """state: prepared, open, held, closing, closed, certified. closing: the close is not in the log yet.

    voted: keypads with a ballot in the log. missing: seats that cannot be reached now. Of a question counted
    by paper: boxes that are signed, and those still to be counted. held_why: the fleet held it by itself.
    shown: the choices, once the rule lets them show before the close; reveal_wait_s: how long they stand yet.
    """

    question: str
    sitting: str
    text: str
    revote: bool
    majority_num: int
    majority_den: int
    state: str
    seated: int
    voted: int
    missing: list[str]
    rule: RuleView
    presence: bool
    paper: bool
    persons: list[str]
    held_why: str | None
    shown: list[ShownView] | None
    reveal_wait_s: int


class MajorityView(View):
    holds: bool
    vi: str
    en: str
    num: int
    den: int


class QuorumView(View):
    holds: bool
    vi: str
    en: str


class ChoiceView(View):
    """name: null after a withdrawal."""

    member: str
    name: str | None
    party: str
    seat: str
    choice: str
    device: str
    leaf: int


class UncountedView(View):
    """why: not-open, held, late, not-seated, other-member, revote, superseded, absent, recused, by-paper."""

    leaf: int
    device: str
    seat: str
    why: str


class SumView(View):
    """One step of the arithmetic. asks: the sign that the rule asks for; text: the bare sum."""

    step: str
    holds: bool
    vi: str
    en: str
    text: str
    asks: str
    option: int | None


class PersonView(View):
    number: int
    name: str
    votes: int
    against: int
    elected: bool
    tied: bool


class CorrectionView(View):
    """Declared after the close; the result does not know it. name: null after a withdrawal."""

    member: str
    name: str | None
    seat: str
    choice: str
    text: str
    at_ms: int


class BoxView(View):
    box: str
    by: list[str]
    issued: int
    returned: int
    valid: int
    blank: int
    invalid: int
    spoilt: int = 0


class TextView(View):
    vi: str
    en: str


class RefusalView(View):
    code: str
    vi: str
    en: str


class ResultView(View):
    """outcome: carried, not-carried, no-quorum, tie, elected, not-elected, second-round, undecided
    (`refusals` say why). base: what the majority is taken of. paper: counted by hand. opened_leaf,
    closed_leaf: in the hall log. corrections: beside the result, never in it."""

    question: str
    text: str
    state: str
    outcome: str
    yes: int
    no: int
    abstain: int
    cast: int
    present: int
    summoned: int
    majority: MajorityView
    quorum: QuorumView
    opened_leaf: int
    closed_leaf: int
    choices: list[ChoiceView]
    uncounted: list[UncountedView]
    outcome_words: TextView | None = None
    outcome_text: str = ""
    rule: tuple[Any, ...] = ()
    rule_words: TextView | None = None
    facts: tuple[Any, ...] = ()
    base: int | None = None
    sums: tuple[SumView, ...] = ()
    refusals: tuple[RefusalView, ...] = ()
    persons: tuple[PersonView, ...] = ()
    recused: tuple[str, ...] = ()
    boxes: tuple[BoxView, ...] = ()
    blank: int = 0
    invalid: int = 0
    paper: bool = False
    corrections: tuple[CorrectionView, ...] = ()
