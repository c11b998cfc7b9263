"""What the fleet says no with, in both languages: it speaks English to programs, and people here do not."""

from collections.abc import Mapping
from typing import Final

from provisioning.desk.words import Words, said
from provisioning.errors import FleetRefused

VIETNAMESE: Final[Mapping[str, str]] = {
    "place-taken": "Vị trí này đã có máy khác. Hãy chọn vị trí khác, hoặc dùng Thay máy.",
    "serial-exists": "Số máy này đã đăng ký với khóa khác. Hãy xem nhãn; nếu máy cũ đã mất, dùng Thay máy.",
    "wrong-role": "Hai máy khác loại, hoặc vị trí dành cho loại khác. Hãy chọn cùng loại.",
    "wrong-state": "Máy này đã bị loại; chỉ máy đang phục vụ mới có vị trí.",
    "spare-taken": "Máy này không còn là dự phòng: nó có vị trí hoặc chỗ trong phiên họp. Lấy máy khác.",
    "spare-revoked": "Máy dự phòng này đã bị loại. Hãy lấy máy dự phòng khác.",
    "already-replaced": "Máy hỏng đã được máy khác thay rồi. Hãy xem sơ đồ; máy này vẫn là dự phòng.",
    "device-exists": "Tên máy này đã đăng ký với khóa hoặc loại khác. Hãy báo quản trị.",
    "device-revoked": "Máy này đã bị loại và không nhận lệnh nữa. Hãy nhận lại nó với khóa mới.",
    "device-silent": "Máy này đang mất tín hiệu. Hãy xem nguồn và dây mạng, đợi nó hoạt động rồi thử lại.",
    "sitting-open": "Phiên họp đang mở nên chưa tự kiểm tra được. Hãy chờ hết phiên, hoặc dùng Cho máy nháy.",
    "not-found": "Máy chủ hội trường không có máy hoặc vị trí này. Hãy xem lại nhãn, hoặc tải lại sơ đồ.",
    "forbidden": "Tài khoản này không được phép làm việc đó. Hãy báo quản trị.",
}
"""By the fleet's own code: what happened, and what to do. A device must read it whole on its display."""


def fleet_says(err: FleetRefused) -> Words:
    """Its English sentence as it stands; the Vietnamese one for its code, and for a code that is new here the
    English one, named as the fleet's."""
    vietnamese, english = said("fleet-refused", sentence=err.what)
    return VIETNAMESE.get(err.reason, vietnamese), english
