"""What the secretariat does around a question over HTTP: rules, seats, who takes part, hand counts,
corrections."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field, StringConstraints

from ballot.rules.presets import PRESETS
from ballot.rules.rule import Elect
from ballot.rules.words import describe
from fleet.api.errors import NotFound
from fleet.api.guard import Hall, Services, Who
from fleet.api.types import Body, MemberHex, Name, Reason, Title, View, member_of
from fleet.people import store as people
from fleet.votes import seating, store, taking_part
from fleet.votes.paper import acts as paper
from fleet.votes.paper import store as sheets
from fleet.votes.protocol import BOARD
from fleet.votes.refusals import refused
from fleet.votes.rules import Settings
from fleet.votes.seat_plan import Row
from wire.voting import OPTIONS_MAX

router = APIRouter(tags=["questions"])

Count = Annotated[int, Field(ge=0, le=1_000_000)]


class PresetView(View):
    """elect: motion, each, top: the last two are of persons, by paper or secret. source: standing orders."""

    id: str
    elect: str
    vi: str
    en: str
    rule_vi: str
    rule_en: str
    source: str


class Recused(Body):
    reason: Reason


class RecusedView(View):
    """name: null after a withdrawal."""

    member: str
    name: str | None
    reason: str


class NewCorrection(Body):
    """What the member declares after the close to have intended."""

    member: MemberHex
    choice: Literal["yes", "no", "abstain"]
    text: Annotated[str, StringConstraints(max_length=300)] = ""


class CorrectedView(View):
    """corrections: how many stand beside the result now."""

    corrections: int


class Sheet(Body):
    """What the caller found in the box, alone. marks: [for, against] of each person, in the ballot's order;
    of a motion yes, no and abstain instead. returned: papers in the box; issued: handed out for it."""

    issued: Count
    returned: Count
    yes: Count = 0
    no: Count = 0
    abstain: Count = 0
    valid: Count = 0
    blank: Count = 0
    invalid: Count = 0
    spoilt: Count = 0
    marks: Annotated[
        list[Annotated[list[Count], Field(min_length=2, max_length=2)]], Field(max_length=OPTIONS_MAX)
    ] = Field(default_factory=list)


class DifferenceView(View):
    field: str
    vi: str
    en: str


class BoxState(View):
    """state: `waiting` for somebody who has not counted it, `different`, or `agreed` and signed. by: who has
    entered a sheet. differences: every number in which two sheets differ; count again, then enter again."""

    box: str
    state: str
    by: list[str]
    differences: list[DifferenceView]


class Plan(Body):
    """csv: columns seat, member, keypad, standing. dry_run: only say what would change."""

    csv: Annotated[str, StringConstraints(min_length=1, max_length=900_000)]
    dry_run: bool = True


class PlaceView(View):
    seat: str
    keypad: str | None
    standing: str


class ChangeView(View):
    """was: null for somebody new on the roll. will_be: null for somebody who leaves it."""

    member: str
    name: str | None
    was: PlaceView | None
    will_be: PlaceView | None


class PlanView(View):
    """done: false after a dry run. rows: of the plan. changes: against the roll as it was."""

    done: bool
    rows: int
    changes: list[ChangeView]


class SittingSettings(Body):
    """lost_percent: more than this share of the seated units lost within 30 s holds a question, 0: never.
    presence: only who is in the hall votes, unless a question says otherwise. seats: of the body, 0: unsaid.
    board: who signs under a protocol."""

    lost_percent: Annotated[int, Field(ge=0, le=100)] = 10
    presence: bool = False
    seats: Annotated[int, Field(ge=0, le=100_000)] = 0
    board: Annotated[list[Title], Field(max_length=12)] = Field(default_factory=list)


class SettingsView(View):
    lost_percent: int
    presence: bool
    seats: int
    board: list[str]


@router.get("/api/rules")
def rules() -> list[PresetView]:
    """The presets: rules of known standing orders, each with its source."""
    return [
        PresetView(
            id=name,
            elect=preset.rule.elect.value,
            vi=preset.vi,
            en=preset.en,
            rule_vi=describe(preset.rule)[0],
            rule_en=describe(preset.rule)[1],
            source=preset.source,
        )
        for name, preset in sorted(PRESETS.items(), key=lambda line: line[1].rule.elect != Elect.MOTION)
    ]


@router.get("/api/questions/{question}/recusals")
def recusals(hall: Hall, question: Name) -> list[RecusedView]:
    with hall.office.look() as connection:
        if store.find(connection, question) is None:
            raise refused(NotFound, "not-found/question", question=question)
        found = store.recused(connection, question)
        names = people.names(connection, list(found))
    return [
        RecusedView(member=member.hex(), name=names.get(member, (None, ""))[0], reason=reason)
        for member, reason in found.items()
    ]


@router.put("/api/questions/{question}/recusals/{member}")
def recuse(hall: Hall, who: Who, question: Name, member: MemberHex, body: Recused) -> list[RecusedView]:
    """From the next leaf on this member takes no part in the question, and their keypad says why."""
    taking_part.recuse(hall.office, who.account, question, member_of(member), body.reason)
    return recusals(hall, question)


@router.delete("/api/questions/{question}/recusals/{member}")
def take_part(hall: Hall, who: Who, question: Name, member: MemberHex) -> list[RecusedView]:
    taking_part.recuse(hall.office, who.account, question, member_of(member), None)
    return recusals(hall, question)


@router.post("/api/questions/{question}/corrections", status_code=201)
def correct(hall: Hall, who: Who, question: Name, body: NewCorrection) -> CorrectedView:
    """Stands beside the frozen result, and is printed with it. The result does not change."""
    taking_part.correct(hall.office, who.account, question, member_of(body.member), body.choice, body.text)
    with hall.office.look() as connection:
        return CorrectedView(corrections=len(store.corrections(connection, question)))


@router.get("/api/questions/{question}/boxes")
def boxes(hall: Hall, question: Name) -> list[BoxState]:
    """Ballot boxes of a question counted by paper, without a number of any sheet that nobody has matched."""
    with hall.office.look() as connection:
        found = store.find(connection, question)
        if found is None:
            raise refused(NotFound, "not-found/question", question=question)
        signed = sheets.agreed(connection, question)
        return [
            BoxState(box=box, state="agreed", by=list(signed[box][0]), differences=[])
            if box in signed
            else _box_state(paper.state_of(found, box, sheets.sheets(connection, question, box)))
            for box in found.boxes or ()
        ]


@router.put("/api/questions/{question}/boxes/{box}")
def enter_sheet(hall: Hall, who: Who, question: Name, box: Name, body: Sheet) -> BoxState:
    """The hand count of one box as this account found it. Signed once another account found the same."""
    numbers = paper.Numbers(
        **body.model_dump(exclude={"marks"}), marks=tuple((row[0], row[1]) for row in body.marks)
    )
    return _box_state(paper.enter(hall.office, who.account, question, box, numbers))


@router.put("/api/sittings/{sitting}/plan")
def seat_plan(hall: Hall, who: Who, sitting: Name, body: Plan) -> PlanView:
    """Takes a table of seats, members and keypads as the roll of a sitting that is not open yet."""
    planned = seating.plan(hall.office, who.account, sitting, body.csv, dry_run=body.dry_run)
    with hall.office.look() as connection:
        names = people.names(connection)
    return PlanView(
        done=not body.dry_run,
        rows=planned.rows,
        changes=[
            ChangeView(
                member=change.member.hex(),
                name=names.get(change.member, (None, ""))[0],
                was=_place(change.was),
                will_be=_place(change.will_be),
            )
            for change in planned.changes
        ],
    )


@router.get("/api/sittings/{sitting}/settings")
def sitting_settings(hall: Hall, sitting: Name) -> SettingsView:
    return _settings(hall, sitting)


@router.put("/api/sittings/{sitting}/settings")
def settle(hall: Hall, who: Who, sitting: Name, body: SittingSettings) -> SettingsView:
    wanted = Settings(body.lost_percent, body.presence, body.seats, tuple(body.board))
    seating.settle(hall.office, who.account, sitting, wanted)
    return _settings(hall, sitting)


def _settings(hall: Services, sitting: str) -> SettingsView:
    with hall.office.look() as connection:
        found = store.settings(connection, sitting)
    return SettingsView(
        lost_percent=found.lost_percent,
        presence=found.presence,
        seats=found.seats,
        board=list(found.board or BOARD),
    )


def _box_state(entered: paper.Entered) -> BoxState:
    return BoxState(
        box=entered.box,
        state=entered.state,
        by=list(entered.by),
        differences=[DifferenceView(field=d.field, vi=d.vi, en=d.en) for d in entered.differences],
    )


def _place(row: Row | None) -> PlaceView | None:
    return None if row is None else PlaceView(seat=row.seat, keypad=row.keypad, standing=row.standing)
