"""What gates have signed that they hold no longer: read from the leaves, never from what the fleet wished."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fleet.db import Connection
from fleet.desk import store as desk
from fleet.people.consent import store as consents
from fleet.people.roster import store
from fleet.sittings import store as leaves
from fleet.sittings.log_reader import open_leaves
from wire.down import Forget, ReferencesDelta
from wire.ids import DeviceId, MemberRef
from wire.keys import PublicKey
from wire.records import Deletion

_TELLING: Final = (ReferencesDelta.kind, Forget.kind)
"""What a gate must have been told to be asked for an answer: without a key it holds nothing."""


@dataclass(frozen=True, slots=True)
class Said:
    """A gate's signed word, at this leaf of the log."""

    gate: DeviceId
    leaf: int
    at_ms: int
    body: Deletion


@dataclass(frozen=True, slots=True)
class Answer:
    """What a gate says to a withdrawal or to the end of the congress. said: None while it is waited for."""

    gate: DeviceId
    said: Said | None


def of_member(
    connection: Connection, member: MemberRef, desk_key: PublicKey
) -> tuple[int, list[Answer]] | None:
    """(when, answers of the gates) of this member's last withdrawal; None: they have withdrawn nothing.

    A gate that has forgotten the whole congress since has forgotten them too.
    """
    ended = [each for each in consents.of_member(connection, member) if each.withdrawn_ms is not None]
    if not ended:
        return None
    last = max(ended, key=lambda each: (each.withdrawn_generation or 0, each.withdrawn_ms or 0))
    at_ms, generation = last.withdrawn_ms or 0, last.withdrawn_generation or 0
    first: dict[DeviceId, Said] = {}
    for each in _said(connection, desk_key):
        theirs = each.body.scope == "member" and each.body.member == member
        if each.body.generation >= generation and (theirs or each.body.scope == "congress"):
            first.setdefault(each.gate, each)
    told = desk.generations(connection, _TELLING).keys()
    gates = [
        gate.device
        for gate in store.gates_at(connection, at_ms)
        if gate.state != "active" or gate.device in told or gate.device in first
    ]
    return at_ms, [Answer(gate, first.get(gate)) for gate in gates]


def of_congress(connection: Connection, what: store.Destroyed, desk_key: PublicKey) -> list[Answer]:
    """Answers of the gates to the end of the congress."""
    first: dict[DeviceId, Said] = {}
    for each in _said(connection, desk_key):
        if each.body.scope == "congress" and each.body.generation >= what.generation:
            first.setdefault(each.gate, each)
    gates = [gate.device for gate in store.gates_at(connection, what.at_ms)]
    return [Answer(gate, first.get(gate)) for gate in gates]


def _said(connection: Connection, desk_key: PublicKey) -> Sequence[Said]:
    stored = leaves.leaves(connection, "", [Deletion.kind])
    received = store.received(connection, [leaf.index for leaf in stored])
    return [
        Said(leaf.device, leaf.index, received[leaf.index], leaf.body)
        for leaf in open_leaves(connection, desk_key, stored)
        if isinstance(leaf.body, Deletion)
    ]
