"""The freeze over HTTP: what holds, who lifts it, and what devices attest afterwards."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from fleet.api.guard import Hall, Who
from fleet.api.types import Body, Name, Reason, View
from fleet.freeze import attest, lease, override, store
from fleet.freeze.override import MINUTES_MAX, Wish
from fleet.freeze.report_pdf import as_pdf
from fleet.freeze.store import Lifted

router = APIRouter(tags=["freeze"])

Number = Annotated[int, Path(ge=1, lt=2**63)]
"""Of a wish, as the store counts them."""


class NewOverride(Body):
    """device: null for the whole hall. minutes: from the moment at which the second person agrees."""

    sitting: Name
    device: Name | None
    reason: Reason
    minutes: Annotated[int, Field(ge=1, le=MINUTES_MAX)]


class OverrideView(View):
    """state: asked, lifted, ended or expired. second, until_ms: null until somebody agreed."""

    id: int
    sitting: str
    device: str | None
    reason: str
    first: str
    second: str | None
    state: str
    minutes: int
    asked_ms: int
    until_ms: int | None


class AllowedView(View):
    """What devices of this role ran when the sitting was opened, by component: a spare must run one of
    these."""

    role: str
    holds: dict[str, str]


class FreezeView(View):
    """sitting: null while nothing is frozen. overrides: of this sitting, the newest last."""

    sitting: str | None
    devices: int
    allowed: list[AllowedView]
    overrides: list[OverrideView]


class PartView(View):
    part: str
    then: str | None
    afterwards: str | None


class AttestedView(View):
    """state: unchanged, changed, lifted or silent. present: at the opening; fits: it came with what those of
    its role ran that were there. leaf: where the device's own word stands in the log."""

    device: str
    role: str
    state: str
    present: bool
    fits: bool
    lifted: bool
    changed: list[str]
    parts: list[PartView]
    leaf: int | None
    from_ms: int | None
    to_ms: int | None
    boots: int | None


class AttestationView(View):
    """holds: every device has spoken, nothing changed, and nobody came with something else."""

    sitting: str
    holds: bool
    vi: str
    en: str
    unchanged: int
    changed: int
    lifted: int
    silent: int
    devices: list[AttestedView]
    overrides: list[OverrideView]


@router.get("/api/freeze")
def freeze(hall: Hall) -> FreezeView:
    with hall.office.look() as connection:
        sitting = lease.is_frozen(connection)
        rows = [] if sitting is None else store.frozen(connection, sitting)
        lifted = [] if sitting is None else store.of_sitting(connection, sitting)
    roles = sorted({row.role for row in rows})
    return FreezeView(
        sitting=sitting,
        devices=sum(row.present for row in rows),
        allowed=[
            AllowedView(role=role, holds=holds) for role in roles for holds in lease.allowed_of(rows, role)
        ],
        overrides=[_view(row) for row in lifted],
    )


@router.post("/api/freeze/overrides", status_code=201)
def ask(hall: Hall, who: Who, body: NewOverride) -> OverrideView:
    """The first of two people; the second agrees within ten minutes."""
    wish = Wish(body.sitting, body.device, body.reason, body.minutes)
    return _view(override.ask(hall.office, who.account, wish))


@router.post("/api/freeze/overrides/{id}/agree")
def agree(hall: Hall, who: Who, id: Number) -> OverrideView:  # noqa: A002  # the name in the path
    """The second one: lifted from now on."""
    return _view(override.agree(hall.office, who.account, id))


@router.post("/api/freeze/overrides/{id}/end")
def end(hall: Hall, who: Who, id: Number) -> OverrideView:  # noqa: A002  # the name in the path
    """Freeze again now, or take back what nobody agreed to."""
    return _view(override.end(hall.office, who.account, id))


@router.get("/api/sittings/{sitting}/attestation", response_model=AttestationView)
def attestation(
    hall: Hall, sitting: Name, form: Annotated[Literal["json", "csv", "pdf"], Query(alias="format")] = "json"
) -> AttestationView | Response:
    """What devices ran while the sitting was frozen, each in its own signed word. 409 before it is closed."""
    with hall.office.look() as connection:
        report = attest.of_sitting(connection, sitting)
    if form == "json":
        return _report(report)
    content, media = (
        (attest.as_csv(report), "text/csv")
        if form == "csv"
        else (as_pdf(report, hall.office.desk.congress, hall.office.desk.hall), "application/pdf")
    )
    name = f"{sitting}-attestation.{form}"
    return Response(
        content, media_type=media, headers={"content-disposition": f'attachment; filename="{name}"'}
    )


def _report(report: attest.Report) -> AttestationView:
    vi, en = report.sentence()
    return AttestationView(
        sitting=report.sitting,
        holds=report.holds,
        vi=vi,
        en=en,
        unchanged=report.count(attest.State.UNCHANGED),
        changed=report.count(attest.State.CHANGED),
        lifted=report.count(attest.State.LIFTED),
        silent=report.count(attest.State.SILENT),
        devices=[_attested(row) for row in report.rows],
        overrides=[_view(row) for row in report.overrides],
    )


def _attested(row: attest.Row) -> AttestedView:
    return AttestedView(
        device=row.device,
        role=row.role,
        state=row.state.value,
        present=row.present,
        fits=row.fits,
        lifted=row.lifted,
        changed=list(row.changed),
        parts=[PartView(part=name, then=then, afterwards=now) for name, then, now in row.parts],
        leaf=row.leaf,
        from_ms=row.from_ms,
        to_ms=row.to_ms,
        boots=row.boots,
    )


def _view(row: Lifted) -> OverrideView:
    return OverrideView(
        id=row.id,
        sitting=row.sitting,
        device=row.device,
        reason=row.reason,
        first=row.first,
        second=row.second,
        state=row.state,
        minutes=row.minutes,
        asked_ms=row.asked_ms,
        until_ms=row.until_ms,
    )
