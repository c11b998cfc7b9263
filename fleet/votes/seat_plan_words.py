"""What is wrong with a seat plan, in the words of whoever keeps it in a spreadsheet. Pure."""

from typing import Final

from fleet.saying import Said, Sentences

SAID: Final[Sentences] = {
    "seat": (
        "ghế {seat!r} chỉ được có nhiều nhất {most} ký tự in được.",
        "seat {seat!r} must be at most {most} printable characters.",
    ),
    "no-keypad": (
        "không có bàn phím {keypad} đang phục vụ; hãy đăng ký nó trước, hoặc sửa tên.",
        "there is no active keypad {keypad}; register it first, or correct its name.",
    ),
    "standing": (
        "diện {standing!r} không có; hãy ghi một trong {known}.",
        "standing {standing!r} is none of {known}.",
    ),
    "suspended": (
        "người bị đình chỉ không biểu quyết: hãy để trống cột bàn phím.",
        "who is suspended does not vote: leave the keypad empty.",
    ),
    "unknown-member": (
        "không biết đại biểu {member}; hãy nhập danh sách đại biểu trước.",
        "member {member} is not known; import members first.",
    ),
    "several-members": (
        "có {count} đại biểu tên {name}; hãy ghi một trong {ids} thay cho tên.",
        "there are {count} members named {name}; write one of {ids} instead.",
    ),
    "no-member": (
        "không có đại biểu tên {name!r}; hãy nhập danh sách đại biểu trước.",
        "there is no member named {name!r}; import members first.",
    ),
}
WHAT: Final = {
    "member": Said("member", "đại biểu"),
    "seat": Said("seat", "ghế"),
    "keypad": Said("keypad", "bàn phím"),
}
"""Columns that a sentence names."""
