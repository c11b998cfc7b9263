"""What stands against a ceremony, from its papers alone, and against whom (SPEC §3.1)."""

from collections.abc import Sequence
from dataclasses import dataclass

from ballot.ceremony.messages import ROUNDS, Commitment, Complaint, Dealing, Opening, Round, parse_body
from ballot.ceremony.polynomial import bad_coefficient, point_at
from ballot.ceremony.sealing import open_share, transport_public
from ballot.ceremony.table import Table
from ballot.ceremony.words import said
from ballot.documents.charter import Charter
from ballot.documents.faults import Words
from ballot.group import Group
from wire.errors import RecordRejected


@dataclass(frozen=True, slots=True)
class Fault:
    """culprits: numbers of the trustees whom it names; several where the papers do not tell which of them.
    code: of words.py."""

    culprits: tuple[int, ...]
    code: str
    words: Words


def name_of(charter: Charter, i: int) -> str:
    return charter.trustees[i - 1].name


def fault_of(charter: Charter, code: str, culprit: int, **facts: object) -> Fault:
    """A fault of one trustee, who is `name` in its sentence."""
    return Fault((culprit,), code, said(code, name=name_of(charter, culprit), **facts))


def two_faces(table: Table, ceremony_id: bytes, pinned: Sequence[Sequence[bytes]] = ()) -> Fault | None:
    """A trustee who says two things in one round. pinned: what this machine saw before, by round."""
    for number, kind in enumerate(ROUNDS):
        for i in range(1, len(table.charter.trustees) + 1):
            bodies = set(table.said(ceremony_id, kind.kind, i))
            if number < len(pinned):
                bodies.add(pinned[number][i - 1])
            if len(bodies) > 1:
                return fault_of(table.charter, "two-faces", i, round=number)
    return None


def judged(group: Group, table: Table, complaint: Complaint) -> Fault | None:
    """Who lied: the culprit if what they sealed to the accuser is not the share that their points promise,
    else the accuser. None while a paper that it takes is missing."""
    charter, accuser, culprit = table.charter, complaint.i, complaint.culprit
    false = fault_of(charter, "false-complaint", accuser)
    if culprit > len(charter.trustees) or culprit == accuser:
        return false
    own = _only(table, complaint.ceremony_id, Opening, accuser)
    opening = _only(table, complaint.ceremony_id, Opening, culprit)
    dealing = _only(table, complaint.ceremony_id, Dealing, culprit)
    if not (isinstance(own, Opening) and isinstance(opening, Opening) and isinstance(dealing, Dealing)):
        return None
    if transport_public(complaint.transport_key) != own.transport:
        return false
    if share_is_good(group, opening, dealing, accuser, complaint.transport_key):
        return false
    return fault_of(charter, "bad-share", culprit, accuser=name_of(charter, accuser))


def share_is_good(group: Group, opening: Opening, dealing: Dealing, to: int, transport_key: bytes) -> bool:
    """Whether what was sealed to that trustee opens, and is what the points promise. Total."""
    try:
        sealed = dict(dealing.rows)[to]
        share = open_share(sealed, transport_key, dealing.ceremony_id, dealing.i, to)
        return group.base(share) == point_at(group, opening.points, to)
    except (KeyError, RecordRejected):
        return False


def bad_opening(
    group: Group, opening: Opening, commitment: Commitment, k: int, charter: Charter
) -> Fault | None:
    """What stands against a round 1, given that trustee's round 0."""
    i = opening.i
    if opening.commitment != commitment:
        return fault_of(charter, "does-not-open", i)
    if len(opening.points) != k or len(opening.proofs) != k:
        return fault_of(charter, "wrong-number", i, k=k)
    bad = bad_coefficient(group, opening.ceremony_id, i, opening.points, opening.proofs)
    return None if bad is None else fault_of(charter, "no-possession", i, coefficient=bad)


def bad_dealing(dealing: Dealing, charter: Charter) -> Fault | None:
    """What stands against a round 2 that anybody sees: shares for exactly the others, once each."""
    others = [j for j in range(1, len(charter.trustees) + 1) if j != dealing.i]
    if [j for j, _ in dealing.rows] == others:
        return None
    return fault_of(charter, "not-all-dealt", dealing.i)


def parsed_round(body: bytes) -> Round:
    """Of a body that was parsed before. Raises RecordRejected."""
    message = parse_body(body)
    if not isinstance(message, Commitment | Opening | Dealing):
        raise RecordRejected("not a round of a ceremony")
    return message


def _only(table: Table, ceremony_id: bytes, kind: type[Opening] | type[Dealing], i: int) -> Round | None:
    said_there = list(table.said(ceremony_id, kind.kind, i).values())
    return said_there[0] if len(said_there) == 1 else None
