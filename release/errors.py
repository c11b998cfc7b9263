"""Errors of an officer's machine. Each sentence says what to do; nothing was signed or changed."""

from typing import ClassVar

from wire.errors import HallError


class ReleaseError(HallError):
    """Refused."""

    code = "release-refused"


class ConfigError(ReleaseError):
    """A file, folder or option that cannot be."""

    code = "config-error"
    exit_code: ClassVar[int] = 78


class WrongPassphrase(ReleaseError):
    """Always the same sentence: it does not tell a wrong passphrase from a damaged file."""

    code = "wrong-passphrase"

    def __init__(self, path: object) -> None:
        super().__init__(f"{path} does not open: the passphrase is another, or the file is damaged")


class NotInRole(ReleaseError):
    """A key that may sign nothing of what is waiting."""

    code = "not-in-role"


class Tampered(ReleaseError):
    """Something in the folder is not what its signatures say."""

    code = "tampered"


class NotConfirmed(ReleaseError):
    """What was typed is not what the officer should have read."""

    code = "not-confirmed"


class NotInstallable(ReleaseError):
    """A device would not take this repository."""

    code = "not-installable"
