"""What the two people who lift a freeze are told when it is not lifted, in Vietnamese and in English."""

from typing import Final, TypeVar

from fleet.api.errors import ApiError

E = TypeVar("E", bound=ApiError)

SAID: Final[dict[str, tuple[str, str]]] = {
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
}
_STATES: Final[dict[str, str]] = {
    "asked": "được xin",
    "lifted": "được mở khóa",
    "ended": "kết thúc",
    "expired": "hết hạn",
}


def refused(kind: type[E], key: str, *, code: str, state: str = "", **facts: object) -> E:
    """state: of the wish, in words of its own in either language."""
    vi, en = SAID[key]
    return kind(
        en.format_map({**facts, "state": state}),
        code=code,
        vi=vi.format_map({**facts, "state": _STATES.get(state, state)}),
    )
