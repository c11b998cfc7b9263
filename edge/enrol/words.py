"""Every word of the page, in Vietnamese and in English, and every sentence the station says to a person."""

from collections.abc import Mapping
from typing import Final

from edge.enrol.look import Refusal, of_fault
from edge.rollcall_gate.display.screen import FAULTS

Words = tuple[str, str]

SAY: Final[Mapping[str, Words]] = {
    **{of_fault(fault).value: words for fault, words in FAULTS.items()},
    Refusal.NOT_A_PHOTOGRAPH.value: (
        "Tệp này không phải ảnh JPEG hoặc PNG. Hãy chọn tệp khác.",
        "This is not a JPEG or PNG photograph. Choose another file.",
    ),
    Refusal.TOO_MANY_PIXELS.value: (
        "Ảnh quá lớn (trên 64 triệu điểm ảnh). Hãy thu nhỏ rồi thử lại.",
        "The photograph has more than 64 million pixels. Make it smaller and try again.",
    ),
    Refusal.NO_FACE.value: (
        "Không thấy khuôn mặt nào trong ảnh. Hãy dùng ảnh khác.",
        "There is no face in it. Use another photograph.",
    ),
    Refusal.TWO_PEOPLE.value: (
        "Trong ảnh có hai người. Hãy dùng ảnh chỉ có một người.",
        "There are two people in it. Use a photograph of this person alone.",
    ),
    Refusal.SAME_PHOTOGRAPH.value: (
        "Ảnh này trùng với ảnh đã có. Hãy dùng ảnh khác, hoặc xoay đầu một chút rồi chụp lại.",
        "This is the same picture as one before. Use another, or turn the head a little and take it again.",
    ),
    Refusal.OTHER_PERSON.value: (
        "Ảnh này không cùng một người với các ảnh trước. Hãy kiểm tra lại.",
        "This one does not show the person of the photographs before. Check them.",
    ),
    Refusal.LOOKS_FULL.value: (
        "Đã đủ năm ảnh. Muốn thêm ảnh mới, hãy bỏ bớt một ảnh.",
        "Five photographs are enough. To add another, take one away first.",
    ),
    Refusal.NO_CONSENT.value: (
        "Chưa có sự đồng ý. Hãy đọc phần đồng ý trước; ai không đồng ý thì dùng thẻ.",
        "There is no consent yet. Read the consent first; whoever declines comes by badge.",
    ),
    Refusal.NO_LOOK.value: ("Chưa có ảnh nào dùng được.", "There is no photograph yet that can serve."),
    Refusal.DUPLICATE.value: (
        "Người này đã được ghi danh dưới một mục khác. Hãy đối chiếu giấy tờ, hoặc dùng thẻ.",
        "This person is enrolled already, under another entry. Compare the papers, or use a badge.",
    ),
    "advice-closer": ("Tốt hơn nếu lại gần hơn.", "Better from nearer."),
    "advice-sharper": ("Tốt hơn nếu ảnh nét hơn.", "Better when sharper."),
    "advice-straighter": ("Tốt hơn nếu nhìn thẳng hơn.", "Better looking straight ahead."),
    "advice-lighter": ("Tốt hơn nếu sáng hơn.", "Better with more light on the face."),
    "advice-darker": ("Tốt hơn nếu bớt chói.", "Better with less light on the face."),
    "advice-freer": ("Tốt hơn nếu không gì che mặt.", "Better with nothing before the face."),
    "sign-in-first": ("Hãy đăng nhập trước.", "Sign in first."),
    "nobody-here": ("Hãy chọn đại biểu trước.", "Choose a member first."),
    "done": (
        "Xong. Mẫu đã khóa và gửi tới {gates} cửa. Ảnh đã bỏ.",
        "Done. The references are sealed and on their way to {gates} gates. The photographs are dropped.",
    ),
    "unread": (
        "Chưa gửi khóa cho {gates}: hãy đọc khóa trên cổng đó (hallward gate check), rồi bật lại với --gate.",
        "No key goes to {gates} yet: read it off that gate (hallward gate check), start again with --gate.",
    ),
    "kept": (
        "Máy chủ hội trường không trả lời. Mẫu đã khóa và giữ tại bàn này, chờ gửi; không mất gì. Ảnh đã bỏ.",
        "The server does not answer. The references are sealed and wait here. The photographs are dropped.",
    ),
    "sent": ("Đã gửi mẫu của {count} người.", "References of {count} people were sent."),
    "withdrew-elsewhere": (
        "{count} người đã rút lại đồng ý ở nơi khác; bản sao của họ tại bàn này đã xóa.",
        "{count} withdrew elsewhere since; their copies here are deleted.",
    ),
    "withdrawn": (
        "Đã xóa tại bàn này và tại máy chủ. Thẻ vẫn dùng được. Các cửa đang xác nhận…",
        "Deleted here and at the server. The badge stays good. The gates are confirming…",
    ),
    "withdrawn-later": (
        "Đã xóa tại bàn này. Máy chủ không trả lời; sẽ báo lại khi bấm “Gửi” hoặc lần khởi động sau.",
        "Deleted here. The server does not answer; it is told by “Send”, or at the next start.",
    ),
    "look-good": ("Ảnh tốt.", "Good."),
    "look-fair": ("Dùng được.", "It can serve."),
    "bad-token": (
        "Mã khởi động sai hoặc đã dùng. Xem cửa sổ dòng lệnh; nếu cần, khởi động lại chương trình.",
        "The start code is wrong or was used. Look at the terminal; if need be, start the program again.",
    ),
    "fleet-down": (
        "Máy chủ hội trường không trả lời. Không mất gì; hãy thử lại sau.",
        "The hall's server does not answer. Nothing is lost; try again later.",
    ),
    "fleet-refused": ("Máy chủ hội trường từ chối: {sentence}", "The hall's server refused: {sentence}"),
    "fleet-refused-wrong-password": ("Sai tài khoản hoặc mật khẩu.", "Wrong account or password."),
    "fleet-refused-not-signed-in": ("Phiên đăng nhập đã hết. Hãy đăng nhập lại.", "Sign in again."),
    "fleet-refused-forbidden": (
        "Tài khoản này không có quyền làm việc đó ({sentence})",
        "This account may not do that ({sentence})",
    ),
    "fleet-refused-not-found": (
        "Máy chủ không biết đại biểu này. Hãy nhập danh sách đại biểu trước.",
        "The server does not know this member. Import the list of members first.",
    ),
    "fleet-refused-other-model": (
        "Máy chủ giữ mẫu của mô hình khác. Hãy báo kỹ thuật viên: phải ghi danh lại từ đầu.",
        "The server has references of another model. Tell a technician: all must be enrolled again.",
    ),
    "fleet-refused-references-destroyed": (
        "Máy chủ đã hủy mọi mẫu của đại hội này và không nhận thêm. Mẫu chờ gửi vẫn giữ tại bàn ({sentence})",
        "The server has destroyed the references and takes no more. What waits stays here ({sentence})",
    ),
    "other-congress": (
        "Máy chủ này thuộc đại hội khác: {sentence}",
        "This server is another congress's: {sentence}",
    ),
    "foreign-key": (
        "Một cửa đang giữ khóa của bàn khác: {sentence}",
        "A gate has another desk's key: {sentence}",
    ),
    "camera": ("Máy ảnh: {sentence}", "Camera: {sentence}"),
    "store": ("Không ghi được vào đĩa: {sentence}", "Not stored: {sentence}"),
    "trouble": ("Chương trình gặp lỗi: {sentence}", "Something went wrong: {sentence}"),
}

PAGE: Final[Mapping[str, Words]] = {
    "title": ("Bàn ghi danh", "Enrolment desk"),
    "skip": ("Tới nội dung chính", "Skip to the main part"),
    "congress": ("Đại hội", "Congress"),
    "needs-script": (
        "Trang này cần JavaScript của chính bàn này.",
        "This page needs this desk's own JavaScript.",
    ),
    "start": ("Mở bàn ghi danh", "Open the desk"),
    "start-help": (
        "Mở bằng địa chỉ hiện ở cửa sổ dòng lệnh, hoặc nhập mã trong đó.",
        "Use the address that the terminal shows, or type the code in it.",
    ),
    "start-code": ("Mã khởi động", "Start code"),
    "sign-in": ("Đăng nhập", "Sign in"),
    "sign-out": ("Đăng xuất", "Sign out"),
    "account": ("Tài khoản", "Account"),
    "password": ("Mật khẩu", "Password"),
    "sign-in-help": (
        "Tài khoản máy chủ hội trường, vai trò thư ký hoặc kỹ thuật viên. Mật khẩu không được giữ lại.",
        "An account of the hall's server, role secretariat or technician. The password is not kept.",
    ),
    "member": ("Đại biểu", "Member"),
    "find": ("Tìm theo tên hoặc mã đại biểu", "Find by name or pseudonym"),
    "search": ("Tìm", "Find"),
    "nobody": ("Không tìm thấy ai.", "Nobody found."),
    "more": ("Còn nhiều hơn; hãy gõ thêm chữ.", "There are more; type more letters."),
    "choose": ("Chọn", "Choose"),
    "other-member": ("Đại biểu khác", "Another member"),
    "enrolled": ("đã ghi danh", "enrolled"),
    "by-badge": ("chưa ghi danh", "not enrolled"),
    "unnamed": ("(không thấy tên)", "(name not shown)"),
    "consent": ("Đồng ý", "Consent"),
    "version": ("bản", "version"),
    "print": ("In", "Print"),
    "signature": ("Họ tên, ngày, chữ ký", "Name, date, signature"),
    "agree-desk": ("Đã đồng ý bằng lời", "Agreed by word"),
    "agree-paper": ("Đã ký giấy", "Signed on paper"),
    "declined": ("Không đồng ý: dùng thẻ", "Declined: badge"),
    "agreed-desk": ("Đã đồng ý bằng lời tại bàn", "Agreed by word at the desk"),
    "agreed-paper": ("Đã ký trên giấy", "Signed on paper"),
    "take-back": ("Thôi, không đồng ý nữa", "No, not after all"),
    "photographs": ("Ảnh", "Photographs"),
    "photographs-help": (
        "Một đến năm ảnh; ba ảnh khác nhau là tốt. Ảnh chỉ ở trong bộ nhớ và bỏ ngay.",
        "One to five; three different ones are good. They stay in memory and are dropped at once.",
    ),
    "upload": ("Chọn ảnh…", "Choose photographs…"),
    "camera-on": ("Mở máy ảnh", "Open the camera"),
    "camera-off": ("Tắt máy ảnh", "Close the camera"),
    "capture": ("Chụp", "Take"),
    "preview": ("Hình từ máy ảnh của bàn", "Picture of the desk's camera"),
    "look": ("Ảnh", "Photograph"),
    "take-away": ("Bỏ", "Take away"),
    "finish": ("Ghi danh", "Enrol"),
    "finish-title": ("Kiểm tra và khóa", "Check and seal"),
    "finish-help": (
        "So với những người đã ghi danh tại bàn này, khóa lại, rồi gửi tới các cửa.",
        "Compares with everybody enrolled at this desk, seals, and sends to the gates.",
    ),
    "advised": ("Thêm {count} ảnh khác nữa thì chắc hơn.", "{count} more, different ones, make it surer."),
    "working": ("Đang xử lý…", "Working…"),
    "desk": ("Bàn này", "This desk"),
    "kept-here": ("Đã ghi danh tại bàn này", "Enrolled at this desk"),
    "waiting": ("Chờ gửi tới máy chủ", "Waiting to be sent"),
    "send": ("Gửi", "Send"),
    "withdrawal": ("Rút lại đồng ý", "Withdrawal"),
    "withdraw": ("Rút lại đồng ý…", "Withdraw consent…"),
    "withdraw-help": (
        "Chọn đại biểu, rồi rút lại. Mẫu bị xóa tại bàn, máy chủ và mọi cửa; thẻ vẫn dùng được.",
        "Choose the member first. Deletes here, at the server and at every gate; the badge stays good.",
    ),
    "withdraw-sure": ("Xóa mẫu của {name} ở mọi nơi?", "Delete the references of {name} everywhere?"),
    "withdraw-desk": ("Xóa (nói tại bàn)", "Delete (said at the desk)"),
    "withdraw-paper": ("Xóa (đơn giấy)", "Delete (on paper)"),
    "cancel": ("Thôi", "Cancel"),
    "gate-deleted": ("{gate}: đã xóa, dòng {leaf} của nhật ký", "{gate}: deleted, line {leaf} of the log"),
    "gate-waiting": ("Đang chờ {gate}", "Waiting for {gate}"),
    "gate-superseded": (
        "{gate}: đã có việc sau thay thế, không phải chờ",
        "{gate}: superseded by something later, nothing to wait for",
    ),
    "gate-revoked": (
        "{gate}: đã bị loại, không trả lời được nữa; hãy báo ban thư ký",
        "{gate}: revoked, cannot answer any more; tell the secretariat",
    ),
    "gate-none": ("Không cửa nào giữ mẫu.", "No gate holds references."),
    "gates-done": ("Mọi cửa đã xác nhận xóa.", "Every gate has confirmed."),
    "unreachable": ("Chương trình tại bàn không trả lời.", "The program at this desk does not answer."),
}


def sentence(key: str, **values: str | int) -> Words:
    """What is said for this key, filled in; both languages."""
    vietnamese, english = SAY[key]
    return vietnamese.format(**values), english.format(**values)
