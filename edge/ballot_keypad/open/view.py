"""State -> lines of text: a pure view. Vietnamese first, English second, or one of them."""

from dataclasses import dataclass
from typing import Final

from edge.ballot_keypad.ballot import Ballot, Note, State

Words = tuple[str, str]

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
}
NOTE: Final[dict[Note, Words]] = {
    Note.FINAL: ("Không được đổi phiếu", "This vote cannot be changed"),
    Note.NO_SEAT: ("Ghế này chưa được gán", "This seat is not assigned"),
    Note.NOT_STORED: ("CHƯA LƯU. Xin gọi nhân viên", "NOT STORED. Please call an usher"),
}
OFFLINE: Final[Words] = ("Mất kết nối, phiếu được giữ lại", "No connection, votes are kept")
_SHOWS_QUESTION: Final = frozenset(
    {State.PREPARED, State.OPEN, State.CHOSEN, State.STORED, State.RECORDED, State.HELD, State.AGAIN}
)
_SHOWS_VOTE: Final = frozenset({State.STORED, State.RECORDED, State.LATE})


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the view shows beside the ballot."""

    device: str
    seat: str
    display: str
    is_connected: bool
    is_identifying: bool = False


def view(ballot: Ballot, around: Surroundings, language: str) -> list[str]:
    """The lines to show, top down. language: vi, en or vi+en."""
    if around.is_identifying:
        return [f"▶▶ {around.device} ◀◀", around.seat or "—"]
    state = ballot.state
    lines = [around.seat or around.device]
    if state in _SHOWS_QUESTION and ballot.notice is not None:
        lines.append(ballot.notice.text)
    elif state is State.IDLE and around.display:
        lines.append(around.display)
    if state is State.CHOSEN and ballot.selected is not None:
        lines += _said(CHOICE[ballot.selected], language)
    elif state in _SHOWS_VOTE and ballot.own_cast is not None:
        lines += _said(CHOICE[ballot.own_cast.choice], language)
    unseated = ballot.member is None and state in (State.PREPARED, State.OPEN)
    note = Note.NO_SEAT if unseated else ballot.note
    if note is not Note.NONE:
        lines += _said(NOTE[note], language)
    if not unseated:
        lines += _said(TEXT[state], language)
    if not around.is_connected:
        lines += _said(OFFLINE, language)
    return lines


def _said(words: Words, language: str) -> list[str]:
    if language == "vi":
        return [words[0]]
    return [words[1]] if language == "en" else [words[0], words[1]]
