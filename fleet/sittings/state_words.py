"""What the states of sittings and questions, and the steps between them, are called in sentences. Pure."""

from typing import Final

from fleet.saying import Said

_STATES: Final = {
    "prepared": "đang chuẩn bị",
    "open": "đang mở",
    "held": "đang tạm dừng",
    "closing": "đang đóng",
    "closed": "đã đóng",
    "certified": "đã ký xác nhận",
    "cancelled": "đã hủy",
    "tallied": "đang mở kết quả",
}
_STEPS: Final = {
    "open": "mở",
    "hold": "tạm dừng",
    "resume": "tiếp tục",
    "close": "đóng",
    "certify": "ký xác nhận",
}


def state_word(state: str) -> Said:
    """Of a sitting, of an open question and of a secret one."""
    return Said(state, _STATES[state])


def step_word(step: str) -> Said:
    """Of a question."""
    return Said(step, _STEPS[step])
