"""Questions over HTTP. While one is open only its turnout is served; after the close, the frozen result."""

from typing import Any

from fastapi import APIRouter, Response

from fleet.api.errors import Conflict, NotFound
from fleet.api.guard import Hall, Services, Who
from fleet.api.types import Body, Den, Name, Num, View
from fleet.api.types import Question as Text
from fleet.people import store as people
from fleet.sittings import store as sittings
from fleet.votes import acts, store
from fleet.votes.rules import Question, Step
from wire.ids import MemberRef, SittingId

router = APIRouter(tags=["questions"])

_POLL_S = 0.05


class NewQuestion(Body):
    """Carried when yes × majority_den > (yes + no) × majority_num. revote: the last ballot of a member
    counts."""

    question: Name
    text: Text
    revote: bool = True
    majority_num: Num = 1
    majority_den: Den = 2


class Acceptance(Body):
    """accept_missing: go on although seats cannot be reached; the answer without it names them."""

    accept_missing: bool = False


class QuestionView(View):
    """state: prepared, open, held, closing, closed, certified. closing: the close is not in the log yet.

    voted: keypads with a ballot in the log. missing: seats that cannot be reached now.
    """

    question: str
    sitting: str
    text: str
    revote: bool
    majority_num: int
    majority_den: int
    state: str
    seated: int
    voted: int
    missing: list[str]


class MajorityView(View):
    holds: bool
    vi: str
    en: str
    num: int
    den: int


class QuorumView(View):
    holds: bool
    vi: str
    en: str


class ChoiceView(View):
    """name: null after a withdrawal."""

    member: str
    name: str | None
    party: str
    seat: str
    choice: str
    device: str
    leaf: int


class UncountedView(View):
    """why: not-open, held, late, not-seated, other-member, revote, superseded."""

    leaf: int
    device: str
    seat: str
    why: str


class ResultView(View):
    """outcome: carried, not-carried, no-quorum. opened_leaf, closed_leaf: in the hall log."""

    question: str
    text: str
    state: str
    outcome: str
    yes: int
    no: int
    abstain: int
    cast: int
    present: int
    summoned: int
    majority: MajorityView
    quorum: QuorumView
    opened_leaf: int
    closed_leaf: int
    choices: list[ChoiceView]
    uncounted: list[UncountedView]


@router.post("/api/sittings/{sitting}/questions", status_code=201)
def prepare(hall: Hall, who: Who, sitting: Name, body: NewQuestion) -> QuestionView:
    question = Question(
        body.question,
        sitting,
        body.text,
        body.revote,
        body.majority_num,
        body.majority_den,
        "prepared",
        0,
        False,
    )
    acts.prepare(hall.office, who.account, question)
    return question_detail(hall, body.question)


@router.get("/api/questions/{question}")
def question_detail(hall: Hall, question: Name) -> QuestionView:
    with hall.office.look() as connection:
        found = store.find(connection, question)
        if found is None:
            raise NotFound(f"There is no question {question}.")
        turnout = acts.turnout(hall.office, connection, found)
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
    )


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
    `closing`."""
    acts.step(hall.office, who.account, question, Step.CLOSE, accept_missing=body.accept_missing)
    if not _wait_for_result(hall, question):
        response.status_code = 202
    return question_detail(hall, question)


@router.post("/api/questions/{question}/certify")
def certify_question(hall: Hall, who: Who, question: Name) -> QuestionView:
    """The counting board signs the result."""
    acts.step(hall.office, who.account, question, Step.CERTIFY)
    return question_detail(hall, question)


@router.get("/api/questions/{question}/result")
def result(hall: Hall, question: Name) -> ResultView:
    """The frozen result with every member's choice by name. 409 before the close is in the log."""
    with hall.office.look() as connection:
        found = store.find(connection, question)
        if found is None:
            raise NotFound(f"There is no question {question}.")
        frozen = store.result(connection, question)
        if frozen is None:
            raise Conflict(
                f"The question {question} is {found.word}; there is no result yet.", code="no-result"
            )
        names = people.names(connection)
        seats = sittings.places(connection, SittingId(found.sitting))
    seat_of = {place.member: place.seat for place in seats}
    seat_at = {str(place.device): place.seat for place in seats if place.device}
    choices = [_choice(row, names, seat_of) for row in frozen.pop("choices")]
    uncounted = [UncountedView(**row, seat=seat_at.get(row["device"], "")) for row in frozen.pop("uncounted")]
    return ResultView(
        question=question, text=found.text, state=found.word, choices=choices, uncounted=uncounted, **frozen
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
