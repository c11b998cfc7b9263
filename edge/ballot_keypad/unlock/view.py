"""A locked seat -> what its display says. Digits are dots, and how long a PIN is everybody knows. Pure.
Vietnamese first, English second, or one of them."""

from typing import Final

from edge.ballot_keypad.display.language import Words, brief, said
from edge.ballot_keypad.display.page import Page, Sign
from edge.ballot_keypad.unlock.asked import Ask
from edge.ballot_keypad.unlock.lock import Note, Unlock
from edge.ballot_keypad.unlock.tries import WRONG_MAX
from wire.lane import PIN_DIGITS

TITLE: Final[Words] = ("Mã PIN thẻ", "Badge PIN")
NOTE: Final[dict[Note, Words]] = {
    Note.WRONG: ("Sai, còn {left} lần", "Wrong, {left} left"),
    Note.SHORT: ("Cần 6 chữ số", "6 digits needed"),
    Note.NOT_STORED: ("CHƯA KIỂM ĐƯỢC. Xin gọi nhân viên", "NOT CHECKED. Please call an usher"),
}
SAID: Final[dict[Ask, Words]] = {
    Ask.NO_BADGE: (
        "Không có thẻ còn hiệu lực. Xin gọi nhân viên",
        "No badge of yours is in force. Please call an usher",
    ),
    Ask.UNREADABLE: (
        "Máy không kiểm được mã PIN. Xin gọi nhân viên",
        "This unit cannot check PINs. Please call an usher",
    ),
    Ask.NO_DIGITS: (
        "Máy không có phím số. Xin gọi nhân viên",
        "This unit has no digit keys. Please call an usher",
    ),
}
ASLEEP: Final[Words] = (
    "Sai mã PIN {most} lần. Đợi {minutes} phút hoặc gọi nhân viên",
    "Wrong PIN {most} times. Wait {minutes} min or call an usher",
)
ENTER: Final[Words] = ("gửi", "enter")
CLEAR: Final[Words] = ("HUỶ", "CLEAR")
AGAIN: Final[Words] = ("nhập lại", "again")
TYPED, TO_TYPE = "•", "_"


def page(unlock: Unlock, now_ms: int, seat: str, language: str) -> Page:
    """Of a seat that is not open. language: vi, en or vi+en."""
    wait_ms = unlock.tries.wait_ms(now_ms)
    if unlock.asked.ask is not Ask.PIN:
        return Page(seat, Sign.WARNING, body=tuple(said(SAID[unlock.asked.ask], language)))
    if wait_ms:
        words = _filled(ASLEEP, most=WRONG_MAX, minutes=-(-wait_ms // 60_000))
        return Page(seat, Sign.WARNING, body=tuple(said(words, language)))
    is_noted = unlock.note is not Note.NONE
    words = _filled(NOTE[unlock.note], left=unlock.tries.left(now_ms)) if is_noted else TITLE
    first, *second = said(words, language)
    return Page(
        seat,
        Sign.WARNING if is_noted else Sign.QUESTION,
        title=first,
        body=tuple(second),
        large=TYPED * len(unlock.typed) + TO_TYPE * (PIN_DIGITS - len(unlock.typed)),
        hint=(("OK", brief(ENTER, language)), (brief(CLEAR, language), brief(AGAIN, language))),
    )


def _filled(words: Words, **numbers: int) -> Words:
    return words[0].format(**numbers), words[1].format(**numbers)
