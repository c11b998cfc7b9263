"""The usher's routes: gates, names, and one tap that admits."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import AfterValidator, Field, StringConstraints

from fleet.api.guard import Hall, Who
from fleet.api.types import Body, MemberHex, Name, View, member_of
from fleet.devices import store as devices
from fleet.devices.rules import COLOURS, condition
from fleet.lane import admit, hold
from fleet.lane.rules import Reason, finds, folded
from fleet.people import store as people
from fleet.sittings import store as sittings
from wire.ids import MemberRef

router = APIRouter(tags=["lane"])

SEARCH_ROWS_MAX = 20


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be printable text in one line")
    return text


TapId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Note = Annotated[str, StringConstraints(max_length=100), AfterValidator(_one_line)]
Typed = Annotated[str, StringConstraints(min_length=2, max_length=60), AfterValidator(_one_line)]


class GateView(View):
    """age_s: since the last sign of life, null when there was none. word and colour: how that is to be
    read."""

    gate: str
    place: str
    word: str
    colour: str
    age_s: int | None
    held: bool


class Hold(Body):
    """held: the gate asks people to wait, and admits by an usher's word alone."""

    held: bool


class Search(Body):
    """q: beginnings of the words of a name, accents or none; or a seat."""

    q: Typed


class FoundView(View):
    """where: present, left or absent; null while there is no sitting."""

    member: str
    name: str
    seat: str
    where: str | None


class SearchView(View):
    """more: there are more than these; type more letters."""

    rows: list[FoundView]
    more: bool


class AdmitOrder(Body):
    """id: 16 random bytes in hex, fresh for each tap; sent again it admits nobody twice. note: without names,
    required when the reason is `other`."""

    id: TapId
    member: MemberHex
    reason: Reason
    note: Note = ""


class AdmissionView(View):
    """state: pending; passed, once the gate's own record is in the log; expired after 30 s without one.
    age_s: since the tap."""

    gate: str
    id: str
    member: str
    reason: str
    state: str
    age_s: Annotated[int, Field(ge=0)]


@router.get("/api/gates")
def gates(hall: Hall) -> list[GateView]:
    """The gates in service, silent ones too."""
    with hall.office.look() as connection:
        lights = devices.lights(connection, "gate")
        held = {light.device for light in lights if hold.is_held(connection, light.device)}
    now_ms = hall.office.clock.wall_ms()
    found = []
    for light in lights:
        if light.state == "active":
            word = condition(light.state, light.sign, now_ms)
            seen_ms = light.sign.last_seen_ms
            age_s = None if seen_ms is None else max(0, now_ms - seen_ms) // 1000
            found.append(
                GateView(
                    gate=light.device,
                    place=light.place,
                    word=word,
                    colour=COLOURS[word],
                    age_s=age_s,
                    held=light.device in held,
                )
            )
    return found


@router.put("/api/gates/{gate}/hold")
def hold_gate(hall: Hall, who: Who, gate: Name, body: Hold) -> list[GateView]:
    """Put a gate on hold, or let it go on. It outlives restarts of the gate."""
    hold.hold(hall.office, who.account, gate, held=body.held)
    return gates(hall)


@router.post("/api/members/search")
def search(hall: Hall, body: Search) -> SearchView:
    """Members by name or seat, at most 20. A POST, so that no name stands in a line of an access log."""
    typed = folded(body.q).split()
    with hall.office.look() as connection:
        names = people.names(connection)
        sitting = sittings.on_show(connection)
        places = sittings.places(connection, sitting.sitting) if sitting else []
    seats = {place.member: place.seat for place in places}
    everybody = sorted((folded(name), member, name) for member, (name, _) in names.items()) if typed else []
    found = [
        (member, name)
        for plain, member, name in everybody
        if finds(typed, plain, folded(seats.get(member, "")))
    ]
    present, ever = hall.live.presence(sitting.sitting) if sitting else (frozenset(), frozenset())

    def where(member: MemberRef) -> str | None:
        if sitting is None:
            return None
        return "present" if member in present else "left" if member in ever else "absent"

    rows = [
        FoundView(member=member.hex(), name=name, seat=seats.get(member, ""), where=where(member))
        for member, name in found[:SEARCH_ROWS_MAX]
    ]
    return SearchView(rows=rows, more=len(found) > SEARCH_ROWS_MAX)


@router.post("/api/gates/{gate}/admit", status_code=202)
def admit_member(hall: Hall, who: Who, gate: Name, body: AdmitOrder) -> AdmissionView:
    """Have this gate let this member in now. What became of it: GET with the same id."""
    wish = admit.Wish(bytes.fromhex(body.id), member_of(body.member), body.reason, body.note)
    admit.admit(hall.office, who.account, gate, wish)
    return admission(hall, gate, body.id)


@router.get("/api/gates/{gate}/admit/{id}")
def admission(hall: Hall, gate: Name, id: TapId) -> AdmissionView:  # noqa: A002  # its name in the contract
    """What became of a tap."""
    tap, state = admit.outcome_of(hall.office, gate, id)
    return AdmissionView(
        gate=tap.gate,
        id=tap.id,
        member=tap.member,
        reason=tap.reason,
        state=state,
        age_s=max(0, hall.office.clock.wall_ms() - tap.asked_ms) // 1000,
    )
