"""What a keypad can say aloud, and when it may. Pure.

A prompt is a recording in `{folder}/{language}/{prompt}.wav`; the words here are what is to be recorded.
**Who may hear a choice**: while the question is secret, a prompt that depends on the choice or on which key
was pressed is said into headphones only. A loudspeaker says the rest, which is the same for every choice.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Audio(StrEnum):
    OFF = "off"
    SPEAKER = "speaker"
    HEADPHONES = "headphones"


class Prompt(StrEnum):
    WELCOME = "welcome"
    QUESTION_OPEN = "question-open"
    CHOOSE = "choose"
    TYPE_NUMBER = "type-number"
    CONFIRM = "confirm"
    REVIEW = "review"
    ONE_KEY = "one-key"
    TOO_MANY = "too-many"
    UNKNOWN_NUMBER = "unknown-number"
    CHECK_OR_CAST = "check-or-cast"
    STORED = "stored"
    RECORDED = "recorded"
    CLOSED_RECORD = "closed-record"
    NOT_CAST = "not-cast"
    HELD = "held"
    CLOSED = "closed"
    CALL_STAFF = "call-staff"
    CHOSE_YES = "chose-yes"
    CHOSE_NO = "chose-no"
    CHOSE_ABSTAIN = "chose-abstain"
    CHOSE_BLANK = "chose-blank"
    DIGIT_0 = "digit-0"
    DIGIT_1 = "digit-1"
    DIGIT_2 = "digit-2"
    DIGIT_3 = "digit-3"
    DIGIT_4 = "digit-4"
    DIGIT_5 = "digit-5"
    DIGIT_6 = "digit-6"
    DIGIT_7 = "digit-7"
    DIGIT_8 = "digit-8"
    DIGIT_9 = "digit-9"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Spoken:
    """tells: something about the choice, be it only that there was one mistake and not another."""

    vi: str
    en: str
    tells: bool = False


SPOKEN: Final[dict[Prompt, Spoken]] = {
    Prompt.WELCOME: Spoken("Máy biểu quyết sẵn sàng.", "The voting unit is ready."),
    Prompt.QUESTION_OPEN: Spoken("Mời đại biểu biểu quyết.", "Voting is open."),
    Prompt.CHOOSE: Spoken("Mời chọn, rồi nhấn OK.", "Choose, then press OK."),
    Prompt.TYPE_NUMBER: Spoken("Nhập số thứ tự, rồi nhấn OK.", "Type a number, then press OK."),
    Prompt.CONFIRM: Spoken(
        "Nhấn OK để gửi, nhấn Huỷ để chọn lại.", "Press OK to send, Clear to choose again."
    ),
    Prompt.REVIEW: Spoken("Mời xem lại trước khi gửi.", "Please review before sending."),
    Prompt.ONE_KEY: Spoken("Mỗi lần chỉ nhấn một phím.", "One key at a time."),
    Prompt.TOO_MANY: Spoken("Đã chọn đủ số người.", "You have chosen as many as you may.", tells=True),
    Prompt.UNKNOWN_NUMBER: Spoken("Không có số này.", "There is no such number.", tells=True),
    Prompt.CHECK_OR_CAST: Spoken(
        "Phiếu đã niêm phong. Nhấn OK để gửi, hoặc nhấn Kiểm tra.",
        "The ballot is sealed. Press OK to cast it, or Check.",
    ),
    Prompt.STORED: Spoken("Đã lưu, đang gửi.", "Stored, sending."),
    Prompt.RECORDED: Spoken("Phiếu đã được ghi nhận.", "Your vote is recorded."),
    Prompt.CLOSED_RECORD: Spoken("Phiếu có trong biên bản đã khoá.", "Your vote is in the closed record."),
    Prompt.NOT_CAST: Spoken("Phiếu chưa được gửi, mời chọn lại.", "Not cast, please choose again."),
    Prompt.HELD: Spoken("Tạm dừng biểu quyết.", "Voting is paused."),
    Prompt.CLOSED: Spoken("Đã kết thúc biểu quyết.", "Voting is closed."),
    Prompt.CALL_STAFF: Spoken("Xin gọi nhân viên.", "Please call an usher."),
    Prompt.CHOSE_YES: Spoken("Tán thành.", "Yes.", tells=True),
    Prompt.CHOSE_NO: Spoken("Không tán thành.", "No.", tells=True),
    Prompt.CHOSE_ABSTAIN: Spoken("Không biểu quyết.", "Abstain.", tells=True),
    Prompt.CHOSE_BLANK: Spoken("Phiếu trắng.", "Blank.", tells=True),
    Prompt.DIGIT_0: Spoken("Không.", "Zero.", tells=True),
    Prompt.DIGIT_1: Spoken("Một.", "One.", tells=True),
    Prompt.DIGIT_2: Spoken("Hai.", "Two.", tells=True),
    Prompt.DIGIT_3: Spoken("Ba.", "Three.", tells=True),
    Prompt.DIGIT_4: Spoken("Bốn.", "Four.", tells=True),
    Prompt.DIGIT_5: Spoken("Năm.", "Five.", tells=True),
    Prompt.DIGIT_6: Spoken("Sáu.", "Six.", tells=True),
    Prompt.DIGIT_7: Spoken("Bảy.", "Seven.", tells=True),
    Prompt.DIGIT_8: Spoken("Tám.", "Eight.", tells=True),
    Prompt.DIGIT_9: Spoken("Chín.", "Nine.", tells=True),
    Prompt.REMOVED: Spoken("Đã bỏ chọn.", "Removed.", tells=True),
}
"""Total."""


def may_say(prompt: Prompt, audio: Audio, *, is_secret: bool) -> bool:
    """Whether these ears may hear it. is_secret: a secret question is on this unit."""
    if audio is Audio.OFF:
        return False
    return audio is Audio.HEADPHONES or not (is_secret and SPOKEN[prompt].tells)


def languages(language: str) -> tuple[str, ...]:
    """Folders to say it from, in order. language: vi, en or vi+en."""
    return tuple(language.split("+"))
