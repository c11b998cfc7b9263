"""Whether the result that the desk signed is what the log says. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ballot.counting import Leaf, Result
from ballot.rules import facts as facts_of_rules
from ballot.rules.counted import MotionCount
from ballot.rules.facts import Facts
from ballot.rules.rule import Rule
from fleet.votes.outcomes import VERSION, counted_of, decided, facts_in, numbers_of
from fleet.votes.terms import majority_rule, rule_from, rule_in
from wire import cbor
from wire.errors import BadSchema, RecordRejected
from wire.voting import RESULT_BYTES_MAX, ResultRecord

_FIELDS: Final = 12


@dataclass(frozen=True, slots=True)
class Signed:
    """A result/1 record, read. facts: as the desk says; two of them stand nowhere else in the log: how many
    are excluded, and the seats of the body."""

    rule: Rule
    facts: Facts
    verdict: str
    numbers: tuple[Any, ...]
    """Everything else, in the order of the record."""


def signed_results(result: Result, leaves: Sequence[Leaf]) -> list[ResultRecord]:
    """Of this question, in the order of the log."""
    return [
        leaf.body
        for leaf in leaves
        if isinstance(leaf.body, ResultRecord) and leaf.body.question == result.question
    ]


def motion_of(result: Result) -> MotionCount:
    """Yes, no and abstain, however they were counted; zeros of an election."""
    try:
        counted = counted_of(rule_of(result), result, 0)
    except RecordRejected:
        counted = MotionCount(result.yes, result.no, result.abstain)
    return counted if isinstance(counted, MotionCount) else MotionCount(0, 0, 0)


def rule_of(result: Result) -> Rule:
    """That of its terms, else the majority of its opening leaf. Raises RecordRejected for terms that hold no
    rule."""
    return majority_rule(*result.majority, None) if result.terms is None else rule_in(result.terms)


def faults(result: Result, records: Sequence[ResultRecord]) -> list[str]:
    """What the signed result has against the log, in words. A question without a record is no fault: it may
    not be frozen yet, or stems from a release that signed none."""
    if not records:
        return []
    found = ["the desk signed more than one result"] if len(records) > 1 else []
    try:
        signed = _read(records[0])
        rule = rule_of(result)
    except RecordRejected as err:
        return [*found, f"the signed result or the terms cannot be read ({err.what})"]
    if signed.rule != rule:
        found.append("the signed result names another rule than the terms")
    persons_n = len(signed.numbers[2])
    counted = counted_of(rule, result, persons_n)
    if not _borne_out(signed.facts, facts_in(result, (), signed.facts.seats)):
        found.append("the signed facts are not those of the roll and the gates")
    verdict = decided(rule, signed.facts, counted).text
    if verdict != signed.verdict:
        found.append(f"by the rule the outcome is {verdict}, the signed one says {signed.verdict}")
    if list(signed.numbers) != numbers_of(result, counted):
        found.append("the signed numbers are not those of the ballots in the log")
    return found


def _borne_out(said: Facts, log: Facts) -> bool:
    """Those whom the desk excludes may be missing among the present; nobody may be there beside the log."""
    if not said.excluded:
        return said == log
    return (said.summoned, said.issued, said.returned) == (log.summoned, log.issued, log.returned) and (
        said.present_at_open <= log.present_at_open and said.present_at_close <= log.present_at_close
    )


def _read(record: ResultRecord) -> Signed:
    """Raises RecordRejected."""
    parts = cbor.decode(record.result, RESULT_BYTES_MAX)
    if type(parts) is not list or len(parts) != _FIELDS or parts[0] != VERSION:
        raise BadSchema(f"not a {VERSION}")
    if type(parts[6]) is not list:
        raise BadSchema(f"{VERSION}: persons are an array")
    return Signed(rule_from(parts[1]), facts_of_rules.parse(parts[2]), str(parts[3]), tuple(parts[4:]))
