"""What every request passes before any route: host, origin, size, the desk's own cookie; and what every
answer carries.

The page is for the one browser at this desk. Another page in that browser, and a name that was made to lead
here (DNS rebinding), are strangers.
"""

import asyncio
import hmac
import json
from dataclasses import dataclass, field
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

JSON_BYTES_MAX: Final = 64 * 1024
PHOTOGRAPH_BYTES_MAX: Final = 64 * 1024 * 1024
BODY_S_MAX: Final = 30.0
COOKIE: Final = "hallward-desk"
OPEN_PATHS: Final = frozenset({"/", "/api/start"})
PHOTOGRAPH_PATH: Final = "/api/visit/photograph"
PHOTOGRAPH_TYPES: Final = frozenset({"image/jpeg", "image/png"})
_SAFE: Final = frozenset({"GET", "HEAD"})
_HEADERS: Final = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
}


@dataclass(slots=True)
class Door:
    """Who may come in. hosts: as the Host header names this desk. token: on the terminal, good once; cookie:
    what it is exchanged for."""

    hosts: frozenset[str]
    token: str
    cookie: str
    _used: bool = field(default=False)

    def exchange(self, token: str) -> str | None:
        """The cookie, for the token, once."""
        if self._used or not hmac.compare_digest(token.encode(), self.token.encode()):
            return None
        self._used = True
        return self.cookie

    def knows(self, headers: Headers) -> bool:
        """Whether the request carries the desk's cookie."""
        found = cookie_parser(headers.get("cookie", "")).get(COOKIE)
        return found is not None and hmac.compare_digest(found.encode(), self.cookie.encode())


@dataclass(frozen=True, slots=True)
class Refused:
    """Before any route: status, stable code, both sentences."""

    status: int
    code: str
    vi: str
    en: str


_NOT_HERE: Final = Refused(
    403, "foreign-host", "Địa chỉ này không phải của bàn.", "This is not the desk's address."
)
_FOREIGN: Final = Refused(
    403, "foreign-origin", "Yêu cầu đến từ trang khác.", "The request is another page's."
)
_STRANGER: Final = Refused(
    401,
    "not-started",
    "Hãy mở trang bằng địa chỉ hiện ở cửa sổ dòng lệnh.",
    "Open the page by the address that the terminal shows.",
)
_LONG: Final = Refused(413, "too-large", "Tệp quá lớn.", "This is too large; 64 MiB is the most.")
_SLOW: Final = Refused(
    408, "too-slow", "Gửi quá chậm, hãy thử lại.", "It did not arrive in time; send it again."
)
_KIND: Final = Refused(
    415,
    "not-a-photograph",
    "Tệp này không phải ảnh JPEG hoặc PNG. Hãy chọn tệp khác.",
    "This is not a JPEG or PNG photograph. Choose another file.",
)
_LENGTH: Final = Refused(400, "bad-input", "Yêu cầu sai.", "Content-Length is not a number.")


class Guard:
    """ASGI middleware. A body is read whole, into `scope["body"]` (a bytearray), and never onto a disk."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        refusal = fault(self._door, scope["method"], scope["path"], Headers(scope=scope))
        if refusal is None and scope["method"] not in _SAFE:
            try:
                async with asyncio.timeout(BODY_S_MAX):
                    body = await _whole(receive, body_max(scope["path"]))
            except TimeoutError:
                refusal = _SLOW
            else:
                scope["body"] = body
                refusal = _LONG if body is None else None
        if refusal is not None:
            await _answer(refusal)(scope, receive, with_headers)
            return
        await self._app(scope, receive, with_headers)


def body_max(path: str) -> int:
    """Bytes that a body may have."""
    return PHOTOGRAPH_BYTES_MAX if path == PHOTOGRAPH_PATH else JSON_BYTES_MAX


def fault(door: Door, method: str, path: str, headers: Headers) -> Refused | None:
    """What is wrong with a request before its body is read; None when nothing is."""
    host = headers.get("host", "")
    if host not in door.hosts:
        return _NOT_HERE
    is_open = path in OPEN_PATHS or path.startswith("/static/")
    if not is_open and not door.knows(headers):
        return _STRANGER
    if method in _SAFE:
        # A picture or a page of ours that a stranger's page asks for; browsers say so.
        return (
            None if headers.get("sec-fetch-site", "none") in {"none", "same-origin"} or is_open else _FOREIGN
        )
    if headers.get("origin") != f"http://{host}":
        return _FOREIGN
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        return _LENGTH
    if int(length) > body_max(path):
        return _LONG
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if path == PHOTOGRAPH_PATH:
        return None if kind in PHOTOGRAPH_TYPES else _KIND
    return None if kind == "application/json" else Refused(415, "not-json", "Yêu cầu sai.", "JSON expected.")


async def _whole(receive: Receive, bytes_max: int) -> bytearray | None:
    """The body; None when it goes over the limit or breaks off."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > bytes_max or message["type"] == "http.disconnect":
            body[:] = bytes(len(body))
            return None
        if not message.get("more_body", False):
            return body


def _answer(refused: Refused) -> Response:
    body = {"code": refused.code, "vi": refused.vi, "en": refused.en}
    return Response(json.dumps(body), refused.status, media_type="application/json")
