"""What every request passes before any route, and what every answer carries."""

import asyncio
import contextlib
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from front.terms import SAFE, Fault, Terms, fault_of, has_body

LINGER_S: Final = 5.0
"""How long a body that was refused is still read, and thrown away. Without, whoever is busy sending gets a
reset connection instead of our sentence; without end, a refused body would hold its connection for ever."""


class Entrance:
    """ASGI middleware. A body is read whole here, within the terms' limits, before the app sees the request;
    half a body it never sees."""

    def __init__(self, app: ASGIApp, terms: Terms) -> None:
        self._app = app
        self._terms = terms
        self._headers: Final = {
            "content-security-policy": (
                f"default-src 'none'; script-src 'self'; style-src 'self'; {terms.page_loads}; "
                "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
            ),
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "x-frame-options": "DENY",
            "permissions-policy": "camera=(), microphone=(), geolocation=()",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._headers)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        headers = Headers(scope=scope)
        body = _Body(receive, is_open=has_body(headers))
        fault = fault_of(self._terms, scope, headers)
        if fault is None and (body.is_open or scope["method"] not in SAFE):
            try:
                fault = await self._read(body, self._terms.intake(scope).bytes_max)
            except _BrokenOff:
                return  # nobody is left who could read an answer
            if self._terms.keeps_body:
                scope["body"] = body.content
            else:
                receive = _replayed(body.content, receive)
        if fault is None:
            await self._app(scope, receive, with_headers)
        elif body.is_open:
            await self._terms.answer(fault)(scope, receive, _closing(with_headers, body))
        else:
            await self._terms.answer(fault)(scope, receive, with_headers)

    async def _read(self, body: "_Body", bytes_max: int) -> Fault | None:
        """Why the body is refused. Raises _BrokenOff."""
        is_whole = False
        try:
            async with asyncio.timeout(self._terms.body_s):
                is_whole = await body.read(bytes_max)
        except TimeoutError:
            body.is_late = True
            return self._terms.too_slow
        finally:
            if not is_whole:
                body.wipe()
        return None if is_whole else self._terms.too_long


class _BrokenOff(Exception):
    """The sender has gone in the middle of a body."""


class _Body:
    """One request's body, as it comes in. is_open: something of it may still come; is_late: its time
    is over."""

    def __init__(self, receive: Receive, *, is_open: bool) -> None:
        self._receive = receive
        self.is_open, self.is_late = is_open, False
        self.content = bytearray()

    async def read(self, bytes_max: int) -> bool:
        """All of it, into content; False once it goes over the limit. Raises _BrokenOff."""
        self.is_open = True
        while self.is_open:
            self.content += await self._next()
            if len(self.content) > bytes_max:
                return False
        return True

    async def throw_away(self) -> None:
        """What still comes, until it ends, its sender leaves or LINGER_S is over. Who was late waits for
        nothing."""
        with contextlib.suppress(_BrokenOff, TimeoutError):
            async with asyncio.timeout(LINGER_S):
                while self.is_open and not self.is_late:
                    await self._next()

    def wipe(self) -> None:
        """It may hold a password or a photograph."""
        self.content[:] = bytes(len(self.content))

    async def _next(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise _BrokenOff
        self.is_open = message.get("more_body", False)
        found: bytes = message.get("body", b"")
        return found


def _closing(send: Send, body: _Body) -> Send:
    """A send for an answer that comes before the end of the request's body: said whole, then the connection
    ends. A server that kept it would read what is refused for as long as somebody sends it."""

    async def send_and_close(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["connection"] = "close"
            await send(message)
            return
        await send({**message, "more_body": True})
        await body.throw_away()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return send_and_close


def _replayed(body: bytearray, receive: Receive) -> Receive:
    """A receive that gives this body once, and then what the connection says."""
    is_given = False

    async def replay() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": bytes(body), "more_body": False}

    return replay
