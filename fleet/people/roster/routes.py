"""The end of a congress over HTTP: destroying every reference, and what the gates have signed about it."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import StringConstraints

from fleet.api.errors import NotFound
from fleet.api.guard import Hall, Services, Who
from fleet.api.types import Body, View
from fleet.people.refusals import refused
from fleet.people.roster import deletions, destruction, store

router = APIRouter(tags=["people"])


class Confirmed(Body):
    """confirm: the name of the congress, against a slip of the hand."""

    confirm: Annotated[str, StringConstraints(max_length=32)]


class GateDestruction(View):
    """state: `destroyed` once the log holds the gate's signed word, at `leaf`; `revoked` when it was revoked
    without one: it may hold them still, and the sealing key that opens them. references: how many it held.
    sealing_key: its new one, hex, as it says; whoever wraps a key to it reads it off the gate itself."""

    gate: str
    state: Literal["destroyed", "waiting", "revoked"]
    references: int | None = None
    leaf: int | None = None
    at_ms: int | None = None
    sealing_key: str | None = None


class DestructionView(View):
    """destroyed_ms: when the fleet deleted its own and told the gates."""

    destroyed_ms: int
    gates: list[GateDestruction]


@router.post("/api/references/destroy")
def destroy(hall: Hall, who: Who, body: Confirmed) -> DestructionView:
    """Destroy every reference, wrapped key and the lane key, here and at the gates. It cannot be undone."""
    destruction.destroy(hall.office, who.account, body.confirm)
    return _state(hall)


@router.post("/api/references/begin")
def begin(hall: Hall, who: Who, body: Confirmed) -> DestructionView:
    """After a destruction, allow references to be enrolled again; what was destroyed stays so."""
    destruction.begin(hall.office, who.account, body.confirm)
    return _state(hall)


@router.get("/api/references/destruction")
def state(hall: Hall) -> DestructionView:
    """What each gate has signed about it."""
    return _state(hall)


def _state(hall: Services) -> DestructionView:
    with hall.office.look() as connection:
        what = store.last_destroyed(connection)
        if what is None:
            raise refused(NotFound, "not-found/destruction")
        answers = deletions.of_congress(connection, what, hall.office.desk.signer.public_key)
    return DestructionView(destroyed_ms=what.at_ms, gates=[_gate(each) for each in answers])


def _gate(answer: deletions.Answer) -> GateDestruction:
    said = answer.said
    if said is None:
        return GateDestruction(
            gate=answer.gate, state="revoked" if answer.silence == "revoked" else "waiting"
        )
    return GateDestruction(
        gate=answer.gate,
        state="destroyed",
        references=said.body.references,
        leaf=said.leaf,
        at_ms=said.at_ms,
        sealing_key=said.body.sealing_key.hex() if said.body.sealing_key else None,
    )
