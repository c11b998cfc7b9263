"""The update listener (SPEC §11.4): what exists, what a device is to install, and the bytes, over mutual TLS.

Names are matched against what may exist before they become paths; who calls is in the TLS connection.
"""

import asyncio
import contextlib
import re
import signal
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Annotated, Final

import uvicorn
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from fleet.api.errors import ApiError, NotFound, answer
from fleet.config import FleetConfig
from fleet.db import Engine
from fleet.ddi import routes as ddi
from fleet.ddi.work import Work
from fleet.errors import ConfigError, StoreError
from fleet.updates import deltas
from fleet.updates.director import Director
from fleet.updates.errors import NothingPublished, ReleaseRefused
from fleet.updates.keeper import Keeper
from fleet.updates.keys import DIRECTOR, load_key
from fleet.updates.peer import PeerProtocol, Peers, peer_device
from fleet.updates.shelf import Shelf
from fleet.updates.transfers import Transfer, Transfers
from wire.ids import DeviceId
from wire.updates import COMPONENTS

_IMAGE_FILE: Final = re.compile(
    rf"timestamp\.json|[1-9][0-9]{{0,9}}\.(root|targets|snapshot|{'|'.join(COMPONENTS)})\.json"
)
_DIRECTOR_ROOT: Final = re.compile(r"[1-9][0-9]{0,9}\.root\.json")
_TARGET_FILE: Final = re.compile(r"[0-9a-f]{64}\.[a-z0-9][a-z0-9._-]{0,63}")
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_KEEP_ALIVE_S: Final = 30
_CONNECTIONS_MAX: Final = 8192
_GRACE_S: Final = 2
router: Final = APIRouter()
Peer = Annotated[DeviceId, Depends(peer_device)]
_GET: Final = ["GET", "HEAD"]


def create_listener(
    config: FleetConfig,
    engine: Engine,
    *,
    wall_ms: Callable[[], int],
    monotonic_ms: Callable[[], int],
    routers: Sequence[APIRouter] = (),
    keeper: Keeper | None = None,
    transfers: Transfers | None = None,
) -> FastAPI:
    """The app. Each route of `routers` too is called by a device of this hall alone, which one it learns with
    `Depends(peer_device)`. keeper: runs along with it. Raises ConfigError without a director's key."""
    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(peer_device)],
        lifespan=_lifespan,
        redirect_slashes=False,
    )
    app.state.shelf = Shelf(config.data)
    app.state.wall_ms = wall_ms
    app.state.director = Director(config.data, engine, load_key(config.data, DIRECTOR))
    app.state.peers = Peers(engine, wall_ms, lambda: monotonic_ms() / 1000)
    app.state.transfers = transfers or Transfers()
    app.state.keeper = keeper
    app.state.ddi = Work(config.hall, config.data, engine, wall_ms)
    for room in (router, ddi.router, *routers):
        app.include_router(room)
    _install_errors(app)
    return app


@router.api_route("/image/metadata/{file}", methods=_GET)
def image_metadata(request: Request, file: str) -> Response:
    """What exists."""
    return _document(_IMAGE_FILE, request.app.state.shelf.image, file)


@router.api_route("/image/targets/{component}/{file}", methods=_GET)
def image_target(request: Request, device: Peer, component: str, file: str) -> Response:
    """The bytes of a target, or a range of them."""
    if component not in COMPONENTS or not _TARGET_FILE.fullmatch(file) or file.endswith(".part"):
        raise _no_such_file()
    path: Path = request.app.state.shelf.targets / component / file
    return _transfer(request, device, path, file[:64])


@router.api_route("/director/metadata/{file}", methods=_GET)
def director_metadata(request: Request, device: Peer, file: str) -> Response:
    """What the calling device is to install."""
    if _DIRECTOR_ROOT.fullmatch(file):
        return _document(_DIRECTOR_ROOT, request.app.state.shelf.director, file)
    director: Director = request.app.state.director
    found = director.metadata(device, request.app.state.wall_ms())
    texts = {
        "timestamp.json": found.timestamp,
        f"{found.version}.snapshot.json": found.snapshot,
        f"{found.version}.targets.json": found.targets,
    }
    if file not in texts:
        raise _no_such_file()
    return _json(texts[file].encode())


@router.api_route("/delta/{had}/{wanted}", methods=_GET)
def delta(request: Request, device: Peer, had: str, wanted: str) -> Response:
    """A patch from the target with one hash to that with the other."""
    if not _HASH.fullmatch(had) or not _HASH.fullmatch(wanted):
        raise _no_such_file()
    path = deltas.find(request.app.state.shelf.data, (bytes.fromhex(had), bytes.fromhex(wanted)))
    if path is None:
        raise _no_such_file()
    return _transfer(request, device, path, f"{had}.{wanted}")


def _document(allowed: re.Pattern[str], folder: Path, file: str) -> Response:
    if not allowed.fullmatch(file):
        raise _no_such_file()
    try:
        return _json((folder / file).read_bytes())
    except FileNotFoundError:
        raise _no_such_file() from None


def _transfer(request: Request, device: DeviceId, path: Path, tag: str) -> Response:
    try:
        return Transfer(request.app.state.transfers, device, path, tag)
    except FileNotFoundError:
        raise _no_such_file() from None


def _json(content: bytes) -> Response:
    return Response(content, media_type="application/json", headers={"cache-control": "no-store"})


def _no_such_file() -> NotFound:
    return NotFound("There is no such file.")


def _install_errors(app: FastAPI) -> None:
    @app.exception_handler(ApiError)
    def refused(_request: Request, err: ApiError) -> Response:
        return answer(err.status, err.stable_code, err.diagnostics())

    @app.exception_handler(StoreError)
    @app.exception_handler(ReleaseRefused)
    @app.exception_handler(NothingPublished)
    @app.exception_handler(OSError)
    def trouble(_request: Request, _err: Exception) -> Response:
        # Where things lie is nobody's business; the keeper's round says it in the fleet's own log.
        return answer(503, "store-error", "The fleet's store cannot be read now; ask again later.")

    @app.exception_handler(HTTPException)
    def http(_request: Request, err: HTTPException) -> Response:
        return answer(err.status_code, "not-found" if err.status_code == 404 else "refused", f"{err.detail}.")


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    keeper: Keeper | None = app.state.keeper
    task = None if keeper is None else asyncio.create_task(keeper.run())
    if task is not None:
        task.add_done_callback(_stop_if_broken)
    try:
        yield
    finally:
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


def _stop_if_broken(task: "asyncio.Task[None]") -> None:
    """A keeper that died of our own mistake would let everything expire: stop, and be started again."""
    if not task.cancelled() and task.exception() is not None:
        signal.raise_signal(signal.SIGTERM)


def server_config(config: FleetConfig, app: FastAPI) -> uvicorn.Config:
    """How the listener is served. Raises ConfigError for files that TLS cannot use."""
    found = uvicorn.Config(
        app,
        http=PeerProtocol,
        ws="none",
        access_log=False,
        log_level="warning",
        log_config=None,  # its own ends the handlers of whoever else logs in this process
        server_header=False,
        date_header=False,
        proxy_headers=False,
        limit_concurrency=_CONNECTIONS_MAX,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_GRACE_S,
        h11_max_incomplete_event_size=16_384,
    )
    found.load()
    found.ssl = _context(config)
    return found


def _context(config: FleetConfig) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    for path in (config.server_certificate, config.server_key, config.ca_certificate):
        if not path.exists():
            raise ConfigError(
                f"{path} is missing, and updates.host is set: make it with `hallward provision hall "
                f"{config.hall} … --fleet-tls {config.data / 'tls'}`"
            )
    try:
        # a password: or a key that is locked would ask for it on the terminal of a service
        context.load_cert_chain(config.server_certificate, config.server_key, password="")
        context.load_verify_locations(config.ca_certificate)
    except (OSError, ValueError) as err:
        raise ConfigError(
            f"{config.server_certificate} and what lies beside it cannot be used: {err}"
        ) from None
    return context
