"""Sittings, rolls and attendance over HTTP."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from ballot.rules.sums import quorum
from fleet.api.errors import BadInput, NotFound
from fleet.api.guard import Hall, Who
from fleet.api.types import ROLL_ROWS_MAX, Body, Den, MemberHex, Name, Num, Seat, Title, View, member_of
from fleet.attendance import reading
from fleet.attendance.rules import Attendance
from fleet.people import store as people
from fleet.secret.rules import UNDER_WAY
from fleet.sittings import acts, store
from fleet.sittings.refusals import refused
from fleet.votes import store as votes
from wire.ids import DeviceId, MemberRef, SittingId

router = APIRouter(tags=["sittings"])


class RollRow(Body):
    """device: the keypad that speaks for the member. seat: as printed on it."""

    member: MemberHex
    device: Name | None = None
    seat: Seat = ""


class NewSitting(Body):
    """The quorum is reached when present × quorum_den ≥ summoned × quorum_num."""

    sitting: Name
    title: Title
    quorum_num: Num
    quorum_den: Den
    roll: Annotated[list[RollRow], Field(min_length=1, max_length=ROLL_ROWS_MAX)]


class SeatChange(Body):
    """member: null silences the keypad. seat: empty keeps the label that the member's seat has."""

    member: MemberHex | None
    seat: Seat = ""


class Certification(Body):
    """backed_up: the caller has seen a backup of the hall; devices may prune after this."""

    backed_up: bool


class SittingView(View):
    sitting: str
    title: str
    state: str
    quorum_num: int
    quorum_den: int
    summoned: int
    questions: list[str]


class RollRowView(View):
    """where: present, left or absent. name: null after a withdrawal."""

    member: str
    name: str | None
    party: str
    device: str | None
    seat: str
    where: str


class RulingView(View):
    holds: bool
    vi: str
    en: str


class AttendanceView(View):
    """by_method: entries by face, badge, pin, usher."""

    sitting: str
    summoned: int
    present: int
    left: int
    absent: int
    guests: int
    by_method: dict[str, int]
    quorum: RulingView


class Told(View):
    devices: int


@router.get("/api/sittings")
def sittings(hall: Hall) -> list[SittingView]:
    with hall.office.look() as connection:
        names = [sitting.sitting for sitting in store.everything(connection)]
    return [sitting_detail(hall, name) for name in names]


@router.post("/api/sittings", status_code=201)
def prepare(hall: Hall, who: Who, body: NewSitting) -> SittingView:
    """A sitting with its roll; nothing reaches the devices before it is opened."""
    sitting = store.Sitting(
        SittingId(body.sitting), body.title, "prepared", body.quorum_num, body.quorum_den, created_ms=0
    )
    places = [
        store.Place(member_of(row.member), DeviceId(row.device) if row.device else None, row.seat)
        for row in body.roll
    ]
    acts.prepare(hall.office, who.account, sitting, places)
    return sitting_detail(hall, body.sitting)


@router.get("/api/sittings/{sitting}")
def sitting_detail(hall: Hall, sitting: Name) -> SittingView:
    with hall.office.look() as connection:
        found = store.find(connection, sitting)
        if found is None:
            raise refused(NotFound, "not-found/sitting", sitting=sitting)
        summoned = len(store.places(connection, found.sitting))
        questions = [
            question.question
            for question in votes.of_sitting(connection, sitting)
            if question.state != UNDER_WAY  # secret ones are listed by /api/contests
        ]
    return SittingView(
        sitting=found.sitting,
        title=found.title,
        state=found.state,
        quorum_num=found.quorum_num,
        quorum_den=found.quorum_den,
        summoned=summoned,
        questions=questions,
    )


@router.post("/api/sittings/{sitting}/open")
def open_sitting(hall: Hall, who: Who, sitting: Name) -> SittingView:
    """Signs roll and opening into the log, tells every keypad its seat, freezes the devices' software."""
    acts.open_sitting(hall.office, who.account, sitting)
    return sitting_detail(hall, sitting)


@router.post("/api/sittings/{sitting}/close")
def close_sitting(hall: Hall, who: Who, sitting: Name) -> SittingView:
    acts.close_sitting(hall.office, who.account, sitting)
    return sitting_detail(hall, sitting)


@router.post("/api/sittings/{sitting}/certify")
def certify_sitting(hall: Hall, who: Who, sitting: Name, body: Certification) -> Told:
    """Lets the devices prune what the log holds."""
    if not body.backed_up:
        raise refused(BadInput, "bad-input/not-backed-up")
    return Told(devices=acts.certify(hall.office, who.account, sitting))


@router.put("/api/sittings/{sitting}/seats/{device}")
def change_seat(hall: Hall, who: Who, sitting: Name, device: Name, body: SeatChange) -> SittingView:
    """From the next leaf on this keypad speaks for this member."""
    member = member_of(body.member) if body.member else None
    acts.seat(hall.office, who.account, sitting, device, member, body.seat)
    return sitting_detail(hall, sitting)


@router.get("/api/sittings/{sitting}/attendance")
def attendance(hall: Hall, sitting: Name) -> AttendanceView:
    with hall.office.look() as connection:
        found, presence, where = reading.of_sitting(hall.office, connection, sitting)
    summoned = len(where.present) + len(where.left) + len(where.absent)
    ruling = quorum(len(where.present), summoned, found.quorum_num, found.quorum_den)
    return AttendanceView(
        sitting=sitting,
        summoned=summoned,
        present=len(where.present),
        left=len(where.left),
        absent=len(where.absent),
        guests=len(where.guests),
        by_method=presence.entries_by_method,
        quorum=RulingView(**asdict(ruling)),
    )


@router.get("/api/sittings/{sitting}/roll")
def roll(hall: Hall, sitting: Name) -> list[RollRowView]:
    """The roll call by name."""
    with hall.office.look() as connection:
        _, _, where = reading.of_sitting(hall.office, connection, sitting)
        places = store.places(connection, SittingId(sitting))
        names = people.names(connection)
    return [
        RollRowView(
            member=place.member.hex(),
            name=names[place.member][0] if place.member in names else None,
            party=names[place.member][1] if place.member in names else "",
            device=place.device,
            seat=place.seat,
            where=_word(place.member, where),
        )
        for place in places
    ]


def _word(member: MemberRef, where: Attendance) -> str:
    return "present" if member in where.present else "left" if member in where.left else "absent"
