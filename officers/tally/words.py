"""What a trustee is told about a tally: code -> a sentence in Vietnamese and in English."""

from typing import ClassVar, Final

from officers.words import Words
from wire.errors import HallError

SAID: Final[dict[str, Words]] = {
    # memory
    "laptop-damaged": (
        "{path} đã hỏng: nó nói máy này đã ký gì, đừng xóa; hãy lấy lại từ bản sao.",
        "{path} is damaged: it says what this machine has signed, do not delete it; restore its copy.",
    ),
    "laptop-differs": (
        "Máy này đã ghi nhớ điều khác ({line}): từ chối.",
        "This machine remembers something else ({line}): refused.",
    ),
    # what was read
    "unreadable": ("{path} không phải tệp xuất nhật ký: {what}.", "{path} is no exported log: {what}."),
    "faults": (
        "Nhật ký có {n} lỗi: không ký gì. Hãy lập biên bản từng lỗi.",
        "The log has {n} faults: nothing was signed. Put each of them in the minutes.",
    ),
    "fault": ("  lỗi {n}: {what}", "  fault {n}: {what}"),
    "no-contest": ("Tệp không có lần bỏ phiếu này.", "The file holds no such contest."),
    "which-contest": (
        "Tệp có {n} lần bỏ phiếu ({ids}): hãy chọn bằng --contest.",
        "The file holds {n} contests ({ids}): choose one with --contest.",
    ),
    # the witness
    "bad-note": (
        "Xác nhận của người chứng kiến không dùng được: {what}.",
        "The note of the witness cannot be used: {what}.",
    ),
    "note-unwitnessed": (
        "Xác nhận thiếu chữ ký của người chứng kiến, hoặc thiếu người độc lập.",
        "Too few witnesses signed the note, or none who is external.",
    ),
    "cut": (
        "Xác nhận chỉ có {size} mục, đã từng thấy {seen}: nhật ký bị cắt, hoặc xác nhận đã cũ.",
        "The note covers {size} leaves, {seen} were seen before: the log was cut, or the note is old.",
    ),
    "forked": (
        "Nhật ký khác với nhật ký đã thấy ở mục {seen}: hãy lập biên bản, không ký.",
        "The log differs from the one seen at {seen} leaves: put it in the minutes, do not sign.",
    ),
    # the tally
    "unseen-state": (
        "Bảng kiểm nêu một trạng thái mà người chứng kiến này chưa thấy trong nhật ký.",
        "The tally names a state that this witness has not seen in this log.",
    ),
    "unwitnessed-state": (
        "Trạng thái mà bảng kiểm nêu chưa được người chứng kiến ký.",
        "The state that the tally names is not cosigned by the witnesses.",
    ),
    "other-tally": (
        "Bảng kiểm được đưa không khớp: ở đây {here} phiếu được tính, ở đó {there}.",
        "The proposed tally is another: {here} ballots count here, {there} there.",
    ),
    "second-tally": (
        "Bạn đã ký một bảng kiểm khác của lần này, chỉ được ký một: hãy đưa nó bằng --tally.",
        "You signed another tally of this contest, there is only ever one: give that one as --tally.",
    ),
    "second-in-log": (
        "Nhật ký đã có một bảng kiểm khác của lần bỏ phiếu này: chỉ được có một.",
        "The log holds another tally of this contest already: there is only ever one.",
    ),
    "no-tally": (
        "Bảng kiểm chưa có trong nhật ký: ban thư ký phải ghi nó trước.",
        "No tally stands in the log yet: the secretariat records it first.",
    ),
    "tally-unseen": (
        "Người chứng kiến chưa thấy bảng kiểm (mục {leaf}): hãy xin xác nhận mới hơn.",
        "The witness has not seen the tally (leaf {leaf}) yet: ask for a newer note.",
    ),
    "not-a-trustee": (
        "{name} không phải người giữ khóa trong điều lệ: không ký gì.",
        "{name} is no trustee of the charter: nothing was signed.",
    ),
    "jobs": ("--jobs phải từ 1 trở lên.", "--jobs must be 1 or more."),
    "other-share": (
        "Phần khóa này không thuộc khóa bầu cử của lần bỏ phiếu: không ghi gì.",
        "This share is not of the election key of the contest: nothing was written.",
    ),
    # a ballot that was opened instead of cast
    "no-check": (
        "Đây không phải mã kiểm tra của một thiết bị: hãy quét lại mã trên màn hình. {what}.",
        "This is no check of a unit: scan the code on its screen again. {what}.",
    ),
    "unknown-check": (
        "Nhật ký này chưa có lá phiếu đó: hãy xuất lại nhật ký rồi chạy lại.",
        "This log does not hold that ballot yet: export the log anew, then run this again.",
    ),
    "false-check": (
        "BÁO ĐỘNG: thiết bị mở một lá phiếu khác với lá đã đăng ký. Ngừng dùng thiết bị, hãy lập biên bản.",
        "ALARM: the unit opens another ballot than it prepared. Use it no more, put it in the minutes.",
    ),
    "remade": (
        "Lá phiếu được mở chọn: {chosen}. Mã: {fingerprint}. Hãy so cả hai với màn hình trước đó.",
        "The opened ballot chose: {chosen}. Its code: {fingerprint}. Compare both with the screens before.",
    ),
    # doing it
    "checking": ("Đang kiểm tra {what}: {done} trên {all}", "Checking {what}: {done} of {all}"),
    "checked": (
        "Đã kiểm tra {leaves} mục, không có lỗi: {counted} phiếu, {enabled} đại biểu được bỏ phiếu.",
        "Checked {leaves} leaves without fault: {counted} ballots count, {enabled} voters were enabled.",
    ),
    "minutes": (
        "GHI BIÊN BẢN: {name} chấp thuận bảng kiểm {fingerprint}, {counted} phiếu, {size} mục, gốc {root}",
        "FOR THE MINUTES: {name} approves tally {fingerprint}, {counted} ballots, {size} leaves, root {root}",
    ),
    "share-minutes": (
        "GHI BIÊN BẢN: {name} giao phần giải mã của bảng kiểm {fingerprint}",
        "FOR THE MINUTES: {name} gives their share for tally {fingerprint}",
    ),
    "wrote": ("Đã ghi: {path}", "Wrote {path}"),
    # the result
    "bad-share": ("Phần giải mã không dùng được: {what}.", "A share cannot be used: {what}."),
    "few-shares": (
        "Có {have} phần giải mã đúng, cần {need}: hãy đưa thêm tệp của người giữ khóa.",
        "{have} shares hold, {need} are needed: give the files of more trustees.",
    ),
    "opened-by": (
        "Kết quả từ phần của các người giữ khóa {who}, mỗi phần có chứng minh đúng.",
        "Opened with the shares of trustees {who}, each with a proof that holds.",
    ),
}


def said(code: str, **facts: object) -> Words:
    """The sentence of that code, filled with the facts."""
    vi, en = SAID[code]
    return vi.format_map(facts), en.format_map(facts)


class TallyRefused(HallError):
    """Nothing was signed, nothing given. why: a code of SAID."""

    code: ClassVar[str] = "tally-refused"

    def __init__(self, why: str, **facts: object) -> None:
        super().__init__(" ".join(said(why, **facts)))
        self.why = why
