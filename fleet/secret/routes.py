"""Secret questions over HTTP. While one runs only its turnout is served; after it, one sum."""

import base64
import binascii
import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from ballot.documents.describe import KIND
from ballot.rules.words import describe
from ballot.seeds import fingerprint
from fleet.accounts.rules import Role
from fleet.api.errors import BadInput, NotFound
from fleet.api.guard import Hall, Services, Who
from fleet.api.types import Name
from fleet.db import Connection
from fleet.secret import acts, intake, store
from fleet.secret.annex_pdf import annex_pdf
from fleet.secret.desk import SecretDesk
from fleet.secret.following import Seen
from fleet.secret.minutes import Minutes, minutes_csv, minutes_of
from fleet.secret.refusals import Words, conflict, refused
from fleet.secret.rules import ENDS_WAIT_MS, OVER, RUNNING, SecretQuestion, Step, papers_due
from fleet.secret.stage import close_draft, tally_objections
from fleet.secret.store import Paper
from fleet.secret.views import (
    Acceptance,
    CloseDraftView,
    ContestHex,
    DueView,
    EndView,
    Handed,
    HashHex,
    LineView,
    ListingView,
    NewSecretQuestion,
    PaperView,
    SecretQuestionView,
    SecretResultView,
)
from fleet.votes import store as votes
from fleet.votes.protocol_pdf import as_pdf
from fleet.votes.rules import Question
from fleet.votes.views import RuleView, TextView
from wire.ids import ContestId

router = APIRouter(tags=["secret questions"])

_SEE_SEATS = frozenset({Role.SECRETARIAT, Role.BOARD})


def secret_desk(request: Request) -> SecretDesk:
    found: SecretDesk = request.app.state.secret
    return found


Secret = Annotated[SecretDesk, Depends(secret_desk)]


@router.post("/api/sittings/{sitting}/secret-questions", status_code=201)
def prepare(
    hall: Hall, secret: Secret, who: Who, sitting: Name, body: NewSecretQuestion
) -> SecretQuestionView:
    """Units that hear of it answer with their session keys; then the commission can make the roll."""
    if (body.majority_num is None) != (body.majority_den is None):
        raise refused(BadInput, "bad-input/half-a-majority")
    asked_for = Question(
        question=body.question,
        sitting=sitting,
        text=body.text,
        revote=False,
        majority_num=1,
        majority_den=2,
        state="",
        changed_ms=0,
        has_result=False,
        persons=tuple(body.persons),
    )
    found = acts.prepare(hall.office, secret.log, who.account, asked_for, body.asked(), blank=body.blank)
    return detail(hall, secret, who, found.contest.hex())


@router.get("/api/contests")
def contests(hall: Hall) -> list[LineView]:
    """The one that changed last comes first."""
    with hall.office.look() as connection:
        return [
            LineView(
                contest=each.contest.hex(),
                question=each.question,
                sitting=each.sitting,
                text=each.text,
                state=each.state,
            )
            for each in store.everything(connection)
        ]


@router.get("/api/contests/{contest}")
def detail(hall: Hall, secret: Secret, who: Who, contest: ContestHex) -> SecretQuestionView:
    """Where it stands: papers, whose signatures are missing, units, turnout."""
    with hall.office.look() as connection:
        found = acts.find(connection, _contest(contest))
        with secret.log.seen(connection) as seen:
            return _view(hall, connection, seen, found, sees_seats=Role.SECRETARIAT in who.roles)


@router.post("/api/contests/{contest}/announce")
def announce(hall: Hall, secret: Secret, who: Who, contest: ContestHex) -> SecretQuestionView:
    """Says notice and papers to the units again."""
    acts.announce(hall.office, who.account, _contest(contest))
    return detail(hall, secret, who, contest)


@router.post("/api/contests/{contest}/open")
def open_contest(
    hall: Hall, secret: Secret, who: Who, contest: ContestHex, body: Acceptance
) -> SecretQuestionView:
    """Without accept_missing, seats that are not ready are named instead (409)."""
    acts.step(hall.office, who.account, _contest(contest), Step.OPEN, accept_missing=body.accept_missing)
    return detail(hall, secret, who, contest)


@router.post("/api/contests/{contest}/hold")
def hold(hall: Hall, secret: Secret, who: Who, contest: ContestHex) -> SecretQuestionView:
    """Pauses the units. It also makes a new checkpoint for the chair's close."""
    acts.step(hall.office, who.account, _contest(contest), Step.HOLD)
    return detail(hall, secret, who, contest)


@router.post("/api/contests/{contest}/resume")
def resume(hall: Hall, secret: Secret, who: Who, contest: ContestHex) -> SecretQuestionView:
    acts.step(hall.office, who.account, _contest(contest), Step.RESUME)
    return detail(hall, secret, who, contest)


@router.get("/api/contests/{contest}/session-keys", response_class=Response)
def session_keys(hall: Hall, contest: ContestHex) -> Response:
    """For the commission's tool, as JSON lines {"device", "seat", "member", "key"}; a null key: none yet."""
    with hall.office.look() as connection:
        found = acts.find(connection, _contest(contest))
        lines = acts.units(connection, found)
    text = "".join(
        json.dumps(
            {
                "device": line.device,
                "seat": line.seat,
                "member": line.member.hex(),
                "key": None if line.key is None else line.key.hex(),
            },
            ensure_ascii=False,
        )
        + "\n"
        for line in lines
    )
    return _file(text.encode(), "application/x-ndjson", f"{found.question}-session-keys.jsonl")


@router.post("/api/documents", status_code=201)
def hand_in(hall: Hall, secret: Secret, who: Who, body: Handed) -> PaperView:
    """Any paper of officers, or another copy of one with further signatures. 201 with `waiting` while some
    are missing."""
    try:
        data = base64.b64decode(body.document, validate=True)
    except binascii.Error:
        raise refused(BadInput, "bad-input/no-file") from None
    received = intake.receive(hall.office, secret.log, who.account, data)
    return _paper(received.paper, received.waiting)


@router.get("/api/documents/{hash}", response_class=Response)
def document(hall: Hall, hash: HashHex) -> Response:  # noqa: A002  # the name in the path
    """The document with the signatures that it has."""
    with hall.office.look() as connection:
        found = store.paper(connection, bytes.fromhex(hash))
    if found is None:
        raise refused(NotFound, "not-found/paper")
    kind = found.kind.partition("/")[0]
    return _file(found.data, "application/octet-stream", f"{kind}-{hash[:8]}.doc")


@router.delete("/api/documents/{hash}", status_code=204)
def withdraw(hall: Hall, who: Who, hash: HashHex) -> None:  # noqa: A002  # as above
    """Only while signatures are missing."""
    intake.withdraw(hall.office, who.account, bytes.fromhex(hash))


@router.get("/api/contests/{contest}/close-draft", response_model=CloseDraftView)
def draft(
    hall: Hall,
    secret: Secret,
    contest: ContestHex,
    form: Annotated[Literal["json", "note"], Query(alias="format")] = "json",
) -> CloseDraftView | Response:
    """What the chair signs the close on; as `note`, the checkpoint alone, for `hallward officer close`."""
    with hall.office.look() as connection:
        found = acts.find(connection, _contest(contest))
        with secret.log.seen(connection) as seen:
            made = close_draft(hall.office, connection, seen, found)
    if form == "note":
        return _file(made.note.encode(), "text/plain; charset=utf-8", f"{found.question}-checkpoint.txt")
    return made


@router.get("/api/contests/{contest}/ends")
def ends(hall: Hall, secret: Secret, who: Who, contest: ContestHex) -> list[EndView]:
    """Enabled voters of whom nobody has said that nothing is pending: the counting board decides on them."""
    with hall.office.look() as connection:
        found = acts.find(connection, _contest(contest))
        with secret.log.seen(connection) as seen:
            known = seen.contest(found.contest)
            if found.state != "closed" or known is None:
                raise conflict("not-yet-closed")
            wait_ms = found.changed_ms + ENDS_WAIT_MS - hall.office.clock.wall_ms()
            if wait_ms > 0:
                raise conflict("ends-arriving", wait_s=-(-wait_ms // 1000))
            missing = acts.ends_missing(connection, found, known)
    may = not _SEE_SEATS.isdisjoint(who.roles)
    return [EndView(voter=voter.hex(), seat=seat if may else None) for voter, seat in missing]


@router.get("/api/contests/{contest}/result", response_model=SecretResultView)
def result(
    hall: Hall,
    secret: Secret,
    contest: ContestHex,
    form: Annotated[Literal["json", "csv", "pdf", "annex"], Query(alias="format")] = "json",
    by: Annotated[str | None, Query(max_length=40)] = None,
) -> SecretResultView | Response:
    """The sum, what the rule makes of it, and what it stands on; `pdf` to print and sign, `annex` beside it.
    by: a subtotal, which is refused in words."""
    if by is not None:
        raise conflict("one-aggregate")
    with hall.office.look() as connection:
        found = acts.find(connection, _contest(contest))
        with secret.log.seen(connection) as seen:
            minutes, frozen = minutes_of(hall.office, connection, seen, found)
    name = f"{found.sitting}-{found.question}"
    if form == "csv":
        return _file(minutes_csv(minutes), "text/csv", f"{name}.csv")
    if form == "pdf":
        return _file(as_pdf(minutes.protocol), "application/pdf", f"{name}.pdf")
    if form == "annex":
        return _file(annex_pdf(minutes), "application/pdf", f"{name}-annex.pdf")
    return _result(found, frozen, minutes)


def _result(found: SecretQuestion, frozen: dict[str, Any], minutes: Minutes) -> SecretResultView:
    known = SecretResultView.model_fields.keys()
    return SecretResultView(
        contest=found.contest.hex(),
        question=found.question,
        text=found.text,
        state=found.state,
        annex=[
            ListingView(
                key=each.key,
                title=_text(each.title),
                heads=[_text(head) for head in each.heads],
                rows=[list(row) for row in each.rows],
            )
            for each in minutes.annex
        ],
        **{name: value for name, value in frozen.items() if name in known},
    )


def _view(
    hall: Services, connection: Connection, seen: Seen, found: SecretQuestion, *, sees_seats: bool
) -> SecretQuestionView:
    contest = seen.contest(found.contest)
    turnout = acts.turnout(contest)
    lines = acts.units(connection, found)
    papers = store.papers(connection, found.contest)
    recorded = [paper.kind for paper in papers if paper.desk_seq is not None]
    question = votes.find(connection, found.question)
    if question is None:
        raise AssertionError(f"contest of {found.question}, which is no question")
    vi, en = describe(question.rule)
    not_ready: list[str] = []
    if found.state == "prepared":
        not_ready = acts.missing_seats(hall.office, connection, found)
    elif found.state in RUNNING and contest is not None:
        not_ready = acts.not_ready(connection, found, contest)
    waits = tally_objections(connection, seen, found)
    due = papers_due(found.state, recorded, recorded.count("share/1"), seen.charter.k)
    return SecretQuestionView(
        contest=found.contest.hex(),
        question=found.question,
        sitting=found.sitting,
        text=found.text,
        state=found.state,
        changed_ms=found.changed_ms,
        held_why=found.held_why,
        rule=RuleView(id=question.rule.id, vi=vi, en=en),
        persons=list(question.persons),
        summoned=len(lines),
        with_key=sum(line.key is not None for line in lines),
        without_key=[] if found.state in OVER else [line.seat or "?" for line in lines if line.key is None],
        not_ready=not_ready if sees_seats or found.state == "prepared" else [],
        not_ready_n=len(not_ready),
        cast=turnout.cast,
        enabled=turnout.enabled,
        ends_missing=len(contest.unaccounted()) if found.state == "closed" and contest is not None else 0,
        tally_waits=[_text(words) for words in waits],
        due=[
            DueView(kind=kind, words=_text(KIND[kind]), offices=[*map(_text, intake.signing_offices(kind))])
            for kind in due
        ],
        papers=[_paper(paper, intake.waiting_for(paper, seen.charter)) for paper in papers],
        shares=recorded.count("share/1"),
        shares_needed=seen.charter.k,
        has_result=found.has_result,
    )


def _paper(paper: Paper, waiting: Words | None) -> PaperView:
    return PaperView(
        kind=paper.kind,
        hash=paper.document.hash.hex(),
        fingerprint=fingerprint(paper.document.hash),
        names=list(paper.document.names),
        waiting=None if waiting is None else _text(waiting),
        offices=[*map(_text, intake.signing_offices(paper.kind))],
        received_ms=paper.received_ms,
    )


def _text(words: Words) -> TextView:
    return TextView(vi=words[0], en=words[1])


def _contest(text: str) -> ContestId:
    return ContestId(bytes.fromhex(text))


def _file(content: bytes, media: str, name: str) -> Response:
    return Response(
        content, media_type=media, headers={"content-disposition": f'attachment; filename="{name}"'}
    )
