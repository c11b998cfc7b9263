"""The audit log and the head of the hall log over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query

from fleet.api.guard import Hall
from fleet.api.types import View
from fleet.audit import store
from fleet.sittings import store as sittings

router = APIRouter(tags=["audit"])


class LineView(View):
    """detail: JSON text."""

    line: int
    at_ms: int
    account: str
    action: str
    subject: str
    detail: str
    prev_hash: str
    line_hash: str


class Verified(View):
    """broken: number of the first line that does not fit, null when the chain is whole."""

    broken: int | None
    sentence: str


class LogHead(View):
    """note: the signed checkpoint (C2SP tlog-checkpoint); empty while the log is."""

    size: int
    note: str
    issued_ms: int | None


@router.get("/api/audit")
def lines(
    hall: Hall,
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[LineView]:
    with hall.office.look() as connection:
        found = store.page(connection, after, limit)
    return [
        LineView(
            line=line.line,
            at_ms=line.at_ms,
            account=line.account,
            action=line.action,
            subject=line.subject,
            detail=line.detail,
            prev_hash=line.prev_hash.hex(),
            line_hash=line.line_hash.hex(),
        )
        for line in found
    ]


@router.get("/api/audit/verify")
def verify(hall: Hall) -> Verified:
    with hall.office.look() as connection:
        broken = store.verify(connection)
    if broken is None:
        return Verified(broken=None, sentence="Every line follows from the one before it.")
    return Verified(broken=broken[0], sentence=f"The audit log is broken: {broken[1]}.")


@router.get("/api/log/head")
def log_head(hall: Hall) -> LogHead:
    """The signed checkpoint of the hall log."""
    with hall.office.look() as connection:
        head = sittings.head(connection)
    size, note, issued_ms = head or (0, "", None)
    return LogHead(size=size, note=note, issued_ms=issued_ms)
