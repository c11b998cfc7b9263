"""A manifest as the counting board writes it down: TOML in, everything that is wrong with it in sentences.

hall = "hall-1"
sitting = "sang-1"
question = "bau-bch"
title = "Bầu Ban Chấp hành khóa XIV"
choose = "at-most"              # yes-no-abstain, at-most (with a blank), each
k = 15                          # at-most: places to fill, and the most that one ballot may choose
rule = "vn-list-with-surplus"   # one of ballot/rules/presets.py
blank = true                    # optional: whether a blank ballot may be cast; left out: as the rule has it
min_anonymity = 10              # optional
revote = "none"                 # optional; or until-close
[[candidate]]                   # at-most, each
id = "an"
label = "Nguyễn Văn An"
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ballot.documents.bodies import KeyRecord, Manifest, Roll
from ballot.documents.manifest import (
    LABEL_BYTES_MAX,
    MIN_ANONYMITY,
    MOTION,
    REVOTE_NONE,
    TITLE_BYTES_MAX,
)
from ballot.rules.presets import PRESETS, preset
from ballot.rules.rule import Rule
from ballot.shape import (
    BITS,
    BLANK,
    LINEAR,
    LINEAR_RANGE_MAX,
    Relation,
    Shape,
    at_most,
    each_of,
    one_of,
)
from officers.errors import BadInput
from officers.toml import Fields, table_in
from wire.ids import CongressId, HallId, QuestionId, SittingId

MOTION_LABELS: Final = ("Tán thành", "Không tán thành", "Không biểu quyết")
BLANK_LABEL: Final = "Phiếu trắng"
SIDES: Final = ("Đồng ý", "Không đồng ý")
CHOOSE: Final = ("yes-no-abstain", "at-most", "each")


def manifest_in(
    content: bytes, path: str, congress: CongressId, key_record: KeyRecord, roll: Roll
) -> Manifest:
    """Raises BadInput, BadShape."""
    given = Fields(path, table_in(content, path))
    choose = given.text("choose", 32)
    if choose not in CHOOSE:
        raise BadInput("bad-field", path=path, field="choose", what=", ".join(CHOOSE))
    people = [] if choose == CHOOSE[0] else _candidates(given)
    shape, labels, rule = _shape(given, choose, people)
    manifest = Manifest(
        congress=congress,
        hall=HallId(given.name("hall")),
        sitting=SittingId(given.name("sitting")),
        question=QuestionId(given.name("question")),
        contest=roll.contest,
        title=given.text("title", TITLE_BYTES_MAX),
        shape=shape,
        labels=tuple(labels),
        key_record_hash=key_record.hash,
        charter_hash=key_record.charter_hash,
        roll_root=roll.root,
        roll_size=roll.size,
        rule=rule,
        min_anonymity=given.number("min_anonymity", 2, 2**32 - 1)
        if given.has("min_anonymity")
        else MIN_ANONYMITY,
        revote=given.text("revote", 16) if given.has("revote") else REVOTE_NONE,
    )
    given.nothing_else()
    return manifest


def _candidates(given: Fields) -> list[tuple[str, str]]:
    people: list[tuple[str, str]] = []
    for each in given.tables("candidate") if given.has("candidate") else []:
        person = each.name("id"), each.text("label", LABEL_BYTES_MAX)
        each.nothing_else()
        if person[0] == BLANK or person[0] in dict(people):
            raise BadInput("option-twice", path=given.path, option=person[0])
        people.append(person)
    if not people:
        raise BadInput("no-candidates", path=given.path)
    return people


def _shape(given: Fields, choose: str, people: Sequence[tuple[str, str]]) -> tuple[Shape, list[str], Rule]:
    ids, names = [each for each, _ in people], [label for _, label in people]
    if choose == CHOOSE[0]:
        return one_of(MOTION), list(MOTION_LABELS), _rule(given, 0)
    if choose == CHOOSE[2]:
        rule = _rule(given, given.number("seats", 1, 1000) if given.has("seats") else len(ids))
        return each_of(ids), [f"{name}: {side}" for name in names for side in SIDES], rule
    k = given.number("k", 0, 1000)
    if not 1 <= k <= len(ids):
        raise BadInput("k-over-n", path=given.path, k=k, n=len(ids))
    rule = _rule(given, k)
    if rule.blank_allowed:
        return at_most(k, ids), [*names, BLANK_LABEL], rule
    terms = tuple((index, 1) for index in range(len(ids)))
    mode = LINEAR if k - 1 <= LINEAR_RANGE_MAX else BITS
    return Shape(tuple(ids), (Relation(terms, 1, k, mode),)), names, rule


def _rule(given: Fields, seats: int) -> Rule:
    name = given.text("rule", 64)
    if name not in PRESETS:
        raise BadInput("unknown-rule", path=given.path, rule=name, known=", ".join(sorted(PRESETS)))
    rule = preset(name, seats=seats)
    return replace(rule, blank_allowed=given.flag("blank")) if given.has("blank") else rule
