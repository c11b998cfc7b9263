"""What ballots, shapes and documents are refused for, by culprit (EXAMPLES §5)."""

from typing import ClassVar

from wire.errors import HallError, RecordRejected


class BadBallot(RecordRejected):
    """A scalar, a point, a ballot or a check text that SPEC §1, §5 does not write. The sentence holds no
    secret."""

    code = "bad-ballot"


class BadShape(HallError):
    """A shape that no ballot can be made for (SPEC §4): the counting board's to change before it signs.

    why: one of ballot.shape.WHY. vi, en: the same sentence.
    """

    code = "bad-shape"

    def __init__(self, why: str, vi: str, en: str) -> None:
        super().__init__(f"{vi} {en}")
        self.why, self.vi, self.en = why, vi, en


class BadDocument(HallError):
    """A document of officers or trustees that is not believed (SPEC §2). The sentence says what to do.

    why: one of ballot.documents.faults.FAULTS. vi, en: the same sentence.
    """

    code = "bad-document"

    def __init__(self, why: str, vi: str, en: str) -> None:
        super().__init__(f"{vi} {en}")
        self.why, self.vi, self.en = why, vi, en


class TrustRefused(HallError):
    """Something else than what was pinned or kept asks to be trusted: fail closed, keep what there is."""

    code = "trust-refused"


class LibsodiumMissing(HallError):
    """This machine cannot do the arithmetic of ballots. Refuse to start, exit 78."""

    code = "libsodium-missing"
    exit_code: ClassVar[int] = 78
