"""What witnesses ask and send. They need no account: everything they send is believed for its signature under
the charter alone, and what they read is in every export."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from fleet.api.guard import Hall
from fleet.secret import witnessing
from fleet.secret.refusals import conflict
from fleet.secret.routes import Secret
from fleet.secret.views import CheckpointView, ContestHex, Cosignature, TallySignature
from wire.ids import ContestId

router = APIRouter(tags=["witnesses"])


@router.get("/api/log/checkpoint")
def checkpoint(secret: Secret, since: Annotated[int, Query(ge=0, le=2**53 - 1)] = 0) -> CheckpointView:
    """A checkpoint with its consistency from `since`, the last size that this witness signed (0: none)."""
    offer = secret.witnessing.offer(since)
    return CheckpointView(
        note=offer.note,
        consistency=[each.hex() for each in offer.consistency],
        tallies=[each.hex() for each in offer.tallies],
    )


@router.post("/api/log/cosignatures", status_code=204)
def cosign(secret: Secret, body: Cosignature) -> None:
    secret.witnessing.cosigned(body.line, body.name)


@router.get("/api/contests/{contest}/tally", response_class=Response)
def tally(hall: Hall, secret: Secret, contest: ContestHex) -> Response:
    """The tally document: in force, or with the signatures that it has."""
    with hall.office.look() as connection, secret.log.seen(connection) as seen:
        found = witnessing.tally_paper(connection, seen.charter, ContestId(bytes.fromhex(contest)))
    if found is None:
        raise conflict("no-tally")
    return Response(found.data, media_type="application/octet-stream")


@router.post("/api/contests/{contest}/tally/signatures", status_code=204)
def sign_tally(hall: Hall, secret: Secret, contest: ContestHex, body: TallySignature) -> None:
    witnessing.sign_tally(
        hall.office,
        secret.log,
        ContestId(bytes.fromhex(contest)),
        body.name,
        bytes.fromhex(body.signature),
    )
