"""What the API says and takes of secret questions: every field with its limit."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from fleet.api.types import Body, Name, Num, PersonName, View
from fleet.api.types import Den as Denominator
from fleet.api.types import Question as Text
from fleet.votes.terms import Asked
from fleet.votes.views import RuleFields, RuleView, TextView
from wire.checkpoint import NOTE_MAX
from wire.voting import OPTIONS_MAX

DOCUMENT_BASE64_MAX = 990_000
"""What fits the limit of a body: a roll of some 13,000 voters."""


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be one line of text")
    return text


ContestHex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
HashHex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
SignatureHex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{128}$")]


class NewSecretQuestion(Body):
    """Under a preset (GET /api/rules), a rule of its own, or a majority; the manifest must name the same.
    blank: whether a blank ballot may be cast; null: as the rule has it. persons: on the ballot of an
    election; seats: how many of them to elect."""

    question: Name
    text: Text
    preset: Name | None = None
    rule: RuleFields | None = None
    majority_num: Num | None = None
    majority_den: Denominator | None = None
    seats: Annotated[int, Field(ge=0, le=1000)] = 0
    blank: bool | None = None
    persons: Annotated[list[PersonName], Field(max_length=OPTIONS_MAX)] = Field(default_factory=list)

    def asked(self) -> Asked:
        majority = (
            None
            if self.majority_num is None or self.majority_den is None
            else (self.majority_num, self.majority_den)
        )
        fields = None if self.rule is None else self.rule.model_dump()
        return Asked(self.preset, fields, majority, self.seats)


class Acceptance(Body):
    """accept_missing: open although seats are not ready; the answer without it names them."""

    accept_missing: bool = False


class Handed(Body):
    """document: the file as it is, base64."""

    document: Annotated[str, StringConstraints(min_length=1, max_length=DOCUMENT_BASE64_MAX)]


class Cosignature(Body):
    """name: of the witness in the charter. line: as in C2SP tlog-cosignature."""

    name: Name
    line: Annotated[str, StringConstraints(min_length=1, max_length=400), AfterValidator(_printable)]


class TallySignature(Body):
    name: Name
    signature: SignatureHex


class PaperView(View):
    """hash: of the body; with it the document is fetched. waiting: whose signature is missing; null: in the
    log. offices: who signs this kind."""

    kind: str
    hash: str
    fingerprint: str
    names: list[str]
    waiting: TextView | None
    offices: list[TextView]
    received_ms: int


class DueView(View):
    """A paper that the question waits for, and who signs it."""

    kind: str
    words: TextView
    offices: list[TextView]


class SecretQuestionView(View):
    """state: prepared, open, held, closed, cancelled, tallied, certified.

    cast: how many have voted, of `enabled`; never who or when. without_key: seats whose unit has not said its
    key. not_ready: before the opening, seats that could not vote now; while open, units not ready yet, named
    to the secretariat alone: who sees a seat become ready, and reads the log, knows whose entry came there.
    ends_missing: after the close, how many seats the counting board must still decide on. tally_waits: why no
    tally can be signed now. held_why: the fleet held it by itself.
    """

    contest: str
    question: str
    sitting: str
    text: str
    state: str
    changed_ms: int
    held_why: str | None
    rule: RuleView
    persons: list[str]
    summoned: int
    with_key: int
    without_key: list[str]
    not_ready: list[str]
    not_ready_n: int
    cast: int
    enabled: int
    ends_missing: int
    tally_waits: list[TextView]
    due: list[DueView]
    papers: list[PaperView]
    shares: int
    shares_needed: int
    has_result: bool


class LineView(View):
    """One line of the list."""

    contest: str
    question: str
    sitting: str
    text: str
    state: str


class CloseDraftView(View):
    """For the chair's tool: the newest checkpoint that enough witnesses signed. fresh: recent enough; else
    hold the vote, which makes a new one."""

    hall: str
    contest: str
    size: int
    root: str
    note: Annotated[str, Field(max_length=NOTE_MAX)]
    age_s: int
    fresh: bool
    cast: int
    enabled: int


class EndView(View):
    """seat: null for who may not see it."""

    voter: str
    seat: str | None


class CheckpointView(View):
    """consistency: hashes in hex, from `since`. tallies: contests whose tally waits for witnesses."""

    note: str
    consistency: list[str]
    tallies: list[str]


class OptionView(View):
    option: str
    label: str
    count: int


class SecretSumView(View):
    step: str
    holds: bool
    vi: str
    en: str
    text: str
    asks: str
    option: int | None


class RefusalView(View):
    code: str
    vi: str
    en: str


class SecretPersonView(View):
    number: int
    name: str
    votes: int
    against: int | None
    elected: bool
    tied: bool


class ListingView(View):
    key: str
    title: TextView
    heads: list[TextView]
    rows: list[list[str]]


class SecretResultView(View):
    """One sum for the whole vote. outcome_text, facts (and their encoding in hex): what the counting board
    certifies, to the letter. order: the people as a tie was decided, null without."""

    contest: str
    question: str
    text: str
    state: str
    outcome: str
    outcome_words: TextView
    outcome_text: str
    rule_words: TextView
    facts: list[int | str | None]
    facts_bytes: str
    order: list[int] | None
    options: list[OptionView]
    counts: list[int]
    counted: int
    blank: int
    enabled: int
    summoned: int
    base: int
    sums: list[SecretSumView]
    refusals: list[RefusalView]
    persons: list[SecretPersonView]
    manifest: str
    tally: str
    root: str
    size: int
    trustees: list[int]
    opened_leaf: int
    closed_leaf: int
    annex: list[ListingView]
