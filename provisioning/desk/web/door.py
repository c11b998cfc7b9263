"""What every request to the desk passes before any route: the desk's terms."""

import json
from typing import Final

from starlette.responses import Response
from starlette.types import ASGIApp, Scope

from front.entrance import Entrance
from front.terms import Fault, Intake, Terms
from wire.enrol import HELLO_BYTES_MAX, MEDIA_TYPE

BODY_BYTES_MAX: Final = HELLO_BYTES_MAX
BODY_S_MAX: Final = 20.0
DEVICE_PATHS: Final = "/enrol/"
_LONG: Final = Fault(
    413,
    "too-large",
    "Yêu cầu quá dài.",
    f"The body is longer than {BODY_BYTES_MAX} bytes.",
)
_SLOW: Final = Fault(408, "too-slow", "Yêu cầu đến quá chậm.", "The body came too slowly; send it again.")
_FOREIGN: Final = Fault(
    403,
    "foreign-origin",
    "Yêu cầu đến từ trang khác và bị từ chối.",
    "The request comes from a page of another server and was refused.",
)


class Door(Entrance):
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            app,
            Terms(
                body_s=BODY_S_MAX,
                intake=_intake,
                too_long=_LONG,
                too_slow=_SLOW,
                foreign=_FOREIGN,
                answer=_answer,
                bad_code="bad-request",
            ),
        )


def answer(status: int, code: str, vi: str, en: str) -> Response:
    """sentence: both, for a device's display."""
    body = {"code": code, "sentence": f"{vi} / {en}"[:400], "vi": vi, "en": en}
    return Response(json.dumps(body, ensure_ascii=False), status, media_type="application/json")


def _answer(fault: Fault) -> ASGIApp:
    return answer(fault.status, fault.code, fault.vi, fault.en)


def _intake(scope: Scope) -> Intake:
    """Devices speak CBOR, the technician's page JSON."""
    is_device = scope["path"].startswith(DEVICE_PATHS)
    kind = MEDIA_TYPE if is_device else "application/json"
    wrong = Fault(415, "wrong-type", "Yêu cầu sai.", f"The body must be {kind}.")
    return Intake(BODY_BYTES_MAX, (kind,), wrong, is_from_a_page=not is_device)
