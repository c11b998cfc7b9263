"""What the desk answers when it does not do what it was asked: a code, and a sentence in both languages."""

from typing import Final

from provisioning.desk.words import said
from wire.errors import HallError


class Refused(HallError):
    """status: of HTTP. The sentence goes to the device's screen or to the technician's phone."""

    code = "desk-refused"

    def __init__(self, reason: str, status: int = 409, **values: str | int) -> None:
        self.vi, self.en = said(reason, **values)
        super().__init__(self.en)
        self.reason: Final = reason
        self.status: Final = status
