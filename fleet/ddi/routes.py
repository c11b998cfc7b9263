"""hawkBit's Direct Device Integration, the part that SWUpdate and rauc-hawkbit-updater use (ADR-0024).

Who calls is in the certificate of the TLS connection; the controller's id in the URL must be the same.
"""

import asyncio
import re
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from fleet.api.errors import ApiError, NotFound
from fleet.ddi.work import Work
from fleet.updates.peer import peer_device
from fleet.updates.transfers import Transfer
from wire.ids import DeviceId

BODY_BYTES_MAX: Final = 128 * 1024
"""SWUpdate sends up to 48 lines of its log at once, each up to 2 KiB."""
_BODY_S: Final = 30.0
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")
_HEADERS: Final = {"cache-control": "no-store"}
router: Final = APIRouter(prefix="/{tenant}/controller/v1/{device}")


class TooLarge(ApiError):
    code = "too-large"
    status = 413


class TooSlow(ApiError):
    code = "too-slow"
    status = 408


def _work(request: Request) -> Work:
    found: Work = request.app.state.ddi
    return found


def _client(
    request: Request,
    peer: Annotated[DeviceId, Depends(peer_device)],
    work: Annotated[Work, Depends(_work)],
    tenant: str,
    device: str,
) -> DeviceId:
    work.check(peer, tenant, device, request.headers.get("authorization"))
    return peer


async def _body(request: Request, _client: Annotated[DeviceId, Depends(_client)]) -> bytes:
    """Read after its sender is known, and bounded."""
    found = bytearray()
    try:
        async with asyncio.timeout(_BODY_S):
            async for chunk in request.stream():
                found += chunk
                if len(found) > BODY_BYTES_MAX:
                    raise TooLarge(f"At most {BODY_BYTES_MAX} bytes.")
    except TimeoutError:
        raise TooSlow(f"The body did not arrive within {_BODY_S:.0f} s.") from None
    return bytes(found)


def _number(action: str) -> int:
    if not _NUMBER.fullmatch(action):
        raise NotFound("There is no such action.")
    return int(action)


Client = Annotated[DeviceId, Depends(_client)]
Doing = Annotated[Work, Depends(_work)]
Body = Annotated[bytes, Depends(_body)]
Number = Annotated[int, Depends(_number)]


@router.get("")
def poll(request: Request, client: Client, work: Doing) -> Response:
    """How often to ask, and what there is to do."""
    return _json(work.poll(client, _base(request, client)))


@router.get("/deploymentBase/{action}")
def deployment(request: Request, client: Client, work: Doing, action: Number) -> Response:
    """What is to be installed, or that it is to be skipped now."""
    return _json(work.deployment(client, action, _base(request, client)))


@router.post("/deploymentBase/{action}/feedback")
def feedback(client: Client, work: Doing, action: Number, body: Body) -> Response:
    """How far it is, and how it ended."""
    work.feedback(client, action, body)
    return Response(headers=_HEADERS)


@router.get("/cancelAction/{action}")
def cancellation(client: Client, work: Doing, action: Number) -> Response:
    """What is to be given up."""
    return _json(work.cancellation(client, action))


@router.post("/cancelAction/{action}/feedback")
def cancel_feedback(client: Client, work: Doing, action: Number, body: Body) -> Response:
    """Whether it is given up."""
    work.cancel_feedback(client, action, body)
    return Response(headers=_HEADERS)


@router.put("/configData")
def config_data(client: Client, work: Doing, body: Body) -> Response:
    """What the client says of itself."""
    work.attributes(client, body)
    return Response(headers=_HEADERS)


@router.api_route("/softwaremodules/{action}/artifacts/{file}", methods=["GET", "HEAD"])
def artifact(request: Request, client: Client, work: Doing, action: Number, file: str) -> Response:
    """The bytes of an image, or a range of them."""
    path, tag = work.artifact(client, action, file, fetches=request.method == "GET")
    return Transfer(request.app.state.transfers, client, path, tag)


def _base(request: Request, client: DeviceId) -> str:
    """Under the name by which the client itself has called."""
    return f"{str(request.base_url).rstrip('/')}/{request.path_params['tenant']}/controller/v1/{client}"


def _json(document: dict[str, Any]) -> Response:
    return JSONResponse(document, headers=_HEADERS)
