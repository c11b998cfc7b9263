"""What every request passes before any route: size, type and origin; and the headers of every answer."""

import asyncio
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fleet.api.errors import answer

BODY_BYTES_MAX: Final = 1_000_000
BODY_S_MAX: Final = 30.0
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}


_TOO_LONG: Final = (
    413,
    "too-large",
    f"The body is longer than {BODY_BYTES_MAX} bytes; send it in several parts.",
)
_TOO_SLOW: Final = (408, "too-slow", f"The body did not arrive within {BODY_S_MAX:.0f} s; send it again.")


class Limits:
    """ASGI middleware. A body is read whole here, at most BODY_BYTES_MAX of it, before the app sees the
    request."""

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

        refusal = fault(scope["method"], scope["scheme"], Headers(scope=scope))
        if refusal is None and scope["method"] not in _SAFE:
            try:
                async with asyncio.timeout(BODY_S_MAX):
                    body = await _whole_body(receive)
            except TimeoutError:
                refusal = _TOO_SLOW
            else:
                if body is None:
                    refusal = _TOO_LONG
                else:
                    receive = _replayed(body, receive)
        if refusal is not None:
            await answer(*refusal)(scope, receive, with_headers)
            return
        await self._app(scope, receive, with_headers)


async def _whole_body(receive: Receive) -> bytes | None:
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


def fault(method: str, scheme: str, headers: Headers) -> tuple[int, str, str] | None:
    """(status, code, sentence) of what is wrong with a request before its body is read; None when nothing is.

    A browser sends Origin with every request that changes something, and no page can forge it: whoever wants
    a change comes from a page of this very server, or is a program that says so. JSON only: no HTML form
    sends it.
    """
    if method in _SAFE:
        return None
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        return 400, "bad-input", "Content-Length is not a number."
    if int(length) > BODY_BYTES_MAX:
        return _TOO_LONG
    origin, host = headers.get("origin"), headers.get("host", "")
    if origin is None:
        return 403, "no-origin", f"The request lacks the header Origin; send `Origin: {scheme}://{host}`."
    if origin != f"{scheme}://{host}":
        return 403, "foreign-origin", "The request comes from a page of another server and was refused."
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and method != "DELETE":
        return 415, "not-json", "The body must be JSON, with `Content-Type: application/json`."
    return None
