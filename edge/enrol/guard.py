"""What every request passes before any route: host, origin, size, the desk's own cookie; and what every
answer carries.

The page is for the one browser at this desk. Another page in that browser, and a name that was made to lead
here (DNS rebinding), are strangers.
"""

import hmac
import json
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Scope

from front.entrance import Entrance
from front.terms import SAFE, Fault, Intake, Terms

JSON_BYTES_MAX: Final = 64 * 1024
PHOTOGRAPH_BYTES_MAX: Final = 64 * 1024 * 1024
BODY_S_MAX: Final = 30.0
COOKIE: Final = "hallward-desk"
OPEN_PATHS: Final = frozenset({"/", "/api/start"})
PHOTOGRAPH_PATH: Final = "/api/visit/photograph"
PHOTOGRAPH_TYPES: Final = frozenset({"image/jpeg", "image/png"})


@dataclass(slots=True)
class Door:
    """Who may come in. hosts: as the Host header names this desk. token: on the terminal, good once; cookie:
    what it is exchanged for."""

    hosts: frozenset[str]
    token: str
    cookie: str
    _used: bool = field(default=False)

    def exchange(self, token: str) -> str | None:
        """The cookie, for the token, once."""
        if self._used or not hmac.compare_digest(token.encode(), self.token.encode()):
            return None
        self._used = True
        return self.cookie

    def knows(self, headers: Headers) -> bool:
        """Whether the request carries the desk's cookie."""
        found = cookie_parser(headers.get("cookie", "")).get(COOKIE)
        return found is not None and hmac.compare_digest(found.encode(), self.cookie.encode())


_NOT_HERE: Final = Fault(
    403, "foreign-host", "Địa chỉ này không phải của bàn.", "This is not the desk's address."
)
_FOREIGN: Final = Fault(403, "foreign-origin", "Yêu cầu đến từ trang khác.", "The request is another page's.")
_STRANGER: Final = Fault(
    401,
    "not-started",
    "Hãy mở trang bằng địa chỉ hiện ở cửa sổ dòng lệnh.",
    "Open the page by the address that the terminal shows.",
)
_LONG: Final = Fault(413, "too-large", "Tệp quá lớn.", "This is too large; 64 MiB is the most.")
_SLOW: Final = Fault(
    408, "too-slow", "Gửi quá chậm, hãy thử lại.", "It did not arrive in time; send it again."
)
_KIND: Final = Fault(
    415,
    "not-a-photograph",
    "Tệp này không phải ảnh JPEG hoặc PNG. Hãy chọn tệp khác.",
    "This is not a JPEG or PNG photograph. Choose another file.",
)
_NOT_JSON: Final = Fault(415, "not-json", "Yêu cầu sai.", "JSON expected.")


_JSON: Final = Intake(JSON_BYTES_MAX, ("application/json",), _NOT_JSON)
_PHOTOGRAPH: Final = Intake(PHOTOGRAPH_BYTES_MAX, PHOTOGRAPH_TYPES, _KIND)


class Guard(Entrance):
    """ASGI middleware. A body is read whole, into `scope["body"]` (a bytearray), and never onto a disk."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        super().__init__(
            app,
            Terms(
                body_s=BODY_S_MAX,
                intake=_intake,
                too_long=_LONG,
                too_slow=_SLOW,
                foreign=_FOREIGN,
                answer=_answer,
                stranger=partial(_stranger, door),
                page_loads="img-src 'self' blob:",
                keeps_body=True,
            ),
        )


def _intake(scope: Scope) -> Intake:
    return _PHOTOGRAPH if scope["path"] == PHOTOGRAPH_PATH else _JSON


def _stranger(door: Door, scope: Scope, headers: Headers) -> Fault | None:
    if headers.get("host", "") not in door.hosts:
        return _NOT_HERE
    if scope["path"] in OPEN_PATHS or scope["path"].startswith("/static/"):
        return None
    if not door.knows(headers):
        return _STRANGER
    # A picture or a page of ours that a stranger's page asks for; browsers say so.
    is_own = headers.get("sec-fetch-site", "none") in {"none", "same-origin"}
    return None if is_own or scope["method"] not in SAFE else _FOREIGN


def _answer(fault: Fault) -> ASGIApp:
    body = {"code": fault.code, "vi": fault.vi, "en": fault.en}
    return Response(json.dumps(body), fault.status, media_type="application/json")
