"""The plan of the hall over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import StringConstraints

from fleet.api.guard import Hall, Who
from fleet.api.types import Body, Name, Reason, View
from fleet.devices.rules import COLOURS, condition
from fleet.places import acts, store
from fleet.places.plan import Place
from fleet.places.store import Spot
from fleet.places.swap import swap
from fleet.places.swap_words import notes

router = APIRouter(tags=["places"])

CSV_CHARACTERS_MAX = 900_000
FREE, NONE = "free", "grey"


class Plan(Body):
    """csv: the whole plan, as a spreadsheet saves it. dry_run: say what would change, and change nothing."""

    csv: Annotated[str, StringConstraints(max_length=CSV_CHARACTERS_MAX)]
    dry_run: bool = True


class Standing(Body):
    """device: who stands there from now on; null: nobody."""

    device: Name | None


class PlaceView(View):
    """serial: of the device expected there, null: any. state: free, active or revoked; word, colour and age_s
    as of the device that stands there."""

    place: str
    role: str
    label: str
    row: str
    seat: str
    x: int
    y: int
    serial: str | None
    device: str | None
    state: str
    word: str
    colour: str
    age_s: int | None


class PlannedPlace(View):
    role: str
    label: str
    row: str
    seat: str
    x: int
    y: int
    serial: str | None


class ChangeView(View):
    """null: not on the plan."""

    place: str
    was: PlannedPlace | None
    will_be: PlannedPlace | None


class Swap(Body):
    """dead, spare: devices. reason: kept in the hall log; without names of persons."""

    dead: Name
    spare: Name
    reason: Reason


class SwapView(View):
    """place: null when the dead one stood nowhere on the plan. sittings: whose roll has changed. question:
    open now, and voted: whether the member's ballot on it is in the log. notes: what is left to do."""

    place: str | None
    label: str
    dead: str
    spare: str
    sittings: list[str]
    question: str | None
    voted: bool | None
    notes_vi: list[str]
    notes_en: list[str]


class PlannedView(View):
    rows: int
    changes: list[ChangeView]


@router.get("/api/places", response_model=list[PlaceView])
def places(hall: Hall) -> JSONResponse:
    """The plan with who stands where. Written straight as JSON: thousands of places should take no time."""
    with hall.office.look() as connection:
        spots = store.everything(connection)
    now_ms = hall.office.clock.wall_ms()
    return JSONResponse([_view(spot, now_ms) for spot in spots])


@router.put("/api/places")
def plan(hall: Hall, who: Who, body: Plan) -> PlannedView:
    """The whole plan at once: either all of it holds, or nothing changes and every fault is named."""
    planned = acts.plan(hall.office, who.account, body.csv, dry_run=body.dry_run)
    changes = [
        ChangeView(place=change.place, was=_planned(change.was), will_be=_planned(change.will_be))
        for change in planned.changes
    ]
    return PlannedView(rows=planned.rows, changes=changes)


@router.put("/api/places/{place}/device")
def set_device(hall: Hall, who: Who, place: Name, body: Standing) -> PlaceView:
    """Who stands there. For whom a keypad speaks in a sitting its roll says, which this leaves alone."""
    spot = acts.set_device(hall.office, who.account, place, body.device)
    return PlaceView(**_view(spot, hall.office.clock.wall_ms()))


@router.post("/api/swap")
def swap_devices(hall: Hall, who: Who, body: Swap) -> SwapView:
    """The spare takes over place, seat and ballot state; the dead one is revoked in the same act."""
    swapped = swap(hall.office, who.account, body.dead, body.spare, body.reason)
    said = notes(swapped)
    return SwapView(
        place=swapped.place,
        label=swapped.label,
        dead=swapped.dead,
        spare=swapped.spare,
        sittings=list(swapped.sittings),
        question=swapped.question,
        voted=swapped.voted,
        notes_vi=[each.vi for each in said],
        notes_en=[each.en for each in said],
    )


def _planned(place: Place | None) -> PlannedPlace | None:
    return None if place is None else PlannedPlace(**_fields(place))


def _fields(place: Place) -> dict[str, Any]:
    return {
        "role": place.role,
        "label": place.label,
        "row": place.row,
        "seat": place.seat,
        "x": place.x,
        "y": place.y,
        "serial": place.serial,
    }


def _view(spot: Spot, now_ms: int) -> dict[str, Any]:
    here = spot.here
    found = None if here is None else condition(here.state, here.sign, now_ms)
    seen_ms = None if here is None else here.sign.last_seen_ms
    return {
        "place": spot.place.place,
        **_fields(spot.place),
        "device": None if here is None else here.device,
        "state": FREE if here is None else here.state,
        "word": FREE if found is None else found,
        "colour": NONE if found is None else COLOURS[found],
        "age_s": None if seen_ms is None else max(0, now_ms - seen_ms) // 1000,
    }
