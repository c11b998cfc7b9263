"""A secret question -> a page. Pure. No page shows a choice and a code (page.py refuses it)."""

from dataclasses import dataclass, replace
from typing import Final

from ballot.seeds import fingerprint
from edge.ballot_keypad.choose.view import Hint, Shown, shown
from edge.ballot_keypad.display.language import Words, brief, said
from edge.ballot_keypad.display.page import Page, Sign
from edge.ballot_keypad.keys.layout import CAPS
from edge.ballot_keypad.keys.press import Button
from edge.ballot_keypad.secret.entries import PREPARED_MAX
from edge.ballot_keypad.secret.life import TAKES, State
from edge.ballot_keypad.secret.question import Lid, Question
from edge.ballot_keypad.secret.trust import Lack

TITLES: Final[dict[State, Words]] = {
    State.WAITING: ("Đang chờ văn kiện", "Waiting for documents"),
    State.READY: ("Sắp bỏ phiếu kín", "A secret ballot is coming"),
    State.COMMITTING: ("Đang chuẩn bị phiếu…", "Getting the ballot ready…"),
    State.CHOOSING: ("Mời bỏ phiếu kín", "Please vote"),
    State.PREPARING: ("Đang niêm phong, chưa gửi…", "Sealing, not cast yet…"),
    State.CODE: ("Ghi lại mã phiếu", "Note this code"),
    State.CHECKING: ("Đang mở phiếu để kiểm tra…", "Opening the ballot to be checked…"),
    State.CHECKED: ("KHÔNG TÍNH: phiếu kiểm tra", "NOT COUNTED: a checked ballot"),
    State.CASTING: ("Đã lưu, đang gửi…", "Stored, sending…"),
    State.RECORDED: ("Đã ghi nhận", "Recorded"),
    State.IN_RECORD: ("Phiếu có trong biên bản đã khoá", "In the closed record"),
    State.CLOSED: ("Đã kết thúc. Máy này không có phiếu", "Closed. No vote came from here"),
    State.LATE: ("Phiếu đến muộn, không được tính", "It came too late and does not count"),
    State.REFUSED: ("Phiếu không được nhận", "The ballot was refused"),
    State.REPLACED: ("Máy này không còn được bỏ phiếu", "This unit votes no more"),
    State.CANCELLED: ("Cuộc bỏ phiếu đã bị huỷ", "The vote was called off"),
    State.USED_UP: ("Đã hết số lần lập phiếu", "No more ballots can be made"),
}
SIGNS: Final[dict[State, Sign]] = {
    State.CASTING: Sign.SENDING,
    State.RECORDED: Sign.RECORDED,
    State.IN_RECORD: Sign.CLOSED_RECORD,
    State.LATE: Sign.WARNING,
    State.REFUSED: Sign.WARNING,
    State.USED_UP: Sign.WARNING,
}
LACKS: Final[dict[Lack, Words]] = {
    Lack.KEY: ("Chưa có khoá bầu cử", "The election key is missing"),
    Lack.MANIFEST: ("Chưa có phiếu bầu", "The ballot paper is missing"),
    Lack.ROLL: ("Chưa có danh sách đại biểu", "The roll is missing"),
    Lack.SEAT: ("Máy này không có trong danh sách", "The roll has no place for this unit"),
}
LIDS: Final[dict[Lid, Words]] = {
    Lid.HELD: ("Tạm dừng bỏ phiếu", "Voting is paused"),
    Lid.SHUT: ("Đã kết thúc bỏ phiếu", "Voting is closed"),
    Lid.EXPIRED: ("Đang chờ hội trường", "Waiting for the hall"),
    Lid.DISABLED: ("Máy này đang tắt quyền biểu quyết", "This unit may not vote now"),
}
REASONS: Final[dict[str, Words]] = {
    "already-cast": ("Đã có một phiếu của ghế này", "A ballot of this seat was cast before"),
    "bad-proof": ("Máy lập phiếu sai", "The unit made it wrongly"),
    "bad-body": ("Máy lập phiếu sai", "The unit made it wrongly"),
    "check-fails": ("Máy lập phiếu sai", "The unit made it wrongly"),
    "copied": ("Phiếu trùng với phiếu khác", "It repeats another ballot"),
    "other-body": ("Phiếu khác với phiếu đã niêm phong", "It is not the ballot that was sealed"),
    "broken-chain": ("Máy không khớp với biên bản", "The unit and the record do not agree"),
    "bad-seq": ("Máy không khớp với biên bản", "The unit and the record do not agree"),
}
CALL: Final[Words] = ("Xin gọi nhân viên", "Please call an usher")
NOT_STORED: Final[Words] = ("CHƯA LƯU. Xin gọi nhân viên", "NOT STORED. Please call an usher")
NOT_CAST: Final[Words] = ("Phiếu CHƯA GỬI, mời chọn lại", "NOT CAST, please choose again")
"""The power went, or the disk was full, before it was cast."""
EARLIER: Final[Words] = ("Phiếu gửi trước vẫn được tính", "The vote cast before still counts")
ALARMED: Final[Words] = (
    "BIÊN BẢN KHÔNG KHỚP. Xin gọi nhân viên",
    "THE RECORD DOES NOT FIT. Please call an usher",
)
OFFLINE: Final[Words] = ("Mất kết nối, phiếu được giữ lại", "No connection, the ballot is kept")
NO_FORM: Final[Words] = ("Máy này không lập được loại phiếu này", "This unit cannot fill in this ballot")
PAPER: Final[Words] = ("Mã phiếu bầu", "Ballot paper code")
ASK_CHECK: Final[Words] = ("MỞ PHIẾU ĐỂ KIỂM TRA?", "OPEN THIS BALLOT TO CHECK IT?")
ASK_CHECK_WHY: Final[Words] = (
    "Lựa chọn sẽ hiện cho mọi người, phiếu không được tính",
    "Everybody will see the choice; it will not count",
)
CHANGE: Final[Words] = ("đổi phiếu", "change")
LAST: Final[Words] = ("Đây là phiếu cuối cùng có thể lập", "This is the last ballot that can be made")
_SECRET: Final = Sign.SECRET


@dataclass(frozen=True, slots=True)
class Around:
    """seat: top left. why: for what the unit is disabled, in words."""

    seat: str
    language: str
    is_connected: bool
    why: Words = ("", "")
    notes: tuple[str, ...] = ()
    """What must be read before the rest."""


@dataclass(frozen=True, slots=True)
class Glass:
    """keys_turn: UP and DOWN turn a page that is longer than the glass."""

    page: Page
    keys_turn: bool = True


def view(question: Question, around: Around) -> Glass:
    """What the person sees."""
    is_cut_off = not around.is_connected and question.state is not State.IN_RECORD
    notes = tuple(said(OFFLINE, around.language)) if is_cut_off else ()
    glass = _of_state(question, replace(around, notes=notes))
    for words in _urgent(question):
        first, *rest = said(words, around.language)
        title = [glass.page.title] if glass.page.title and not glass.page.qr else []
        page = replace(glass.page, title=first, body=(*rest, *title, *glass.page.body))
        if words is NOT_STORED:
            page = replace(page, code="")  # the next press brings it back: this must be read first
        glass = replace(glass, page=page)
    if question.is_alarmed or question.is_not_stored:
        return replace(glass, page=replace(glass.page, sign=Sign.WARNING))
    return glass


def _of_state(question: Question, around: Around) -> Glass:
    state = question.state
    if state in TAKES and question.context is None:
        return _glass(around, TITLES[State.WAITING], _lacking(question, around.language), Sign.WARNING)
    if state in TAKES and question.lid is not Lid.NONE:
        body = said(around.why, around.language) if question.lid is Lid.DISABLED else []
        return _glass(around, LIDS[question.lid], body, _SECRET)
    if state is State.CHOOSING:
        return _choosing(question, around)
    if state is State.CODE:
        return _code(question, around)
    if state is State.CHECKED:
        page = _page(around, TITLES[state], [], Sign.QUESTION, ((Button.OK, ("chọn lại", "vote")),))
        return Glass(replace(page, qr=question.memory.frames))
    body = [*_title(question), *_why(question, around)]
    hint: tuple[Hint, ...] = ()
    if (
        state is State.RECORDED
        and question.may_change
        and question.lid is Lid.NONE
        and not question.kept.is_closed
    ):
        hint = ((Button.OK, CHANGE),)
    glass = _glass(around, TITLES[state], body, SIGNS.get(state, _SECRET), hint)
    if state is State.READY and question.context is not None:
        return replace(glass, page=replace(glass.page, code=fingerprint(question.context.manifest_hash)))
    return glass


def _why(question: Question, around: Around) -> list[str]:
    state, language = question.state, around.language
    if state is State.READY:
        return said(PAPER, language)[:1]
    if state is State.WAITING:
        return _lacking(question, language)
    if state is State.REFUSED:
        return [
            *said(REASONS.get(question.kept.code, (question.kept.code,) * 2), language),
            *said(CALL, language),
        ]
    if state in (State.LATE, State.CLOSED) and question.kept.cast:
        return said(EARLIER, language)
    if state in (State.USED_UP, State.REPLACED):
        return said(CALL, language)
    return []


def _lacking(question: Question, language: str) -> list[str]:
    """Why this unit cannot take part: yet, or no more."""
    if question.refused is not None:
        return said(question.refused, language)
    return said(LACKS[question.standing.lack], language) if question.standing.lack else []


def _choosing(question: Question, around: Around) -> Glass:
    selection = question.memory.selection
    if question.form is None or (question.form.needs_digits and not question.unit.has_digits):
        return _glass(around, NO_FORM, said(CALL, around.language), Sign.WARNING)
    if selection is not None:
        return _chosen(shown(selection), question, around)
    if question.kept.was_lost:
        hint: tuple[Hint, ...] = ((Button.OK, ("tiếp", "go on")),)
        return _glass(around, ("", ""), _title(question), _SECRET, hint)
    hint = ((Button.OK, ("bắt đầu", "begin")),)
    context = question.context
    code = fingerprint(context.manifest_hash) if context is not None else ""
    title = " ".join(_title(question)) or brief(TITLES[State.CHOOSING], around.language)
    page = _page(around, (title, title), said(PAPER, around.language)[:1], _SECRET, hint)
    return Glass(replace(page, code=code))


def _chosen(parts: Shown, question: Question, around: Around) -> Glass:
    language = around.language
    body = [*(line for words in parts.body for line in said(words, language)), *parts.plain]
    title = _joined(parts.title, language) or " ".join(_title(question))
    page = _page(around, (title, title), body, _SECRET, parts.hint)
    return Glass(replace(page, large=parts.large), parts.keys_turn)


def _code(question: Question, around: Around) -> Glass:
    if question.memory.is_asking_check:
        hint = ((Button.OK, ("mở", "open")), (Button.CLEAR, ("không", "no")))
        return _glass(around, ASK_CHECK, said(ASK_CHECK_WHY, around.language), Sign.QUESTION, hint)
    check = Button.CHECK if question.unit.has_digits else Button.ABSTAIN
    asks: Words = ("", "") if check is Button.CHECK else ("kiểm tra", "check")
    keys: tuple[Hint, ...] = (
        (Button.OK, ("gửi", "cast")), (check, asks), (Button.CLEAR, ("chọn lại", "again")),
    )  # fmt: skip
    body = said(LAST, around.language)[:1] if question.kept.prepared >= PREPARED_MAX else []
    title = _joined(TITLES[State.CODE], around.language)
    return Glass(replace(_page(around, (title, title), body, _SECRET, keys), code=question.code))


def _urgent(question: Question) -> list[Words]:
    """What stands above all else, the most urgent last: a narrow glass may show no more at once."""
    was_lost = question.kept.was_lost and question.state in (State.COMMITTING, State.CHOOSING)
    found = ((was_lost, NOT_CAST), (question.is_not_stored, NOT_STORED), (question.is_alarmed, ALARMED))
    return [words for is_so, words in found if is_so]


def _title(question: Question) -> list[str]:
    if question.papers.manifest is not None and question.context is not None:
        return [question.papers.manifest.title]
    return [question.notice.text] if question.notice is not None and question.notice.text else []


def _glass(around: Around, title: Words, body: list[str], sign: Sign, hint: tuple[Hint, ...] = ()) -> Glass:
    return Glass(_page(around, title, body, sign, hint))


def _joined(words: Words, language: str) -> str:
    """Both languages in one row, where rows are dear."""
    return " / ".join(word for word in dict.fromkeys(said(words, language)) if word)


def _page(around: Around, title: Words, body: list[str], sign: Sign, hint: tuple[Hint, ...] = ()) -> Page:
    """The first language is the title, a second one the line below it."""
    first, *rest = said(title, around.language)
    rest = [line for line in rest if line and line != first]
    hints = tuple((brief(CAPS[key], around.language), brief(words, around.language)) for key, words in hint)
    return Page(around.seat, sign, first, (*rest, *around.notes, *body), hint=hints)
