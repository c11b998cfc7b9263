"""Every sentence the desk says, Vietnamese first: to the person before the device, and to the technician."""

from collections.abc import Mapping
from typing import Final

Words = tuple[str, str]
_ELLIPSIS: Final = "…"

SAY: Final[Mapping[str, Words]] = {
    # on the device's own display
    "waiting": (
        "Quét mã này bằng điện thoại kỹ thuật viên.",
        "Scan this code with the technician's phone.",
    ),
    "placed": (
        "Vị trí: {place}. Hãy bấm nút trên máy này.",
        "Place: {place}. Press the button of this device.",
    ),
    "pressed": ("Đang đăng ký với hội trường…", "Being registered with the hall…"),
    "granted": ("Đã được nhận. Đang cài đặt…", "Accepted. Installing…"),
    "fleet-silent": (
        "Máy chủ hội trường không trả lời; bàn cấp phát tự thử lại.",
        "The hall's server does not answer; the desk tries again by itself.",
    ),
    "fleet-asks-for-time": (
        "Máy chủ hội trường đang bận; bàn cấp phát tự thử lại.",
        "The hall's server is busy; the desk tries again by itself.",
    ),
    "desk-account": (
        "Bàn cấp phát không đăng nhập được vào máy chủ hội trường. Hãy báo quản trị xem tài khoản của bàn.",
        "The desk cannot sign in at the hall's server. Have an admin check the desk's own account.",
    ),
    # why a claim ends without a device
    "place-taken": (
        "Vị trí {place} đã có máy khác. Hãy quét lại và chọn vị trí khác.",
        "Place {place} is taken by another device. Scan again and choose another place.",
    ),
    "serial-exists": (
        "Số máy {serial} đã đăng ký với khóa khác. Hãy kiểm tra nhãn; nếu máy cũ đã mất, dùng Thay máy.",
        "Serial {serial} is registered with another key. Check the label; if the old one died, use Replace.",
    ),
    "wrong-role": (
        "Vị trí {place} dành cho loại máy khác. Hãy chọn vị trí khác.",
        "Place {place} is for another kind of device. Choose another place.",
    ),
    "other-serial": (
        "Vị trí {place} chờ máy số {expected}, máy này là {serial}. Hãy kiểm tra nhãn hoặc chọn vị trí khác.",
        "Place {place} expects serial {expected}, this is {serial}. Check the label or choose another place.",
    ),
    "no-such-place": (
        "Sơ đồ hội trường không có vị trí {place}. Hãy tải lại sơ đồ.",
        "The plan of the hall has no place {place}. Load the plan again.",
    ),
    "claimed-meanwhile": (
        "Vị trí {place} vừa được giao cho một máy khác đang chờ. Hãy chọn vị trí khác.",
        "Place {place} has just been given to another waiting device. Choose another place.",
    ),
    "fleet-refused": (
        "Máy chủ hội trường từ chối: {sentence}",
        "The hall's server refused: {sentence}",
    ),
    "authority-refused": ("Không cấp được chứng thư: {sentence}", "No certificate: {sentence}"),
    "desk-trouble": ("Bàn cấp phát gặp trục trặc: {sentence}", "The desk is in trouble: {sentence}"),
    # answers to a device that are no status
    "no-claim": (
        "Bàn cấp phát không biết yêu cầu này, hoặc nó đã hết hạn; máy tự bắt đầu lại.",
        "The desk does not know this claim, or it has ended; the device starts again by itself.",
    ),
    "wrong-state": (
        "Chưa đến bước này; hãy làm theo màn hình.",
        "It is not time for that; do what the screen says.",
    ),
    "other-request": (
        "Yêu cầu đã đổi; máy tự bắt đầu lại.",
        "This is about another request; the device starts again by itself.",
    ),
    "bad-request": (
        "Bàn cấp phát không hiểu yêu cầu: {sentence}",
        "The desk does not understand this: {sentence}",
    ),
    "too-many": (
        "Quá nhiều máy cùng hỏi từ một địa chỉ. Hãy chờ một phút.",
        "Too many devices ask from one address. Wait a minute.",
    ),
    "desk-full": (
        "Bàn cấp phát đang giữ {count} yêu cầu, không thể hơn. Hãy đặt chỗ cho các máy đang chờ trước.",
        "The desk holds {count} claims and takes no more. Give the waiting devices their places first.",
    ),
    "key-revoked": (
        "Khóa của máy này đã bị thu hồi. Hãy xóa thư mục của máy để nó tạo khóa mới.",
        "The key of this device was taken back. Clear the device's folder so that it makes another one.",
    ),
    "clock": (
        "Đồng hồ của bàn cấp phát chỉ {year}. Hãy chỉnh giờ máy chủ rồi thử lại; chưa cấp gì cả.",
        "The desk's clock stands at {year}. Set the clock of its machine and try again; nothing was issued.",
    ),
    "token-unknown": (
        "Mã lô trong thẻ không còn hiệu lực; cần kỹ thuật viên quét mã này.",
        "The batch token on this card is not in force; a technician scans this code instead.",
    ),
    "token-serial": (
        "Sơ đồ không chờ máy số {serial}; cần kỹ thuật viên quét mã này.",
        "The plan expects no serial {serial}; a technician scans this code instead.",
    ),
    "same-serial": (
        "Một máy khác cũng xưng số {serial}; cần kỹ thuật viên quét mã này.",
        "Another device says it is {serial}, too; a technician scans this code instead.",
    ),
    # to the technician
    "wrong-code": (
        "Mã sai: thiếu, thừa hoặc nhầm ký tự. Mã có 8 ký tự; hãy xem lại màn hình của máy.",
        "This is no code: {sentence}.",
    ),
    "no-such-code": (
        "Không có máy nào đang hiện mã {code}. Hãy xem lại màn hình của máy.",
        "No device shows the code {code}. Look at its screen again.",
    ),
    "other-key": (
        "Mã QR không khớp với khóa của máy này: có thể là máy giả. Dừng lại; tắt máy và báo quản trị.",
        "The QR code does not match this device's key: a false device? Stop; switch it off, tell an admin.",
    ),
    "not-signed-in": ("Hãy đăng nhập.", "Sign in."),
    "wrong-password": ("Sai tài khoản hoặc mật khẩu.", "Wrong account or password."),
    "not-a-technician": (
        "Tài khoản này không có vai trò kỹ thuật viên.",
        "This account is neither a technician nor an admin.",
    ),
    "too-many-tries": (
        "Nhập sai quá nhiều lần từ máy này. Hãy chờ {wait_s} giây.",
        "Too many wrong passwords from this address. Wait {wait_s} s.",
    ),
    "fleet-down": (
        "Máy chủ hội trường không trả lời. Không mất gì; hãy thử lại.",
        "The hall's server does not answer. Nothing is lost; try again.",
    ),
    "fleet-busy": (
        "Máy chủ hội trường đang bận. Hãy chờ một phút rồi thử lại.",
        "The hall's server is busy. Wait a minute, then try again.",
    ),
    "nothing-found": (
        "Không tìm thấy máy hay vị trí “{text}”. Hãy kiểm tra nhãn.",
        "There is no device or place “{text}”. Check the label.",
    ),
    "too-late": (
        "Máy đã được bấm nút hoặc đã xong; không đổi vị trí ở đây được nữa.",
        "The button was pressed already; the place cannot be changed here any more.",
    ),
    # to a device that renews
    "revoked": (
        "Chứng thư của {device} đã bị thu hồi. Máy này không được gia hạn; hãy báo kỹ thuật viên.",
        "The certificate of {device} was taken back. It is not renewed; tell a technician.",
    ),
    "unknown-certificate": (
        "Bàn này không cấp chứng thư đó, hoặc nó đã bị thu hồi. Hãy báo kỹ thuật viên.",
        "This desk did not issue that certificate, or it was taken back. Tell a technician.",
    ),
    "other-identity": (
        "Yêu cầu gia hạn không phải của khóa đã đăng ký. Hãy báo kỹ thuật viên.",
        "The renewal is not asked for by the registered key. Tell a technician.",
    ),
    "many-renew": (
        "Nhiều máy đang gia hạn cùng lúc; máy này tự thử lại.",
        "Many devices renew just now; this one tries again by itself.",
    ),
    "no-certificate": ("Cần chứng thư của máy.", "Show the certificate of the device."),
}


def clipped(text: str, bytes_max: int) -> str:
    """As much as so many bytes of UTF-8 hold, with … where something is missing: Vietnamese letters have up
    to three bytes, and what is longer than the wire allows is thrown away by the device as a whole."""
    content = text.encode()
    if len(content) <= bytes_max:
        return text
    return content[: bytes_max - len(_ELLIPSIS.encode())].decode(errors="ignore") + _ELLIPSIS


def said(key: str, **values: str | int) -> Words:
    """Both sentences of a key, filled in."""
    vietnamese, english = SAY[key]
    return vietnamese.format(**values), english.format(**values)
