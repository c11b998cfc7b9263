"""What the secretariat is told when a sitting or its roll does not go on, in Vietnamese and in English."""

from typing import Final

from fleet.api.refusing import Refusals

refused: Final = Refusals(
    {
        "not-found/sitting": (
            "Không có phiên họp {sitting}.",
            "There is no sitting {sitting}.",
        ),
        "not-found/member": (
            "roll: có đại biểu chưa biết; hãy nhập danh sách đại biểu trước.",
            "roll: a member of it is not known; import members first.",
        ),
        "not-found/keypad-of-roll": (
            "roll: không có bàn phím {device} đang phục vụ; hãy đăng ký nó, hoặc sửa tên.",
            "roll: there is no active keypad {device}.",
        ),
        "not-found/keypad": (
            "Không có bàn phím {device} đang phục vụ; hãy xem lại tên.",
            "There is no active keypad {device}.",
        ),
        "not-found/not-on-the-roll": (
            "member: đại biểu này không có trong danh sách của phiên.",
            "member: they are not on the roll of this sitting.",
        ),
        "bad-input/twice": (
            "roll: có đại biểu hoặc bàn phím được ghi hai lần; hãy bỏ bớt.",
            "roll: a member or a keypad stands in it twice.",
        ),
        "bad-input/not-backed-up": (
            (
                "backed_up: hãy sao lưu dữ liệu hội trường rồi mới xác nhận; sau đó thiết bị xóa bản ghi của "
                "mình."
            ),
            "backed_up: back the hall up first, then say so; devices prune after this.",
        ),
        "sitting-exists": (
            "Đã có phiên họp {sitting}; hãy chọn tên khác.",
            "The sitting {sitting} exists; choose another name.",
        ),
        "another-open": (
            "Phiên họp {other} đang mở; hãy đóng phiên đó trước.",
            "The sitting {other} is open; close it first.",
        ),
        "question-open": (
            "Nội dung {question} {state}; hãy kết thúc nội dung đó trước.",
            "The question {question} is {state}; close it first.",
        ),
        "question-open/secret": (
            "Cuộc bỏ phiếu kín {question} {state}; chủ tọa phải kết thúc trước.",
            "The secret question {question} is {state}; the chair closes it.",
        ),
        "wrong-state/seats": (
            "Phiên họp {sitting} {state}; không đổi ghế được nữa.",
            "The sitting {sitting} is {state}; seats no longer change.",
        ),
        "wrong-state": (
            "Phiên họp {sitting} {state}, không phải {needed}.",
            "The sitting {sitting} is {state}, not {needed}.",
        ),
    }
)
