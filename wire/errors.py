"""Errors whose culprit is a peer: bytes that this side will not believe. Other classes live beside the
code that raises them."""

from typing import ClassVar


class HallError(Exception):
    """Base of every error of ours: a stable `code` for machines, a sentence for the person in front of the
    device."""

    code: ClassVar[str] = "hall-error"
    exit_code: ClassVar[int] = 1
    """Of a command that this error ends; 78 (EX_CONFIG) when only a changed configuration would help."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def diagnostics(self) -> str:
        """One sentence: what happened and what to do."""
        return self.what


class RecordRejected(HallError):
    """Bytes from a peer are not accepted. The shell counts them, says so once, and goes on (EXAMPLES §5)."""

    code = "record-rejected"


class BadEncoding(RecordRejected):
    """Not the one deterministic encoding of SPEC §2."""

    code = "bad-encoding"


class BadSchema(RecordRejected):
    """Well encoded, but not a message of SPEC §5 or §6."""

    code = "bad-schema"


class BadSignature(RecordRejected):
    """The signature does not verify under the key that should have made it."""

    code = "bad-signature"


class UnknownSigner(RecordRejected):
    """Nobody of that name is provisioned, or no longer."""

    code = "unknown-signer"


class TooLarge(RecordRejected):
    """Longer than the limit of its kind (SPEC §2.3)."""

    code = "too-large"


class Replayed(RecordRejected):
    """Genuine once, but expired or superseded by a higher generation."""

    code = "replayed"
