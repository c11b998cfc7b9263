"""Consent over HTTP: given, looked up, withdrawn, and the proof of its withdrawal."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import AfterValidator, StringConstraints

from fleet.api.errors import NotFound
from fleet.api.guard import Hall, Services, Who
from fleet.api.types import Body, Hash, MemberHex, View, member_of
from fleet.people import store as people
from fleet.people.consent import ledger, store
from fleet.people.consent.store import Consent, Terms
from fleet.people.refusals import refused
from fleet.people.roster import deletions
from wire.ids import MemberRef

router = APIRouter(tags=["people"])


def _clean(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be printable text in one line")
    return text


Label = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_clean)]
Channel = Literal["desk", "paper", "form"]


class NewConsent(Body):
    """text_sha256: of the words that were shown or signed, in hex. station: where; may be any label."""

    text_version: Label
    text_sha256: Hash
    language: Literal["vi", "en"]
    channel: Channel
    station: Label


class Withdrawal(Body):
    channel: Channel


class ConsentView(View):
    """One row of the ledger. text_sha256 and language are null where a list of members said only that they
    agree."""

    id: int
    text_version: str
    text_sha256: str | None
    language: str | None
    channel: str
    given_ms: int
    station: str
    account: str
    withdrawn_ms: int | None
    withdrawn_channel: str | None


class LedgerView(View):
    """in_force: whether this member may have references now."""

    member: str
    in_force: bool
    consents: list[ConsentView]


class GateAnswer(View):
    """state: `deleted` once the log holds the gate's signed word, at `leaf`; `revoked` when it was revoked
    without one, and may hold them still; `superseded` when they agreed again before it answered, so that it
    is asked no more. references: how many it held; null when it forgot them with the whole congress."""

    gate: str
    state: Literal["deleted", "waiting", "revoked", "superseded"]
    references: int | None = None
    leaf: int | None = None
    at_ms: int | None = None


class WithdrawalProof(View):
    member: str
    withdrawn_ms: int
    gates: list[GateAnswer]


@router.post("/api/members/{member}/consent", status_code=201)
def give(hall: Hall, who: Who, member: MemberHex, body: NewConsent) -> ConsentView:
    """Take down that this member agrees to a face reference, and to which words."""
    terms = Terms(
        body.text_version, bytes.fromhex(body.text_sha256), body.language, body.channel, body.station
    )
    return _view(ledger.give(hall.office, who.account, member_of(member), terms))


@router.get("/api/members/{member}/consent")
def ledger_of(hall: Hall, member: MemberHex) -> LedgerView:
    """Every consent of this member, withdrawn ones too."""
    ref = member_of(member)
    with hall.office.look() as connection:
        rows = store.of_member(connection, ref)
        if not rows and people.find(connection, ref) is None:
            raise refused(NotFound, "not-found/member")
    return LedgerView(
        member=member,
        in_force=any(row.withdrawn_ms is None for row in rows),
        consents=[_view(row) for row in rows],
    )


@router.delete("/api/members/{member}/consent")
def withdraw(hall: Hall, who: Who, member: MemberHex, body: Withdrawal) -> WithdrawalProof:
    """Withdrawal of the face consent: deletes the references, here and at the gates. The badge stays good."""
    ledger.withdraw(hall.office, who.account, member_of(member), body.channel)
    return _proof(hall, member_of(member))


@router.get("/api/members/{member}/withdrawal")
def proof(hall: Hall, member: MemberHex) -> WithdrawalProof:
    """What each gate has signed about the references of a member who withdrew; their name may be gone by
    now."""
    return _proof(hall, member_of(member))


def _proof(hall: Services, member: MemberRef) -> WithdrawalProof:
    with hall.office.look() as connection:
        found = deletions.of_member(connection, member, hall.office.desk.signer.public_key)
    if found is None:
        raise refused(NotFound, "not-found/withdrawal")
    withdrawn_ms, answers = found
    return WithdrawalProof(
        member=member.hex(), withdrawn_ms=withdrawn_ms, gates=[_answer(each) for each in answers]
    )


def _answer(answer: deletions.Answer) -> GateAnswer:
    said = answer.said
    if said is None:
        return GateAnswer(gate=answer.gate, state=answer.silence)
    return GateAnswer(
        gate=answer.gate,
        state="deleted",
        references=said.body.references if said.body.scope == "member" else None,
        leaf=said.leaf,
        at_ms=said.at_ms,
    )


def _view(row: Consent) -> ConsentView:
    terms = row.terms
    return ConsentView(
        id=row.id,
        text_version=terms.text_version,
        text_sha256=terms.text_sha256.hex() if terms.text_sha256 else None,
        language=terms.language,
        channel=terms.channel,
        given_ms=row.given_ms,
        station=terms.station,
        account=row.account,
        withdrawn_ms=row.withdrawn_ms,
        withdrawn_channel=row.withdrawn_channel,
    )
