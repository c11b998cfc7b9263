"""The fleet's API as the command line calls it: a session, and what it says when that fails."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Final

from fleet.errors import ConfigError
from front.session import Declined, InTheClear, NoAddress, NoAnswer, NoAuthority, NoFleet, Session
from wire.errors import HallError

TIMEOUT_S: Final = 30.0
ANSWER_BYTES_MAX: Final = 16 << 20


class FleetRefused(HallError):
    """The fleet said no, in its own words. reason: its code; vi: the same in Vietnamese, empty where it gave
    none."""

    code = "fleet-refused"
    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, reason: str = "", vi: str = "") -> None:
        super().__init__(what)
        self.reason, self.vi = reason, vi

    def diagnostics(self) -> str:
        """In both languages: nobody at a terminal has said which they read."""
        return f"{self.vi}\n{self.what}" if self.vi else self.what


class Client:
    """url, ca: as a session's. Raises ConfigError for anything else."""

    def __init__(self, url: str, ca: Path | None = None) -> None:
        try:
            self._session = Session(url, ca, timeout_s=TIMEOUT_S, bytes_max=ANSWER_BYTES_MAX)
        except NoAddress:
            raise ConfigError(f"--url must look like https://host:port, got {url!r:.80}") from None
        except InTheClear:
            raise ConfigError(
                f"--url {url:.80}: the password would travel in the clear; use https, or the fleet on this "
                "machine"
            ) from None
        except NoAuthority as err:
            raise ConfigError(f"--ca {ca} is no certificate of an authority in PEM: {err}") from None

    def sign_in(self, account: str, password: str) -> None:
        """Raises FleetRefused."""
        with self._told():
            self._session.sign_in(account, password)

    def call(self, method: str, path: str, body: object | None = None) -> Any:
        """The answer's JSON. Raises FleetRefused."""
        with self._told():
            return self._session.call(method, path, body)

    def fetch(self, path: str) -> bytes:
        """A file, as it is. Raises FleetRefused."""
        with self._told():
            return self._session.fetch(path)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        origin = self._session.origin
        try:
            yield
        except NoAnswer as err:
            raise FleetRefused(f"the fleet does not answer at {origin}: {err}; start it") from err
        except NoFleet:
            raise _no_fleet(origin) from None
        except Declined as err:
            if not err.is_fleets:
                raise _no_fleet(origin) from None
            raise FleetRefused(str(err), err.code, err.vi) from None


def _no_fleet(origin: str) -> FleetRefused:
    return FleetRefused(f"{origin} does not answer as a fleet does: check --url")
