"""Claims of devices; and renewals, on the listener that asks for certificates (wire/SPEC.md §10.3)."""

from collections.abc import Callable
from typing import Final

from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool

from provisioning.adapters.peer_certificates import peer_certificate
from provisioning.desk.desk import Desk
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


def install(app: FastAPI, desk: Desk) -> None:
    devices = desk.devices

    @app.post(HELLO_PATH)
    async def hello(request: Request) -> Response:
        return await _answered(request, lambda body: devices.hello(body, address_of(request)))

    says: Final[tuple[tuple[str, Said], ...]] = (
        (POLL_PATH, devices.poll),
        (PRESS_PATH, devices.press),
        (GRANT_PATH, devices.grant),
        (INSTALLED_PATH, devices.installed),
    )
    for path, call in says:
        _say(app, path, call)


def install_renewal(app: FastAPI, desk: Desk) -> None:
    @app.post(RENEW_PATH)
    async def renew(request: Request) -> Response:
        presented = peer_certificate(request.scope)
        return await _answered(request, lambda body: desk.renewing.renew(body, presented))


def address_of(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def _say(app: FastAPI, path: str, call: Said) -> None:
    @app.post(path)
    async def said(request: Request) -> Response:
        return await _answered(request, call)


async def _answered(request: Request, call: Said) -> Response:
    body = await request.body()
    said = await run_in_threadpool(call, body)
    return Response(encode_enrol(said), media_type=MEDIA_TYPE)
