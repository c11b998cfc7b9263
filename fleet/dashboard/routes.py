"""The pages, their assets, and the stream that feeds the live one."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from importlib.resources import files
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, StreamingResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from fleet.api.access import ACCESS, LANE, allows
from fleet.api.errors import NotFound, TooMany
from fleet.api.guard import Hall, Services, Who, signed_in
from fleet.api.refusals import refused
from fleet.dashboard.live import HEARTBEAT_MS, WATCHERS_MAX
from fleet.dashboard.words import WORDS, both
from fleet.lane.rules import REASONS

router = APIRouter(tags=["pages"])

_MEDIA: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_PAGES: Final = Environment(
    loader=PackageLoader("fleet.dashboard"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PAGES.globals["t"] = both
_PAGES.globals["words"] = WORDS


def _assets() -> dict[str, tuple[bytes, str, str]]:
    found = {}
    for file in (files("fleet.dashboard") / "static").iterdir():
        content, suffix = file.read_bytes(), "." + file.name.rpartition(".")[2]
        found[file.name] = (content, _MEDIA[suffix], '"' + hashlib.sha256(content).hexdigest()[:16] + '"')
    return found


_ASSETS: Final = _assets()


def render(template: str, **values: object) -> str:
    """A page with both languages and every word in it."""
    return _PAGES.get_template(template).render(**values)


@router.get("/sign-in", response_class=HTMLResponse, include_in_schema=False)
def sign_in_page(hall: Hall) -> str:
    return render("sign_in.html", hall=hall.office.desk.hall)


@router.get("/", response_class=HTMLResponse, include_in_schema=False)
def live_page(hall: Hall, who: Who) -> str:
    return render(
        "live.html",
        hall=hall.office.desk.hall,
        account=who.account,
        ushers=allows(LANE, who.roles),
        questions=allows(ACCESS["GET", "/questions"], who.roles),
        rollouts=allows(ACCESS["GET", "/rollouts"], who.roles),
    )


@router.get("/usher", response_class=HTMLResponse, include_in_schema=False)
def usher_page(hall: Hall, who: Who) -> str:
    """For a phone at the gate: find a person, touch a reason, and the gate lets them in."""
    return render("usher.html", hall=hall.office.desk.hall, account=who.account, reasons=REASONS)


@router.get("/static/{name}", include_in_schema=False)
def asset(request: Request, name: str) -> Response:
    if name not in _ASSETS:
        raise refused(NotFound, "not-found/asset")
    content, media, etag = _ASSETS[name]
    headers = {"etag": etag, "cache-control": "no-cache"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media, headers=headers)


@router.get("/api/board")
def board(hall: Hall) -> Response:
    """The state of the live page as JSON; the same that the stream sends."""
    return Response(hall.live.state_text(), media_type="application/json")


@router.get("/api/board/events", response_class=StreamingResponse)
async def board_events(hall: Hall, request: Request) -> StreamingResponse:
    """Server-sent events `board`, each a whole state: on every change, and every 5 s. Ends with the
    sign-in."""
    if hall.live.watchers >= WATCHERS_MAX:
        raise refused(TooMany, "too-many/pages", most=WATCHERS_MAX)
    return StreamingResponse(
        _events(hall, request.cookies.get(hall.cookie)),
        media_type="text/event-stream",
        headers={"x-accel-buffering": "no"},
    )


async def _events(hall: Services, token: str | None) -> AsyncIterator[str]:
    checked_ms = hall.office.clock.monotonic_ms()
    async for text in hall.live.changes():
        yield f"event: board\ndata: {text}\n\n"
        now_ms = hall.office.clock.monotonic_ms()
        if now_ms - checked_ms >= HEARTBEAT_MS:
            checked_ms = now_ms
            # An open page is in use: this also keeps its sign-in from idling out.
            if await asyncio.to_thread(signed_in, hall, token) is None:
                yield "event: signed-out\ndata: {}\n\n"
                return
