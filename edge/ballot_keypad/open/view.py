"""State of the open ballot -> a page: a pure view. Vietnamese first, English second, or one of them."""

from dataclasses import dataclass
from typing import Final

from edge.ballot_keypad.display.language import Words, said
from edge.ballot_keypad.display.page import Page, Sign
from edge.ballot_keypad.open.ballot import Ballot, Note, State

CHOICE: Final[dict[str, Words]] = {
    "yes": ("Tán thành", "Yes"),
    "no": ("Không tán thành", "No"),
    "abstain": ("Không biểu quyết", "Abstain"),
}
TEXT: Final[dict[State, Words]] = {
    State.IDLE: ("Sẵn sàng", "Ready"),
    State.PREPARED: ("Sắp biểu quyết", "A vote is coming"),
    State.OPEN: ("Mời biểu quyết", "Please vote"),
    State.CHOSEN: ("Nhấn OK để gửi", "Press OK to send"),
    State.STORED: ("Đã lưu, đang gửi…", "Stored, sending…"),
    State.RECORDED: ("Đã ghi nhận", "Recorded"),
    State.HELD: ("Tạm dừng biểu quyết", "Voting is paused"),
    State.CLOSED: ("Đã kết thúc biểu quyết", "Voting is closed"),
    State.LATE: (
        "Chưa xác nhận kịp. Phiếu được giữ, đến muộn thì không tính",
        "Not confirmed in time. Kept; not counted if it arrived late",
    ),
    State.AGAIN: ("Phiếu chưa được xác nhận, mời biểu quyết lại", "Not confirmed, please vote again"),
    State.WAITING: ("Đang chờ hội trường", "Waiting for the hall"),
    State.DISABLED: ("Máy này đang tắt quyền biểu quyết", "This unit may not vote now"),
}
WHY: Final[dict[str, Words]] = {
    "absent": ("Chưa điểm danh: mời đi qua cổng", "Not counted as present: please pass a gate"),
    "recused": ("Đại biểu không tham gia nội dung này", "Recused from this question"),
    "no-seat": ("Ghế này chưa được gán", "This seat is not assigned"),
}
"""Code of the twin's `why` -> words."""
NOTE: Final[dict[Note, Words]] = {
    Note.FINAL: ("Không được đổi phiếu", "This vote cannot be changed"),
    Note.NO_SEAT: ("Ghế này chưa được gán", "This seat is not assigned"),
    Note.NOT_STORED: ("CHƯA LƯU. Xin gọi nhân viên", "NOT STORED. Please call an usher"),
    Note.DISABLED: ("Máy này đang tắt quyền biểu quyết", "This unit may not vote now"),
}
OFFLINE: Final[Words] = ("Mất kết nối, phiếu được giữ lại", "No connection, votes are kept")
SIGN: Final[dict[State, Sign]] = {
    State.STORED: Sign.SENDING,
    State.RECORDED: Sign.RECORDED,
    State.LATE: Sign.WARNING,
}
_SHOWS_QUESTION: Final = frozenset(
    {
        State.PREPARED,
        State.OPEN,
        State.CHOSEN,
        State.STORED,
        State.RECORDED,
        State.HELD,
        State.AGAIN,
        State.DISABLED,
    }
)
_SHOWS_VOTE: Final = frozenset({State.STORED, State.RECORDED, State.LATE})
_SAYS_FIRST: Final = _SHOWS_VOTE | {State.CHOSEN}
"""How far a vote has come stands above the question: on a narrow glass the rest is on further parts."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the view shows beside the ballot."""

    device: str
    seat: str
    display: str
    is_connected: bool
    is_identifying: bool = False
    why: str = ""
    """Why the unit is disabled: a code of WHY, or words of the desk."""


def page(ballot: Ballot, around: Surroundings, language: str) -> Page:
    """What the person sees. language: vi, en or vi+en."""
    if around.is_identifying:
        return Page(f"▶▶ {around.device} ◀◀", title=around.seat or "—")
    state = ballot.state
    unseated = ballot.member is None and state in (State.PREPARED, State.OPEN)
    note = Note.NO_SEAT if unseated else ballot.note
    question = ballot.notice.text if state in _SHOWS_QUESTION and ballot.notice is not None else ""
    body: list[str] = []
    if note is not Note.NONE:
        body += said(NOTE[note], language)
    if not unseated:
        body += said(TEXT[state], language)
    if ballot.disabled and around.why:
        body += said(why_of(around.why), language)
    if not around.is_connected:
        body += said(OFFLINE, language)
    title, *below = [question or (around.display if state is State.IDLE else ""), *body]
    if note is Note.NOT_STORED or state in _SAYS_FIRST:
        title, *below = [*body, *filter(None, [question])]
    sign = Sign.WARNING if note is Note.NOT_STORED else SIGN.get(state, Sign.NONE)
    if sign is Sign.NONE and not around.is_connected:
        sign = Sign.LINK_LOST
    seat, large = around.seat or around.device, _vote_of(ballot, language)
    return Page(seat, sign, title, tuple(below), large)


def _vote_of(ballot: Ballot, language: str) -> str:
    """What is chosen, or was cast."""
    if ballot.state is State.CHOSEN and ballot.selected is not None:
        return " / ".join(said(CHOICE[ballot.selected], language))
    if ballot.state in _SHOWS_VOTE and ballot.choice is not None:
        return " / ".join(said(CHOICE[ballot.choice], language))
    return ""


def why_of(code: str) -> Words:
    """In words; what is no code of ours is shown as it stands."""
    return WHY.get(code, (code, code))
