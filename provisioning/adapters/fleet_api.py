"""The fleet over HTTP: signs in once, then does what a technician may."""

import http.client
import json
import ssl
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

from provisioning.device_folder import DeviceCard
from provisioning.errors import ConfigError, FleetRefused
from wire.ids import DeviceId

TIMEOUT_S: Final = 30.0
"""For a person at a terminal, whose import of a large plan may take its time."""
DESK_TIMEOUT_S: Final = 5.0
"""For a desk, before which devices and people stand."""
ANSWER_BYTES_MAX: Final = 8 << 20


class FleetApi:
    """url: `http://host:port` or `https://…`. ca: authority of the latter, PEM; None: those of the system.
    timeout_s: how long the fleet may be silent in one call.

    Raises ConfigError for anything else.
    """

    def __init__(self, url: str, ca: Path | None = None, timeout_s: float = TIMEOUT_S) -> None:
        try:
            parts = urlsplit(url)
            port, (host, netloc) = parts.port, _in_ascii(parts.hostname or "", parts.netloc)
        except ValueError:
            raise _no_address(url) from None
        is_name = host.isprintable() and " " not in host
        if parts.scheme not in ("http", "https") or not host or not is_name or parts.path not in ("", "/"):
            raise _no_address(url)
        self._secure = parts.scheme == "https"
        self._host = host
        self._port = port or (443 if self._secure else 80)
        self._origin = f"{parts.scheme}://{netloc}"
        self._context = _context(ca) if self._secure else None
        self._cookie = ""
        self._timeout_s = timeout_s

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

    def _connection(self) -> http.client.HTTPConnection:
        if self._context is None:
            return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout_s)
        return http.client.HTTPSConnection(
            self._host, self._port, timeout=self._timeout_s, context=self._context
        )

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One call of the fleet's API: its JSON answer. Raises FleetRefused with its sentence and code."""
        headers = {"Content-Type": "application/json", "Origin": self._origin}
        if self._cookie:
            headers["Cookie"] = self._cookie
        connection = self._connection()
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            content = answer.read(ANSWER_BYTES_MAX)
        except (OSError, http.client.HTTPException) as err:
            raise FleetRefused(
                f"the fleet does not answer at {self._origin}: start it, then try again"
            ) from err
        finally:
            connection.close()
        if cookie := answer.headers.get("Set-Cookie"):
            self._cookie = cookie.partition(";")[0]
        if answer.status >= 400:
            sentence = _word(content, "sentence") or f"the fleet refused: {answer.status} {answer.reason}"
            raise FleetRefused(sentence, reason=_word(content, "code"), status=answer.status)
        try:
            return json.loads(content) if content else None
        except ValueError:
            raise FleetRefused(f"{self._origin} does not answer as a fleet does: check the address") from None


def _in_ascii(*names: str) -> list[str]:
    """As headers and DNS have them. Raises UnicodeError."""
    return [name.encode("idna").decode() for name in names]


def _no_address(url: str) -> ConfigError:
    return ConfigError(f"the fleet's address must look like http://host:port, got {url!r:.80}")


def _context(ca: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=None if ca is None else str(ca))
    except (OSError, ssl.SSLError) as err:
        raise ConfigError(f"{ca} is no certificate of an authority in PEM: {err}") from None


def _word(content: bytes, field: str) -> str:
    """The fleet's own words: it answers mistakes with a code and a sentence."""
    try:
        found = json.loads(content)
    except ValueError:
        return ""
    words = found.get(field, "") if isinstance(found, dict) else ""
    return words if isinstance(words, str) else ""


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
