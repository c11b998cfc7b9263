"""Somebody's session at the fleet's API: signs in once, then one call after the other."""

import http.client
import ipaddress
import json
import ssl
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

_PORTS: Final = {"http": http.client.HTTP_PORT, "https": http.client.HTTPS_PORT}


class NoAddress(Exception):
    """This is not where a fleet could be."""


class InTheClear(Exception):
    """A password would travel to another machine for everybody to read."""


class NoAuthority(Exception):
    """The file holds no certificate of an authority. Says what is wrong with it."""


class NoAnswer(Exception):
    """Nobody answers there, or not to the end. Says why."""


class NoFleet(Exception):
    """What answers does not speak as a fleet does."""


class Declined(Exception):
    """The answer is no. status: of HTTP, and its phrase; code, sentence and the same in Vietnamese: the
    fleet's own, empty where it gave none; is_fleets: it can be the fleet that spoke, and nobody in front of
    it."""

    def __init__(
        self, status: int, phrase: str, code: str, sentence: str, vi: str, *, is_fleets: bool
    ) -> None:
        super().__init__(sentence or f"{status} {phrase}")
        self.status, self.phrase = status, phrase
        self.code, self.sentence, self.vi = code, sentence, vi
        self.is_fleets = is_fleets


class Session:
    """url: `https://host:port`, on this machine `http://…` too. ca: authority of the former, PEM; None: those
    of the system. timeout_s: how long the fleet may be silent in one call. bytes_max: of one
    answer.

    The cookie lives in this object, the password nowhere. Raises NoAddress, InTheClear, NoAuthority.
    """

    def __init__(self, url: str, ca: Path | None, *, timeout_s: float, bytes_max: int) -> None:
        scheme, self._host, self._port = _parted(url)
        if scheme == "http" and not _is_here(self._host):
            raise InTheClear
        # As http.client writes Host: without the port that the scheme has anyway, in small letters.
        host = f"[{self._host}]" if ":" in self._host else self._host
        self.origin: Final = f"{scheme}://{host}" + ("" if self._port == _PORTS[scheme] else f":{self._port}")
        self._tls = _trusting(ca) if scheme == "https" else None
        self._timeout_s, self._bytes_max = timeout_s, bytes_max
        self._cookie = ""

    def sign_in(self, account: str, password: str) -> None:
        """Raises as `call`."""
        self.call("POST", "/api/sign-in", {"account": account, "password": password})

    def call(self, method: str, path: str, body: object | None = None) -> Any:
        """The answer's JSON; None for an empty one. Raises NoAnswer, NoFleet, Declined."""
        content = self._ask(method, path, body)
        return _read(content) if content else None

    def fetch(self, path: str) -> bytes:
        """A file, as it is. Raises as `call`."""
        return self._ask("GET", path, None)

    def _ask(self, method: str, path: str, body: object | None) -> bytes:
        headers = {"Content-Type": "application/json", "Origin": self.origin}
        if self._cookie:
            headers["Cookie"] = self._cookie
        connection = self._connection()
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            content = answer.read(self._bytes_max + 1)
        except (OSError, http.client.HTTPException) as err:
            raise NoAnswer(str(err)) from err
        finally:
            connection.close()
        # What is cut off, by us or by them, must not pass for the whole; `read` with a limit says nothing.
        if len(content) > self._bytes_max:
            raise NoFleet
        if answer.length:
            raise NoAnswer("the answer broke off")
        if cookie := answer.headers.get("Set-Cookie"):
            self._cookie = cookie.partition(";")[0]
        if answer.status >= http.client.BAD_REQUEST:
            raise _declined(answer.status, answer.reason, content)
        return content

    def _connection(self) -> http.client.HTTPConnection:
        if self._tls is None:
            return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout_s)
        return http.client.HTTPSConnection(self._host, self._port, timeout=self._timeout_s, context=self._tls)


def _parted(url: str) -> tuple[str, str, int]:
    """Scheme, host as headers and DNS have it, port. Raises NoAddress."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, (parts.hostname or "").encode("idna").decode()
    except ValueError:
        raise NoAddress from None
    is_name = host.isprintable() and " " not in host and "@" not in parts.netloc
    has_more = parts.path not in ("", "/") or parts.query or parts.fragment
    if parts.scheme not in _PORTS or not host or not is_name or has_more:
        raise NoAddress
    return parts.scheme, host, port or _PORTS[parts.scheme]


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _trusting(ca: Path | None) -> ssl.SSLContext:
    """Raises NoAuthority."""
    try:
        return ssl.create_default_context(cafile=None if ca is None else str(ca))
    except (OSError, ssl.SSLError) as err:
        raise NoAuthority(str(err)) from None


def _declined(status: int, phrase: str, content: bytes) -> Declined:
    try:
        found = _read(content) if content else None
    except NoFleet:
        return Declined(status, phrase, "", "", "", is_fleets=False)
    said = found if isinstance(found, dict) else {}
    code, sentence, vi = (
        word if isinstance(word := said.get(name), str) else ""
        for name in ("code", "sentence", "sentence_vi")
    )
    return Declined(status, phrase, code, sentence, vi, is_fleets=True)


def _read(content: bytes) -> Any:
    """Raises NoFleet."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise NoFleet from None
