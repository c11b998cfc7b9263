"""Claims of devices; and renewals, on the listener that asks for certificates (wire/SPEC.md §10.3)."""

from collections.abc import Callable
from typing import Final

import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import FastAPI, Request, Response

from provisioning.adapters.peer_certificates import peer_certificate
from provisioning.desk.desk import Desk
from provisioning.desk.errors import Refused
from wire.enrol import (
    GRANT_PATH,
    HELLO_PATH,
    INSTALLED_PATH,
    MEDIA_TYPE,
    POLL_PATH,
    PRESS_PATH,
    RENEW_PATH,
    Grant,
    Status,
    encode_enrol,
)

Said = Callable[[bytes], Status | Grant]
CLAIM_HANDS: Final = 16
RENEWAL_HANDS: Final = 8
"""Threads, each listener's own: a fleet that hangs holds renewals and pages, and no claim behind them."""
RENEWALS_WAITING_MAX: Final = 64
"""Of those that wait for a hand; a device that is sent away asks again by itself."""


def install(app: FastAPI, desk: Desk) -> None:
    devices, hands = desk.devices, CapacityLimiter(CLAIM_HANDS)

    @app.post(HELLO_PATH)
    async def hello(request: Request) -> Response:
        return await _answered(request, lambda body: devices.hello(body, address_of(request)), hands)

    says: Final[tuple[tuple[str, Said], ...]] = (
        (POLL_PATH, devices.poll),
        (PRESS_PATH, devices.press),
        (GRANT_PATH, devices.grant),
        (INSTALLED_PATH, devices.installed),
    )
    for path, call in says:
        _say(app, path, call, hands)


def install_renewal(app: FastAPI, desk: Desk) -> None:
    hands, inside = CapacityLimiter(RENEWAL_HANDS), 0

    @app.post(RENEW_PATH)
    async def renew(request: Request) -> Response:
        nonlocal inside
        presented = peer_certificate(request.scope)
        if inside >= RENEWAL_HANDS + RENEWALS_WAITING_MAX:
            raise Refused("many-renew", 503)
        inside += 1
        try:
            return await _answered(request, lambda body: desk.renewing.renew(body, presented), hands)
        finally:
            inside -= 1


def address_of(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def _say(app: FastAPI, path: str, call: Said, hands: CapacityLimiter) -> None:
    @app.post(path)
    async def said(request: Request) -> Response:
        return await _answered(request, call, hands)


async def _answered(request: Request, call: Said, hands: CapacityLimiter) -> Response:
    body = await request.body()
    said = await anyio.to_thread.run_sync(call, body, limiter=hands)
    return Response(encode_enrol(said), media_type=MEDIA_TYPE)
