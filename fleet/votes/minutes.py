"""The protocol of an open question, from its frozen result and what the fleet knows of names and seats."""

import base64
from collections.abc import Iterator
from typing import Any, Final

from ballot.rules.facts import STANDING, Standing
from ballot.rules.rule import Elect
from fleet.api.errors import Conflict
from fleet.db import Connection
from fleet.desk.office import Office
from fleet.log.store import leaf_hashes
from fleet.people import store as people
from fleet.sittings import store as sittings
from fleet.sittings.state_words import state_word
from fleet.votes import store
from fleet.votes.protocol import (
    CHOICES,
    OPEN,
    PAPER,
    WHY,
    BoxLine,
    LogLine,
    Named,
    Number,
    PersonLine,
    Protocol,
    SumLine,
    Words,
    by_group_and_name,
)
from fleet.votes.refusals import refused
from fleet.votes.rules import Question
from wire.ids import MemberRef, SittingId
from wire.merkle import root_of

POSITIVE: Final = frozenset({"carried", "elected"})
_NUMBERS: Final[tuple[tuple[str, Words], ...]] = (
    ("summoned", ("Được triệu tập", "Summoned")),
    ("present", ("Có mặt lúc đóng", "Present at the close")),
    ("cast", ("Phiếu thu về", "Ballots cast")),
    ("blank", ("Phiếu trắng", "Blank")),
    ("invalid", ("Phiếu không hợp lệ", "Invalid")),
)


class _People:
    """Names and seats by member and by keypad. Who withdrew has a seat and no name."""

    def __init__(self, connection: Connection, sitting: SittingId) -> None:
        places = sittings.places(connection, sitting)
        self._names = people.names(connection)
        self._seat_of = {place.member: place.seat for place in places}
        self._member_at = {str(place.device): place.member for place in places if place.device}

    def named(self, member: MemberRef, word: Words) -> Named:
        name, group = self._names.get(member, (None, ""))
        return Named(name, group, self._seat_of.get(member, ""), word)

    def at(self, keypad: str, word: Words) -> Named:
        """Whoever the keypad speaks for now; else the keypad itself."""
        member = self._member_at.get(keypad)
        return Named(keypad, "", "", word) if member is None else self.named(member, word)


def protocol_of(office: Office, connection: Connection, question: Question) -> Protocol:
    """Raises Conflict before there is a result."""
    frozen = store.result(connection, question.question)
    sitting = sittings.find(connection, question.sitting)
    if frozen is None or sitting is None:
        raise refused(Conflict, "no-result", question=question.question, state=state_word(question.word))
    known = _People(connection, sitting.sitting)
    reasons = store.recused(connection, question.question)
    outcome = frozen.get("outcome_words", {"vi": frozen["outcome"], "en": frozen["outcome"]})
    rule = frozen.get("rule_words", {"vi": "", "en": ""})
    return Protocol(
        congress=office.desk.congress,
        hall=office.desk.hall,
        sitting=sitting.sitting,
        sitting_title=sitting.title,
        question=question.question,
        text=question.text,
        way=PAPER if question.by_paper else OPEN,
        is_paper=question.by_paper,
        is_final=question.state == "certified",
        rule=(rule["vi"], rule["en"]),
        outcome=(outcome["vi"], outcome["en"]),
        is_positive=frozen["outcome"] in POSITIVE,
        numbers=_numbers(question, frozen),
        sums=_sums(frozen),
        persons=_persons(question, frozen),
        names=by_group_and_name(
            known.named(_ref(row["member"]), CHOICES[row["choice"]]) for row in frozen["choices"]
        ),
        uncounted=tuple(known.at(row["device"], WHY[row["why"]]) for row in frozen["uncounted"]),
        recused=by_group_and_name(
            known.named(_ref(member), (reasons.get(_ref(member), ""), ""))
            for member in frozen.get("recused", [])
        ),
        corrections=tuple(
            known.named(each.member, _declared(each.choice, each.text))
            for each in store.corrections(connection, question.question)
        ),
        boxes=tuple(_box(row) for row in frozen.get("boxes", [])),
        board=store.settings(connection, sitting.sitting).board,
        log=log_line(office, connection, frozen["closed_leaf"]),
    )


def log_line(office: Office, connection: Connection, closing_leaf: int) -> LogLine:
    """The tree that ends with the close: it never changes, so that the protocol does not."""
    size = closing_leaf + 1
    root = base64.b64encode(root_of(leaf_hashes(connection, size))).decode()
    return LogLine(closing_leaf, size, root, (("desk", office.desk.signer.public_key.raw.hex()),))


def excluded_numbers(frozen: dict[str, Any]) -> Iterator[Number]:
    """How many are left out of the base for each reason: numbers, no names."""
    for word, count in frozen.get("excluded", {}).items():
        vi, en = STANDING[Standing(word)]
        yield Number((f"Không tính: {vi}", f"Left out of the base: {en}"), count)


def _numbers(question: Question, frozen: dict[str, Any]) -> tuple[Number, ...]:
    heads = (*(Number(label, frozen.get(key, 0)) for key, label in _NUMBERS), *excluded_numbers(frozen))
    if question.rule.elect != Elect.MOTION:
        return heads
    return (*(Number(label, frozen[choice]) for choice, label in CHOICES.items()), *heads)


def _sums(frozen: dict[str, Any]) -> tuple[SumLine, ...]:
    sums = [SumLine((each["vi"], each["en"]), each["text"], each["holds"]) for each in frozen.get("sums", [])]
    faults = [SumLine((each["vi"], each["en"]), "", False) for each in frozen.get("refusals", [])]
    if "sums" not in frozen:  # frozen by an earlier release
        old = (frozen["majority"], frozen["quorum"])
        return tuple(SumLine((each["vi"], each["en"]), "", each["holds"]) for each in old)
    return (*sums, *faults)


def _persons(question: Question, frozen: dict[str, Any]) -> tuple[PersonLine, ...]:
    each_has_against = question.rule.elect == Elect.EACH
    return tuple(
        PersonLine(
            row["number"],
            row["name"],
            row["votes"],
            row["against"] if each_has_against else None,
            row["elected"],
        )
        for row in frozen.get("persons", [])
    )


def _declared(choice: str, text: str) -> Words:
    vi, en = CHOICES[choice]
    said = f": {text}" if text else ""
    return f"đáng lẽ {vi.lower()}{said}", f"meant {en.lower()}"


def _box(row: dict[str, Any]) -> BoxLine:
    first, second = row["by"]
    return BoxLine(
        row["box"],
        (first, second),
        row["issued"],
        row["returned"],
        row["valid"],
        row["blank"],
        row["invalid"],
        row.get("spoilt", 0),
    )


def _ref(text: str) -> MemberRef:
    return MemberRef(bytes.fromhex(text))
