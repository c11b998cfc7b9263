"""Errors of provisioning by culprit (EXAMPLES §5): the operator's input, and what must be trusted."""

from typing import ClassVar

from wire.errors import HallError


class ConfigError(HallError):
    """The operator's: a folder, name or address that cannot be. Refuse, exit 78."""

    code = "config-error"
    exit_code: ClassVar[int] = 78


class AuthorityError(HallError):
    """The hall's authority is missing, damaged or not what the request needs. Nothing was issued."""

    code = "authority-error"
    exit_code: ClassVar[int] = 1


class ClockTrouble(AuthorityError):
    """The clock of the machine that holds the key says a time at which nothing can be issued: before this
    software was written, or past the end of whatever signs. The same may go well once that is mended."""


class FleetRefused(HallError):
    """The fleet answered no, or not at all. What was made here is kept; the verb can be run again.

    reason: the fleet's own code of it, empty when it did not answer; status: of HTTP, 0 when it did not; vi:
    the fleet's sentence in Vietnamese, empty where it gave none.
    """

    code = "fleet-refused"
    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, reason: str = "", status: int = 0, vi: str = "") -> None:
        super().__init__(what)
        self.reason = reason
        self.status = status
        self.vi = vi

    def diagnostics(self) -> str:
        """Both, since nobody knows who stands at a terminal: Vietnamese first, where the fleet gave it."""
        return f"{self.vi}\n{self.what}" if self.vi else self.what
