"""The fleet over HTTP: signs in once, then does what a technician may."""

from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from front.session import Declined, InTheClear, NoAddress, NoAnswer, NoAuthority, NoFleet, Session
from provisioning.device_folder import DeviceCard
from provisioning.errors import ConfigError, FleetRefused
from wire.ids import DeviceId

TIMEOUT_S: Final = 30.0
"""For a person at a terminal, whose import of a large plan may take its time."""
DESK_TIMEOUT_S: Final = 5.0
"""For a desk, before which devices and people stand."""
ANSWER_BYTES_MAX: Final = 8 << 20


class FleetApi:
    """url, ca, timeout_s: as a session's. Raises ConfigError for anything else."""

    def __init__(self, url: str, ca: Path | None = None, timeout_s: float = TIMEOUT_S) -> None:
        try:
            self._session = Session(url, ca, timeout_s=timeout_s, bytes_max=ANSWER_BYTES_MAX)
        except NoAddress:
            raise ConfigError(
                f"the fleet's address must look like https://host:port, got {url!r:.80}"
            ) from None
        except InTheClear:
            raise ConfigError(
                f"{url:.80}: the password would travel in the clear; use https, or the fleet on this machine"
            ) from None
        except NoAuthority as err:
            raise ConfigError(f"{ca} is no certificate of an authority in PEM: {err}") from None

    def sign_in(self, account: str, password: str) -> None:
        """Raises FleetRefused."""
        self.call("POST", "/api/sign-in", {"account": account, "password": password})

    def register(self, card: DeviceCard, place: str) -> None:
        body: dict[str, Any] = {"role": card.role, "place": place, "certificate": card.certificate}
        if card.sealing_key is not None:
            body["sealing_key"] = card.sealing_key.hex()
        self.call("POST", "/api/devices", body)

    def revoke(self, device: DeviceId, reason: str) -> None:
        self.call("POST", f"/api/devices/{quote(device)}/revoke", {"reason": reason})

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One call of the fleet's API: its JSON answer. Raises FleetRefused with its sentence and code."""
        origin = self._session.origin
        try:
            return self._session.call(method, path, body)
        except NoAnswer as err:
            raise FleetRefused(f"the fleet does not answer at {origin}: start it, then try again") from err
        except NoFleet:
            raise FleetRefused(f"{origin} does not answer as a fleet does: check the address") from None
        except Declined as err:
            sentence = err.sentence or f"the fleet refused: {err.status} {err.phrase}"
            raise FleetRefused(sentence, reason=err.code, status=err.status, vi=err.vi) from None


class FleetGate:
    """Where accounts sign in at one fleet; each gets calls of its own, which give up after timeout_s: a fleet
    that accepts and never answers must not hold up whoever waits. Raises ConfigError as FleetApi."""

    def __init__(self, url: str, ca: Path | None = None, timeout_s: float = DESK_TIMEOUT_S) -> None:
        self._url, self._ca, self._timeout_s = url, ca, timeout_s
        FleetApi(url, ca)

    def sign_in(self, account: str, password: str) -> FleetApi:
        """Raises FleetRefused."""
        fleet = FleetApi(self._url, self._ca, self._timeout_s)
        fleet.sign_in(account, password)
        return fleet
