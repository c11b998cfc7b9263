"""The fleet's API as the command line calls it: signs in once, then one call after the other."""

import http.client
import json
import ssl
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from fleet.errors import ConfigError
from wire.errors import HallError

TIMEOUT_S: Final = 30.0
ANSWER_BYTES_MAX: Final = 16 << 20


class FleetRefused(HallError):
    """The fleet said no, in its own words. reason: its code."""

    code = "fleet-refused"
    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, reason: str = "") -> None:
        super().__init__(what)
        self.reason = reason


class Client:
    """url: `http://host:port` or `https://…`. ca: authority of the latter, PEM; None: those of the system.
    Raises ConfigError for anything else."""

    def __init__(self, url: str, ca: Path | None = None) -> None:
        try:
            parts = urlsplit(url)
            port, (host, netloc) = parts.port, _in_ascii(parts.hostname or "", parts.netloc)
        except ValueError:
            raise _no_url(url) from None
        is_name = host.isprintable() and " " not in host
        if parts.scheme not in ("http", "https") or not host or not is_name or parts.path not in ("", "/"):
            raise _no_url(url)
        secure = parts.scheme == "https"
        self._host, self._port = host, port or (443 if secure else 80)
        self._origin = f"{parts.scheme}://{netloc}"
        self._tls = _authority(ca) if secure else None
        self._cookie = ""

    def sign_in(self, account: str, password: str) -> None:
        """Raises FleetRefused."""
        self.call("POST", "/api/sign-in", {"account": account, "password": password})

    def call(self, method: str, path: str, body: object | None = None) -> Any:
        """The answer's JSON. Raises FleetRefused."""
        content = self._ask(method, path, body)
        return self._json(content) if content else None

    def fetch(self, path: str) -> bytes:
        """A file, as it is. Raises FleetRefused."""
        return self._ask("GET", path, None)

    def _ask(self, method: str, path: str, body: object | None) -> bytes:
        headers = {"Content-Type": "application/json", "Origin": self._origin}
        if self._cookie:
            headers["Cookie"] = self._cookie
        connection = self._connection()
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            content = answer.read(ANSWER_BYTES_MAX)
        except (OSError, http.client.HTTPException) as err:
            raise FleetRefused(f"the fleet does not answer at {self._origin}: {err}; start it") from err
        finally:
            connection.close()
        if cookie := answer.headers.get("Set-Cookie"):
            self._cookie = cookie.partition(";")[0]
        if answer.status >= 400:
            found = self._json(content) if content else None
            said = found if isinstance(found, dict) else {}
            raise FleetRefused(
                str(said.get("sentence") or f"{answer.status} {answer.reason}"), str(said.get("code", ""))
            )
        return content

    def _json(self, content: bytes) -> Any:
        try:
            return json.loads(content)
        except ValueError:
            raise FleetRefused(f"{self._origin} does not answer as a fleet does: check --url") from None

    def _connection(self) -> http.client.HTTPConnection:
        if self._tls is None:
            return http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_S)
        return http.client.HTTPSConnection(self._host, self._port, timeout=TIMEOUT_S, context=self._tls)


def _in_ascii(*names: str) -> list[str]:
    """As headers and DNS have them. Raises UnicodeError."""
    return [name.encode("idna").decode() for name in names]


def _no_url(url: str) -> ConfigError:
    return ConfigError(f"--url must look like https://host:port, got {url!r:.80}")


def _authority(ca: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=None if ca is None else str(ca))
    except (OSError, ssl.SSLError) as err:
        raise ConfigError(f"--ca {ca} is no certificate of an authority in PEM: {err}") from None
