"""What the secretariat and the officers are told when a secret question does not go on, in Vietnamese and in
English."""

from collections.abc import Sequence
from typing import Final

from ballot.errors import BadDocument
from fleet.api.errors import BadInput, Conflict
from fleet.api.refusing import Refusals
from fleet.saying import Sentences

Words = tuple[str, str]

SAID: Final[Sentences] = {
    "not-found/contest": (
        "Không có cuộc bỏ phiếu kín này.",
        "There is no such secret question.",
    ),
    "not-found/paper": ("Không có văn kiện này.", "There is no such paper."),
    "not-found/sitting": (
        "Không có phiên họp {sitting}.",
        "There is no sitting {sitting}.",
    ),
    "bad-input/half-a-majority": (
        "majority_num, majority_den: hãy ghi cả hai, hoặc bỏ cả hai.",
        "majority_num, majority_den: give both, or neither.",
    ),
    "bad-input/no-file": (
        "document: phải là base64 của tệp.",
        "document: must be base64 of the file.",
    ),
    "bad-input/too-long": (
        "text: nhiều nhất {most} byte; chữ có dấu chiếm hơn một byte. Hãy viết ngắn lại.",
        "text: at most {most} bytes; accented letters take more than one.",
    ),
    "no-charter": (
        "Chưa cài điều lệ bầu cử: chạy `hallward fleet charter TỆP` trên máy chủ.",
        "No charter is installed: run `hallward fleet charter FILE` on the server.",
    ),
    "wrong-state": (
        "Bỏ phiếu kín {question} {state}: bước này không làm được.",
        "The secret question {question} is {state}: this cannot be done now.",
    ),
    "another-open": (
        "Nội dung {other} đang mở: hãy kết thúc trước.",
        "The question {other} is running: close it first.",
    ),
    "sitting-not-open": (
        "Phiên họp {sitting} chưa mở: hãy mở phiên trước.",
        "The sitting {sitting} is not open: open it first.",
    ),
    "question-exists": (
        "Nội dung {question} đã có: hãy chọn tên khác.",
        "The question {question} exists: choose another name.",
    ),
    "papers-missing": (
        "Chưa mở được, còn thiếu: {kinds}. Hãy xin đủ văn kiện đã ký.",
        "It cannot be opened, still missing: {kinds}. Ask for the signed papers.",
    ),
    "seats-missing": (
        "{n} ghế chưa sẵn sàng: {who}. Hãy khắc phục, hoặc mở với accept_missing.",
        "{n} seats are not ready: {who}. Mend them, or open with accept_missing.",
    ),
    "other-hall": (
        "Văn kiện của hội trường {found}, không phải {expected}: hãy chọn đúng tệp.",
        "The paper is of hall {found}, not of {expected}: choose the right file.",
    ),
    "unknown-contest": (
        "Văn kiện của lần bỏ phiếu {contest}, ở đây không có: hãy chọn đúng tệp.",
        "The paper is of contest {contest}, which this hall has not: choose the right file.",
    ),
    "not-a-paper": (
        "Văn kiện loại {kind} không nộp ở đây: chỉ người giữ khóa trao cho nhau.",
        "A paper of kind {kind} is not handed in here: trustees give it to each other.",
    ),
    "bad-key-record": (
        "Khóa bầu cử không đúng ({what}): những người giữ khóa phải lập lại.",
        "The election key does not hold ({what}): the trustees must make it again.",
    ),
    "older-roll": (
        "Phiếu bầu dựa trên danh sách cũ, đã có danh sách mới hơn: ban kiểm phiếu phải lập lại.",
        "The manifest stands on an older roll than the newest one here: the board must make it again.",
    ),
    "too-many-waiting": (
        "Đã có {n} văn kiện còn thiếu chữ ký: hãy rút bớt những văn kiện không dùng.",
        "{n} papers lack signatures already: withdraw those that are not needed.",
    ),
    "share-before-witnesses": (
        "Người chứng kiến chưa ký trạng thái nhật ký có văn kiện kiểm phiếu: chờ rồi nộp lại.",
        "Witnesses have not signed a state of the log that holds the tally: wait, then hand in again.",
    ),
    "late-roll": (
        "Phiếu bầu đã ký theo danh sách trước: muốn đổi danh sách thì hủy và lập nội dung mới.",
        "The manifest was signed on the roll before: to change the roll, cancel and prepare a new question.",
    ),
    "roll-too-large": (
        "Danh sách có {size} đại biểu, phiên họp triệu tập {summoned}: hãy lập lại danh sách.",
        "The roll has {size} voters, the sitting summons {summoned}: make the roll again.",
    ),
    "rows-before-roll": (
        "Chưa có danh sách đã ký ứng với các dòng này: nộp danh sách trước.",
        "No signed roll stands here for these rows: hand in the roll first.",
    ),
    "unit-twice": (
        "Một thiết bị đứng hai lần trong danh sách (khóa {key}…): ban thẩm tra phải lập lại.",
        "A unit stands twice in the roll (key {key}…): the commission must make it again.",
    ),
    "seat-twice": (
        "Ghế {seat} đứng hai lần trong danh sách: ban thẩm tra phải lập lại.",
        "Seat {seat} stands twice in the roll: the commission must make it again.",
    ),
    "manifest-changed": (
        "Bỏ phiếu đã mở với phiếu bầu {print}: phiếu bầu không đổi được nữa. Muốn đổi thì hủy lần bỏ phiếu.",
        "The vote opened with manifest {print}: it cannot change any more. To change it, cancel the vote.",
    ),
    "second-manifest": (
        "Đã có phiếu bầu {print} cho nội dung này: dùng phiếu đó, hoặc rút nó khi chưa đủ chữ ký, hoặc hủy.",
        "There is a manifest {print} for this question: use it, withdraw it while it waits, or cancel.",
    ),
    "manifest-fault": ("{fault}", "{fault}"),
    "papers-before-manifest": (
        "Phiếu bầu dựa trên văn kiện chưa có ở đây: nộp trước {kinds}.",
        "The manifest stands on papers that are not here: hand in {kinds} first.",
    ),
    "other-question": (
        "Phiếu bầu nêu {found}, nội dung này là {expected}: ban kiểm phiếu phải lập lại.",
        "The manifest names {found}, this question is {expected}: the counting board must make it again.",
    ),
    "other-rule": (
        "Quy tắc trong phiếu bầu khác quy tắc đã công bố: “{found}” thay vì “{expected}”.",
        "The rule of the manifest is not the announced one: “{found}” instead of “{expected}”.",
    ),
    "other-persons": (
        "Phiếu bầu có {found} người, đã công bố {expected}: ban kiểm phiếu phải lập lại.",
        "The manifest has {found} persons, {expected} were announced: the board must make it again.",
    ),
    "bind-unknown": (
        "Đại biểu {voter} không có trong danh sách của lần bỏ phiếu này: hãy chọn đúng tệp.",
        "Voter {voter} does not stand in the roll of this vote: choose the right file.",
    ),
    "bind-out-of-turn": (
        "Lần gán {found} không nối tiếp lần {last}: ban thẩm tra phải lập lại.",
        "Binding {found} does not follow {last}: the commission must make it again.",
    ),
    "close-unwitnessed": (
        "Lệnh đóng nêu trạng thái nhật ký {size} chưa đủ người chứng kiến ký: tải lại bản mới rồi ký lại.",
        "The close names log state {size}, which too few witnesses signed: fetch a new draft and sign again.",
    ),
    "close-too-old": (
        "Lệnh đóng dựa trên trạng thái đã {age_s} giây: tạm dừng bỏ phiếu, chờ chứng kiến, rồi ký lại.",
        "The close stands on a state {age_s} s old: hold the vote, wait for the witnesses, sign again.",
    ),
    "close-before-open": (
        "Lệnh đóng nêu trạng thái nhật ký trước khi mở: tải lại bản mới rồi ký lại.",
        "The close names a state of the log before the opening: fetch a new draft and sign again.",
    ),
    "too-late-to-cancel": (
        "Kết quả kiểm phiếu đã được cho phép mở: không hủy được nữa.",
        "The tally is signed and in the log: it is too late to cancel.",
    ),
    "disposition-unknown": (
        "Đại biểu {voter} không có trong danh sách của lần bỏ phiếu này: ban kiểm phiếu phải lập lại.",
        "Voter {voter} does not stand in the roll of this vote: the board must make it again.",
    ),
    "one-aggregate": (
        "Chỉ có một tổng cho cả lần bỏ phiếu kín, không có tổng con: tổng con làm lộ phần còn lại.",
        "A secret vote has one sum and no subtotals: a subtotal would give away the rest.",
    ),
    "second-tally": (
        "Đã có văn kiện kiểm phiếu {print}: mỗi lần bỏ phiếu chỉ mở một tổng.",
        "There is a tally {print} already: only one aggregate of a vote is ever opened.",
    ),
    "tally-not-ready": ("Chưa kiểm phiếu được: {objection}", "Not ready for the tally: {objection}"),
    "tally-root": (
        "Văn kiện kiểm phiếu nêu trạng thái không phải của nhật ký này: lập biên bản, không dùng.",
        "The tally names a state that is not one of this log: put it in the minutes, do not use it.",
    ),
    "second-share": (
        "Người giữ khóa thứ {trustee} đã nộp phần giải mã.",
        "Trustee {trustee} has handed in a share already.",
    ),
    "bad-share": (
        "Phần giải mã không đúng ({what}): người giữ khóa phải làm lại.",
        "The share does not hold ({what}): the trustee must make it again.",
    ),
    "no-result": (
        "Chưa có kết quả: bỏ phiếu kín {question} {state}.",
        "There is no result yet: the secret question {question} is {state}.",
    ),
    "other-result": (
        "Kết quả được ký không khớp ({what}): hãy lập lại theo số liệu đã mở.",
        "The signed result differs ({what}): make it again from the opened numbers.",
    ),
    "not-yet-closed": (
        "Danh sách này chỉ có sau khi kết thúc bỏ phiếu.",
        "That list exists only after the close.",
    ),
    "await-witnesses": (
        "Chờ người chứng kiến ký trạng thái mới nhất của nhật ký.",
        "Witnesses have yet to sign the newest state of the log.",
    ),
    "ends-arriving": (
        "Các thiết bị còn đang báo kết thúc: xem lại sau {wait_s} giây.",
        "Units are still saying that nothing is pending: look again in {wait_s} s.",
    ),
    "already-recorded": (
        "Văn kiện đã vào nhật ký: không rút được nữa.",
        "The paper stands in the log: it cannot be withdrawn.",
    ),
    "no-checkpoint": (
        "Chưa có trạng thái nhật ký nào đủ người chứng kiến ký: kiểm tra kết nối của người chứng kiến.",
        "No state of the log is signed by enough witnesses: look at the witnesses' connection.",
    ),
    "unknown-cosignature": (
        "Chữ ký chứng kiến không thuộc trạng thái nhật ký nào vừa đưa ra: hãy hỏi lại.",
        "The cosignature is of no checkpoint that was offered lately: ask again.",
    ),
    "no-tally": (
        "Chưa có văn kiện kiểm phiếu nào.",
        "There is no tally yet.",
    ),
    "damaged-log": (
        "Nhật ký có mục không còn như khi lưu ({what}): dừng lại và gọi kiểm toán.",
        "The log holds a leaf that is not what was stored ({what}): stop, and call the auditors.",
    ),
}


refused: Final = Refusals(SAID)


def conflict(code: str, /, *, labels: Sequence[str] | None = None, **facts: object) -> Conflict:
    """The refusal of that code, its sentence filled with the facts. labels: of the seats it is about."""
    return refused(Conflict, code, seats=labels, **facts)


def bad_paper(err: BadDocument) -> BadInput:
    """A paper that does not hold by itself."""
    return BadInput(err.en, code=err.why, vi=err.vi)
