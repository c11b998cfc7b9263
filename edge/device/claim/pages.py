"""What a machine says about its claim to whoever stands before it: what it waits for, and what to do. Pure.

Vietnamese first. Each role's display sets these words as large as it can.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from edge.device.claim.table import State
from wire.claim_code import spaced

Words = tuple[str, str]
"""Vietnamese, English."""
NOTHING: Final[Words] = ("", "")


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known beside the state. says: the desk's own sentence, or why it is refused. detail: for the
    technician, what exactly went wrong. code: eight characters. address: behind the QR code. place: where it
    was put."""

    serial: str
    says: Words = NOTHING
    detail: str = ""
    code: str = ""
    address: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """title: what is the case. todo: what to do about it, or nothing. detail: one sentence for the
    technician. code, qr: only while somebody is to scan or type them. is_wanted: a person has to act here,
    now."""

    state: State
    serial: str
    title: Words
    todo: Words = NOTHING
    detail: str = ""
    code: str = ""
    qr: str = ""
    place: str = ""
    is_wanted: bool = False

    def lines(self, language: str) -> list[str]:
        """Every word of it, top down, for a terminal and for hands. language: vi, en or vi+en."""
        code = spaced(self.code) if self.code else ""
        titles, todos = spoken(self.title, language), spoken(self.todo, language)
        return [line for line in (*titles, code, self.qr, *todos, self.detail, self.serial) if line]


_PAGES: Final[Mapping[State, tuple[Words, Words]]] = {
    State.NO_CLOCK: (
        ("Đồng hồ của máy chưa đúng", "This device's clock is not set"),
        (
            "Cắm mạng hội trường và chờ: máy chủ sẽ chỉnh giờ",
            "Connect it to the hall's network and wait: the server sets it",
        ),
    ),
    State.NO_NETWORK: (
        ("Máy chưa có địa chỉ mạng", "No network address yet"),
        ("Kiểm tra dây mạng và bộ chuyển mạch", "Check the network cable and the switch"),
    ),
    State.LOOKING: (
        ("Đang tìm bàn cấp phát", "Looking for the provisioning desk"),
        (
            "Chờ lâu: hỏi quản trị bàn cấp phát có chạy không, máy có đúng mạng không",
            "If this lasts: does the desk run, and is this its network?",
        ),
    ),
    State.SILENT: (
        ("Bàn cấp phát không trả lời", "The provisioning desk does not answer"),
        (
            "Máy tự thử lại; nếu kéo dài, kiểm tra mạng và bàn cấp phát",
            "It tries again by itself; if this lasts, check the network and the desk",
        ),
    ),
    State.NOT_TRUSTED: (
        ("Bàn cấp phát của nơi khác, hoặc giả mạo", "A desk of another house, or a false one"),
        (
            "Đừng tiếp tục: kiểm tra mạng, hoặc ghi lại thẻ nhớ của hội trường này",
            "Do not go on: check the network, or write the card of this hall again",
        ),
    ),
    State.HELLO: (("Đang chào bàn cấp phát", "Saying hello to the desk"), NOTHING),
    State.WAITING: (
        ("Máy mới: quét mã này", "New device: scan this"),
        ("Quét bằng điện thoại kỹ thuật viên, hoặc gõ mã", "With the technician's phone, or type the code"),
    ),
    State.PLACED: (
        ("Vị trí: {place}", "Place: {place}"),
        ("Bấm {button} trên máy này", "Press {button} on this device"),
    ),
    State.PRESSED: (
        ("Đang đăng ký với hội trường", "Being registered with the hall"),
        ("Chờ một chút, không cần bấm nữa", "Wait a moment, no need to press again"),
    ),
    State.FETCHING: (("Đã được nhận", "Accepted"), ("Đang tải cấu hình", "Fetching its settings")),
    State.INSTALLING: (
        ("Đã được nhận", "Accepted"),
        ("Đang cài đặt, đừng rút điện", "Installing: leave the power on"),
    ),
    State.MISFIT: (
        ("Cấu hình nhận được không hợp với máy", "What the desk gave does not fit this device"),
        (
            "Báo người quản lý bàn cấp phát; chưa cài gì cả",
            "Tell whoever runs the desk; nothing was installed",
        ),
    ),
    State.UNFIT: (
        ("Máy này chưa dùng được", "This device cannot go on"),
        ("Đọc dòng cuối; thay thẻ nhớ hoặc thay máy", "Read the last line; change the card or the device"),
    ),
    State.REFUSED: (
        ("Bàn cấp phát từ chối", "The desk says no"),
        (
            "Sửa rồi bấm {button}, hoặc chờ: máy tự bắt đầu lại",
            "Mend it and press {button}, or wait: it starts again",
        ),
    ),
    State.DONE: (("Xong: {place}", "Done: {place}"), ("Máy đang khởi động", "The device is starting")),
}
_DETAILED: Final = frozenset(
    {
        State.LOOKING,
        State.NO_CLOCK,
        State.SILENT,
        State.NOT_TRUSTED,
        State.MISFIT,
        State.UNFIT,
        State.REFUSED,
    }
)
_DESK_SAYS_WHAT_TO_DO: Final = frozenset({State.WAITING, State.PRESSED})
"""A sentence of the desk takes the place of ours."""


def page_of(state: State, found: Situation, button: Words) -> Page:
    """button: what this role's own button is called."""
    title, todo = _PAGES[state]
    if found.says != NOTHING and state is State.REFUSED:
        title = found.says
    elif found.says != NOTHING and state in _DESK_SAYS_WHAT_TO_DO:
        todo = found.says
    place = found.place or found.serial
    shows_code = state is State.WAITING
    return Page(
        state=state,
        serial=found.serial,
        title=(title[0].replace("{place}", place), title[1].replace("{place}", place)),
        todo=(todo[0].replace("{button}", button[0]), todo[1].replace("{button}", button[1])),
        detail=found.detail if state in _DETAILED else "",
        code=found.code if shows_code else "",
        qr=found.address if shows_code else "",
        place=found.place,
        is_wanted=state is State.PLACED,
    )


def spoken(words: Words, language: str) -> list[str]:
    """language: vi, en or vi+en. Nothing for no words; once what is the same in both."""
    chosen = {"vi": words[:1], "en": words[1:]}.get(language, words)
    return list(dict.fromkeys(word for word in chosen if word))


def seen_of(page: Page) -> dict[str, str]:
    """What hands see beside the words on the display."""
    return {"state": page.state.value, "code": page.code, "page": page.qr, "place": page.place}
