"""Errors of an officer's machine. Each is a sentence of `officers.words`, in Vietnamese and in English."""

from typing import ClassVar

from officers.words import Words, words
from wire.errors import HallError


class OfficerError(HallError):
    """Refused: nothing was changed, nothing signed. why: a code of words.py; or both sentences themselves."""

    code = "officer-refused"

    def __init__(self, why: str | Words, **facts: object) -> None:
        super().__init__(" ".join(words(why, **facts) if isinstance(why, str) else why))
        self.why = why if isinstance(why, str) else self.code


class ConfigError(OfficerError):
    """A folder, file or option that cannot be."""

    code = "config-error"
    exit_code: ClassVar[int] = 78


class WrongPassphrase(OfficerError):
    """Always the same sentence: it does not tell a wrong passphrase from a damaged file."""

    code = "wrong-passphrase"

    def __init__(self) -> None:
        super().__init__("wrong-passphrase")


class WeakPassphrase(OfficerError):
    code = "weak-passphrase"


class TwoTrustees(OfficerError):
    """Rule 4: no machine sees two shares."""

    code = "two-trustees"


class BadInput(OfficerError):
    """What a person wrote down does not add up."""

    code = "bad-input"


class NotConfirmed(OfficerError):
    """What was typed is not what the person should have read."""

    code = "not-confirmed"
