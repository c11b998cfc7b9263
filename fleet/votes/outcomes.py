"""From the count of the log to numbers, facts and outcome: what is frozen, signed, and worked out again by
the audit. Pure."""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ballot.counting import Result
from ballot.rules import facts as facts_of_rules
from ballot.rules.bases import measure
from ballot.rules.counted import Counted, ListCount, Marks, MotionCount
from ballot.rules.decide import decide
from ballot.rules.facts import Facts, Standing, excluded_from, facts_of
from ballot.rules.outcome import VERDICT, Outcome
from ballot.rules.paper import Agreed, merge
from ballot.rules.refusals import Refusal, Refused
from ballot.rules.rule import Elect, Rule, encode
from ballot.rules.sums import Ruling, Step, Sum
from ballot.rules.words import describe
from wire import cbor
from wire.ids import MemberRef, SittingId
from wire.records import CHOICES
from wire.voting import PaperCount, ResultRecord

VERSION: Final = "open-result/1"
UNDECIDED: Final = "undecided"
"""The numbers contradict each other or the rule: people look at them; nothing is lost."""
NOT_ASKED: Final = Ruling(
    True, "Không yêu cầu túc số riêng cho nội dung này.", "No quorum is asked for this question."
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a closed question came to. outcome: None with refusals, which say in words what is wrong."""

    rule: Rule
    facts: Facts
    counted: Counted
    outcome: Outcome | None
    refusals: tuple[Refusal, ...] = ()
    excluded: Mapping[Standing, int] = field(default_factory=dict)
    """How many of those summoned do not count in the base, by the reason."""

    @property
    def word(self) -> str:
        return UNDECIDED if self.outcome is None else str(self.outcome.verdict)

    @property
    def text(self) -> str:
        return UNDECIDED if self.outcome is None else self.outcome.text


def find(
    rule: Rule, result: Result, *, persons_n: int, standings: Mapping[MemberRef, str], seats: int
) -> Found:
    """What the leaves of a closed question come to under its rule."""
    counted = counted_of(rule, result, persons_n)
    excluded = excluded_from(result.roll, standings, result.present_at_open | result.present_at_close)
    facts = facts_in(result, excluded, seats)
    return replace(decided(rule, facts, counted), excluded=Counter(excluded.values()))


def facts_in(result: Result, excluded: Collection[MemberRef], seats: int) -> Facts:
    """The roll of a result in numbers; papers issued and returned, where it was counted by hand."""
    papers = result.papers
    return facts_of(
        result.roll,
        excluded,
        recused=result.recused,
        at_open=result.present_at_open,
        at_close=result.present_at_close,
        seats=seats,
        issued=sum(paper.issued for paper in papers) if papers else None,
        returned=sum(paper.returned for paper in papers) if papers else None,
    )


def decided(rule: Rule, facts: Facts, counted: Counted) -> Found:
    try:
        return Found(rule, facts, counted, decide(rule, facts, counted))
    except Refused as err:
        return Found(rule, facts, counted, None, err.refusals)


def counted_of(rule: Rule, result: Result, persons_n: int) -> Counted:
    """The numbers: of the ballots that count, or of the boxes counted by hand."""
    if result.papers:
        return merge(_agreed(rule, paper, persons_n) for paper in result.papers).counted
    if rule.elect == Elect.MOTION:
        return MotionCount(result.yes, result.no, result.abstain)
    return ListCount(0, (Marks(0),) * max(1, persons_n), paper=True)


def _agreed(rule: Rule, paper: PaperCount, persons_n: int) -> Agreed:
    marks = {option: Marks(votes, against) for option, votes, against in paper.rows}
    none = Marks(0)
    if rule.elect == Elect.MOTION:
        yes, no, abstain = (marks.get(choice, none).votes for choice in CHOICES)
        counted: Counted = MotionCount(yes, no, abstain, paper.blank, paper.invalid, paper.spoilt, paper=True)
    else:
        options = tuple(marks.get(str(number), none) for number in range(1, max(1, persons_n) + 1))
        counted = ListCount(paper.valid, options, paper.blank, paper.invalid, paper.spoilt, paper=True)
    return Agreed(paper.box, (paper.first, paper.second), paper.issued, paper.returned, counted)


def frozen(result: Result, found: Found, persons: Sequence[str] = ()) -> dict[str, Any]:
    """The result as it is frozen: pseudonyms only, so that a withdrawal needs no change here. JSON-able."""
    counted = found.counted
    motion = counted if isinstance(counted, MotionCount) else MotionCount(0, 0, 0)
    vi, en = describe(found.rule)
    word_vi, word_en = _outcome_words(found)
    return {
        "outcome": found.word,
        "outcome_words": {"vi": word_vi, "en": word_en},
        "outcome_text": found.text,
        "yes": motion.yes,
        "no": motion.no,
        "abstain": motion.abstain,
        "cast": counted.cast,
        "blank": counted.blank,
        "invalid": counted.invalid,
        "paper": counted.paper,
        "present": len(result.present_at_close),
        "summoned": result.summoned,
        "rule": encode(found.rule),
        "rule_words": {"vi": vi, "en": en},
        "facts": facts_of_rules.encode(found.facts),
        "base": measure(
            found.rule.base, found.facts, counted, recused_in_base=found.rule.recused_in_base
        ).value,
        "sums": [_sum(each) for each in found.outcome.sums] if found.outcome else [],
        "refusals": [{"code": r.code, "vi": r.vi, "en": r.en} for r in found.refusals],
        "persons": _persons(found, persons),
        "majority": _majority(found),
        "quorum": _ruling(_said(found, Step.QUORUM) or NOT_ASKED),
        "opened_leaf": result.opened,
        "closed_leaf": result.closed,
        "recused": sorted(member.hex() for member in result.recused),
        "excluded": found.excluded,
        "boxes": [_box(paper) for paper in result.papers],
        "choices": [
            {"member": c.member.hex(), "choice": c.choice, "device": c.device, "leaf": c.leaf}
            for c in result.choices
        ],
        "uncounted": [{"leaf": u.leaf, "device": u.device, "why": u.why.value} for u in result.uncounted],
    }


def _outcome_words(found: Found) -> tuple[str, str]:
    if found.outcome is None:
        return "Số liệu chưa khớp, chưa có kết quả", "The numbers do not fit; no result yet"
    return VERDICT[found.outcome.verdict]


def _majority(found: Found) -> dict[str, Any]:
    said = _said(found, Step.MAJORITY) if found.rule.elect == Elect.MOTION else None
    if said is None:
        vi, en = _outcome_words(found)
        holds = found.outcome is not None and bool(found.outcome.elected)
        said = Ruling(holds, f"{vi}.", f"{en}.")
    return {**_ruling(said), "num": found.rule.num, "den": found.rule.den}


def _said(found: Found, step: Step) -> Ruling | None:
    sums = found.outcome.sums if found.outcome else ()
    return next((each for each in sums if each.step == step), None)


def _sum(each: Sum) -> dict[str, Any]:
    return {
        "step": each.step.value,
        "holds": each.holds,
        "vi": each.vi,
        "en": each.en,
        "text": each.text,
        "asks": each.asks,
        "option": each.option,
    }


def _persons(found: Found, persons: Sequence[str]) -> list[dict[str, Any]]:
    if not isinstance(found.counted, ListCount):
        return []
    elected = found.outcome.elected if found.outcome else ()
    tied = found.outcome.tied if found.outcome else ()
    return [
        {
            "number": number,
            "name": persons[number - 1] if number <= len(persons) else str(number),
            "votes": marks.votes,
            "against": marks.against,
            "elected": number in elected,
            "tied": number in tied,
        }
        for number, marks in enumerate(found.counted.options, 1)
    ]


def _box(paper: PaperCount) -> dict[str, Any]:
    return {
        "box": paper.box,
        "by": [paper.first, paper.second],
        "issued": paper.issued,
        "returned": paper.returned,
        "valid": paper.valid,
        "blank": paper.blank,
        "invalid": paper.invalid,
        "spoilt": paper.spoilt,
    }


def _ruling(ruling: Ruling) -> dict[str, Any]:
    return {"holds": ruling.holds, "vi": ruling.vi, "en": ruling.en}


def result_record(sitting: SittingId, result: Result, found: Found) -> ResultRecord:
    """The desk's word on a closed question, for the log; by pseudonyms only as a hash, since ballots stand in
    the log already.

    `["open-result/1", rule/1, facts/1, verdict text, paper, [yes, no, abstain, valid, blank, invalid],
    [[for, against] per person], opening leaf, closing leaf, ballots counted, their hash, ballots left out]`;
    the hash is SHA-256 of the encoding of `[[member, choice, leaf] …]` in the order of the members.
    """
    rule, facts = encode(found.rule), facts_of_rules.encode(found.facts)
    body: cbor.Value = [VERSION, rule, facts, found.text, *numbers_of(result, found.counted)]
    return ResultRecord(sitting, result.question, cbor.encode(body))


def numbers_of(result: Result, counted: Counted) -> list[cbor.Value]:
    """The second part of `result_record`, which the audit compares as a whole."""
    motion = counted if isinstance(counted, MotionCount) else MotionCount(0, 0, 0)
    options = counted.options if isinstance(counted, ListCount) else ()
    ballots: cbor.Value = [[bytes(c.member), c.choice, c.leaf] for c in result.choices]
    return [
        counted.paper,
        [motion.yes, motion.no, motion.abstain, counted.valid, counted.blank, counted.invalid],
        [[marks.votes, marks.against] for marks in options],
        result.opened,
        result.closed,
        len(result.choices),
        hashlib.sha256(cbor.encode(ballots)).digest(),
        len(result.uncounted),
    ]
