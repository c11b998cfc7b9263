"""What a witness answers to a checkpoint: a pure decision over the last one signed (ballot/SPEC §6.6).

| offered size, against the last one | also | answer |
| --- | --- | --- |
| smaller | | ROLLBACK: nothing is signed |
| the same | the same root | COSIGN: the same signature may be needed again |
| the same | another root | FORK: nothing is signed, ever |
| greater | consistent with the last one | COSIGN |
| greater | not shown to be | FORK |
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from officers.words import Words
from wire.checkpoint import Checkpoint
from wire.errors import BadSchema
from wire.merkle import verify_consistency


class Answer(StrEnum):
    COSIGN = "cosign"
    ROLLBACK = "rollback"
    FORK = "fork"


SAID: Final[dict[Answer, Words]] = {
    Answer.COSIGN: ("Đã chứng kiến {size} mục.", "Witnessed {size} leaves."),
    Answer.ROLLBACK: (
        "BÁO ĐỘNG: nhật ký chỉ còn {size} mục, đã chứng kiến {last}: không ký. Hãy báo ban kiểm phiếu.",
        "ALARM: the log has {size} leaves, {last} were witnessed: not signed. Tell the counting board.",
    ),
    Answer.FORK: (
        "BÁO ĐỘNG: nhật ký {size} mục không nối tiếp {last} mục đã thấy: không ký. Hãy báo ban kiểm phiếu.",
        "ALARM: the log of {size} leaves does not continue the {last} witnessed: not signed. Tell the board.",
    ),
}


@dataclass(frozen=True, slots=True)
class Witnessed:
    """The last size and root that this witness signed for a hall; size 0 before the first."""

    size: int
    root: bytes


NOTHING: Final = Witnessed(0, b"")


@dataclass(frozen=True, slots=True)
class Step:
    """state: to be on the disk before a signature leaves."""

    answer: Answer
    state: Witnessed


def step(state: Witnessed, offered: Checkpoint, consistency: Sequence[bytes]) -> Step:
    """offered: verified to be this hall's, signed by its store. Total: any hashes end in an answer."""
    if offered.size < max(state.size, 1):
        return Step(Answer.ROLLBACK, state)
    if offered.size == state.size:
        return Step(Answer.COSIGN if offered.root == state.root else Answer.FORK, state)
    if state.size > 0:
        try:
            verify_consistency(state.size, offered.size, state.root, offered.root, consistency)
        except BadSchema:
            return Step(Answer.FORK, state)
    return Step(Answer.COSIGN, Witnessed(offered.size, offered.root))
