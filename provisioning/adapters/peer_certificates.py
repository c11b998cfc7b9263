"""Whose certificate a TLS connection was made with: uvicorn does not tell its app, a protocol here does."""

import asyncio
from typing import Any, Final

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_KEY: Final = "hallward.peer_certificate"


class PeerCertificateProtocol(H11Protocol):
    """HTTP/1.1 that puts the peer's certificate (DER) into the scope of every request of a connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        tls = transport.get_extra_info("ssl_object")
        presented = None if tls is None else tls.getpeercert(binary_form=True)
        self.app: Any = _Presenting(self.app, presented)


class _Presenting:
    def __init__(self, app: Any, presented: bytes | None) -> None:
        self._app: ASGIApp = app
        self._presented = presented

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, _KEY: self._presented}, receive, send)


def peer_certificate(scope: Scope) -> bytes | None:
    """DER of the peer's certificate; None when it showed none. Nothing that a peer sends reaches this key."""
    found = scope.get(_KEY)
    return found if isinstance(found, bytes) else None
