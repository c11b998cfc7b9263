"""What the API answers when it does not do what it was asked: `{"code", "sentence", "sentence_vi"}`,
sometimes with seats."""

from collections.abc import Sequence
from typing import ClassVar, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from fleet.api.faults import SAID, of_body
from fleet.errors import StoreError
from fleet.saying import say
from wire.errors import HallError, RecordRejected


class ErrorBody(BaseModel):
    """code: stable, for programs. sentence: what happened and what to do; sentence_vi: the same in
    Vietnamese, where there is one. seats: those it is about, if any."""

    code: str
    sentence: str
    sentence_vi: str | None = None
    seats: list[str] | None = None


class ApiError(HallError):
    """An answer that is not the one asked for."""

    code = "refused"
    status: ClassVar[int] = 400

    def __init__(
        self, what: str, *, code: str | None = None, seats: Sequence[str] | None = None, vi: str | None = None
    ) -> None:
        super().__init__(what)
        self.vi: Final = vi
        self.stable_code: Final = code or self.code
        self.seats: Final = list(seats) if seats is not None else None


class BadInput(ApiError):
    code = "bad-input"
    status = 422


class NotSignedIn(ApiError):
    code = "not-signed-in"
    status = 401


class Forbidden(ApiError):
    code = "forbidden"
    status = 403


class NotFound(ApiError):
    code = "not-found"
    status = 404


class Conflict(ApiError):
    """Right in form, but not now: the state of the hall does not allow it."""

    code = "conflict"
    status = 409


class TooMany(ApiError):
    code = "too-many"
    status = 429


_NO_ROUTE: Final = frozenset({404, 405})
_STATUS_CODES: Final = {400: "bad-input", 404: "not-found", 405: "method-not-allowed"}


def answer(
    status: int, code: str, sentence: str, seats: list[str] | None = None, vi: str | None = None
) -> JSONResponse:
    body = ErrorBody(code=code, sentence=sentence, sentence_vi=vi, seats=seats)
    return JSONResponse(body.model_dump(exclude_none=True), status_code=status)


def install(app: FastAPI) -> None:
    """Make every error of the app an ErrorBody; a page asked for by nobody leads to the sign-in page."""

    @app.exception_handler(ApiError)
    def refused(request: Request, err: ApiError) -> Response:
        if (
            isinstance(err, NotSignedIn)
            and request.method == "GET"
            and not request.url.path.startswith("/api/")
        ):
            return RedirectResponse("/sign-in", status_code=303)
        return answer(err.status, err.stable_code, err.diagnostics(), err.seats, err.vi)

    @app.exception_handler(RecordRejected)
    def impossible(_request: Request, err: RecordRejected) -> Response:
        told = say(SAID, "record", what=err.diagnostics())
        return answer(422, err.code, told.en, vi=told.vi)

    @app.exception_handler(StoreError)
    def store(request: Request, err: StoreError) -> Response:
        # Where the store lies is nobody's business who may not even be signed in.
        where = request.app.state.services.office.engine.url.render_as_string(hide_password=True)
        told = say(SAID, "store", what=err.diagnostics().replace(f"the store {where}", "the store"))
        return answer(503, err.code, told.en, vi=told.vi)

    @app.exception_handler(RequestValidationError)
    def invalid(_request: Request, err: RequestValidationError) -> Response:
        told = of_body(err.errors()[0])
        return answer(422, "bad-input", told.en, vi=told.vi)

    @app.exception_handler(Exception)
    def ours(_request: Request, _err: Exception) -> Response:
        told = say(SAID, "internal")
        return answer(500, "internal", told.en, vi=told.vi)

    @app.exception_handler(HTTPException)
    def http(request: Request, err: HTTPException) -> Response:
        code = _STATUS_CODES.get(err.status_code, "refused")
        key = "http" if err.status_code in _NO_ROUTE else "unread"
        told = say(SAID, key, method=request.method, path=request.url.path, detail=err.detail)
        return answer(err.status_code, code, told.en, vi=told.vi)
