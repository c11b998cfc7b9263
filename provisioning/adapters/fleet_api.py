"""The fleet over HTTP: signs in once, then does what a technician may."""

import http.client
import json
from typing import Any, Final
from urllib.parse import quote, urlsplit

from provisioning.device_folder import DeviceCard
from provisioning.errors import ConfigError, FleetRefused
from wire.ids import DeviceId

TIMEOUT_S: Final = 30.0
ANSWER_BYTES_MAX: Final = 1 << 20


class FleetApi:
    """url: `http://host:port` or `https://…`. Raises ConfigError for anything else."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError:
            port = None
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
            raise ConfigError(f"the fleet's address must look like http://host:port, got {url!r:.80}")
        self._secure = parts.scheme == "https"
        self._host = parts.hostname
        self._port = port or (443 if self._secure else 80)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._cookie = ""

    def sign_in(self, account: str, password: str) -> None:
        """Raises FleetRefused."""
        self._post("/api/sign-in", {"account": account, "password": password})

    def register(self, card: DeviceCard, place: str) -> None:
        body: dict[str, Any] = {"role": card.role, "place": place, "certificate": card.certificate}
        if card.sealing_key is not None:
            body["sealing_key"] = card.sealing_key.hex()
        self._post("/api/devices", body)

    def revoke(self, device: DeviceId, reason: str) -> None:
        self._post(f"/api/devices/{quote(device)}/revoke", {"reason": reason})

    def _post(self, path: str, body: dict[str, Any]) -> None:
        headers = {"Content-Type": "application/json", "Origin": self._origin}
        if self._cookie:
            headers["Cookie"] = self._cookie
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=TIMEOUT_S)
        try:
            connection.request("POST", path, json.dumps(body), headers)
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
            raise FleetRefused(_sentence(content) or f"the fleet refused: {answer.status} {answer.reason}")


def _sentence(content: bytes) -> str:
    """The fleet's own words: it answers mistakes with a sentence."""
    try:
        found = json.loads(content)
    except ValueError:
        return ""
    if not isinstance(found, dict):
        return ""
    words = found.get("sentence", "")
    return words if isinstance(words, str) else ""
