"""What an usher is told at a gate when nobody is let in, in Vietnamese and in English."""

from typing import Final

from fleet.api.refusing import Refusals

refused: Final = Refusals(
    {
        "bad-input/no-note": (
            "note: hãy ghi lý do bằng vài từ, không ghi tên.",
            "note: say the reason in a few words, without names.",
        ),
        "bad-input/name-in-note": (
            "note: hãy bỏ tên người; dòng nhật ký còn lại khi tên đã bị xóa.",
            "note: leave the name out; the line in the audit log stays when the name is deleted.",
        ),
        "not-found/tap": (
            "Chưa ai được cho vào ở {gate} bằng lần chạm này.",
            "Nobody was admitted at {gate} by this id.",
        ),
        "not-found/member": (
            "Không có đại biểu này; hãy tìm lại tên.",
            "There is no such member; search for the name again.",
        ),
        "not-found/gate": (
            "Không có cổng {gate} đang phục vụ; hãy chọn cổng khác.",
            "There is no active gate {gate}; choose another one.",
        ),
        "not-found/in-service": (
            "Không có cổng {gate} đang phục vụ.",
            "There is no gate {gate} in service.",
        ),
        "no-sitting": (
            "Chưa có phiên họp nào mở: hãy nhờ ban thư ký mở phiên, hoặc mở cửa bằng tay và ghi tên lại.",
            (
                "No sitting is open to attend: ask the secretariat to open it, or open the door by hand and "
                "write the name down."
            ),
        ),
        "member-withdrawn": (
            "Đại biểu này đã rút tên, máy không còn biết: hãy mở cửa bằng tay và ghi tên lại.",
            (
                "This member has withdrawn, and the machine knows them no more: open the door by hand and "
                "write the name down."
            ),
        ),
        "id-used": (
            "Lần chạm này đã cho người khác vào; hãy chạm lại từ đầu.",
            "This id has admitted somebody else; send a fresh one for each tap.",
        ),
        "gate-silent": (
            (
                "{gate} im lặng đã quá {seconds} giây: hãy mở cửa bằng tay và ghi tên lại, rồi gọi kỹ thuật "
                "viên."
            ),
            (
                "{gate} has not been heard of for {seconds} s: open the door by hand and write the name "
                "down; then call a technician."
            ),
        ),
    }
)
