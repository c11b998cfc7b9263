"""What a person reads before they sign: a document in words, Vietnamese first and English."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from ballot.documents.bodies import (
    BODIES,
    FACTS_BYTES_MAX,
    Bind,
    Cancel,
    Close,
    Disposition,
    KeyRecord,
    Manifest,
    Result,
    Roll,
    RollRows,
    Share,
    Tally,
)
from ballot.documents.charter import OFFICE, Charter, Office
from ballot.documents.document import Document
from ballot.documents.faults import Words, bad
from ballot.documents.manifest import REVOTE_NONE
from ballot.documents.visible import visible
from ballot.rules import facts as rules_facts
from ballot.rules.words import describe as rule_words
from ballot.seeds import fingerprint
from ballot.shape import BLANK, Relation, Shape
from wire import cbor
from wire.errors import RecordRejected

Line = tuple[Words, "str | Words"]

KIND: Final[dict[str, Words]] = {
    "key-record/1": ("Khóa bầu cử", "Election key"),
    "roll/1": ("Danh sách đại biểu được bỏ phiếu", "Roll of voters"),
    "roll-rows/1": ("Các dòng của danh sách", "Rows of the roll"),
    "bind/1": ("Gán thiết bị cho một đại biểu", "Binding of a unit to a voter"),
    "manifest/1": ("Phiếu bầu", "Ballot manifest"),
    "close/1": ("Kết thúc bỏ phiếu", "Close of the vote"),
    "cancel/1": ("Hủy lần bỏ phiếu", "Cancellation of the vote"),
    "disposition/1": ("Xử lý các đại biểu không có phiếu", "Disposition of voters without a ballot"),
    "tally/1": ("Cho phép kiểm phiếu", "Tally"),
    "share/1": ("Phần giải mã của một người giữ khóa", "Decryption share of a trustee"),
    "result/1": ("Kết quả", "Result"),
    "ceremony-begin/1": ("Bắt đầu lễ lập khóa", "Begin of the key ceremony"),
    "ceremony-0/1": ("Lễ lập khóa, vòng 0", "Key ceremony, round 0"),
    "ceremony-1/1": ("Lễ lập khóa, vòng 1", "Key ceremony, round 1"),
    "ceremony-2/1": ("Lễ lập khóa, vòng 2", "Key ceremony, round 2"),
    "complaint/1": ("Khiếu nại trong lễ lập khóa", "Complaint in the key ceremony"),
}
_UNKNOWN: Final[Words] = ("Văn kiện loại lạ, đừng ký", "A document of an unknown kind, do not sign it")
_PRINT: Final[Words] = ("Mã vân tay", "Fingerprint")
_NOBODY: Final[Words] = ("không ai", "nobody")
_DAY_MS: Final = 86_400_000
FACT: Final[dict[str, Words]] = {
    "summoned": ("triệu tập", "summoned"),
    "excluded": ("không tính", "excluded"),
    "recused": ("không biểu quyết", "recused"),
    "seats": ("số ghế của cơ quan", "seats of the body"),
    "present_at_open": ("có mặt lúc mở", "present at the opening"),
    "present_at_close": ("có mặt lúc đóng", "present at the close"),
    "recused_at_open": ("không biểu quyết lúc mở", "recused at the opening"),
    "recused_at_close": ("không biểu quyết lúc đóng", "recused at the close"),
    "issued": ("phát ra", "issued"),
    "returned": ("thu về", "returned"),
}


def describe(document: Document, language: str = "vi+en") -> list[str]:
    """The lines to show, top down. language: vi, en or vi+en. Raises BadDocument when the body is
    malformed."""
    title = KIND.get(document.kind, _UNKNOWN)
    lines: list[Line] = [(title, document.kind), (_PRINT, fingerprint(document.hash))]
    if document.kind in BODIES:
        kind = BODIES[document.kind]
        lines += _LINES[kind](kind.parse(document.body))
    lines += [(("Đã ký", "Signed by"), ", ".join(document.names) or _NOBODY)]
    return [_shown(line, language) for line in lines]


def describe_charter(charter: Charter, language: str = "vi+en") -> list[str]:
    """A charter in words, with its fingerprint and that of every key."""
    lines: list[Line] = [
        (("Điều lệ bầu cử của đại hội", "Charter of the congress"), charter.congress),
        (("Mã vân tay đầy đủ", "Full fingerprint"), charter.fingerprint),
    ]
    for office in Office:
        vi, en = OFFICE[office]
        need, n = charter.quorum(office), len(charter.of(office))
        lines.append(
            ((vi.capitalize(), en.capitalize()), (f"cần {need} trong {n}", f"{need} of {n} must sign"))
        )
        for officer in charter.of(office):
            outside = (" — độc lập", " — external") if officer.external else ("", "")
            key = f"{officer.key.hex()}"
            lines.append(((f"  {officer.name}", f"  {officer.name}"), (key + outside[0], key + outside[1])))
    return [_shown(line, language) for line in lines]


def _shown(line: Line, language: str) -> str:
    return visible(_in(language, line))


def _in(language: str, line: Line) -> str:
    (label_vi, label_en), value = line
    value_vi, value_en = (value, value) if isinstance(value, str) else value
    if language == "vi":
        return f"{label_vi}: {value_vi}"
    if language == "en":
        return f"{label_en}: {value_en}"
    label = label_vi if label_vi == label_en else f"{label_vi} / {label_en}"
    return f"{label}: {value_vi}" if value_vi == value_en else f"{label}: {value_vi} / {value_en}"


def utc(ms: int) -> str:
    """Milliseconds since 1970 as date and time, for people (proleptic Gregorian calendar)."""
    days, rest = divmod(ms, _DAY_MS)
    era, day = divmod(
        days + 719_468, 146_097
    )  # counted from 1 March of year 0, so that a leap day ends a year
    year_of_era = (day - day // 1460 + day // 36_524 - day // 146_096) // 365
    day -= 365 * year_of_era + year_of_era // 4 - year_of_era // 100
    shifted = (5 * day + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    year = era * 400 + year_of_era + (month <= 2)
    seconds = rest // 1000
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{year:04}-{month:02}-{day - (153 * shifted + 2) // 5 + 1:02} {clock} UTC"


def shape_words(shape: Shape) -> list[Words]:
    """What a ballot may choose."""
    return [_relation_words(relation, shape) for relation in shape.relations]


def _relation_words(relation: Relation, shape: Shape) -> Words:
    lo, hi = relation.lo, relation.hi
    plain = [shape.options[index] for index, weight in relation.terms if weight == 1]
    blank = [shape.options[index] for index, weight in relation.terms if weight != 1]
    if blank and (blank != [BLANK] or relation.terms[-1][1] != hi):
        terms = " + ".join(f"{weight}·{shape.options[index]}" for index, weight in relation.terms)
        return (f"{lo} ≤ {terms} ≤ {hi}",) * 2
    among = f"{len(plain)} ({', '.join(plain)})"
    vi = f"chọn đúng {lo} trong {among}" if lo == hi else f"chọn từ {lo} đến {hi} trong {among}"
    en = f"choose just {lo} of {among}" if lo == hi else f"choose {lo} to {hi} of {among}"
    return (f"{vi}, hoặc phiếu trắng", f"{en}, or blank") if blank else (vi, en)


def _contest(body: Any) -> Line:
    return ("Lần bỏ phiếu", "Contest"), body.contest.hex()


def _hall(body: Any) -> Line:
    return ("Hội trường", "Hall"), f"{body.congress} / {body.hall}"


def _key_record(body: KeyRecord) -> Iterator[Line]:
    yield ("Đại hội", "Congress"), body.congress
    yield (
        ("Người giữ khóa", "Trustees"),
        (
            f"{body.n} người, cần {body.k} để mở kết quả",
            f"{body.n}, of whom {body.k} open a result",
        ),
    )
    yield ("Điều lệ", "Charter"), fingerprint(body.charter_hash)
    yield ("Khóa", "Key"), body.election_key.hex()


def _roll(body: Roll) -> Iterator[Line]:
    yield _contest(body)
    yield ("Số đại biểu", "Voters"), str(body.size)
    yield ("Gốc", "Root"), fingerprint(body.root)


def _roll_rows(body: RollRows) -> Iterator[Line]:
    yield _contest(body)
    with_unit = sum(row.session_key is not None for row in body.rows)
    yield (
        ("Số đại biểu", "Voters"),
        (
            f"{len(body.rows)}, có thiết bị: {with_unit}",
            f"{len(body.rows)}, with a unit: {with_unit}",
        ),
    )


def _bind(body: Bind) -> Iterator[Line]:
    yield _contest(body)
    yield ("Đại biểu trong danh sách", "Voter of the roll"), body.voter.hex()
    yield ("Lần gán", "Generation"), str(body.generation)
    yield ("Khóa mới", "New key"), body.session_key.hex() if body.session_key else _NOBODY
    yield ("Lý do", "Reason"), body.reason


def _manifest(body: Manifest) -> Iterator[Line]:
    yield ("Nội dung", "Title"), body.title
    yield ("Phiên họp", "Sitting"), f"{body.congress} / {body.hall} / {body.sitting} / {body.question}"
    yield _contest(body)
    for place, (option, label) in enumerate(zip(body.shape.options, body.labels, strict=True), 1):
        yield (f"  {place}",) * 2, f"{label} [{option}]"
    for words in shape_words(body.shape):
        yield ("Cách chọn", "A ballot may"), words
    yield ("Quy tắc", "Rule"), rule_words(body.rule)
    once = ("một lần, không đổi", "once, never changed")
    until_close = ("được đổi đến khi kết thúc", "may be changed until the close")
    yield ("Bỏ phiếu", "Voting"), once if body.revote == REVOTE_NONE else until_close
    yield (
        ("Chỉ mở kết quả khi có ít nhất", "Opened only with at least"),
        (
            f"{body.min_anonymity} phiếu",
            f"{body.min_anonymity} ballots",
        ),
    )
    yield (
        ("Danh sách", "Roll"),
        (
            f"{body.roll_size} đại biểu, {fingerprint(body.roll_root)}",
            f"{body.roll_size} voters, {fingerprint(body.roll_root)}",
        ),
    )
    yield ("Khóa bầu cử", "Election key"), fingerprint(body.key_record_hash)
    yield ("Điều lệ", "Charter"), fingerprint(body.charter_hash)


def _close(body: Close) -> Iterator[Line]:
    yield _hall(body)
    yield _contest(body)
    yield ("Lúc", "At"), utc(body.at_ms)
    yield ("Nhật ký đến", "Log up to"), f"{body.size}, {fingerprint(body.root)}"


def _cancel(body: Cancel) -> Iterator[Line]:
    yield _hall(body)
    yield _contest(body)
    yield ("Lý do", "Reason"), body.reason


def _disposition(body: Disposition) -> Iterator[Line]:
    yield _contest(body)
    late = ("Chấp nhận chứng kiến muộn", "Late witnessing accepted")
    for voter, reason in body.rows:
        yield (late if voter is None else (f"  {voter.hex()}",) * 2), reason


def _tally(body: Tally) -> Iterator[Line]:
    yield _hall(body)
    yield _contest(body)
    yield ("Số phiếu được tính", "Ballots counted"), str(body.counted)
    yield ("Nhật ký đến", "Log up to"), f"{body.size}, {fingerprint(body.root)}"
    yield ("Phiếu bầu", "Manifest"), fingerprint(body.manifest_hash)
    yield ("Khóa bầu cử", "Election key"), fingerprint(body.key_record_hash)
    yield ("Tổng mã hóa", "Aggregate"), fingerprint(body.aggregate_hash)


def _share(body: Share) -> Iterator[Line]:
    yield _contest(body)
    yield ("Người giữ khóa thứ", "Trustee number"), str(body.trustee)
    yield ("Tổng mã hóa", "Aggregate"), fingerprint(body.aggregate_hash)


def _result(body: Result) -> Iterator[Line]:
    yield _hall(body)
    yield _contest(body)
    yield ("Phiếu bầu", "Manifest"), fingerprint(body.manifest_hash)
    yield ("Bảng kiểm", "Tally"), fingerprint(body.tally_hash)
    yield ("Số phiếu từng lựa chọn", "Votes per option"), ", ".join(str(count) for count in body.counts)
    if body.order is not None:
        yield ("Thứ tự khi bằng phiếu", "Order after a tie"), ", ".join(map(str, body.order))
    yield ("Số liệu", "Facts"), _facts(body.facts)
    yield ("Kết luận", "Outcome"), body.outcome
    yield ("Nhật ký đến", "Log up to"), f"{body.size}, {fingerprint(body.root)}"


def _facts(raw: bytes) -> Words:
    try:
        facts = rules_facts.parse(cbor.decode(raw, FACTS_BYTES_MAX))
    except RecordRejected as err:
        raise bad("bad-body", what=err.what) from None
    numbers = [(words, getattr(facts, name)) for name, words in FACT.items()]
    vi, en = (", ".join(f"{words[i]} {'?' if n is None else n}" for words, n in numbers) for i in (0, 1))
    return vi, en


_LINES: Final[dict[type, Callable[[Any], Iterator[Line]]]] = {
    KeyRecord: _key_record,
    Roll: _roll,
    RollRows: _roll_rows,
    Bind: _bind,
    Manifest: _manifest,
    Close: _close,
    Cancel: _cancel,
    Disposition: _disposition,
    Tally: _tally,
    Share: _share,
    Result: _result,
}
