"""What becomes of an entry that asks to stand on the board (SPEC §6.2), and the words for it."""

from dataclasses import dataclass
from typing import Final, TypeAlias

from ballot.board.work import Work
from wire.board import Entry
from wire.keys import PublicKey

CODES: Final[dict[str, tuple[str, str]]] = {
    "old-key": (
        "Khóa này không còn hiệu lực: đơn vị hoặc người này đã được thay.",
        "Another key is in force for this voter: the unit was replaced or the voter is out.",
    ),
    "not-open": ("Chưa mở bỏ phiếu.", "The contest is not open yet."),
    "after-close": ("Đã đóng bỏ phiếu.", "The contest is closed."),
    "before-close": ("Chưa đóng bỏ phiếu.", "The contest is not closed."),
    "broken-chain": (
        "Không nối tiếp mục đã nhận trước đó.",
        "It does not follow the last accepted entry of this unit.",
    ),
    "bad-seq": ("Số thứ tự phiếu không đúng.", "The ballot's sequence number is not the one that is due."),
    "not-prepared": ("Phiếu này chưa được đăng ký trước.", "No such ballot was prepared."),
    "other-body": (
        "Không phải phiếu đã đăng ký.",
        "It is another ballot than the one that was prepared.",
    ),
    "already-cast": ("Phiếu đã được bỏ.", "A ballot is cast already."),
    "bad-body": ("Phiếu sai cấu trúc.", "The ballot is malformed."),
    "bad-proof": ("Chứng minh của phiếu không đúng.", "The proof of the ballot does not hold."),
    "copied": ("Phiếu sao chép từ người khác.", "It copies a ciphertext of another voter."),
    "check-fails": (
        "Phiếu mở ra không khớp với phiếu đã đăng ký.",
        "The opened ballot is not the one that was prepared.",
    ),
    "too-many": ("Đã chuẩn bị quá tám phiếu.", "This voter has prepared eight ballots already."),
}
"""Code of a signed refusal -> (vi, en)."""


@dataclass(frozen=True, slots=True)
class Accept:
    """It may become the next leaf. ciphertexts: all of a cast, empty for the other entries."""

    entry: Entry
    entry_hash: bytes
    ciphertexts: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Refuse:
    """It gets a signed refusal. body_hash: of the ballot that it casts, if it casts one."""

    entry: Entry
    entry_hash: bytes
    body_hash: bytes | None
    code: str


@dataclass(frozen=True, slots=True)
class Drop:
    """It is counted and forgotten: nobody who may vote has signed it, or too often. code: of the counter."""

    code: str


@dataclass(frozen=True, slots=True)
class Repeat:
    """These bytes were answered before. leaf: of the entry itself, or of its refusal."""

    entry_hash: bytes
    leaf: int
    accepted: bool


@dataclass(frozen=True, slots=True)
class Pending:
    """Nothing cheap is against it; `work` decides (ballot.board.work), in another process if you like.

    key: that signed the entry, which is not verified again."""

    envelope: bytes
    entry: Entry
    entry_hash: bytes
    key: PublicKey
    work: Work


Verdict: TypeAlias = Accept | Refuse | Drop | Repeat
