"""The technician's page, and what its buttons call. Thin: the rooms of the desk do the work."""

import hashlib
from importlib.resources import files
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from provisioning.desk.claims import Claim, State
from provisioning.desk.desk import Desk
from provisioning.desk.errors import Refused
from provisioning.desk.technicians import COOKIE, LONGEST_S, SignedIn, Technicians
from provisioning.desk.web.device_routes import address_of
from provisioning.desk.web.finding import find_device, wanted
from provisioning.desk.web.page_words import PAGE
from provisioning.desk.web.views import claim_view, hall_view, places_view
from provisioning.errors import FleetRefused

_MEDIA: Final = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_PAGES: Final = Environment(
    loader=PackageLoader("provisioning.desk"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_UNKNOWN: Final = 404


class Told(BaseModel):
    """Base of what the page tells."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Credentials(Told):
    account: Annotated[str, StringConstraints(min_length=1, max_length=32)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=256)]


class Placed(Told):
    """place: "" for a spare."""

    place: Annotated[str, StringConstraints(max_length=32)]


class Command(Told):
    command: Literal["identify", "self-test"]


class Swap(Told):
    dead: Annotated[str, StringConstraints(min_length=1, max_length=32)]
    spare: Annotated[str, StringConstraints(min_length=1, max_length=32)]
    reason: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Nothing(Told):
    pass


def _signed_in(request: Request) -> SignedIn:
    technicians: Technicians = request.app.state.technicians
    return technicians.find(request.cookies.get(COOKIE))


Who = Annotated[SignedIn, Depends(_signed_in)]


def install(app: FastAPI, desk: Desk) -> None:
    app.state.technicians = desk.technicians
    _page(app, desk)
    _sign_in(app, desk)
    _claims(app, desk)
    _things(app, desk)


def _page(app: FastAPI, desk: Desk) -> None:
    assets = {}
    for file in (files("provisioning.desk") / "static").iterdir():
        content = file.read_bytes()
        tag = '"' + hashlib.sha256(content).hexdigest()[:16] + '"'
        assets[file.name] = (content, _MEDIA[file.name.rpartition(".")[2]], tag)
    shown = _PAGES.get_template("page.html").render(hall=desk.card.hall, words=PAGE, t=both)

    @app.get("/", response_class=HTMLResponse)
    @app.get("/c/{code}", response_class=HTMLResponse)
    @app.get("/d/{serial}", response_class=HTMLResponse)
    def page() -> str:
        """One page: what it shows follows its own address, and whether somebody has signed in."""
        return shown

    @app.get("/static/{name}")
    def asset(request: Request, name: str) -> Response:
        if name not in assets:
            return Response(status_code=_UNKNOWN)
        content, media, tag = assets[name]
        headers = {"etag": tag, "cache-control": "no-cache"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(content, media_type=media, headers=headers)


def _sign_in(app: FastAPI, desk: Desk) -> None:
    @app.post("/api/sign-in")
    def sign_in(request: Request, body: Credentials) -> Response:
        begun, token = desk.technicians.sign_in(body.account, body.password, address_of(request))
        answer = JSONResponse({"account": begun.account})
        answer.set_cookie(
            COOKIE, token, max_age=int(LONGEST_S), path="/", secure=True, httponly=True, samesite="strict"
        )
        return answer

    @app.post("/api/sign-out")
    def sign_out(who: Who, _body: Nothing) -> Response:
        desk.technicians.forget(who)
        answer = JSONResponse({})
        answer.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")
        return answer

    @app.get("/api/hall")
    def hall(who: Who) -> dict[str, Any]:
        return hall_view(desk.book, desk.plan.now(who.calls), desk.card.hall, who.account)


def _claims(app: FastAPI, desk: Desk) -> None:
    def found(name: str) -> Claim:
        claim = desk.book.claims.by_id(name)
        if claim is None:
            raise Refused("no-claim", _UNKNOWN)
        return claim

    def view(claim: Claim, who: SignedIn) -> dict[str, Any]:
        device = None
        if claim.state in (State.GRANTED, State.INSTALLED):
            device = who.calls.call("GET", f"/api/devices/{quote(claim.device)}")
        with desk.book.lock:
            return claim_view(desk.book, claim, device)

    @app.get("/api/codes/{code}")
    def by_code(
        who: Who, code: Annotated[str, Field(max_length=40)], fp: Annotated[str, Field(max_length=64)] = ""
    ) -> dict[str, Any]:
        """The claim of a typed code; with fp, as the QR code has it, only if it is of that key."""
        return view(desk.placing.find(code, fp or None), who)

    @app.get("/api/places")
    def places(who: Who, role: Annotated[str, Field(max_length=16)]) -> list[dict[str, Any]]:
        plan = desk.plan.recent(who.calls) or desk.plan.now(who.calls)
        return places_view(desk.book, plan, role)

    @app.get("/api/claims/{name}")
    def claim(who: Who, name: str) -> dict[str, Any]:
        return view(found(name), who)

    @app.post("/api/claims/{name}/place")
    def place(who: Who, name: str, body: Placed) -> dict[str, Any]:
        desk.technicians.check(who)
        return view(desk.placing.place(found(name), body.place, who.account, who.calls), who)

    @app.post("/api/claims/{name}/release")
    def release(who: Who, name: str, _body: Nothing) -> dict[str, Any]:
        desk.technicians.check(who)
        return view(desk.placing.release(found(name)), who)


def _things(app: FastAPI, desk: Desk) -> None:
    def line_of(who: SignedIn, text: str) -> dict[str, Any]:
        plan, devices = desk.plan.now(who.calls), who.calls.call("GET", "/api/devices")
        line = find_device(text, plan, devices)
        if line is None:
            raise Refused("nothing-found", _UNKNOWN, text=wanted(text)[:40])
        stands = plan.by_device.get(line["device"])
        return {**line, "place_id": stands.place if stands else None, "label": stands.label if stands else ""}

    @app.get("/api/find")
    def find(who: Who, text: Annotated[str, Field(min_length=1, max_length=200)]) -> dict[str, Any]:
        """What this label says; a claim that waits is found by its serial, too."""
        with desk.book.lock:
            waiting = [
                one for one in desk.book.claims.of_serial(wanted(text)) if one.state is not State.INSTALLED
            ]
            claims = [claim_view(desk.book, one) for one in waiting]
        try:
            return {"device": line_of(who, text), "claims": claims}
        except Refused:
            if not claims:
                raise
            return {"device": None, "claims": claims}

    @app.get("/api/spares")
    def spares(who: Who, role: Annotated[str, Field(max_length=16)]) -> list[dict[str, Any]]:
        lines = who.calls.call("GET", "/api/devices")
        return [
            line
            for line in lines
            if line["role"] == role and line["state"] == "active" and line.get("place_id") is None
        ]

    @app.post("/api/devices/{device}/commands")
    def command(who: Who, device: str, body: Command) -> Any:
        desk.technicians.check(who)
        path = f"/api/devices/{quote(device, safe='')}/commands"
        return who.calls.call("POST", path, {"command": body.command})

    @app.get("/api/devices/{device}/self-test")
    def self_test(who: Who, device: str) -> Any:
        """The newest one that the device has signed; null before the first."""
        try:
            return who.calls.call("GET", f"/api/devices/{quote(device, safe='')}/self-test")
        except FleetRefused as err:
            if err.status == _UNKNOWN:
                return JSONResponse(None)
            raise

    @app.post("/api/swap")
    def swap(who: Who, body: Swap) -> dict[str, Any]:
        desk.technicians.check(who)
        return desk.swapping.swap(body.dead, body.spare, body.reason, who.account, who.calls)


def both(key: str) -> Markup:
    """A word in both languages; the style sheet shows one."""
    vietnamese, english = PAGE[key]
    return Markup('<span lang="vi">{}</span><span lang="en">{}</span>').format(vietnamese, english)
