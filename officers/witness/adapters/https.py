"""A fleet over HTTPS, with the hall's own CA. Standard library alone: a witness's machine holds little."""

import http.client
import json
import ssl
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from officers.witness.errors import WitnessRefused
from officers.witness.ports import Offer, parse_offer
from wire.voting import CHUNK_BYTES_MAX, DOCUMENT_PAGES_MAX

TIMEOUT_S: Final = 5.0
ANSWER_BYTES_MAX: Final = 2 * CHUNK_BYTES_MAX * DOCUMENT_PAGES_MAX


class HttpsFleet:
    """url: `https://host[:port]`. ca: the hall's certificate authority, PEM; None: those of the system."""

    def __init__(self, url: str, ca: Path | None) -> None:
        """Raises WitnessRefused for another kind of address, OSError for a CA that cannot be read."""
        parts = urlsplit(url)
        try:
            port = 443 if parts.port is None else parts.port
        except ValueError:
            port = 0
        if parts.scheme != "https" or not parts.hostname or parts.path not in ("", "/") or not port:
            raise WitnessRefused("bad-url", url=url)
        self._host, self._port, self._url = parts.hostname, port, url
        self._context = ssl.create_default_context(cafile=None if ca is None else str(ca))

    def checkpoint(self, since: int) -> Offer:
        return parse_offer(self._json("GET", f"/api/log/checkpoint?since={since}"))

    def cosign(self, witness: str, line: str) -> None:
        self._ask("POST", "/api/log/cosignatures", {"name": witness, "line": line})

    def tally(self, contest: bytes) -> bytes:
        return self._ask("GET", f"/api/contests/{contest.hex()}/tally")

    def sign_tally(self, contest: bytes, witness: str, signature: bytes) -> None:
        body = {"name": witness, "signature": signature.hex()}
        self._ask("POST", f"/api/contests/{contest.hex()}/tally/signatures", body)

    def _json(self, method: str, path: str) -> Any:
        try:
            return json.loads(self._ask(method, path))
        except (ValueError, RecursionError):
            raise WitnessRefused("bad-answer", what="JSON") from None

    def _ask(self, method: str, path: str, body: dict[str, str] | None = None) -> bytes:
        connection = http.client.HTTPSConnection(
            self._host, self._port, timeout=TIMEOUT_S, context=self._context
        )
        headers = {"Content-Type": "application/json", "Origin": self._url.rstrip("/")}
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            content = answer.read(ANSWER_BYTES_MAX + 1)
        except (OSError, http.client.HTTPException, ValueError) as err:
            raise WitnessRefused("no-answer", url=self._url, reason=err) from None
        finally:
            connection.close()
        if answer.status >= 300 or len(content) > ANSWER_BYTES_MAX:
            raise WitnessRefused("bad-answer", what=f"{answer.status} {path}")
        return content
