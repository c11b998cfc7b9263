"""What every request passes before any route: size, type and origin; and the headers of every answer."""

import asyncio
import json
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wire.enrol import HELLO_BYTES_MAX, MEDIA_TYPE

BODY_BYTES_MAX: Final = HELLO_BYTES_MAX
BODY_S_MAX: Final = 20.0
DEVICE_PATHS: Final = "/enrol/"
_SAFE: Final = frozenset({"GET", "HEAD"})
_HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}

Fault = tuple[int, str, str, str]
"""Status, code, and the sentence in Vietnamese and English."""
_LONG: Final[Fault] = (
    413,
    "too-large",
    "Yêu cầu quá dài.",
    f"The body is longer than {BODY_BYTES_MAX} bytes.",
)
_SLOW: Final[Fault] = (408, "too-slow", "Yêu cầu đến quá chậm.", "The body came too slowly; send it again.")
_FOREIGN: Final[Fault] = (
    403,
    "foreign-origin",
    "Yêu cầu đến từ trang khác và bị từ chối.",
    "The request comes from a page of another server and was refused.",
)


class Door:
    """ASGI middleware. A body is read whole here before the app sees the request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        refusal = fault(scope["method"], scope["path"], scope["scheme"], Headers(scope=scope))
        if refusal is None and scope["method"] not in _SAFE:
            try:
                async with asyncio.timeout(BODY_S_MAX):
                    body = await _whole(receive)
            except TimeoutError:
                refusal = _SLOW
            else:
                refusal = _LONG if body is None else None
                receive = _replayed(body or b"", receive)
        if refusal is not None:
            await answer(*refusal)(scope, receive, with_headers)
            return
        await self._app(scope, receive, with_headers)


def answer(status: int, code: str, vi: str, en: str) -> Response:
    """sentence: both, for a device's display."""
    body = {"code": code, "sentence": f"{vi} / {en}"[:400], "vi": vi, "en": en}
    return Response(json.dumps(body, ensure_ascii=False), status, media_type="application/json")


def fault(method: str, path: str, scheme: str, headers: Headers) -> Fault | None:
    """What is wrong with a request before its body is read; None when nothing is.

    A browser sends Origin with every request that changes something, and no page can forge it. Devices have
    no cookies that anybody could borrow, and send none.
    """
    if method in _SAFE:
        return None
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        return 400, "bad-request", "Yêu cầu sai.", "Content-Length is not a number."
    if int(length) > BODY_BYTES_MAX:
        return _LONG
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if path.startswith(DEVICE_PATHS):
        wanted = MEDIA_TYPE
    else:
        wanted = "application/json"
        if headers.get("origin") != f"{scheme}://{headers.get('host', '')}":
            return _FOREIGN
    return None if kind == wanted else (415, "wrong-type", "Yêu cầu sai.", f"The body must be {wanted}.")


async def _whole(receive: Receive) -> bytes | None:
    """The body; None when it goes over the limit."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > BODY_BYTES_MAX:
            return None
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return bytes(body)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """A receive that gives this body once, and then what the connection says."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
