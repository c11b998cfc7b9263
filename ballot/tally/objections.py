"""What must be true before anybody signs a tally, beside that every leaf holds (SPEC §7). Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from ballot.board.contest import Contest
from ballot.board.heads import Head

LATE_MS_MAX: Final = 10_000
"""Between the close and a witness who saw it."""

WORDS: Final[dict[str, tuple[str, str]]] = {
    "not-opened": (
        "Lần bỏ phiếu này chưa được mở hợp lệ: không có gì để kiểm.",
        "The contest was never validly opened: there is nothing to count.",
    ),
    "cancelled": (
        "Lần bỏ phiếu này đã bị hủy: không bao giờ được giải mã.",
        "The contest is called off: it is never decrypted.",
    ),
    "not-closed": ("Chủ tọa chưa đóng bỏ phiếu.", "The chair has not closed the contest."),
    "close-root": (
        "Lệnh đóng nêu một trạng thái không phải của nhật ký này: hãy lập biên bản, không ký.",
        "The close names a state that is not one of this log: put it in the minutes, do not sign.",
    ),
    "close-before-open": (
        "Lệnh đóng nêu một trạng thái trước khi mở bỏ phiếu: hãy lập biên bản, không ký.",
        "The close names a state from before the opening: put it in the minutes, do not sign.",
    ),
    "close-unwitnessed": (
        "Trạng thái mà lệnh đóng nêu chưa được người chứng kiến ký: xin thêm chữ ký của họ.",
        "No witnesses signed the state that the close names: ask for their signatures.",
    ),
    "late-witness": (
        "Không người chứng kiến độc lập nào thấy lệnh đóng trong 10 giây: ban kiểm phiếu phải quyết định.",
        "The close was not witnessed within 10 seconds from outside: the counting board must decide on it.",
    ),
    "unaccounted": (
        "{n} đại biểu chưa có phiếu kết thúc hoặc quyết định của ban kiểm phiếu: {who}.",
        "{n} voters have neither an end from their unit nor a disposition of the counting board: {who}.",
    ),
    "too-few": (
        "Chỉ có {n} phiếu, ít hơn mức giữ kín tối thiểu {least}: không được mở.",
        "Only {n} ballots count, below the minimum of {least}: they are not opened.",
    ),
    "beyond-head": (
        "Đầu nhật ký được chứng kiến ({size}) chưa bao trùm lệnh đóng (mục {leaf}).",
        "The witnessed head of {size} leaves does not cover the close (leaf {leaf}).",
    ),
}
_SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class Objection:
    """code: stable. vi, en: the same sentence. leaf: where, if it is about one."""

    code: str
    vi: str
    en: str
    leaf: int | None = None


def objections(
    contest: Contest, root_at: Callable[[int], bytes | None], heads: Sequence[Head], size: int
) -> list[Objection]:
    """All that forbids a tally over the first `size` leaves. root_at: of the log that was read. heads: every
    cosigned checkpoint that is known."""
    course, charter = contest.course, contest.course.charter
    if course.opened is None or course.context is None or course.manifest is None:
        return [_objection("not-opened")]
    found = []
    if course.cancelled is not None:
        found.append(_objection("cancelled", course.cancelled))
    if course.closed is None or course.close is None:
        return [*found, _objection("not-closed")]
    close, closed = course.close, course.closed
    if close.size > closed or root_at(close.size) != close.root:
        found.append(_objection("close-root", closed))
    if close.size <= course.opened:
        found.append(_objection("close-before-open", closed))
    named = [head for head in heads if (head.size, head.root) == (close.size, close.root)]
    if not any(head.is_witnessed(charter) for head in named):
        found.append(_objection("close-unwitnessed", closed))
    # A witness that the fleet runs could be told the time, and CLOSE held back meanwhile.
    external = {officer.name for officer in charter.witnesses if officer.external}
    covering = [head for head in heads if head.size > closed]
    seen = [time for head in covering for name, time in head.times.items() if name in external]
    accepted = course.disposed_at.get(None, size) < size
    if not any(time * 1000 - close.at_ms <= LATE_MS_MAX for time in seen) and not accepted:
        found.append(_objection("late-witness", closed))
    missing = contest.unaccounted(size)
    if missing:
        who = ", ".join(ref.hex() for ref in missing[:_SHOWN]) + (" …" if len(missing) > _SHOWN else "")
        found.append(_objection("unaccounted", n=len(missing), who=who))
    counted, least = len(contest.counting()), course.manifest.min_anonymity
    if counted < least:
        found.append(_objection("too-few", n=counted, least=least))
    if closed >= size:
        found.append(_objection("beyond-head", closed, size=size))
    return found


def _objection(code: str, leaf: int | None = None, **facts: object) -> Objection:
    vi, en = WORDS[code]
    facts = {"leaf": leaf, **facts}
    return Objection(code, vi.format_map(facts), en.format_map(facts), leaf)
