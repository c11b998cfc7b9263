"""Why a witness does not sign: code -> a sentence in Vietnamese and in English."""

from typing import ClassVar, Final

from officers.words import Words
from wire.errors import HallError

SAID: Final[dict[str, Words]] = {
    "damaged": (
        "{path} đã hỏng ({what}): không ký gì. Hãy lấy lại bản mới nhất; đừng xóa tệp.",
        "{path} is damaged ({what}): nothing is signed. Restore its newest copy; do not delete it.",
    ),
    "forgotten": (
        "Không còn {path}, mà khóa này đã ký trước đây: không ký gì. Hãy lấy lại bản mới nhất của tệp.",
        "{path} is gone, and this key has witnessed before: nothing is signed. Restore its newest copy.",
    ),
    "not-a-witness": (
        "{name} không phải người chứng kiến trong điều lệ đã ghim.",
        "{name} is no witness in the pinned charter.",
    ),
    "other-store-key": (
        "BÁO ĐỘNG: hội trường {hall} dùng khóa khác với khóa đã thấy: không ký. Hãy hỏi ban kiểm phiếu.",
        "ALARM: hall {hall} signs with another key than before: not signed. Ask the counting board.",
    ),
    "bad-note": ("Điểm kiểm không dùng được: {what}.", "The checkpoint cannot be used: {what}."),
    "bad-answer": (
        "Máy chủ trả lời sai ({what}): không ký, sẽ hỏi lại.",
        "The fleet answers badly ({what}): not signed, it is asked again.",
    ),
    "no-answer": ("Không gọi được {url}: {reason}.", "{url} cannot be reached: {reason}."),
    "bad-url": (
        "{url}: cần dạng https://máy-chủ[:cổng].",
        "{url}: must be https://host[:port].",
    ),
    "bad-tally": ("Bảng kiểm không dùng được: {what}.", "The tally cannot be used: {what}."),
    "few-trustees": (
        "Bảng kiểm mới có {have} người giữ khóa ký, cần {need}: chưa ký.",
        "{have} trustees signed the tally, {need} must: not signed yet.",
    ),
    "second-tally": (
        "BÁO ĐỘNG: đã ký một bảng kiểm khác của lần bỏ phiếu này: không ký.",
        "ALARM: another tally of this contest was signed before: not signed.",
    ),
    "tally-ahead": (
        "Bảng kiểm nêu {size} mục, mới chứng kiến {last}: chưa ký.",
        "The tally names {size} leaves, {last} are witnessed: not signed yet.",
    ),
    "answers-again": ("Máy chủ trả lời lại.", "The fleet answers again."),
    "wrote": ("Đã ghi: {path}", "Wrote {path}"),
    "state": (
        "Hội trường {hall}: đã chứng kiến {size} mục, gốc {root}",
        "Hall {hall}: {size} leaves witnessed, root {root}",
    ),
    "no-hall": (
        "Chưa biết hội trường {hall}: hãy nêu khóa của nó bằng --store-key.",
        "Hall {hall} is not known yet: name its key with --store-key.",
    ),
}


def said(code: str, **facts: object) -> Words:
    vi, en = SAID[code]
    return vi.format_map(facts), en.format_map(facts)


class WitnessRefused(HallError):
    """Not signed, and nothing forgotten. why: a code of SAID."""

    code: ClassVar[str] = "witness-refused"

    def __init__(self, why: str, **facts: object) -> None:
        super().__init__(" ".join(said(why, **facts)))
        self.why = why
