"""What is told to whoever signs in or makes accounts when it is not done, in Vietnamese and in English."""

from typing import Final

from fleet.api.refusing import Refusals

refused: Final = Refusals(
    {
        "wrong-password": (
            "Sai tài khoản hoặc mật khẩu.",
            "Account or password is wrong.",
        ),
        "wrong-password/old": (
            "Mật khẩu cũ không đúng.",
            "The old password is wrong.",
        ),
        "locked": (
            "Tài khoản này bị khóa {wait_s} giây vì nhập sai mật khẩu quá nhiều lần.",
            "This account is locked for {wait_s} s after too many wrong passwords.",
        ),
        "too-many": (
            "Máy này đã nhập sai mật khẩu quá nhiều lần; hãy chờ {wait_s} giây.",
            "Too many wrong passwords from this address; wait {wait_s} s.",
        ),
        "weak-password/length": (
            "Mật khẩu phải có {low} đến {high} ký tự; một câu từ bốn từ trở lên là tốt.",
            "The password must have {low} to {high} characters; a sentence of four or more words is good.",
        ),
        "weak-password/easy": (
            "Mật khẩu này dễ đoán: hãy bỏ tên tài khoản và dùng nhiều chữ khác nhau hơn.",
            (
                "The password is too easy to guess: leave out the account's name, and use more different "
                "letters."
            ),
        ),
        "bad-input/reserved": (
            "{account} không dùng làm tên tài khoản được; hãy chọn tên khác.",
            "{account} is no name for an account; choose another.",
        ),
        "wrong-code": (
            (
                "Mã sai, đã dùng hoặc quá một giờ; khi chưa có quản trị viên, mỗi lần khởi động màn hình "
                "điều khiển hiện một mã mới."
            ),
            (
                "The code is wrong, used or older than an hour; while there is no admin, the console shows a "
                "new one at every start."
            ),
        ),
        "admin-exists": (
            "Đã có quản trị viên; hãy xin người đó một tài khoản.",
            "There is an admin already; ask them for an account.",
        ),
        "account-exists": (
            "Đã có tài khoản {account}; hãy chọn tên khác.",
            "The account {account} exists; choose another name.",
        ),
        "not-found": (
            "Không có tài khoản {account}.",
            "There is no account {account}.",
        ),
        "last-admin": (
            "Hội trường sẽ không còn quản trị viên; hãy tạo một người khác trước.",
            "The hall would be left without an admin; make another one first.",
        ),
    }
)
