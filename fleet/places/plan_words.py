"""What is wrong with a plan of the hall, in the words of whoever keeps it in a spreadsheet. Pure."""

from typing import Final

from fleet.saying import Said, Sentences

SAID: Final[Sentences] = {
    "place": (
        "vị trí {place!r} phải gồm 1 đến 32 ký tự a-z, 0-9 và '-', không có '-' ở đầu hay cuối.",
        "place {place!r} must be 1 to 32 of a-z, 0-9 and '-', with no '-' at either end.",
    ),
    "role": (
        "loại {role!r} không có; hãy ghi một trong {known}.",
        "role {role!r} is none of {known}.",
    ),
    "label": (
        "tên {label!r} phải có 1 đến {most} ký tự in được.",
        "label {label!r} must be 1 to {most} printable characters.",
    ),
    "row-or-seat": (
        "{what} {text!r} chỉ được có nhiều nhất {most} ký tự in được.",
        "{what} {text!r} must be at most {most} printable characters.",
    ),
    "on-the-map": (
        "{what} {text!r} phải là số nguyên từ 0 đến {most}.",
        "{what} {text!r} must be a whole number of 0 to {most}.",
    ),
    "serial": (
        "số máy {serial!r} phải có 1 đến 64 chữ cái, chữ số và . _ : -, như in trên máy.",
        "serial {serial!r} must be 1 to 64 letters, digits and . _ : -, as printed on the device.",
    ),
    "left-out": (
        "Sơ đồ thiếu {place}, nơi {device} đang đứng; hãy ghi thêm dòng đó, hoặc gỡ máy khỏi đó trước.",
        "The plan leaves out {place}, where {device} stands; write its line, or vacate it first.",
    ),
    "other-role": (
        "{place} chưa thể thành vị trí của {role} khi {device} còn đứng ở đó; hãy gỡ máy trước.",
        "{place} cannot become the place of a {role} while {device} stands there; vacate it first.",
    ),
    "other-serial": (
        (
            "số máy {serial} được ghi cho {place}, nơi {device} số {other} đang đứng; hãy sửa số máy, hoặc "
            "gỡ máy khỏi đó trước."
        ),
        (
            "serial {serial} is written for {place}, where {device} with the serial {other} stands; correct "
            "the serial, or vacate the place first."
        ),
    ),
    "elsewhere": (
        "máy số {serial} đang đứng ở {place}; hãy sửa số máy, hoặc gỡ máy khỏi {place} trước.",
        (
            "the device with the serial {serial} stands at {place}; correct the serial, or vacate {place} "
            "first."
        ),
    ),
}
WHAT: Final = {
    "place": Said("place", "vị trí"),
    "row": Said("row", "hàng"),
    "seat": Said("seat", "ghế"),
    "serial": Said("serial", "số máy"),
}
"""Columns that a sentence names."""
