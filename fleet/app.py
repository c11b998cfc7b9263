"""The fleet's API and pages: the composition root of the API process."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

from fastapi import Depends, FastAPI
from starlette.routing import Route

from fleet.accounts import routes as accounts
from fleet.accounts.passwords import Passwords
from fleet.accounts.throttle import Throttle
from fleet.api import errors, health
from fleet.api.access import mismatches
from fleet.api.guard import Services, Targets, Wait, guard
from fleet.api.limits import Limits
from fleet.api.ticker import Ticker
from fleet.audit import routes as audit
from fleet.dashboard import questions as questions_page
from fleet.dashboard import rollouts as rollouts_page
from fleet.dashboard import routes as dashboard
from fleet.dashboard import secret as secret_page
from fleet.dashboard.live import Live
from fleet.desk.office import Office
from fleet.devices import routes as devices
from fleet.devices.tending import routes as tending
from fleet.freeze import routes as freeze
from fleet.lane import routes as lane
from fleet.people import routes as people
from fleet.people.consent import routes as consent
from fleet.people.roster import routes as roster
from fleet.places import routes as places
from fleet.rollout import routes as rollout
from fleet.rollout.looks import Looks
from fleet.secret import routes as secret
from fleet.secret import witness_routes
from fleet.secret.desk import SecretDesk
from fleet.sittings import routes as sittings
from fleet.votes import conduct_routes as conduct
from fleet.votes import routes as votes
from fleet.votes.unlock import routes as unlock
from wire.keys import Signer

_ROUTERS: Final = (
    accounts, devices, tending, places, people, consent, roster, lane, sittings, votes, conduct, audit,
    dashboard, questions_page, secret, witness_routes, secret_page, unlock, rollout, rollouts_page, freeze,
    health,
)  # fmt: skip
_REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": errors.ErrorBody} for status in (401, 403, 404, 409, 413, 415, 422, 429, 503)
}


def create_app(
    office: Office,
    *,
    registrar: Signer,
    passwords: Passwords,
    wait: Wait,
    authority: bytes | None = None,
    secure: bool = False,
    close_wait_s: float = 5.0,
    targets: Targets = tuple,
) -> FastAPI:
    """The app of one hall. Everything that knows time, randomness, keys or the database is given.

    authority: certificate (PEM) of the hall CA, None leaves the issuer of devices unchecked. secure: served
    over TLS. targets: what exists to be installed. Raises AssertionError when the routes and the table ACCESS
    do not agree.
    """
    app = FastAPI(
        title="Hallward fleet",
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(guard)],
        responses=_REFUSALS,
        lifespan=_lifespan,
    )
    live = Live(office)
    app.state.services = Services(
        office, passwords, Throttle(), live, registrar, authority, secure, wait, close_wait_s, targets
    )
    app.state.secret = SecretDesk(office)
    app.state.rollouts = Looks(office)
    for room in _ROUTERS:
        app.include_router(room.router)
    faults = mismatches(_routes(app))
    if faults:
        raise AssertionError("; ".join(faults))
    errors.install(app)
    app.add_middleware(Limits)
    return app


def _routes(app: FastAPI) -> Iterator[tuple[str, str]]:
    """(method, path) of everything that can be called, in the rooms and on the app itself."""
    for route in [*app.router.routes, *(route for room in _ROUTERS for route in room.router.routes)]:
        if isinstance(route, Route):
            for method in (route.methods or set()) - {"HEAD"}:
                yield method, route.path


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services: Services = app.state.services
    task = asyncio.create_task(Ticker(services.office, services.live, services.targets).run())
    task.add_done_callback(_stop_if_broken)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _stop_if_broken(task: "asyncio.Task[None]") -> None:
    """A ticker that died of our own mistake would freeze results and pages: stop, and be started again."""
    if not task.cancelled() and task.exception() is not None:
        signal.raise_signal(signal.SIGTERM)
