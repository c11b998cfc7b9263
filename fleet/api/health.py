"""What machines ask: is it up, how is it doing, what is the contract."""

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, Request, Response

from fleet.api.guard import Hall
from fleet.api.types import View
from fleet.desk import store as desk
from fleet.devices import store as devices
from fleet.devices.rules import condition
from fleet.sittings import store as sittings

router = APIRouter(tags=["health"])


class Up(View):
    status: str


@router.get("/healthz")
def healthz(hall: Hall) -> Up:
    """200 when the API answers and its store can be read; 503 with the reason otherwise."""
    with hall.office.look() as connection:
        sittings.head(connection)
    return Up(status="ok")


@router.get("/metrics", response_class=Response)
def metrics(hall: Hall) -> Response:
    """Prometheus text format. Only counts of things: nothing here depends on a person or on a choice."""
    with hall.office.look() as connection:
        head = sittings.head(connection)
        lights = devices.lights(connection)
        waiting = len(desk.waiting(connection))
    now_ms = hall.office.clock.wall_ms()
    counts: dict[tuple[str, str], int] = {}
    for light in lights:
        key = (light.role, condition(light.state, light.sign, now_ms).value)
        counts[key] = counts.get(key, 0) + 1
    text = "".join(
        [
            *_family(
                "hallward_log_leaves", "gauge", "Records in the hall log.", [("", head[0] if head else 0)]
            ),
            *_family(
                "hallward_desk_waiting", "gauge", "Desk records that are not leaves yet.", [("", waiting)]
            ),
            *_family("hallward_page_watchers", "gauge", "Open live pages.", [("", hall.live.watchers)]),
            *_family(
                "hallward_devices",
                "gauge",
                "Devices by role and condition.",
                [(f'{{role="{role}",condition="{word}"}}', n) for (role, word), n in sorted(counts.items())],
            ),
        ]
    )
    return Response(text, media_type="text/plain; version=0.0.4")


@router.get("/api/openapi.json", include_in_schema=False)
def openapi(request: Request) -> dict[str, Any]:
    """The contract of this API."""
    contract: dict[str, Any] = request.app.openapi()
    return contract


def _family(name: str, kind: str, text: str, samples: Iterable[tuple[str, int]]) -> list[str]:
    lines = [f"# HELP {name} {text}\n", f"# TYPE {name} {kind}\n"]
    return [*lines, *(f"{name}{labels} {value}\n" for labels, value in samples)]
