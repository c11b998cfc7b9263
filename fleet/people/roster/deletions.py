"""What gates have signed that they hold no longer: read from the leaves, never from what the fleet wished."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from fleet.db import Connection
from fleet.people.consent import store as consents
from fleet.people.consent.store import Consent
from fleet.people.roster import store
from fleet.people.roster.store import Holder
from fleet.sittings import store as leaves
from fleet.sittings.log_reader import open_leaves
from wire.ids import DeviceId, MemberRef
from wire.keys import PublicKey
from wire.records import Deletion

Silence = Literal["waiting", "revoked", "superseded"]


@dataclass(frozen=True, slots=True)
class Said:
    """A gate's signed word, at this leaf of the log."""

    gate: DeviceId
    leaf: int
    at_ms: int
    body: Deletion


@dataclass(frozen=True, slots=True)
class Answer:
    """What a gate says to a withdrawal or to the end of the congress. silence: how it stands when `said` is
    None.

    `revoked`: it may hold the references for good, nothing that it says is believed any more. `superseded`:
    the member has agreed again before it answered, so it may have been told others and will not answer.
    """

    gate: DeviceId
    said: Said | None
    silence: Silence = "waiting"


def of_member(
    connection: Connection, member: MemberRef, desk_key: PublicKey
) -> tuple[int, list[Answer]] | None:
    """(when, answers of the gates) of this member's last withdrawal; None: they have withdrawn nothing.

    A gate is asked that was told references before it, and an answer is a leaf behind it, of a generation
    that this gate was told. Who has forgotten a whole roster has forgotten them too.
    """
    rows = consents.of_member(connection, member)
    ended = [each for each in rows if each.withdrawn_ms is not None]
    if not ended:
        return None
    last = max(ended, key=lambda each: (each.withdrawn_ms or 0, each.withdrawn_generation or 0, each.id))
    again = len(ended) < len(rows)
    said, limits = _said(connection, desk_key), store.limits(connection)
    answers = []
    for gate in _asked(connection, last, since_ms=min(each.given_ms for each in rows)):
        newest, forget = limits[gate.device]
        end = store.destroyed(connection, gate.roster)
        found = next(
            (
                each
                for each in said
                if each.gate == gate.device
                and (
                    _is_of_member(each, member, last, newest)
                    or (end is not None and _is_of_roster(each, gate.newest, forget, end.first_leaf))
                )
            ),
            None,
        )
        answers.append(_answer(gate, found, again=again))
    return last.withdrawn_ms or 0, answers


def of_congress(connection: Connection, what: store.Destroyed, desk_key: PublicKey) -> list[Answer]:
    """Answers to the end of the congress, of every gate that had references or was told to forget."""
    said, limits = _said(connection, desk_key), store.limits(connection)
    answers = []
    for gate in store.holders(connection, up_to=what.roster):
        if gate.roster == what.roster and (gate.first is not None or gate.forget >= what.generation):
            _, forget = limits[gate.device]
            theirs = (each for each in said if each.gate == gate.device)
            found = next((s for s in theirs if _is_of_roster(s, what.generation, forget, what.leaf)), None)
            answers.append(_answer(gate, found))
    return answers


def _asked(connection: Connection, last: Consent, since_ms: int) -> list[Holder]:
    """The gates that may have held references of somebody who agreed first at since_ms and withdrew so: each
    by the newest roster of which it was told any before that."""
    found: dict[DeviceId, Holder] = {}
    for gate in store.holders(connection, up_to=last.withdrawn_roster or 1):
        if gate.first is None or gate.first > (last.withdrawn_generation or 0):
            continue
        if gate.revoked_ms is not None and gate.revoked_ms < since_ms:
            continue
        end = store.destroyed(connection, gate.roster)
        if end is None or end.first_ms >= since_ms:
            found[gate.device] = gate
    return list(found.values())


def _is_of_member(said: Said, member: MemberRef, last: Consent, newest: int) -> bool:
    return (
        said.body.member == member
        and said.leaf >= (last.withdrawn_leaf or 0)
        and (last.withdrawn_generation or 0) <= said.body.generation <= newest
    )


def _is_of_roster(said: Said, at_least: int, forget: int, leaf: int) -> bool:
    return said.body.scope == "congress" and said.leaf >= leaf and at_least <= said.body.generation <= forget


def _answer(gate: Holder, said: Said | None, *, again: bool = False) -> Answer:
    if gate.state != "active":
        return Answer(gate.device, said, "revoked")
    return Answer(gate.device, said, "superseded" if again else "waiting")


def _said(connection: Connection, desk_key: PublicKey) -> Sequence[Said]:
    stored = leaves.leaves(connection, "", [Deletion.kind])
    received = store.received(connection, [leaf.index for leaf in stored])
    return [
        Said(leaf.device, leaf.index, received[leaf.index], leaf.body)
        for leaf in open_leaves(connection, desk_key, stored)
        if isinstance(leaf.body, Deletion)
    ]
