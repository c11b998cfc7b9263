"""Which rule a question is put under: a preset, fields of its own, or the majority that older clients give.
Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ballot.rules.check import check
from ballot.rules.presets import PRESETS, preset
from ballot.rules.refusals import Refusal, RuleRefused
from ballot.rules.rule import VERSION, Base, Elect, Rule, encode, parse
from wire import cbor
from wire.errors import BadSchema
from wire.ids import QuestionId, SittingId
from wire.voting import Terms

MAJORITY: Final = "majority"
OWN: Final = "own"
FRACTION_MAX: Final = 1000
"""What question/1 can carry beside the terms."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client asks for: at most one of preset, fields and majority; none of them is a simple majority.

    quorum: of those summoned, as the sitting has it, for a rule that names none of its own; None: no quorum.
    """

    preset: str | None = None
    fields: Mapping[str, Any] | None = None
    majority: tuple[int, int] | None = None
    seats: int = 0
    reveal_s: int = 0
    quorum: tuple[int, int] | None = None


def rule_of(asked: Asked, persons_n: int) -> Rule:
    """The rule, whole. Raises RuleRefused with every sentence that stands against it."""
    if sum(given is not None for given in (asked.preset, asked.fields, asked.majority)) > 1:
        raise RuleRefused(
            [
                Refusal(
                    "two-rules",
                    "Chỉ chọn một: quy tắc có sẵn, quy tắc tự đặt, hoặc tỷ lệ.",
                    "Choose one: a preset, a rule of your own, or a majority.",
                )
            ]
        )
    rule = with_quorum(_named(asked), asked.quorum)
    if asked.reveal_s:
        rule = replace(rule, reveal_s=asked.reveal_s)
    found = check(rule, persons_n)
    if max(rule.num, rule.den) > FRACTION_MAX:
        found.append(
            Refusal(
                "fraction-too-fine",
                f"Tử số và mẫu số của tỷ lệ không quá {FRACTION_MAX}: hãy rút gọn.",
                f"Numerator and denominator of the majority are at most {FRACTION_MAX}: reduce them.",
            )
        )
    if rule.elect == Elect.MOTION and persons_n:
        found.append(
            Refusal(
                "persons-on-motion",
                "Quy tắc này là biểu quyết một nội dung, không có danh sách người: chọn quy tắc bầu cử.",
                "This rule is for a motion, which has no list of persons: choose a rule for elections.",
            )
        )
    if found:
        raise RuleRefused(found)
    return rule


def majority_rule(num: int, den: int, quorum: tuple[int, int] | None) -> Rule:
    """More than num/den of the votes for and against, and the sitting's quorum: what every question had
    before there were rules."""
    return with_quorum(Rule(MAJORITY, Elect.MOTION, Base.FOR_AGAINST, num, den), quorum)


def with_quorum(rule: Rule, quorum: tuple[int, int] | None) -> Rule:
    if rule.quorum is not None or quorum is None or quorum[0] == 0:
        return rule
    return replace(
        rule,
        quorum_of=Base.PRESENT_AT_CLOSE,
        quorum_base=Base.SUMMONED,
        quorum_num=quorum[0],
        quorum_den=quorum[1],
    )


def _named(asked: Asked) -> Rule:
    if asked.preset is not None:
        if asked.preset not in PRESETS:
            known = ", ".join(PRESETS)
            raise RuleRefused(
                [
                    Refusal(
                        "unknown-preset",
                        f"Không có quy tắc {asked.preset}; chọn một trong: {known}.",
                        f"There is no preset {asked.preset}; choose one of: {known}.",
                    )
                ]
            )
        return preset(asked.preset, seats=asked.seats)
    if asked.fields is not None:
        return _own(asked.fields)
    num, den = asked.majority or (1, 2)
    return Rule(MAJORITY, Elect.MOTION, Base.FOR_AGAINST, num, den)


def _own(given: Mapping[str, Any]) -> Rule:
    rule = Rule(**{"id": OWN, **given})
    try:
        return parse([VERSION, *rule.raw()])
    except BadSchema as err:
        raise RuleRefused(
            [
                Refusal(
                    "rule-malformed",
                    f"Quy tắc chưa ghi được ({err.what}): hãy sửa lại giá trị đó.",
                    f"The rule cannot be written down ({err.what}): correct that value.",
                )
            ]
        ) from None


def rule_text(rule: Rule) -> str:
    """As the database keeps it."""
    return json.dumps(encode(rule))


def rule_from(values: str | Sequence[Any]) -> Rule:
    """Raises BadSchema."""
    return parse(json.loads(values) if isinstance(values, str) else list(values))


def terms_of(sitting: str, question: str, rule: Rule, *, presence: bool) -> Terms:
    """What the log says of it before it opens."""
    encoded = cbor.encode(encode(rule))
    return Terms(SittingId(sitting), QuestionId(question), False, encoded, presence, rule.reveal_s)


def rule_in(terms: Terms) -> Rule:
    """Raises RecordRejected when the bytes are no rule, or say another time than the record beside them."""
    rule = parse(cbor.decode(terms.rule, len(terms.rule)))
    if rule.reveal_s != terms.reveal_s:
        raise BadSchema("terms/1, reveal_s: is not that of its rule")
    return rule
