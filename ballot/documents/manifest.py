"""The manifest: everything about one secret question that its ballots are bound to (ballot/SPEC §2.2, §4).
Units render options from its bytes alone."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from ballot.context import Context
from ballot.documents.body import CONTEST, DocumentBody
from ballot.documents.charter import Charter
from ballot.documents.faults import bad
from ballot.documents.key_record import KeyRecord
from ballot.documents.roll import ROLL_MAX, Roll
from ballot.errors import BadShape
from ballot.rules.check import check as check_rule
from ballot.rules.refusals import Refusal
from ballot.rules.rule import Elect, Rule
from ballot.rules.rule import encode as encode_rule
from ballot.rules.rule import parse as parse_rule
from ballot.shape import BLANK, Relation, Shape, at_most, each_of, one_of, parse_shape
from wire import fields
from wire.errors import BadSchema
from wire.fields import Check
from wire.ids import CongressId, ContestId, HallId, QuestionId, SittingId
from wire.voting import OPTIONS_MAX

TITLE_BYTES_MAX: Final = 1000
LABEL_BYTES_MAX: Final = 200
MIN_ANONYMITY: Final = 10
"""Unless the counting board says otherwise."""
REVOTE_NONE: Final = "none"
REVOTE_UNTIL_CLOSE: Final = "until-close"


def _shape(value: Any) -> Shape:
    try:
        return value if isinstance(value, Shape) else parse_shape(value)
    except BadShape as err:
        raise BadSchema(err.what) from None


def _rule(value: Any) -> Rule:
    return value if isinstance(value, Rule) else parse_rule(value)


@dataclass(frozen=True, slots=True)
class Manifest(DocumentBody):
    """labels: what stands on the ballot, per option. min_anonymity: fewer counted ballots are never opened.
    revote: `none`, or the last ballot before the close counts."""

    kind: ClassVar[str] = "manifest/1"
    limit: ClassVar[int] = 65_536
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name,
        fields.name,
        fields.name,
        fields.name,
        CONTEST,
        fields.text(TITLE_BYTES_MAX),
        _shape,
        fields.array(1, OPTIONS_MAX, fields.text(LABEL_BYTES_MAX)),
        fields.hash_value,
        fields.hash_value,
        fields.hash_value,
        fields.integer(1, ROLL_MAX),
        _rule,
        fields.integer(2, 2**32 - 1),
        fields.one_of(REVOTE_NONE, REVOTE_UNTIL_CLOSE),
    )
    congress: CongressId
    hall: HallId
    sitting: SittingId
    question: QuestionId
    contest: ContestId
    title: str
    shape: Shape
    labels: tuple[str, ...]
    key_record_hash: bytes
    charter_hash: bytes
    roll_root: bytes
    roll_size: int
    rule: Rule
    min_anonymity: int = MIN_ANONYMITY
    revote: str = REVOTE_NONE

    def raw(self) -> list[Any]:
        forms = {Shape: lambda shape: shape.encoded(), Rule: encode_rule}
        values = super(Manifest, self).raw()  # by name: the class with slots is another
        return [forms[type(value)](value) if type(value) in forms else value for value in values]

    @classmethod
    def parsed(cls, values: Any) -> "Manifest":
        found = super(Manifest, cls).parsed(values)
        if len(found.labels) != len(found.shape.options):
            raise BadSchema(f"{cls.kind}, labels: one per option, {len(found.shape.options)} of them")
        return found

    def context(self, key_record: KeyRecord) -> Context:
        """What every ballot of this contest is bound to. Raises BadDocument for the key record of another
        election."""
        if key_record.hash != self.key_record_hash:
            raise bad("other-key-record")
        return Context(self.hash, self.contest, self.shape, key_record.election_key)

    @property
    def persons(self) -> int:
        """How many people stand on a list: an option each, or two where each is agreed to or not; without the
        blank."""
        if self.rule.elect == Elect.EACH:
            return len(self.shape.options) // 2
        return len([option for option in self.shape.options if option != BLANK])


MOTION: Final = ("yes", "no", "abstain")

_FAULTS: Final[tuple[tuple[str, str, str], ...]] = (
    (
        "other-congress",
        "Phiếu bầu thuộc đại hội {manifest.congress}, điều lệ thuộc {charter.congress}: chọn đúng điều lệ.",
        "The manifest is of congress {manifest.congress}, the charter of {charter.congress}: use its own.",
    ),
    (
        "other-charter",
        "Phiếu bầu nêu một điều lệ khác với điều lệ đã ghim: hãy lập lại phiếu bầu.",
        "The manifest names another charter than the pinned one: make the manifest again.",
    ),
    (
        "key-record-of-another-charter",
        "Khóa bầu cử được lập theo một điều lệ khác: hãy dùng khóa của đại hội này.",
        "The election key was made under another charter: use the key of this congress.",
    ),
    (
        "other-key-record",
        "Phiếu bầu nêu một khóa bầu cử khác: hãy lập lại phiếu bầu với khóa này.",
        "The manifest names another election key: make the manifest again with this one.",
    ),
    (
        "roll-of-another-contest",
        "Danh sách đại biểu thuộc lần bỏ phiếu khác: hãy dùng danh sách của lần này.",
        "The roll is of another contest: use the roll of this one.",
    ),
    (
        "other-roll",
        "Phiếu bầu nêu một danh sách khác (của {manifest.roll_size} người): hãy lập lại với danh sách này.",
        "The manifest names another roll (of {manifest.roll_size} voters): make it again with this one.",
    ),
    (
        "other-shape",
        "Cách chọn trên phiếu không khớp với quy tắc kiểm phiếu: hãy lập lại phiếu bầu.",
        "What a ballot may choose does not fit the rule that counts it: make the manifest again.",
    ),
    (
        "too-few-voters",
        "Chỉ có {roll.size} người, mức giữ kín tối thiểu là {manifest.min_anonymity}: kết quả không thể mở.",
        "Only {roll.size} voters, below the minimum of {manifest.min_anonymity}: it could never be opened.",
    ),
    (
        "no-title",
        "Phiếu bầu chưa có tiêu đề: hãy nhập câu hỏi.",
        "The manifest has no title: enter the question.",
    ),
    (
        "empty-label",
        "Có lựa chọn chưa có tên: hãy nhập đủ tên.",
        "An option has no label: enter them all.",
    ),
    (
        "doubled-label",
        "Hai lựa chọn có cùng tên: thêm năm sinh hoặc đơn vị để phân biệt.",
        "Two options have the same label: add a year or a unit that tells them apart.",
    ),
)


def _fits(rule: Rule, shape: Shape) -> bool:
    """Whether ballots of this shape are what the rule counts (RULES.md §3)."""
    try:
        return shape == _expected(rule, shape)
    except BadShape:
        return False


def _expected(rule: Rule, shape: Shape) -> Shape:
    options, relation = shape.options, shape.relations[0]
    match rule.elect:
        case Elect.MOTION:
            return one_of(MOTION)
        case Elect.EACH:
            return each_of([option.removesuffix("-for") for option in options[::2]])
        case Elect.TOP if rule.blank_allowed:
            return at_most(rule.seats, [option for option in options if option != BLANK], relation.lo)
        case Elect.TOP:
            people = [option for option in options if option != BLANK]
            terms = tuple((index, 1) for index in range(len(people)))
            return Shape(tuple(people), (Relation(terms, relation.lo, rule.seats, relation.mode),))


def contradictions(manifest: Manifest, charter: Charter, key_record: KeyRecord, roll: Roll) -> list[Refusal]:
    """Where a manifest does not belong to charter, key record and roll: it cannot be in force with them."""
    return _said(
        {
            "other-congress": manifest.congress != charter.congress,
            "other-charter": manifest.charter_hash != charter.hash,
            "key-record-of-another-charter": key_record.charter_hash != charter.hash,
            "other-key-record": manifest.key_record_hash != key_record.hash,
            "roll-of-another-contest": (roll.congress, roll.contest) != (manifest.congress, manifest.contest),
            "other-roll": (roll.root, roll.size) != (manifest.roll_root, manifest.roll_size),
        },
        manifest=manifest,
        charter=charter,
        roll=roll,
    )


def check_manifest(manifest: Manifest, charter: Charter, key_record: KeyRecord, roll: Roll) -> list[Refusal]:
    """All that stands against putting it to the vote, each a sentence; empty when nothing does."""
    unfit = {
        "other-shape": not _fits(manifest.rule, manifest.shape),
        "too-few-voters": roll.size < manifest.min_anonymity,
        "no-title": not manifest.title.strip(),
        "empty-label": not all(label.strip() for label in manifest.labels),
        "doubled-label": len(set(manifest.labels)) != len(manifest.labels),
    }
    return [
        *contradictions(manifest, charter, key_record, roll),
        *_said(unfit, manifest=manifest, roll=roll),
        *check_rule(manifest.rule, manifest.persons, secret=True),
    ]


def _said(holds: dict[str, bool], **facts: object) -> list[Refusal]:
    return [
        Refusal(code, vi.format_map(facts), en.format_map(facts))
        for code, vi, en in _FAULTS
        if holds.get(code, False)
    ]
