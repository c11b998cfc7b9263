"""What roles and states of devices are called in sentences for people. Pure."""

from typing import Final

from fleet.saying import Said

_ROLES: Final = {"gate": "cổng", "keypad": "bàn phím", "board": "bảng"}
_STATES: Final = {"active": "đang phục vụ", "revoked": "đã bị thu hồi"}


def role_word(role: str) -> Said:
    """gate, keypad, board."""
    return Said(role, _ROLES[role])


def state_word(state: str) -> Said:
    """active, revoked."""
    return Said(state, _STATES[state])
