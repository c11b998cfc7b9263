"""From rule, facts and count to the outcome, with every sum on the way (RULES.md §3 to §5)."""

from collections.abc import Sequence

from ballot.rules import counted as counts
from ballot.rules import facts as facts_of
from ballot.rules.bases import base_sum, measure
from ballot.rules.check import SURPLUS, check
from ballot.rules.counted import Counted, MotionCount
from ballot.rules.election import elect
from ballot.rules.facts import Facts
from ballot.rules.outcome import Outcome, Verdict
from ballot.rules.refusals import CountRefused, Refusal, RuleRefused
from ballot.rules.rule import Base, Elect, Quorum, Rule, Tie, encode, parse
from ballot.rules.sums import Step, Sum, inequality, percent
from ballot.rules.words import BASE, TIE, need

_BALLOTS = (Base.CAST, Base.VALID, Base.FOR_AGAINST)


def decide(rule: Rule, facts: Facts, counted: Counted, order: Sequence[int] | None = None) -> Outcome:
    """The outcome of a question.

    order: people by their number on the ballot, as those whom the rule names decided a tie (by seniority, by
    the presidium, by lot); None until they have. Read only when there is a tie.
    Raises RuleRefused when the rule cannot decide this question (`check` says so beforehand; a surplus over
    its limit is no reason once people have voted); CountRefused when the numbers contradict each other.
    """
    refusals = [
        refusal for refusal in check(rule, counts.options_n(counted)) if refusal.code != SURPLUS
    ] + _order_faults(rule, order)
    if refusals:
        raise RuleRefused(refusals)
    rule = parse(encode(rule))
    contradictions = (
        facts_of.contradictions(facts)
        or counts.contradictions(rule, counted)
        or _mismatches(rule, facts, counted)
    )
    if contradictions:
        raise CountRefused(contradictions)
    sums: list[Sum] = []
    if rule.quorum is not None:
        sums += _quorum(rule, rule.quorum, facts, counted)
        if not sums[-1].holds:
            return Outcome(Verdict.NO_QUORUM, tuple(sums), left=rule.seats)
    if isinstance(counted, MotionCount):
        return _motion(rule, facts, counted, sums)
    return elect(rule, facts, counted, order, sums)


def _order_faults(rule: Rule, order: Sequence[int] | None) -> list[Refusal]:
    if order is None:
        return []
    if rule.elect != Elect.TOP or rule.tie not in (Tie.SENIORITY, Tie.PRESIDIUM, Tie.LOT):
        return [
            Refusal(
                "order-unasked",
                "Quy tắc này không dùng thứ tự để phân định ngang phiếu: hãy bỏ thứ tự đã nhập.",
                "This rule decides no tie by an order of people: remove the order.",
            )
        ]
    if len(set(order)) != len(order):
        return [
            Refusal(
                "order-twice",
                "Có người xuất hiện hai lần trong thứ tự: hãy nhập lại.",
                "Somebody stands twice in the order: enter it again.",
            )
        ]
    return []


def _mismatches(rule: Rule, facts: Facts, counted: Counted) -> list[Refusal]:
    if counted.cast > facts.entitled:
        return [
            Refusal(
                "more-ballots-than-voters",
                f"Có {counted.cast} phiếu nhưng chỉ {facts.entitled} người được biểu quyết: kiểm tra lại "
                "danh sách và số phiếu.",
                f"{counted.cast} ballots, but only {facts.entitled} people may vote: check the roll and "
                "count again.",
            )
        ]
    asked = {rule.base} | ({rule.quorum.of, rule.quorum.base} if rule.quorum is not None else set())
    return [
        Refusal(
            "base-unknown",
            f"Cần biết {BASE[base][0]}, đang là 0 dù có {counted.cast} phiếu: hãy nhập trước.",
            f"The rule asks for {BASE[base][1]}, which is 0 although {counted.cast} ballots were cast: "
            "enter it first.",
        )
        for base in sorted(asked - set(_BALLOTS))
        if counted.cast and measure(base, facts, counted, recused_in_base=True).value < 1
    ]


def _quorum(rule: Rule, quorum: Quorum, facts: Facts, counted: Counted) -> list[Sum]:
    of = measure(quorum.of, facts, counted, recused_in_base=rule.recused_in_base)
    base = measure(quorum.base, facts, counted, recused_in_base=rule.recused_in_base)
    holds, text = inequality(of.value, base.value, quorum.num, quorum.den, strict=False)
    need_vi, need_en = need(quorum.num, quorum.den, strict=False)
    return [
        base_sum(Step.QUORUM_BASE, quorum.of, of),
        base_sum(Step.QUORUM_BASE, quorum.base, base),
        Sum(
            holds,
            f"{'Đủ' if holds else 'Chưa đủ'} túc số: {BASE[quorum.of][0]} cần {need_vi} "
            f"{BASE[quorum.base][0]} ({text}).",
            f"Quorum {'reached' if holds else 'not reached'}: {BASE[quorum.of][1]} must be {need_en} of "
            f"{BASE[quorum.base][1]} ({text}).",
            Step.QUORUM,
            text,
            "≥",
        ),
    ]


def _motion(rule: Rule, facts: Facts, counted: MotionCount, sums: list[Sum]) -> Outcome:
    base = measure(rule.base, facts, counted, recused_in_base=rule.recused_in_base)
    holds, text = inequality(counted.yes, base.value, rule.num, rule.den, strict=rule.strict)
    need_vi, need_en = need(rule.num, rule.den, strict=rule.strict)
    share_vi, share_en = percent(counted.yes, base.value)
    sums += [
        base_sum(Step.BASE, rule.base, base),
        Sum(
            holds,
            f"{'Thông qua' if holds else 'Không thông qua'}: cần {need_vi} {BASE[rule.base][0]}, tán thành "
            f"{counted.yes}, {share_vi} ({text}).",
            f"{'Carried' if holds else 'Not carried'}: {need_en} of {BASE[rule.base][1]} needed, "
            f"{counted.yes} in favour, {share_en} ({text}).",
            Step.MAJORITY,
            text,
            ">" if rule.strict else "≥",
        ),
    ]
    if holds:
        return Outcome(Verdict.CARRIED, tuple(sums))
    # Equal votes, and one more in favour would have carried it: the sum stands exactly on the border.
    even = counted.yes == counted.no > 0 and counted.yes * rule.den == base.value * rule.num
    if not even or rule.tie == Tie.NONE:
        return Outcome(Verdict.NOT_CARRIED, tuple(sums))
    text = f"{counted.yes} = {counted.no}"
    sums.append(
        Sum(
            True,
            f"Ngang phiếu ({text}): {TIE[rule.tie][0]}.",
            f"A tie ({text}): {TIE[rule.tie][1]}.",
            Step.TIE,
            text,
            "=",
        )
    )
    return Outcome(Verdict.TIE, tuple(sums), decides=rule.tie)
