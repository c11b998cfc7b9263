"""Members, references and badges over HTTP."""

import base64
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from fleet.api.guard import Hall, Who
from fleet.api.types import (
    IMPORT_ROWS_MAX,
    REFERENCE_ROWS_MAX,
    Base64,
    Body,
    Hash,
    MemberHex,
    Name,
    Party,
    PersonName,
    View,
    member_of,
)
from fleet.devices import store as devices
from fleet.people import register, store
from wire.ids import DeviceId

router = APIRouter(tags=["people"])

Runtime = Annotated[str, Field(min_length=1, max_length=64)]


class NewMember(Body):
    """member: their pseudonym in this congress, 32 hex digits; left out: a fresh one is made. consent: to a
    reference; left out or null: nothing changes. true is no new consent of somebody who withdrew."""

    name: PersonName
    party: Party = ""
    consent: bool | None = None
    member: MemberHex | None = None


class MemberImport(Body):
    members: Annotated[list[NewMember], Field(min_length=1, max_length=IMPORT_ROWS_MAX)]


class MemberView(View):
    member: str
    name: str
    party: str
    consent: bool
    references: int


class SealedReference(Body):
    """sealed: base64 of at most 1024 bytes."""

    member: MemberHex
    index: Annotated[int, Field(ge=0, le=15)]
    sealed: Base64


class ReferenceUpload(Body):
    model_sha256: Hash
    runtime: Runtime
    references: Annotated[list[SealedReference], Field(min_length=1, max_length=REFERENCE_ROWS_MAX)]


class WrappedKey(Body):
    """wrapped: base64 of the congress content key, wrapped to this gate's sealing key."""

    device: Name
    wrapped: Annotated[Base64, Field(max_length=344)]


class WrappedKeys(Body):
    keys: Annotated[list[WrappedKey], Field(min_length=1, max_length=1000)]


class EmbedderView(View):
    model_sha256: str
    runtime: str
    references: int
    members: int


class GateKeyView(View):
    """sealing_key: X25519, hex: what the enrolment station wraps the content key to."""

    device: str
    sealing_key: str
    has_key: bool


class ReferencesView(View):
    embedders: list[EmbedderView]
    gates: list[GateKeyView]


class Published(View):
    gates: int
    references: int


class BadgeOrder(Body):
    """replace: for lost badges; the gates refuse the earlier ones of these members."""

    members: Annotated[list[MemberHex], Field(min_length=1, max_length=IMPORT_ROWS_MAX)]
    days: Annotated[int, Field(ge=1, le=60)] = 7
    replace: bool = False


class BadgeView(View):
    """text: what the QR code holds. pin: six digits that go with the serial at a gate's pad; print both
    beside the code. It is told this once and stored nowhere, but whoever holds the lane key can work it
    out."""

    member: str
    serial: int
    text: str
    pin: str


@router.get("/api/members")
def members(hall: Hall) -> list[MemberView]:
    with hall.office.look() as connection:
        return [_view(member) for member in store.everybody(connection)]


@router.post("/api/members", status_code=201)
def import_members(hall: Hall, who: Who, body: MemberImport) -> list[MemberView]:
    """Add members, or change what is known of those whose pseudonym is given. Answers the members of the list
    in its order, as they are now: of somebody who withdrew, `consent` is false whatever the list said."""
    rows = [
        register.Listed(
            member_of(new.member or hall.office.random(16).hex()), new.name, new.party, new.consent
        )
        for new in body.members
    ]
    register.import_members(hall.office, who.account, rows)
    with hall.office.look() as connection:
        known = {each.member: each for each in store.everybody(connection)}
    return [_view(known[row.member]) for row in rows if row.member in known]


@router.delete("/api/members/{member}")
def withdraw(hall: Hall, who: Who, member: MemberHex) -> Published:
    """Withdrawal: deletes the name and the references, here and at the gates. The log keeps a pseudonym of
    nobody."""
    register.withdraw(hall.office, who.account, member_of(member))
    return _counts(hall)


@router.get("/api/references")
def references(hall: Hall) -> ReferencesView:
    """How many references are enrolled with which model, and to which gates the content key must be
    wrapped."""
    with hall.office.look() as connection:
        embedders = store.embedders(connection)
        wrapped = store.wrapped(connection)
        gates = devices.sealing_keys(connection)
    return ReferencesView(
        embedders=[
            EmbedderView(model_sha256=model.hex(), runtime=runtime, references=count, members=people)
            for model, runtime, count, people in embedders
        ],
        gates=[
            GateKeyView(device=gate, sealing_key=key.hex() if key else "", has_key=gate in wrapped)
            for gate, key in sorted(gates.items())
        ],
    )


@router.post("/api/references", status_code=201)
def upload(hall: Hall, who: Who, body: ReferenceUpload) -> ReferencesView:
    """Store sealed references in place of those these members had. Nothing goes to the gates before
    `publish`."""
    model = bytes.fromhex(body.model_sha256)
    rows = [
        store.Reference(member_of(row.member), row.index, model, body.runtime, base64.b64decode(row.sealed))
        for row in body.references
    ]
    register.enrol(hall.office, who.account, model, body.runtime, rows)
    return references(hall)


@router.put("/api/references/keys")
def wrapped_keys(hall: Hall, who: Who, body: WrappedKeys) -> ReferencesView:
    """Keep the content key, wrapped to each gate."""
    wrapped = {DeviceId(key.device): base64.b64decode(key.wrapped) for key in body.keys}
    register.wrap(hall.office, who.account, wrapped)
    return references(hall)


@router.post("/api/references/publish")
def publish(hall: Hall, who: Who) -> Published:
    """Tell every gate with a wrapped key what has changed: a delta, or all references where it needs them."""
    told = register.publish(hall.office, who.account)
    return Published(gates=told.gates, references=told.references)


@router.post("/api/badges", status_code=201)
def badges(hall: Hall, who: Who, body: BadgeOrder) -> list[BadgeView]:
    """Badges for the badge lane, signed by the registrar."""
    order = [member_of(member) for member in body.members]
    issued = register.issue_badges(
        hall.office, who.account, hall.registrar, hall.office.desk.congress, order, body.days, body.replace
    )
    return [
        BadgeView(member=member.hex(), serial=serial, text=text, pin=pin)
        for member, serial, text, pin in issued
    ]


def _view(member: store.Member) -> MemberView:
    return MemberView(
        member=member.member.hex(),
        name=member.name,
        party=member.party,
        consent=member.consent_ms is not None,
        references=member.references,
    )


def _counts(hall: Hall) -> Published:
    with hall.office.look() as connection:
        return Published(
            gates=len(store.wrapped(connection)),
            references=sum(row[2] for row in store.embedders(connection)),
        )
