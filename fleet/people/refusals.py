"""What the secretariat is told of members, consents, references and badges when something is not done, in
Vietnamese and in English."""

from typing import Final

from fleet.api.refusing import Refusals

refused: Final = Refusals(
    {
        "not-found/member": (
            "Không có đại biểu này.",
            "There is no such member.",
        ),
        "not-found/member-of-list": (
            "members: có đại biểu chưa biết; hãy nhập danh sách đại biểu trước.",
            "members: one of the list is not known; import members first.",
        ),
        "not-found/member-of-references": (
            "references: có đại biểu chưa biết; hãy nhập danh sách đại biểu trước.",
            "references: a member of the list is not known; import members first.",
        ),
        "not-found/gate": (
            "Không có cổng {gate} đang phục vụ.",
            "There is no active gate {gate}.",
        ),
        "not-found/withdrawal": (
            "Đại biểu này chưa rút lại sự đồng ý nào.",
            "This member has withdrawn no consent.",
        ),
        "not-found/destruction": (
            "Mẫu khuôn mặt của đại hội này chưa bị hủy.",
            "The references of this congress have not been destroyed.",
        ),
        "bad-input/member-twice": (
            "members: có đại biểu được ghi hai lần; hãy bỏ bớt.",
            "members: a member stands in the list twice.",
        ),
        "bad-input/reference-twice": (
            "references: có đại biểu và số thứ tự được ghi hai lần; hãy bỏ bớt.",
            "references: the same member and index stand in the list twice.",
        ),
        "bad-input/reference-too-long": (
            "references: một mẫu đã niêm phong có nhiều nhất {most} byte.",
            "references: a sealed reference has at most {most} bytes.",
        ),
        "bad-input/confirm-end": (
            "confirm: hãy ghi tên đại hội; cái đã hủy không lấy lại được.",
            "confirm: write the name of the congress; what is destroyed cannot be brought back.",
        ),
        "bad-input/confirm-anew": (
            "confirm: hãy ghi tên đại hội sẽ lấy mẫu khuôn mặt từ đầu.",
            "confirm: write the name of the congress for which references begin anew.",
        ),
        "no-consent": (
            "Đại biểu này không có sự đồng ý nào đang có hiệu lực; không có gì để rút.",
            "This member has no consent in force; there is nothing to withdraw.",
        ),
        "no-consent/reference": (
            "references: có đại biểu chưa đồng ý; người đó vào bằng thẻ.",
            "references: a member of the list has not consented; they come by badge.",
        ),
        "other-model": (
            "references: có người đã ghi danh bằng mô hình hay thư viện khác; hãy ghi danh lại họ trước.",
            "references: others are enrolled with another model or runtime; enrol them again first.",
        ),
        "too-many-revoked": (
            "replace: cổng chỉ từ chối được {most} thẻ; hãy thay ít thẻ hơn, hoặc chờ thẻ cũ hết hạn.",
            (
                "replace: the gates can refuse at most {most} badges; replace fewer, or wait until old ones "
                "expire."
            ),
        ),
        "sitting-open": (
            "Phiên họp đang mở; hãy đóng phiên trước, vì cổng đang cần mẫu khuôn mặt.",
            "A sitting is open; close it first, its gates need the references.",
        ),
        "references-in-use": (
            "Mẫu khuôn mặt chưa bị hủy: hãy dùng tiếp những mẫu đang có.",
            "The references have not been destroyed: go on with those in use.",
        ),
        "references-destroyed": (
            (
                "Mẫu khuôn mặt của đại hội này đã bị hủy và không nhận thêm; nếu cần ghi danh khuôn mặt lại, "
                "ban thư ký bắt đầu lại bằng POST /api/references/begin."
            ),
            (
                "The references of this congress have been destroyed, and none are taken any more; if faces "
                "are to be enrolled again, the secretariat begins anew with POST /api/references/begin."
            ),
        ),
    }
)
