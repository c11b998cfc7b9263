"""Questions over HTTP. While one is open only its turnout is served; after the close, the frozen result."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response

from ballot.rules.words import describe
from fleet.api.errors import BadInput, Conflict
from fleet.api.guard import Hall, Services, Who
from fleet.api.types import Name
from fleet.db import Connection
from fleet.people import store as people
from fleet.sittings import store as sittings
from fleet.sittings.state_words import state_word
from fleet.votes import acts, store
from fleet.votes.minutes import protocol_of
from fleet.votes.protocol import as_csv
from fleet.votes.protocol_pdf import as_pdf
from fleet.votes.refusals import refused
from fleet.votes.rules import Question, Step, wait_of_reveal_s
from fleet.votes.views import (
    Acceptance,
    ChoiceView,
    CorrectionView,
    NewQuestion,
    QuestionView,
    ResultView,
    RuleView,
    ShownView,
    UncountedView,
)
from wire.ids import MemberRef, SittingId

router = APIRouter(tags=["questions"])

_POLL_S = 0.05


@router.post("/api/sittings/{sitting}/questions", status_code=201)
def prepare(hall: Hall, who: Who, sitting: Name, body: NewQuestion) -> QuestionView:
    if body.boxes is not None and len(set(body.boxes)) != len(body.boxes):
        raise refused(BadInput, "bad-input/box-twice")
    if body.boxes == []:
        raise refused(BadInput, "bad-input/no-boxes")
    if body.persons and body.boxes is None:
        raise refused(BadInput, "bad-input/persons-without-boxes")
    with hall.office.look() as connection:
        presence = store.settings(connection, sitting).presence
    question = Question(
        question=body.question,
        sitting=sitting,
        text=body.text,
        revote=body.revote,
        majority_num=1,
        majority_den=2,
        state="prepared",
        changed_ms=0,
        has_result=False,
        presence=presence if body.presence is None else body.presence,
        boxes=None if body.boxes is None else tuple(body.boxes),
        persons=tuple(body.persons or ()),
    )
    acts.prepare(hall.office, who.account, question, body.asked())
    return question_detail(hall, body.question)


@router.get("/api/questions/{question}")
def question_detail(hall: Hall, question: Name) -> QuestionView:
    with hall.office.look() as connection:
        found = acts.found(connection, question)
        turnout = acts.turnout(hall.office, connection, found)
        shown = _shown(hall, connection, found) if found.is_shown else None
    vi, en = describe(found.rule)
    wait_s = wait_of_reveal_s(found, hall.office.clock.wall_ms()) if found.is_shown else 0
    return QuestionView(
        question=found.question,
        sitting=found.sitting,
        text=found.text,
        revote=found.revote,
        majority_num=found.majority_num,
        majority_den=found.majority_den,
        state=found.word,
        seated=turnout.seated,
        voted=turnout.voted,
        missing=turnout.missing,
        rule=RuleView(id=found.rule.id, vi=vi, en=en),
        presence=found.presence,
        paper=found.by_paper,
        persons=list(found.persons),
        held_why=found.held_why,
        shown=shown,
        reveal_wait_s=wait_s,
    )


def _shown(hall: Services, connection: Connection, question: Question) -> list[ShownView]:
    names = people.names(connection)
    seats = {place.member: place.seat for place in sittings.places(connection, SittingId(question.sitting))}
    return [
        ShownView(
            name=names.get(choice.member, (None, ""))[0],
            seat=seats.get(choice.member, ""),
            choice=choice.choice,
        )
        for choice in acts.choices_so_far(hall.office, connection, question)
    ]


@router.post("/api/questions/{question}/open")
def open_question(hall: Hall, who: Who, question: Name, body: Acceptance) -> QuestionView:
    """Opens the ballot on the keypads. Without accept_missing, unreachable seats are named instead (409)."""
    acts.step(hall.office, who.account, question, Step.OPEN, accept_missing=body.accept_missing)
    return question_detail(hall, question)


@router.post("/api/questions/{question}/hold")
def hold(hall: Hall, who: Who, question: Name) -> QuestionView:
    acts.step(hall.office, who.account, question, Step.HOLD)
    return question_detail(hall, question)


@router.post("/api/questions/{question}/resume")
def resume(hall: Hall, who: Who, question: Name) -> QuestionView:
    acts.step(hall.office, who.account, question, Step.RESUME)
    return question_detail(hall, question)


@router.post("/api/questions/{question}/close", responses={202: {"model": QuestionView}})
def close(hall: Hall, who: Who, question: Name, body: Acceptance, response: Response) -> QuestionView:
    """Closes the ballot and waits a little until the close is in the log: 200 with a result, 202 while
    `closing`. Where the rule shows choices before the close, the first call begins that: 202, still open."""
    with hall.office.look() as connection:
        found = store.find(connection, question)
    if found is not None and found.state == "open" and found.rule.reveal_s and found.reveal_ms is None:
        acts.reveal(hall.office, who.account, question)
        response.status_code = 202
        return question_detail(hall, question)
    acts.step(hall.office, who.account, question, Step.CLOSE, accept_missing=body.accept_missing)
    if not _wait_for_result(hall, question):
        response.status_code = 202
    return question_detail(hall, question)


@router.post("/api/questions/{question}/certify")
def certify_question(hall: Hall, who: Who, question: Name) -> QuestionView:
    """The counting board signs the result."""
    acts.step(hall.office, who.account, question, Step.CERTIFY)
    return question_detail(hall, question)


@router.get("/api/questions/{question}/result", response_model=ResultView)
def result(
    hall: Hall,
    question: Name,
    form: Annotated[Literal["json", "csv", "pdf"], Query(alias="format")] = "json",
) -> ResultView | Response:
    """The frozen result with every member's choice by name; as CSV, or as the protocol to print and sign. 409
    before the close is in the log."""
    with hall.office.look() as connection:
        found = acts.found(connection, question)
        if form == "json":
            return _result(connection, found)
        protocol = protocol_of(hall.office, connection, found)
    content, media = (
        (as_csv(protocol), "text/csv") if form == "csv" else (as_pdf(protocol), "application/pdf")
    )
    name = f"{found.sitting}-{question}.{form}"
    return Response(
        content, media_type=media, headers={"content-disposition": f'attachment; filename="{name}"'}
    )


def _result(connection: Connection, found: Question) -> ResultView:
    frozen = store.result(connection, found.question)
    if frozen is None:
        raise refused(Conflict, "no-result", question=found.question, state=state_word(found.word))
    names = people.names(connection)
    seats = sittings.places(connection, SittingId(found.sitting))
    seat_of = {place.member: place.seat for place in seats}
    seat_at = {str(place.device): place.seat for place in seats if place.device}
    choices = [_choice(row, names, seat_of) for row in frozen.pop("choices")]
    uncounted = [UncountedView(**row, seat=seat_at.get(row["device"], "")) for row in frozen.pop("uncounted")]
    corrections = [
        CorrectionView(
            member=each.member.hex(),
            name=names.get(each.member, (None, ""))[0],
            seat=seat_of.get(each.member, ""),
            choice=each.choice,
            text=each.text,
            at_ms=each.at_ms,
        )
        for each in store.corrections(connection, found.question)
    ]
    return ResultView(
        question=found.question,
        text=found.text,
        state=found.word,
        choices=choices,
        uncounted=uncounted,
        corrections=tuple(corrections),
        **frozen,
    )


def _choice(
    row: dict[str, Any], names: dict[MemberRef, tuple[str, str]], seat_of: dict[MemberRef, str]
) -> ChoiceView:
    member = MemberRef(bytes.fromhex(row["member"]))
    name, party = names.get(member, (None, ""))
    return ChoiceView(**row, name=name, party=party, seat=seat_of.get(member, ""))


def _wait_for_result(hall: Services, question: str) -> bool:
    clock = hall.office.clock
    until_ms = clock.monotonic_ms() + int(hall.close_wait_s * 1000)
    while question not in acts.complete(hall.office):
        with hall.office.look() as connection:
            found = store.find(connection, question)
        if found is not None and found.has_result:  # the ticker was faster
            return True
        if clock.monotonic_ms() >= until_ms:
            return False
        hall.wait(_POLL_S)
    return True
