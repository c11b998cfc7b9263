"""The next step of one trustee: a table over the stages, pure (SPEC §3.1).

`step` takes what this machine keeps and the papers on the table, and says what happens next: a paper to write
(the new state must be durable before the paper leaves), whom it waits for, who broke the ceremony, or that it
is done.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from ballot.ceremony.ending import broken, whole_record
from ballot.ceremony.faults import (
    bad_dealing,
    bad_opening,
    fault_of,
    name_of,
    parsed_round,
    share_is_good,
    two_faces,
)
from ballot.ceremony.key_record import check_key_record, make_key_record
from ballot.ceremony.messages import (
    ROUNDS,
    Begin,
    Commitment,
    Complaint,
    Dealing,
    Opening,
    encode_body,
    parse_body,
)
from ballot.ceremony.outcome import Done, Outcome, Stopped, Waiting, Write, stopped_by, waiting_for
from ballot.ceremony.polynomial import Random, draw, evaluate, points_of, prove
from ballot.ceremony.sealing import open_share, seal_share, transport_public
from ballot.ceremony.state import Own, Stage, State
from ballot.ceremony.table import Beginning, Table, ceremony_id_for
from ballot.ceremony.words import said
from ballot.group import ORDER, Group
from wire.errors import BadSchema, RecordRejected

Bodies = tuple[bytes, ...]
"""One round, in order of the trustees."""


@dataclass(frozen=True, slots=True)
class Trustee:
    """Who steps."""

    group: Group
    name: str
    index: int
    random: Random


@dataclass(frozen=True, slots=True)
class Turn:
    """What an act of the table below sees. bodies: of the round that it awaited."""

    trustee: Trustee
    table: Table
    own: Own
    left: tuple[bytes, ...]
    bodies: Bodies = ()

    def kept(self, own: Own) -> State:
        return State(self.left, own)


def begin(trustee: Trustee, table: Table, state: State) -> Write | Stopped:
    """Propose a new ceremony, with fresh everything; the present one, if any, is given up."""
    charter = table.charter
    message = Begin(charter.congress, charter.hash, len(charter.trustees), charter.k, trustee.random(32))
    beginning = Beginning(ceremony_id_for(message, charter), trustee.name, message)
    return _joined(trustee, table, state.leaving(), beginning, begun=True)


def step(trustee: Trustee, table: Table, state: State) -> Outcome:
    """Total over any papers. Never two papers for one round: what was written is in the state."""
    own = state.own
    if own is None:
        return _join(trustee, table, state)
    row, turn = STAGES[own.stage], Turn(trustee, table, own, state.left)
    if own.stage is Stage.RECORDED:
        finished = row.act(turn)
        if isinstance(finished, Done):
            return finished  # all n signed: what anybody brings forward after that undoes nothing
    fault = broken(trustee.group, table, own)
    if fault is not None and _open_beginnings(table, state.leaving()):
        return _join(trustee, table, state.leaving())
    if fault is not None:
        return stopped_by(fault, table.charter)
    if row.awaits is None:
        return row.act(turn)
    bodies, missing = _bodies(table, own, row.awaits)
    if missing:
        return waiting_for(table.charter, missing, "waiting-round", round=row.awaits)
    return row.act(replace(turn, bodies=bodies))


def _join(trustee: Trustee, table: Table, state: State) -> Outcome:
    found = _open_beginnings(table, state)
    if not found:
        return Waiting((), said("nobody-began"))
    if len(found) > 1:
        names = tuple(sorted(beginning.by for beginning in found))
        return Stopped(names, "two-beginnings", said("two-beginnings", names=", ".join(names)))
    return _joined(trustee, table, state, found[0], begun=False)


def _open_beginnings(table: Table, state: State) -> list[Beginning]:
    """Ceremonies that can still be joined: not left before, and nobody broke them."""
    return [
        beginning
        for ceremony_id, beginning in sorted(table.beginnings.items())
        if ceremony_id not in state.left
        and not table.complaints.get(ceremony_id)
        and two_faces(table, ceremony_id) is None
    ]


def _joined(
    trustee: Trustee, table: Table, state: State, beginning: Beginning, *, begun: bool
) -> Write | Stopped:
    """Round 0. Refused when a paper of this trustee lies there already: ours would be the second."""
    ceremony_id, i = beginning.ceremony_id, trustee.index
    if any(table.said(ceremony_id, kind.kind, i) for kind in ROUNDS):
        return Stopped((trustee.name,), "not-this-machine", said("not-this-machine"))
    coefficients = draw(trustee.random, beginning.begin.k)
    private = trustee.random(32)
    opening = Opening(
        ceremony_id,
        i,
        points_of(trustee.group, coefficients),
        prove(trustee.group, ceremony_id, i, coefficients, trustee.random),
        transport_public(private),
    )
    own = Own(
        ceremony_id=ceremony_id,
        index=i,
        begin=encode_body(beginning.begin),
        begun=begun,
        stage=Stage.COMMITTED,
        opening=encode_body(opening),
        coefficients=coefficients,
        transport_key=private,
    )
    return Write(State(state.left, own), said("wrote-round", round=0))


def _open(turn: Turn) -> Outcome:
    """Round 1, once every commitment lies there: nobody can choose their points by ours any more."""
    opened = replace(turn.own, stage=Stage.OPENED, pinned=(turn.bodies,))
    return Write(turn.kept(opened), said("wrote-round", round=1))


def _deal(turn: Turn) -> Outcome:
    """Round 2, once every opening holds."""
    own, charter, rows = turn.own, turn.table.charter, []
    for opening, committed in zip(_openings(turn.bodies), own.pinned[0], strict=True):
        commitment = parsed_round(committed)
        if not isinstance(commitment, Commitment):
            raise BadSchema("not a round 0")
        fault = bad_opening(turn.trustee.group, opening, commitment, charter.k, charter)
        if fault is not None:
            return stopped_by(fault, charter)
        if opening.i == own.index:
            continue
        share = evaluate(own.coefficients, opening.i)
        try:
            sealed = seal_share(share, opening.transport, own.ceremony_id, own.index, opening.i)
        except RecordRejected:
            return stopped_by(fault_of(charter, "bad-transport", opening.i), charter)
        rows.append((opening.i, sealed))
    dealing = encode_body(Dealing(own.ceremony_id, own.index, tuple(rows)))
    dealt = replace(own, stage=Stage.DEALT, dealing=dealing, pinned=(*own.pinned, turn.bodies))
    return Write(turn.kept(dealt), said("wrote-round", round=2))


def _record(turn: Turn) -> Outcome:
    """The key record, once every share that was dealt to us is what its points promise; else a complaint."""
    own, charter = turn.own, turn.table.charter
    openings = _openings(own.pinned[1])
    share = evaluate(own.coefficients, own.index)
    for opening, body in zip(openings, turn.bodies, strict=True):
        dealing = parsed_round(body)
        if not isinstance(dealing, Dealing):
            raise BadSchema("not a round 2")
        fault = bad_dealing(dealing, charter)
        if fault is not None:
            return stopped_by(fault, charter)
        if opening.i == own.index:
            continue
        if not share_is_good(turn.trustee.group, opening, dealing, own.index, own.transport_key):
            return _complain(turn, opening.i)
        sealed = dict(dealing.rows)[own.index]
        share += open_share(sealed, own.transport_key, own.ceremony_id, opening.i, own.index)
    message = parse_body(own.begin)
    if not isinstance(message, Begin):
        raise BadSchema("not a beginning")
    rounds = (*own.pinned, turn.bodies)
    record = make_key_record(turn.trustee.group, message, rounds, openings)
    faults = check_key_record(turn.trustee.group, record, charter)
    if faults:
        return Stopped((), "record-sum", faults[0])
    recorded = replace(
        own, stage=Stage.RECORDED, pinned=rounds, share=share % ORDER, last=record.encode()
    ).ended()
    return Write(turn.kept(recorded), said("wrote-record"))


def _complain(turn: Turn, culprit: int) -> Write:
    own = turn.own
    complaint = encode_body(Complaint(own.ceremony_id, own.index, culprit, own.transport_key))
    complained = replace(own, stage=Stage.COMPLAINED, last=complaint).ended()
    words = said("wrote-complaint", name=name_of(turn.table.charter, culprit))
    return Write(turn.kept(complained), words)


def _finish(turn: Turn) -> Outcome:
    """Done, once all n have signed the very same record."""
    own, charter = turn.own, turn.table.charter
    whole = whole_record(turn.table, own)
    have = frozenset(whole.names if whole is not None else ())
    missing = [i for i, each in enumerate(charter.trustees, start=1) if each.name not in have]
    if whole is None or missing or own.share is None:
        return waiting_for(charter, missing, "waiting-record")
    return Done(own, whole, own.share)


def _complained(_: Turn) -> Outcome:
    return Waiting((), said("you-complained"))


Act = Callable[[Turn], Outcome]


@dataclass(frozen=True, slots=True)
class Row:
    """awaits: the round that must be complete; None: the act itself looks."""

    awaits: int | None
    act: Act


STAGES: Final[dict[Stage, Row]] = {
    Stage.COMMITTED: Row(0, _open),
    Stage.OPENED: Row(1, _deal),
    Stage.DEALT: Row(2, _record),
    Stage.RECORDED: Row(None, _finish),
    Stage.COMPLAINED: Row(None, _complained),
}


def _bodies(table: Table, own: Own, round_: int) -> tuple[Bodies, list[int]]:
    """What each trustee said in that round, in order; and who has not yet."""
    found, missing, kind = [], [], ROUNDS[round_].kind
    mine = dict(own.papers())
    for i in range(1, len(table.charter.trustees) + 1):
        bodies = [mine[kind]] if i == own.index else list(table.said(own.ceremony_id, kind, i))
        if bodies:
            found.append(bodies[0])
        else:
            missing.append(i)
    return tuple(found), missing


def _openings(bodies: Bodies) -> list[Opening]:
    messages = [parsed_round(body) for body in bodies]
    return [message for message in messages if isinstance(message, Opening)]
