"""What a technician is told when a device is not registered, not found or not commanded, in Vietnamese and in
English."""

from typing import Final

from fleet.api.refusing import Refusals

refused: Final = Refusals(
    {
        "not-found": (
            "Không có thiết bị {device}: hãy xem lại nhãn, hoặc tải lại danh sách.",
            "There is no device {device}: look at its label again, or load the list again.",
        ),
        "bad-input/no-sealing": (
            "sealing_key: không niêm phong được gì cho khóa của {device}; hãy đọc khóa từ chính thiết bị.",
            "sealing_key: nothing can be sealed to that of {device}; read it from the device itself.",
        ),
        "bad-input/sealing-key": (
            (
                "sealing_key: cổng phải có khóa này để mở mẫu khuôn mặt; bàn phím có thể có, cho mã PIN của "
                "ghế; bảng thì không."
            ),
            (
                "sealing_key: a gate needs one, to open references; a keypad may have one, for the PIN of "
                "its seat; a board has none."
            ),
        ),
        "bad-input/no-place": (
            "place: hãy ghi nơi đặt thiết bị bằng lời, hoặc place_id trên sơ đồ.",
            "place: say where the device stands, in words, or by place_id on the plan.",
        ),
        "device-exists/just-now": (
            "Người khác vừa đăng ký {device}; hãy tải lại danh sách.",
            "{device} was registered by somebody else just now.",
        ),
        "device-exists/differs": (
            "{device} đã là {role} {state} với khóa riêng; máy có khóa khác hoặc loại khác cần tên khác.",
            (
                "{device} is known as a {state} {role} with its own key; a device with another key or "
                "another role needs another name."
            ),
        ),
        "serial-exists": (
            (
                "{other} có cùng số máy {serial} nhưng khóa khác; nếu đó là máy này với thẻ mới, hãy thu hồi "
                "{other} trước, nếu không hãy sửa nhãn."
            ),
            (
                "{other} has the serial {serial} and another key; if it is this device with a new card, "
                "revoke {other} first, else correct the label."
            ),
        ),
        "bad-certificate/unreadable": (
            "certificate: không phải chứng thư PEM với khóa của hội trường này.",
            "certificate: not a certificate in PEM with a key of this hall.",
        ),
        "bad-certificate/name": (
            (
                "certificate: tên chung phải là tên thiết bị, 1 đến 32 ký tự a-z, 0-9 và '-', và không phải "
                "32 chữ số thập lục phân, vốn chỉ người bỏ phiếu; hãy cấp chứng thư cho tên khác."
            ),
            (
                "certificate: its common name must be the device's id, 1 to 32 of a-z, 0-9 and '-', and not "
                "32 hexadecimal digits, which stand for a voter; have provisioning issue one for another "
                "name."
            ),
        ),
        "bad-certificate/expired": (
            "certificate: đã hết hạn; hãy cấp chứng thư mới.",
            "certificate: it has expired; have provisioning issue a new one.",
        ),
        "bad-certificate/key": (
            "certificate: khóa không dùng được ({why}).",
            "certificate: {why}.",
        ),
        "bad-certificate/kind-of-key": (
            "certificate: khóa phải là Ed25519 hoặc P-256.",
            "certificate: the key must be Ed25519 or P-256.",
        ),
        "foreign-certificate": (
            "certificate: do nơi khác cấp; hãy để bàn cấp phát của hội trường này cấp.",
            "certificate: another authority issued it; have this hall's provisioning issue one.",
        ),
        "device-revoked": (
            "{device} đã bị thu hồi và không nhận lệnh nữa: hãy cấp phát lại dưới tên khác.",
            "{device} is revoked and obeys nobody any more: provision it again under another name.",
        ),
        "device-silent": (
            (
                "{device} im lặng đã quá {seconds} giây: hãy xem nguồn và dây mạng, đợi máy hoạt động rồi "
                "thử lại."
            ),
            (
                "{device} has not been heard of for {seconds} s: look at its power and its cable, and ask "
                "again once it is online."
            ),
        ),
        "sitting-open": (
            (
                "Phiên họp đang mở, mà tự kiểm tra làm cửa chạy và phát tiếng: hãy chờ hết phiên, hoặc cho "
                "máy nháy."
            ),
            (
                "A sitting is open, and a self-test moves doors and sounds tones: wait for its end, or use "
                "identify."
            ),
        ),
        "no-self-test": (
            "{device} chưa tự kiểm tra lần nào: hãy ra lệnh tự kiểm tra.",
            "{device} has not tested itself yet: command a self-test.",
        ),
    }
)
