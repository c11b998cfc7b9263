"""The words of the report, Vietnamese first. Parts keep their names of the wire, the same in both."""

from typing import Final

from provisioning.acceptance.report import Outcome

Words = tuple[str, str]
"""(Vietnamese, English)."""

TITLE: Final[Words] = ("BIÊN BẢN NGHIỆM THU THIẾT BỊ HỘI TRƯỜNG", "Commissioning report of a hall's devices")
ACCEPTED: Final[Words] = ("ĐẠT: mọi thiết bị đều hoạt động đúng", "PASSED: every device is in order")
REFUSED: Final[Words] = ("CHƯA ĐẠT: xem các mục dưới đây", "NOT PASSED: see the faults below")
PARTIAL: Final[Words] = (
    "Chỉ gồm các thiết bị được chọn, không phải cả hội trường",
    "Only the devices that were named, not the whole hall",
)
OUTCOME: Final[dict[Outcome, Words]] = {
    Outcome.PASSED: ("Đạt", "passed"),
    Outcome.FAILED: ("Lỗi", "failed"),
    Outcome.SILENT: ("Không trả lời", "no answer"),
}
ROLE: Final[dict[str, Words]] = {
    "gate": ("Cổng", "gate"),
    "keypad": ("Bàn phím", "keypad"),
    "board": ("Bảng", "board"),
}
FAULTS: Final[Words] = ("Phải xử lý trước", "To be dealt with first")
NO_FAULTS: Final[Words] = ("Không có lỗi nào", "No faults")
DEVICES: Final[Words] = ("Danh sách thiết bị", "Devices")
RESULTS: Final[Words] = ("Kết quả từng bộ phận", "What each device found of its parts")
EMPTY: Final[Words] = ("Chưa có thiết bị ở vị trí này", "No device stands here")
UNANSWERED: Final[Words] = ("Được hỏi nhưng không trả lời kịp", "Was asked and did not answer in time")
UNASKED: Final[Words] = ("Không hỏi được", "Could not be asked")
NO_PLACE: Final[Words] = ("chưa đặt chỗ", "no place")
LOG: Final[Words] = ("Nhật ký hội trường", "Hall log")
LOG_MEANS: Final[Words] = (
    "Mỗi kết quả là một bản ghi do chính thiết bị ký, đứng ở số nêu trên trong nhật ký hội trường.",
    "Each result is a record that the device itself signed, at the leaf named above in the hall log.",
)
LOG_FOUND: Final[Words] = (
    "Ai có bản xuất nhật ký đều tìm lại được các bản ghi này và kiểm tra được chữ ký.",
    "Whoever has an export of the log finds these records in it and can check the signatures.",
)
CHECKPOINT: Final[Words] = ("Điểm kiểm tra đã ký, nguyên văn", "Signed checkpoint, word for word")
SEALED: Final[Words] = ("Chữ ký điện tử", "Electronic signature")
SEALED_MEANS: Final[Words] = (
    "Tệp này được ký bằng chứng thư nghiệm thu của hội trường.",
    "This file is signed by the hall's commissioning certificate.",
)
NO_TIME_STAMP: Final[Words] = (
    "Không có máy chủ dấu thời gian: thời điểm ký là giờ của máy tính đã lập biên bản.",
    "No time-stamp server was asked: the time of the signature is that of the computer that made this.",
)
SEAL_PRINT: Final[Words] = ("Chứng thư nghiệm thu, SHA-256", "Commissioning certificate, SHA-256")
ISSUER_PRINT: Final[Words] = ("Cơ quan chứng thư của hội trường, SHA-256", "Authority of the hall, SHA-256")
SIGN: Final[tuple[Words, Words]] = (
    ("Kỹ thuật viên", "Technician"),
    ("Đại diện hội trường", "For the hall"),
)
