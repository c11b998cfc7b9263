"""The page and what its buttons call. Thin: the counter does the work, the guard stands before everything."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from importlib.resources import files
from typing import Annotated, Any, Final, Literal, TypeVar

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from edge.enrol.consent import Channel, Language
from edge.enrol.counter import Counter, NotNow
from edge.enrol.guard import COOKIE, Door, Guard
from edge.enrol.look import Look
from edge.enrol.ports import FleetRefused
from edge.enrol.saying import both, done_words, look_view, outcome_words, said_of, sign_in_words, state_of
from edge.enrol.words import PAGE, sentence
from wire.errors import HallError
from wire.ids import MemberRef

_log: Final = logging.getLogger("hallward.desk")
_MEDIA: Final = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_TICK_S: Final = 1.0
_PAGES: Final = Environment(
    loader=PackageLoader("edge.enrol"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PAGES.globals["t"] = both
_PAGES.globals["words"] = dict(PAGE)

MemberHex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
_Body = TypeVar("_Body", bound="Told")


class Told(BaseModel):
    """Base of what the page tells."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Token(Told):
    token: Annotated[str, Field(max_length=100)]


class Credentials(Told):
    account: Annotated[str, Field(min_length=1, max_length=32)]
    password: Annotated[str, Field(min_length=1, max_length=256)]


class Search(Told):
    text: Annotated[str, Field(max_length=120)]


class Chosen(Told):
    member: MemberHex
    name: Annotated[str, Field(max_length=120)]


class Agreed(Told):
    language: Literal["vi", "en"]
    channel: Literal["desk", "paper"]


class Withdrawn(Told):
    member: MemberHex
    channel: Literal["desk", "paper"]


class Nothing(Told):
    pass


def create_app(counter: Counter, door: Door) -> FastAPI:
    """The desk's app: everything that it works with is given."""

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(tick_on(counter.tick, _TICK_S))
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            await asyncio.to_thread(counter.leave)

    app = FastAPI(title="Hallward desk", openapi_url=None, docs_url=None, redoc_url=None, lifespan=lifespan)
    _pages(app, counter, door)
    _sign_in(app, counter)
    _person(app, counter)
    _looks(app, counter)
    _sending(app, counter)
    _errors(app)
    app.add_middleware(Guard, door=door)
    return app


async def tick_on(tick: Callable[[], None], every_s: float) -> None:
    """Until it is cancelled: what goes wrong once must not keep the desk from forgetting who has gone."""
    is_said = False
    while True:
        await asyncio.sleep(every_s)
        try:
            await asyncio.to_thread(tick)
        except Exception:  # noqa: BLE001  # whatever it was: who has gone must still be forgotten
            if not is_said:
                _log.exception("the desk's own clockwork failed; it goes on, and says this once")
            is_said = True


def _pages(app: FastAPI, counter: Counter, door: Door) -> None:
    assets = {
        file.name: (file.read_bytes(), _MEDIA[file.name.rpartition(".")[2]])
        for file in (files("edge.enrol") / "static").iterdir()
    }
    place = counter.place

    @app.get("/", response_class=HTMLResponse)
    def page(request: Request) -> str:
        name = "desk.html" if door.knows(request.headers) else "start.html"
        shown = {"station": place.name, "congress": place.seal.congress, "texts": place.texts}
        return _PAGES.get_template(name).render(**shown)

    @app.get("/static/{name}")
    def asset(name: str) -> Response:
        if name not in assets:
            return Response(status_code=404)
        content, media = assets[name]
        return Response(content, media_type=media)

    @app.post("/api/start")
    def start(request: Request) -> Response:
        cookie = door.exchange(_told(request, Token).token)
        if cookie is None:
            return _sentence(403, "bad-token", sentence("bad-token"))
        answer = JSONResponse({})
        answer.set_cookie(COOKIE, cookie, httponly=True, samesite="strict", path="/")
        return answer

    @app.get("/api/state")
    def state() -> dict[str, Any]:
        return state_of(counter)


def _sign_in(app: FastAPI, counter: Counter) -> None:
    @app.post("/api/sign-in")
    def sign_in(request: Request) -> dict[str, Any]:
        told = _told(request, Credentials)
        outcome = counter.sign_in(told.account, told.password)
        said = sign_in_words(outcome)
        return state_of(counter) | ({"said": said} if said else {})

    @app.post("/api/sign-out")
    def sign_out(request: Request) -> dict[str, Any]:
        _told(request, Nothing)
        counter.sign_out()
        return state_of(counter)


def _person(app: FastAPI, counter: Counter) -> None:
    @app.post("/api/search")
    def search(request: Request) -> list[dict[str, Any]]:
        return [
            {"member": f.member.hex(), "name": f.name, "references": f.references}
            for f in counter.search(_told(request, Search).text)
        ]

    @app.post("/api/visit")
    def begin(request: Request) -> dict[str, Any]:
        told = _told(request, Chosen)
        counter.begin(_member(told.member), told.name)
        return state_of(counter)

    @app.delete("/api/visit")
    def leave(request: Request) -> dict[str, Any]:
        _told(request, Nothing)
        counter.leave()
        return state_of(counter)

    @app.post("/api/visit/consent")
    def agree(request: Request) -> dict[str, Any]:
        told = _told(request, Agreed)
        language: Language = told.language
        counter.consent(language, Channel(told.channel))
        return state_of(counter)

    @app.delete("/api/visit/consent")
    def decline(request: Request) -> dict[str, Any]:
        _told(request, Nothing)
        counter.no_consent()
        return state_of(counter)


def _looks(app: FastAPI, counter: Counter) -> None:
    def taken(look: Look) -> dict[str, Any]:
        return state_of(counter) | {"taken": look_view(look)}

    @app.post("/api/visit/photograph")
    def photograph(request: Request) -> dict[str, Any]:
        return taken(counter.photograph(request.scope["body"]))

    @app.post("/api/visit/capture")
    def capture(request: Request) -> dict[str, Any]:
        _told(request, Nothing)
        return taken(counter.capture())

    @app.delete("/api/visit/looks/{number}")
    def drop(request: Request, number: int) -> dict[str, Any]:
        _told(request, Nothing)
        counter.drop_look(number)
        return state_of(counter)

    @app.post("/api/camera")
    def camera_on(request: Request) -> dict[str, Any]:
        _told(request, Nothing)
        counter.open_camera()
        return state_of(counter)

    @app.delete("/api/camera")
    def camera_off(request: Request) -> dict[str, Any]:
        _told(request, Nothing)
        counter.close_camera()
        return state_of(counter)

    @app.get("/api/camera/preview.jpg")
    def preview() -> Response:
        picture = counter.preview()
        return Response(status_code=204) if picture is None else Response(picture, media_type="image/jpeg")


def _sending(app: FastAPI, counter: Counter) -> None:
    @app.post("/api/visit/finish")
    def finish(request: Request) -> dict[str, Any]:
        _told(request, Nothing)
        outcome = counter.finish()
        said = sentence("kept") if outcome is None else done_words(outcome)
        return state_of(counter) | {"said": said}

    @app.post("/api/waiting/send")
    def send(request: Request) -> dict[str, Any]:
        _told(request, Nothing)
        said = outcome_words(counter.send_waiting())
        return state_of(counter) | {"said": said}

    @app.post("/api/withdrawals")
    def withdraw(request: Request) -> dict[str, Any]:
        told = _told(request, Withdrawn)
        is_told = counter.withdraw(_member(told.member), Channel(told.channel))
        return state_of(counter) | {"said": sentence("withdrawn" if is_told else "withdrawn-later")}

    @app.get("/api/withdrawals/{member}")
    def proofs(member: MemberHex) -> list[dict[str, Any]]:
        return [{"gate": p.gate, "state": p.state, "leaf": p.leaf} for p in counter.proofs(_member(member))]


def _errors(app: FastAPI) -> None:
    @app.exception_handler(NotNow)
    def not_now(_request: Request, err: NotNow) -> Response:
        return _sentence(409, err.why, sentence(err.why))

    @app.exception_handler(HallError)
    def refused(_request: Request, err: HallError) -> Response:
        status = 401 if isinstance(err, FleetRefused) and err.status == 401 else 409
        return _sentence(status, err.code, said_of(err))

    @app.exception_handler(ValidationError)
    def invalid(_request: Request, _err: ValidationError) -> Response:
        # What was told is never echoed: it may hold a password.
        return _sentence(422, "bad-input", ("Yêu cầu sai.", "The request cannot be read."))


def _told(request: Request, kind: type[_Body]) -> _Body:
    """The body as this kind. Raises ValidationError."""
    return kind.model_validate_json(bytes(request.scope["body"]))


def _sentence(status: int, code: str, words: tuple[str, str]) -> JSONResponse:
    return JSONResponse({"code": code, "vi": words[0], "en": words[1]}, status)


def _member(text: str) -> MemberRef:
    return MemberRef(bytes.fromhex(text))
