"""Which device is calling: by the certificate of its TLS connection and the registry, never by what it says.

A device that is revoked is refused within CACHED_S, on connections that it has open too.
"""

import asyncio
import hmac
import threading
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from fleet.api.errors import BadInput, Forbidden
from fleet.db import Engine, reading
from fleet.devices.certificates import read
from fleet.updates import store
from wire.ids import DeviceId
from wire.keys import PublicKey

CACHED_S: Final = 1.0
_DEVICES_MAX: Final = 16_384
_KEY: Final = "hallward.peer_certificate"


class PeerProtocol(H11Protocol):
    """HTTP/1.1 that puts the peer's certificate (DER) into the scope of every request of a connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        tls = transport.get_extra_info("ssl_object")
        shown = None if tls is None else tls.getpeercert(binary_form=True)
        self.app: Any = _Showing(self.app, shown)


class _Showing:
    def __init__(self, app: Any, shown: bytes | None) -> None:
        self._app: ASGIApp = app
        self._shown = shown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, _KEY: self._shown}, receive, send)


class Peers:
    """Looks callers up in the registry."""

    def __init__(self, engine: Engine, wall_ms: Callable[[], int], monotonic_s: Callable[[], float]) -> None:
        self._engine = engine
        self._wall_ms = wall_ms
        self._monotonic_s = monotonic_s
        self._known: dict[DeviceId, tuple[float, PublicKey | None]] = {}
        self._lock = threading.Lock()

    def device(self, shown: bytes | None) -> DeviceId:
        """Raises Forbidden for anybody but an active device with the key that it was registered with;
        StoreError."""
        if shown is None:
            raise Forbidden("Show the certificate of a device of this hall.")
        try:
            certificate = read(_pem(shown), None, self._wall_ms())
        except (BadInput, ValueError):
            raise Forbidden("This is no certificate in force of a device; have it renewed.") from None
        key = self._registered(certificate.device)
        if key is None or not _same(key, certificate.key):
            raise Forbidden(f"{certificate.device} is not a device of this hall, or was revoked.")
        return certificate.device

    def _registered(self, device: DeviceId) -> PublicKey | None:
        now_s = self._monotonic_s()
        with self._lock:
            found = self._known.get(device)
        if found is not None and now_s - found[0] < CACHED_S:
            return found[1]
        with reading(self._engine) as connection:
            key = store.active_key(connection, device)
        with self._lock:
            if len(self._known) >= _DEVICES_MAX:
                self._known.clear()
            self._known[device] = (now_s, key)
        return key


def peer_device(request: Request) -> DeviceId:
    """Dependency of every route of the listener. Raises Forbidden, StoreError."""
    peers: Peers = request.app.state.peers
    shown = request.scope.get(_KEY)
    return peers.device(shown if isinstance(shown, bytes) else None)


@lru_cache(maxsize=4096)
def _pem(der: bytes) -> str:
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM).decode()


def _same(one: PublicKey, other: PublicKey) -> bool:
    return one.alg == other.alg and hmac.compare_digest(one.raw, other.raw)
