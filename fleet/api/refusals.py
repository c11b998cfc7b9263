"""What is told to somebody who is not let in, and of what is common to all rooms, in Vietnamese and in
English."""

from typing import Final

from fleet.api.refusing import Refusals

refused: Final = Refusals(
    {
        "not-signed-in": (
            "Hãy đăng nhập; phiên đăng nhập hết hạn sau 30 phút không dùng và sau 12 giờ.",
            "Sign in first; a sign-in ends after 30 minutes without use and after 12 hours.",
        ),
        "forbidden": (
            "Việc này cần một trong các vai trò {roles}; tài khoản {account} không có. Hãy báo quản trị.",
            "This needs one of the roles {roles}; {account} has none of them.",
        ),
        "not-found/asset": ("Không có tệp này.", "There is no such asset."),
        "too-many/pages": (
            "Đã có {most} trang đang mở; hãy đóng bớt một trang.",
            "{most} pages are open already; close one.",
        ),
    }
)
