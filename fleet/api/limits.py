"""What every request to the API passes before any route: the API's terms."""

from typing import Final

from starlette.types import ASGIApp, Scope

from fleet.api.errors import answer
from front.entrance import Entrance
from front.terms import Fault, Intake, Terms

BODY_BYTES_MAX: Final = 1_000_000
BODY_S_MAX: Final = 30.0
_TOO_LONG: Final = Fault(
    413,
    "too-large",
    f"Nội dung dài hơn {BODY_BYTES_MAX} byte; hãy chia ra và gửi nhiều lần.",
    f"The body is longer than {BODY_BYTES_MAX} bytes; send it in several parts.",
)
_TOO_SLOW: Final = Fault(
    408,
    "too-slow",
    f"Nội dung không đến đủ trong {BODY_S_MAX:.0f} giây; hãy gửi lại.",
    f"The body did not arrive within {BODY_S_MAX:.0f} s; send it again.",
)
_FOREIGN: Final = Fault(
    403,
    "foreign-origin",
    "Yêu cầu đến từ trang khác và bị từ chối.",
    "The request comes from a page of another server and was refused.",
)
_NOT_JSON: Final = Fault(
    415,
    "not-json",
    "Nội dung phải là JSON, với `Content-Type: application/json`.",
    "The body must be JSON, with `Content-Type: application/json`.",
)


_NO_ORIGIN: Final = Fault(
    403,
    "no-origin",
    "Yêu cầu thiếu tiêu đề Origin; hãy gửi `Origin: {own}`.",
    "The request lacks the header Origin; send `Origin: {own}`.",
)
_JSON: Final = Intake(BODY_BYTES_MAX, ("application/json",), _NOT_JSON)
"""No HTML form sends it."""
_UNREAD: Final = Intake(BODY_BYTES_MAX)


class Limits(Entrance):
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            app,
            Terms(
                body_s=BODY_S_MAX,
                intake=_intake,
                too_long=_TOO_LONG,
                too_slow=_TOO_SLOW,
                foreign=_FOREIGN,
                no_origin=_NO_ORIGIN,
                answer=_answer,
            ),
        )


def _intake(scope: Scope) -> Intake:
    return _UNREAD if scope["method"] == "DELETE" else _JSON


def _answer(fault: Fault) -> ASGIApp:
    return answer(fault.status, fault.code, fault.en, vi=fault.vi)
