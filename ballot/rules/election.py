"""Who of a list is elected: majority, then seats, then the tie at their border (RULES.md §4, §5)."""

from collections.abc import Sequence

from ballot.rules.bases import base_sum, measure
from ballot.rules.counted import ListCount
from ballot.rules.facts import Facts
from ballot.rules.outcome import Outcome, Verdict, ranked
from ballot.rules.refusals import Refusal, RuleRefused
from ballot.rules.rule import Base, Rule, SecondRound, Tie
from ballot.rules.sums import Step, Sum, inequality, percent, sign
from ballot.rules.words import BASE, TIE, need


def elect(
    rule: Rule, facts: Facts, counted: ListCount, order: Sequence[int] | None, before: Sequence[Sum]
) -> Outcome:
    """before: the sums of the quorum. Rule, facts and count are those that `decide` let through."""
    votes = [marks.votes for marks in counted.options]
    places = ranked(votes, range(1, len(votes) + 1))
    sums = [*before, *_majorities(rule, facts, counted, places)]
    qualified = [line.option for line in sums if line.step is Step.MAJORITY and line.holds and line.option]
    sums.append(_seats(len(qualified), rule.seats))
    if len(qualified) <= rule.seats:
        return _filled(rule, votes, qualified, (), sums)
    last, first_out = (votes[qualified[at] - 1] for at in (rule.seats - 1, rule.seats))
    sums.append(_border(last, first_out))
    if last != first_out:
        return _filled(rule, votes, qualified[: rule.seats], (), sums)
    above = [number for number in qualified if votes[number - 1] > last]
    tied = [number for number in qualified if votes[number - 1] == last]
    return _tie(rule, votes, above, tied, order, sums)


def _majorities(rule: Rule, facts: Facts, counted: ListCount, places: Sequence[int]) -> list[Sum]:
    """A sum per person, most votes first; the base once before them, or per person when it differs."""
    per_person = rule.base == Base.FOR_AGAINST
    sums: list[Sum] = []
    for number in places:
        marks = counted.options[number - 1]
        base = measure(rule.base, facts, counted, recused_in_base=rule.recused_in_base, option=marks)
        if per_person or not sums:
            sums.append(base_sum(Step.BASE, rule.base, base, number if per_person else None))
        holds, text = inequality(marks.votes, base.value, rule.num, rule.den, strict=rule.strict)
        need_vi, need_en = need(rule.num, rule.den, strict=rule.strict)
        of_vi, of_en = (f" {BASE[rule.base][0]}", f" of {BASE[rule.base][1]}") if rule.num else ("", "")
        share_vi, share_en = percent(marks.votes, base.value)
        sums.append(
            Sum(
                holds,
                f"Số {number}: {marks.votes} phiếu, {share_vi}; cần {need_vi}{of_vi}: "
                f"{'đạt' if holds else 'không đạt'} ({text}).",
                f"No. {number}: {marks.votes} votes, {share_en}; {need_en}{of_en} needed: "
                f"{'reached' if holds else 'not reached'} ({text}).",
                Step.MAJORITY,
                text,
                ">" if rule.strict else "≥",
                number,
            )
        )
    return sums


def _seats(qualified_n: int, seats: int) -> Sum:
    text = f"{qualified_n} {sign(qualified_n, seats)} {seats}"
    return Sum(
        qualified_n <= seats,
        f"Số người đạt tỷ lệ so với số lượng cần bầu: {text}.",
        f"People with the majority against seats: {text}.",
        Step.SEATS,
        text,
        "≤",
    )


def _border(last: int, first_out: int) -> Sum:
    text = f"{last} {sign(last, first_out)} {first_out}"
    apart = last > first_out
    return Sum(
        apart,
        f"Người ở vị trí cuối cùng so với người kế tiếp: {text}{'' if apart else ', ngang phiếu'}.",
        f"The last seat against the next person: {text}{'' if apart else ', a tie'}.",
        Step.BORDER,
        text,
        ">",
    )


def _tie(
    rule: Rule,
    votes: Sequence[int],
    above: list[int],
    tied: list[int],
    order: Sequence[int] | None,
    sums: list[Sum],
) -> Outcome:
    if rule.tie == Tie.NONE:
        return _filled(rule, votes, above, tied, sums)
    left = rule.seats - len(above)
    who_vi, who_en = _people(tied)
    text = f"{rule.seats} − {len(above)} = {left}"
    sums.append(
        Sum(
            True,
            f"Còn {left} vị trí ({text}) cho những người ngang phiếu, số {who_vi}: {TIE[rule.tie][0]}.",
            f"{left} seats are left ({text}) for those tied, no. {who_en}: {TIE[rule.tie][1]}.",
            Step.TIE,
            text,
            "=",
        )
    )
    if order is not None:
        chosen = _by_order(tied, order)[:left]
        sums.append(_order_sum(rule.tie, chosen, left))
        return _filled(rule, votes, [*above, *chosen], (), sums)
    return Outcome(
        Verdict.TIE,
        tuple(sums),
        elected=tuple(above),
        not_elected=tuple(_others(votes, [*above, *tied])),
        tied=tuple(tied),
        candidates=tuple(tied) if rule.tie == Tie.REBALLOT else (),
        left=left,
        decides=rule.tie,
    )


def _by_order(tied: Sequence[int], order: Sequence[int]) -> list[int]:
    missing = [number for number in tied if number not in order]
    if missing:
        who_vi, who_en = _people(missing)
        raise RuleRefused(
            [
                Refusal(
                    "order-incomplete",
                    f"Thứ tự phân định ngang phiếu thiếu số {who_vi}: hãy nhập đủ những người ngang phiếu.",
                    f"The order that decides the tie lacks no. {who_en}: enter all of those tied.",
                )
            ]
        )
    return [number for number in order if number in tied]


def _order_sum(tie: Tie, chosen: Sequence[int], left: int) -> Sum:
    who_vi, who_en = _people(chosen)
    text = f"{len(chosen)} = {left}"
    return Sum(
        True,
        f"Theo thứ tự đã nhập ({TIE[tie][0]}), trúng cử: số {who_vi} ({text}).",
        f"By the order entered ({TIE[tie][1]}), elected: no. {who_en} ({text}).",
        Step.ORDER,
        text,
        "=",
    )


def _people(numbers: Sequence[int]) -> tuple[str, str]:
    joined = ", ".join(map(str, numbers))
    return joined, joined


def _others(votes: Sequence[int], but: Sequence[int]) -> list[int]:
    return ranked(votes, [number for number in range(1, len(votes) + 1) if number not in but])


def _filled(
    rule: Rule, votes: Sequence[int], elected: list[int], tied: Sequence[int], sums: list[Sum]
) -> Outcome:
    """Everybody who gets a seat has one. What is left goes to a second round, if the rule has one."""
    left = rule.seats - len(elected)
    others = _others(votes, elected)
    verdict = Verdict.ELECTED if elected else Verdict.NOT_ELECTED
    candidates: list[int] = []
    if left and rule.second_round != SecondRound.NONE:
        verdict = Verdict.SECOND_ROUND
        candidates = _standing_again(rule, votes, others)
        sums.append(_second_round(rule, len(elected), candidates))
    return Outcome(
        verdict,
        tuple(sums),
        elected=tuple(elected),
        not_elected=tuple(others),
        tied=tuple(tied),
        candidates=tuple(candidates),
        left=left,
    )


def _standing_again(rule: Rule, votes: Sequence[int], others: Sequence[int]) -> list[int]:
    """In the order of the ballot. With equal votes for the last place of the next list, all of them stand."""
    if rule.second_round == SecondRound.REMAINING or len(others) <= rule.second_round_m:
        return sorted(others)
    fewest = votes[others[rule.second_round_m - 1] - 1]
    return sorted(number for number in others if votes[number - 1] >= fewest)


def _second_round(rule: Rule, elected_n: int, candidates: Sequence[int]) -> Sum:
    who_vi, who_en = _people(candidates)
    left = rule.seats - elected_n
    text = f"{rule.seats} − {elected_n} = {left}"
    return Sum(
        True,
        f"Còn {left} vị trí chưa bầu được ({text}): vòng sau gồm số {who_vi}, là câu hỏi mới với "
        "danh sách cử tri mới.",
        f"{left} seats are not filled ({text}): no. {who_en} stand in the next round, a new question on a "
        "new roll.",
        Step.SECOND_ROUND,
        text,
        "=",
    )
