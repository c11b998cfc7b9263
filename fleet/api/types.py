"""Types of the API's bodies: every field has a limit, unknown fields are refused, nothing is converted
silently."""

import base64
import binascii
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from wire.ids import MEMBER_REF_BYTES, MemberRef, is_name

ROLL_ROWS_MAX = 5000
IMPORT_ROWS_MAX = 2000
REFERENCE_ROWS_MAX = 500


class Body(BaseModel):
    """Base of everything that is sent to us."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class View(BaseModel):
    """Base of everything that we answer."""

    model_config = ConfigDict(frozen=True)


def _name(text: str) -> str:
    if not is_name(text):
        raise ValueError("must be 1 to 32 of a-z, 0-9 and '-', with no '-' at either end")
    return text


def _clean(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be printable text in one line")
    return text


def _base64(text: str) -> str:
    try:
        base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("must be base64") from None
    return text


Name = Annotated[str, StringConstraints(max_length=32), AfterValidator(_name)]
MemberHex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
KeyHex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Seat = Annotated[str, StringConstraints(max_length=16), AfterValidator(_clean)]
Place = Annotated[str, StringConstraints(min_length=1, max_length=80), AfterValidator(_clean)]
Serial = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]
"""As fleet/places/plan.py reads it in a table."""
Title = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_clean)]
Question = Annotated[str, StringConstraints(min_length=1, max_length=1000), AfterValidator(_clean)]
PersonName = Annotated[str, StringConstraints(min_length=1, max_length=120), AfterValidator(_clean)]
Party = Annotated[str, StringConstraints(max_length=80), AfterValidator(_clean)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_clean)]
Pem = Annotated[str, StringConstraints(min_length=1, max_length=8192)]
Base64 = Annotated[str, StringConstraints(min_length=1, max_length=1400), AfterValidator(_base64)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Num = Annotated[int, Field(ge=0, le=1000)]
Den = Annotated[int, Field(ge=1, le=1000)]


def member_of(text: str) -> MemberRef:
    """The pseudonym from its 32 hex digits."""
    member = bytes.fromhex(text)
    if len(member) != MEMBER_REF_BYTES:
        raise ValueError("a member has 16 bytes")
    return MemberRef(member)
