"""A rule of counting, as data: one array form (RULES.md §1), which manifests hash and the log records."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Final

from wire import cbor, fields
from wire.errors import BadSchema
from wire.fields import Body, Check

VERSION: Final = "rule/1"
FRACTION_MAX: Final = 1_000_000
SEATS_MAX: Final = 1000
PERCENT_MAX: Final = 1000
ROUNDS_MAX: Final = 9
REVEAL_S_MAX: Final = 3600


class Elect(StrEnum):
    MOTION = "motion"
    """Yes, no, abstain."""
    EACH = "each"
    """Agree or disagree with each person: a list without surplus."""
    TOP = "top"
    """At most `seats` of the people on the list: most votes first, among those with the majority."""


class Base(StrEnum):
    """What a fraction is taken of (RULES.md §2)."""

    SUMMONED = "summoned"
    SUMMONED_MINUS_EXCLUDED = "summoned_minus_excluded"
    SEATS = "seats"
    PRESENT_AT_OPEN = "present_at_open"
    PRESENT_AT_CLOSE = "present_at_close"
    CAST = "cast"
    VALID = "valid"
    FOR_AGAINST = "for_against"


class Tie(StrEnum):
    """Who decides between people with equal votes for the last seats. Never the machine."""

    NONE = "none"
    """Nobody: those tied are not elected, and are named."""
    REBALLOT = "reballot"
    SENIORITY = "seniority"
    PRESIDIUM = "presidium"
    LOT = "lot"


class SecondRound(StrEnum):
    """Who stands again when seats are left."""

    NONE = "none"
    REMAINING = "remaining"
    TOP_M = "top_m"


QUORUM_OF: Final = (Base.PRESENT_AT_OPEN, Base.PRESENT_AT_CLOSE, Base.CAST)


def _word(kind: type[StrEnum], *allowed: StrEnum) -> Check:
    known = fields.one_of(*(allowed or kind))

    def check(value: Any) -> StrEnum:
        return kind(known(str(value) if isinstance(value, StrEnum) else value))

    return check


@dataclass(frozen=True, slots=True)
class Rule(Body):
    """Carried or elected: `votes × den > base × num`, or `≥` when not strict. Quorum: `quorum_of × quorum_den
    ≥ quorum_base × quorum_num`; all four None without one.

    seats: places to fill, and the most that one ballot may choose; 0 for a motion. rounds_max: rounds that
    are left, this question's own included: a second round is a new question, with one less.
    surplus_percent_max: names beyond the seats, per hundred seats. recused_in_base: whether those who may not
    vote on this question still count in bases of heads. reveal_s: seconds before the close at which votes may
    be shown; 0: after it.
    """

    kind: ClassVar[str] = VERSION
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name,
        _word(Elect),
        _word(Base),
        fields.integer(0, FRACTION_MAX),
        fields.integer(1, FRACTION_MAX),
        fields.flag,
        fields.optional(_word(Base, *QUORUM_OF)),
        fields.optional(_word(Base)),
        fields.optional(fields.integer(0, FRACTION_MAX)),
        fields.optional(fields.integer(1, FRACTION_MAX)),
        fields.integer(0, SEATS_MAX),
        fields.flag,
        _word(Tie),
        fields.integer(1, ROUNDS_MAX),
        _word(SecondRound),
        fields.integer(0, SEATS_MAX),
        fields.optional(fields.integer(0, PERCENT_MAX)),
        fields.flag,
        fields.integer(0, REVEAL_S_MAX),
    )

    id: str
    elect: Elect
    base: Base
    num: int
    den: int
    strict: bool = True
    quorum_of: Base | None = None
    quorum_base: Base | None = None
    quorum_num: int | None = None
    quorum_den: int | None = None
    seats: int = 0
    blank_allowed: bool = False
    tie: Tie = Tie.NONE
    rounds_max: int = 1
    second_round: SecondRound = SecondRound.NONE
    second_round_m: int = 0
    surplus_percent_max: int | None = None
    recused_in_base: bool = True
    reveal_s: int = 0

    @property
    def quorum(self) -> "Quorum | None":
        of, base, num, den = self.quorum_of, self.quorum_base, self.quorum_num, self.quorum_den
        if of is None or base is None or num is None or den is None:
            return None
        return Quorum(of, base, num, den)


@dataclass(frozen=True, slots=True)
class Quorum:
    of: Base
    base: Base
    num: int
    den: int


def encode(rule: Rule) -> list[cbor.Value]:
    """The one array form. Raises BadSchema for a rule that has none."""
    _coherent(rule)
    return [VERSION, *rule.values()]


def parse(values: Any) -> Rule:
    """The rule of an array, strictly: what this returns encodes to the same array again. Raises BadSchema."""
    if type(values) is not list or not values or type(values[0]) is not str or values[0] != VERSION:
        raise BadSchema(f"a rule is an array that begins with {VERSION!r}")
    rule = Rule.parsed(values[1:])
    _coherent(rule)
    return rule


def _coherent(rule: Rule) -> None:
    quorum = (rule.quorum_of, rule.quorum_base, rule.quorum_num, rule.quorum_den)
    if len({part is None for part in quorum}) != 1:
        raise BadSchema(f"{VERSION}: the four parts of a quorum are all null, or none of them is")
    if (rule.second_round == SecondRound.TOP_M) != (rule.second_round_m != 0):
        raise BadSchema(f"{VERSION}, second_round_m: above 0 with top_m, 0 otherwise")
