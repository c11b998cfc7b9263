"""What the two people who lift a freeze are told when it is not lifted, and whoever brings a spare that runs
something else; in Vietnamese and in English."""

from typing import Final, TypeVar

from fleet.api.errors import ApiError
from fleet.saying import Said, Sentences, say

E = TypeVar("E", bound=ApiError)

SAID: Final[Sentences] = {
    "minutes": ("Số phút: từ 1 đến {most}, nhận được {minutes}.", "minutes: 1 to {most}, got {minutes}."),
    "too-many-asked": (
        "Đã có {count} yêu cầu đang chờ người thứ hai; hãy để ai đó đồng ý, hoặc chờ.",
        "{count} are waiting for a second person already; let somebody agree, or wait.",
    ),
    "was-over": (
        "Yêu cầu này đã {state} nên không đồng ý được nữa; phải xin lại từ đầu.",
        "This was {state} and cannot be agreed to; it must be asked for anew.",
    ),
    "too-late": (
        "Không ai đồng ý trong mười phút; phải xin lại từ đầu.",
        "Nobody agreed within ten minutes; it must be asked for anew.",
    ),
    "over-already": ("Yêu cầu này đã {state}.", "This was {state} already."),
    "no-such-wish": (
        "Không ai xin mở khóa số {number}; hãy xem danh sách.",
        "Nobody has asked for {number}; look at the list.",
    ),
    "not-frozen": (
        "Chưa có phiên họp nào mở: không có gì bị khóa, không cần mở khóa.",
        "No sitting is open: nothing is frozen, and nothing need be lifted.",
    ),
    "wrong-sitting": (
        "Phiên họp đang mở là {open_now}, không phải {sitting}.",
        "The sitting that is open is {open_now}, not {sitting}.",
    ),
    "no-device": (
        "Không có thiết bị nào tên {device} đang được dùng.",
        "There is no active device {device}.",
    ),
    "same-person": (
        "Chính bạn đã xin mở khóa; phải có một người khác đồng ý.",
        "You asked for this yourself; it takes another person to agree.",
    ),
    "may-not-ask": (
        "{first} không còn quyền xin mở khóa; phải xin lại từ đầu.",
        "{first} may not ask any more; it must be asked for anew.",
    ),
    "needs-secretariat": (
        "Một trong hai người phải thuộc ban thư ký; hãy nhờ người ở đó đồng ý.",
        "One of the two must be of the secretariat; ask somebody there to agree.",
    ),
    "spare-silent": (
        (
            "{device} chưa báo đang chạy gì; hãy bật máy, chờ máy hoạt động rồi thử lại. Phiên {sitting} "
            "đang khóa cập nhật."
        ),
        (
            "{device} has not said what it runs; switch it on, wait until it is green, and try again. The "
            "sitting {sitting} is frozen."
        ),
    ),
    "spare-differs": (
        (
            "{device} đang chạy {wrong}, vì phiên {sitting} đang khóa cập nhật. Hãy lấy máy dự phòng khác, "
            "hoặc để hai người mở khóa cho máy này."
        ),
        (
            "{device} runs {wrong}, as the sitting {sitting} is frozen. Take another spare, or let two "
            "people lift the freeze for this one."
        ),
    ),
    "runs": ("{what} {has} mà phải chạy {needs}", "{what} {has} and must run {needs}"),
    "nothing": ("không có", "none"),
    "release": ("{shown} (bản {counter})", "{shown} (release {counter})"),
}
_STATES: Final[dict[str, str]] = {
    "asked": "được xin",
    "lifted": "được mở khóa",
    "ended": "kết thúc",
    "expired": "hết hạn",
}


_HELD: Final[dict[str, str]] = {
    "firmware": "phần mềm",
    "models": "mô hình",
    "config": "cấu hình",
    "os": "hệ điều hành",
    "environment": "thư viện",
}


def held_word(name: str) -> Said:
    """Of what a sitting freezes (lease.py)."""
    return Said(name, _HELD[name])


def refused(kind: type[E], key: str, *, code: str, state: str = "", **facts: object) -> E:
    """state: of the wish, in words of its own in either language."""
    told = say(SAID, key, state=Said(state, _STATES.get(state, state)), **facts)
    return kind(told.en, code=code, vi=told.vi)
