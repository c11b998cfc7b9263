"""What the store says to one device about what it had sent, told apart by what the signature is for (SPEC
§4)."""

from collections.abc import Callable
from typing import Final, TypeAlias

from edge.device.identity import Identity
from wire.down import Receipt, Resend, parse_receipt, parse_resend
from wire.envelope import Purpose, VerifiedBytes, verify
from wire.errors import BadSchema, BadSignature, RecordRejected, TooLarge
from wire.ids import STORE
from wire.voting import BoardAnswer, parse_board_answer

Word: TypeAlias = Receipt | Resend | BoardAnswer

_PARSERS: Final[tuple[tuple[Purpose, Callable[[VerifiedBytes], Word]], ...]] = (
    (Purpose.RECEIPT, parse_receipt),
    (Purpose.RESEND, parse_resend),
    (Purpose.BOARD_ANSWER, parse_board_answer),
)


def word_of_the_store(envelope: bytes, identity: Identity) -> Word:
    """The word, if the store signed it and it is for this device. Raises RecordRejected."""
    refused: RecordRejected = BadSignature("no word of the store")
    for purpose, parse in _PARSERS:
        try:
            verified = verify(envelope, purpose, STORE, identity.trusted[STORE])
        except (BadSignature, TooLarge) as err:
            refused = err  # perhaps it is for something else
            continue
        word = parse(verified)
        if (word.hall, word.device) != (identity.hall, identity.device):
            raise BadSchema(f"{word.kind} for {word.device} in {word.hall}")
        return word
    raise refused
