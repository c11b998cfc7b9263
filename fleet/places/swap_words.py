"""What is left to do after a swap, in the words of whoever stands at the seat. Pure."""

from typing import Final

from fleet.places.swap import Swapped
from fleet.saying import Said, Sentences, say

BIND: Final = (
    "hallward officer bind FOLDER FILE --contest {contest} --device {dead} --key KEY --new-device {spare} "
    '--reason "{dead} -> {spare}"'
)
"""The commission's command, with the option names of officers/commission/commands.py. KEY stands in the list
of keys, which is for the commission alone."""
WORDS: Final[Sentences] = {
    "not-voted": (
        (
            "Phiếu về {question} chưa được ghi nhận: mời đại biểu biểu quyết trên máy mới. Máy cũ gửi gì "
            "thêm cũng bị từ chối."
        ),
        (
            "The vote on {question} is not in the log: ask the member to vote on the new unit. Whatever the "
            "old one still sends is refused."
        ),
    ),
    "voted": (
        "Phiếu về {question} đã được ghi nhận và vẫn được tính; không cần bấm lại.",
        "The vote on {question} is recorded and counts; nothing need be pressed again.",
    ),
    "may-change": (
        "Phiếu về {question} đã được ghi nhận và vẫn được tính; có thể đổi trên máy mới.",
        "The vote on {question} is recorded and counts; it may be changed on the new unit.",
    ),
    "secret": (
        (
            "Biểu quyết kín chưa nhận máy mới: Ban thẩm tra tư cách đại biểu phải ký. Lấy khóa của {spare} "
            "trong danh sách khóa ở trang /secret, rồi chạy: {command}"
        ),
        (
            "A secret question does not know the new unit yet: the credentials commission must sign. Take "
            "the key of {spare} from the list of keys on the page /secret, then run: {command}"
        ),
    ),
    "waived": (
        "Ghế này vẫn được miễn mã PIN như trước.",
        "This seat needs no PIN, as before the swap.",
    ),
    "references": (
        (
            "Cổng {spare} chưa có khóa của mẫu khuôn mặt: gửi khóa cho cổng này từ trạm ghi danh rồi phát "
            "hành lại. Trong lúc chờ, người qua cổng dùng thẻ."
        ),
        (
            "{spare} has no key to the face references: wrap one for it at the enrolment station, and "
            "publish again. Until then people pass it by badge."
        ),
    ),
}


def notes(swapped: Swapped) -> list[Said]:
    """Each thing that somebody should know or do, in order."""
    found = []
    if swapped.question is not None:
        word = "not-voted" if not swapped.voted else "may-change" if swapped.revote else "voted"
        found.append(say(WORDS, word, question=swapped.question))
    for contest in swapped.contests:
        command = BIND.format(contest=contest, dead=swapped.dead, spare=swapped.spare)
        found.append(say(WORDS, "secret", spare=swapped.spare, command=command))
    if swapped.waived:
        found.append(say(WORDS, "waived"))
    if swapped.references:
        found.append(say(WORDS, "references", spare=swapped.spare))
    return found
