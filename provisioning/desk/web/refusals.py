"""Every error of the desk as an answer: a code, and a sentence in both languages."""

import logging
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from provisioning.desk.errors import Refused
from provisioning.desk.fleet_words import fleet_says
from provisioning.desk.registering import is_for_later
from provisioning.desk.web.door import answer
from provisioning.desk.words import said
from provisioning.errors import AuthorityError, ConfigError, FleetRefused

_log: Final = logging.getLogger("hallward.provisioning.desk")
_OVER: Final = 401
_BUSY: Final = 429
_FAULT: Final = "giá trị chưa đúng."
_FAULTS: Final = {
    "missing": "còn thiếu mục này.",
    "string_too_short": "phải có ít nhất {min_length} ký tự.",
    "string_too_long": "chỉ được có nhiều nhất {max_length} ký tự.",
}
"""By pydantic's types of errors, as far as somebody at the page can cause them."""


def install(app: FastAPI) -> None:
    @app.exception_handler(Refused)
    def refused(_request: Request, err: Refused) -> Response:
        return answer(err.status, err.reason, err.vi, err.en)

    @app.exception_handler(FleetRefused)
    def fleet(_request: Request, err: FleetRefused) -> Response:
        if err.status == _BUSY:
            return answer(503, "fleet-busy", *said("fleet-busy"))
        if is_for_later(err):
            return answer(503, "fleet-down", *said("fleet-down"))
        if err.status == _OVER:
            return answer(401, "not-signed-in", *said("not-signed-in"))
        return answer(err.status, err.reason or "fleet-refused", *fleet_says(err))

    @app.exception_handler(ConfigError)
    @app.exception_handler(AuthorityError)
    def ours(_request: Request, err: ConfigError | AuthorityError) -> Response:
        _log.error("%s", err.diagnostics())
        return answer(503, err.code, *said("desk-trouble", sentence=err.what))

    @app.exception_handler(RequestValidationError)
    def invalid(_request: Request, err: RequestValidationError) -> Response:
        # The input itself is never echoed: it may hold a password.
        first = err.errors()[0]
        field = ".".join(str(part) for part in first["loc"][1:])
        vietnamese = _FAULTS.get(first["type"], _FAULT).format_map(first.get("ctx", {}))
        vi, _ = said("bad-request", sentence=f"{field}: {vietnamese}")
        _, en = said("bad-request", sentence=f"{field}: {first['msg']}")
        return answer(422, "bad-request", vi, en)

    @app.exception_handler(HTTPException)
    def http(_request: Request, err: HTTPException) -> Response:
        return answer(err.status_code, "not-here", "Không có gì ở đây.", "There is nothing here.")

    @app.exception_handler(Exception)
    def mistake(_request: Request, _err: Exception) -> Response:
        return answer(
            500, "internal", "Bàn cấp phát gặp lỗi.", "The desk made a mistake; its log says which."
        )
