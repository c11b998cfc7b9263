"""What the secretariat is told when an open question, its papers or its seats do not go on, in Vietnamese and
in English."""

from collections.abc import Sequence
from typing import Final

from ballot.rules.refusals import Refusal
from fleet.api.errors import BadInput
from fleet.api.refusing import Refusals

refused: Final = Refusals(
    {
        "not-found/question": (
            "Không có nội dung {question}.",
            "There is no question {question}.",
        ),
        "not-found/sitting": (
            "Không có phiên họp {sitting}.",
            "There is no sitting {sitting}.",
        ),
        "not-found/not-on-the-roll": (
            "member: đại biểu này không có trong danh sách của phiên.",
            "member: they are not on the roll of this sitting.",
        ),
        "not-found/box": (
            "Nội dung {question} không có hòm phiếu {box}; có các hòm {boxes}.",
            "The question {question} has no box {box}; its boxes are {boxes}.",
        ),
        "not-found/nobody-seated": (
            "Không ai ngồi ở {keypad} trong phiên {sitting}.",
            "Nobody is seated at {keypad} in the sitting {sitting}.",
        ),
        "bad-input/too-long": (
            "{field}: nhiều nhất {most} byte; chữ có dấu chiếm hơn một byte. Hãy viết ngắn lại.",
            "{field}: at most {most} bytes; accented letters take more than one.",
        ),
        "bad-input/half-a-majority": (
            "majority_num, majority_den: hãy ghi cả hai, hoặc bỏ cả hai.",
            "majority_num, majority_den: give both, or neither.",
        ),
        "bad-input/box-twice": (
            "boxes: mỗi hòm phiếu chỉ ghi một lần.",
            "boxes: each ballot box is named once.",
        ),
        "bad-input/no-boxes": (
            "boxes: hãy ghi ít nhất một hòm phiếu, hoặc bỏ mục này để biểu quyết trên bàn phím.",
            "boxes: name at least one ballot box, or leave it out to vote on keypads.",
        ),
        "bad-input/persons-without-boxes": (
            "persons: bầu cử công khai kiểm bằng phiếu giấy; hãy ghi các hòm phiếu, hoặc bỏ phiếu kín.",
            "persons: an open election is counted by paper; name its boxes, or make it secret.",
        ),
        "bad-input/marks": (
            "marks: mỗi người trong {count} người trên phiếu một dòng, theo đúng thứ tự.",
            "marks: one row for each of the {count} persons on the ballot, in its order.",
        ),
        "bad-input/name-in-reason": (
            "reason: hãy bỏ tên người; dòng nhật ký còn lại khi tên đã bị xóa.",
            "reason: leave the name out; the line in the audit log stays when the name is deleted.",
        ),
        "bad-plan": ("{faults}", "{faults}"),
        "question-exists": (
            "Đã có nội dung {question}; hãy chọn tên khác.",
            "The question {question} exists; choose another name.",
        ),
        "wrong-state/sitting": (
            "Phiên họp {sitting} {state}: không đổi được nữa.",
            "The sitting {sitting} is {state}.",
        ),
        "wrong-state/plan": (
            "Phiên họp {sitting} {state}: nay chỉ đổi từng ghế; sơ đồ chỗ ngồi nhập trước khi mở phiên.",
            "The sitting {sitting} is {state}: change single seats now, a plan is for before it opens.",
        ),
        "wrong-state/nothing-to-show": (
            "Nội dung {question} {state}: lúc này không có gì để hiện.",
            "The question {question} is {state}: nothing to show now.",
        ),
        "wrong-state/step": (
            "Nội dung {question} {state}: lúc này không {step} được.",
            "The question {question} is {state}: it cannot {step} now.",
        ),
        "wrong-state/who-takes-part": (
            "Nội dung {question} {state}: không đổi được người tham gia nữa.",
            "The question {question} is {state}: who takes part no longer changes.",
        ),
        "wrong-state/boxes": (
            "Nội dung {question} {state}: chỉ nhập hòm phiếu khi nội dung đang mở.",
            "The question {question} is {state}: boxes are entered while it is open.",
        ),
        "seats-missing": (
            "{count} ghế không liên lạc được: {seats_named}. Hãy sửa, hoặc vẫn {step} (accept_missing).",
            "{count} seats cannot be reached: {seats_named}. Mend them, or {step} with accept_missing.",
        ),
        "sitting-not-open": (
            "Phiên họp {sitting} chưa mở; hãy mở phiên trước.",
            "The sitting {sitting} is not open; open it first.",
        ),
        "another-open": (
            "Nội dung {other} {state}; hãy kết thúc nội dung đó trước.",
            "The question {other} is {state}; close it first.",
        ),
        "another-open/secret": (
            "Cuộc bỏ phiếu kín {other} {state}; chủ tọa phải kết thúc trước.",
            "The secret question {other} is {state}; the chair closes it first.",
        ),
        "revealing": (
            "Lựa chọn còn hiện trên bảng {wait_s} giây nữa rồi mới đóng được {question}.",
            "The choices stand on the board for {wait_s} more seconds before {question} can close.",
        ),
        "boxes-missing": (
            "{count} hòm phiếu chưa được hai người đếm giống nhau: {boxes}. Hãy đếm lại các hòm đó.",
            "{count} ballot boxes are not counted alike by two people yet: {boxes}.",
        ),
        "secret-question": (
            "Nội dung {question} là bỏ phiếu kín: hãy xem trang Bỏ phiếu kín.",
            "The question {question} is secret: see the page of secret ballots.",
        ),
        "no-result/correction": (
            "Nội dung {question} {state}: đính chính đi kèm kết quả, mà chưa có kết quả.",
            (
                "The question {question} is {state}: a correction stands beside a result, and there is none "
                "yet."
            ),
        ),
        "no-result": (
            "Nội dung {question} {state}; chưa có kết quả.",
            "The question {question} is {state}; there is no result yet.",
        ),
        "by-paper": (
            "Nội dung {question} đã kiểm bằng phiếu giấy: không biết ai chọn gì.",
            "The question {question} was counted by paper: nobody's choice is known.",
        ),
        "no-paper": (
            "Nội dung {question} biểu quyết trên bàn phím; không có hòm phiếu.",
            "The question {question} is voted on keypads; it has no ballot boxes.",
        ),
        "box-signed": (
            "Hòm phiếu {box} đã kiểm và ký; không đổi được nữa.",
            "The box {box} is counted and signed; it no longer changes.",
        ),
    }
)


def of_rules(refusals: Sequence[Refusal]) -> BadInput:
    """What the rules of voting refuse, in their own words; the code is that of the first."""
    vietnamese, english = (" ".join(getattr(each, name) for each in refusals) for name in ("vi", "en"))
    return BadInput(english, code=refusals[0].code, vi=vietnamese)
