"""What a technician is told when a plan, a place or a spare is not taken, in Vietnamese and in English."""

from typing import Final

from fleet.api.refusing import Refusals

refused: Final = Refusals(
    {
        "bad-plan": ("{faults}", "{faults}"),
        "not-found/device": (
            "Không có thiết bị {device}; hãy nhận thiết bị trước.",
            "There is no device {device}; claim it first.",
        ),
        "not-found/place": (
            "Sơ đồ hội trường không có vị trí {place}; hãy xem lại nhãn, hoặc tải lại sơ đồ.",
            "There is no place {place} on the plan of this hall.",
        ),
        "not-found/unit": (
            "Không có thiết bị {device}; hãy xem lại nhãn, hoặc nhận thiết bị trước.",
            "There is no device {device}; look at its label, or claim it first.",
        ),
        "wrong-state": (
            "{device} đã bị thu hồi; chỉ thiết bị đang phục vụ mới có vị trí.",
            "{device} is revoked; only a device in service can stand somewhere.",
        ),
        "wrong-role/place": (
            "{label} là vị trí của {place_role}, còn {device} là {role}; hãy chọn vị trí của {role}.",
            "{label} is a place for a {place_role}, and {device} is a {role}; choose a place for a {role}.",
        ),
        "place-taken": (
            "{device} đã đứng ở {label}; hãy chọn vị trí khác, hoặc gỡ máy khỏi vị trí này.",
            "{device} stands at {label} already; choose another place, or vacate this one.",
        ),
        "bad-input/itself": (
            "{dead} không thể thay cho chính nó; hãy quét một máy khác làm máy dự phòng.",
            "{dead} cannot stand in for itself; scan another device as the spare.",
        ),
        "wrong-role/spare": (
            "{dead} là {old} còn {spare} là {new}; hãy lấy một {old} làm máy dự phòng.",
            "{dead} is a {old} and {spare} is a {new}; take a {old} as the spare.",
        ),
        "spare-revoked": (
            "{spare} đã bị thu hồi; hãy lấy máy dự phòng khác.",
            "{spare} is revoked; take another spare.",
        ),
        "spare-taken/stands": (
            "{spare} không phải máy dự phòng: nó đứng ở {label}; hãy lấy máy khác, hoặc gỡ nó khỏi đó.",
            "{spare} is no spare: it stands at {label}; take another one, or vacate that place.",
        ),
        "spare-taken/seated": (
            "{spare} không phải máy dự phòng: danh sách của phiên {sitting} có nó; hãy lấy máy khác.",
            "{spare} is no spare: the roll of {sitting} names it; take another one.",
        ),
        "already-replaced": (
            (
                "{dead} đã bị thu hồi, không còn vị trí lẫn ghế: máy khác đã thay nó rồi. Hãy xem sơ đồ; máy "
                "dự phòng của bạn vẫn là dự phòng."
            ),
            (
                "{dead} is revoked and has neither place nor seat any more: another unit stands in for it "
                "already. See the plan; your spare is a spare still."
            ),
        ),
    }
)
