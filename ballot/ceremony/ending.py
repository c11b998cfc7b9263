"""What ends a ceremony for one trustee, and how the last papers come together."""

from ballot.ceremony.faults import Fault, fault_of, judged, two_faces
from ballot.ceremony.messages import Opening
from ballot.ceremony.state import Own, Stage
from ballot.ceremony.table import Table
from ballot.ceremony.words import said
from ballot.documents.bodies import KeyRecord
from ballot.documents.document import Document, merged, signers
from ballot.errors import BadDocument
from ballot.group import Group


def broken(group: Group, table: Table, own: Own) -> Fault | None:
    """Two faces of anybody, a paper of ours that is not ours, a complaint, another record; in this order."""
    fault = two_faces(table, own.ceremony_id, own.pinned) or _forged(table, own)
    if fault is not None:
        return fault
    for complaint in table.complaints.get(own.ceremony_id, []):
        found = judged(group, table, complaint)
        if found is not None:
            return found
        unproven = fault_of(table.charter, "unproven-complaint", complaint.i)
        return Fault((), unproven.code, unproven.words)  # named once the papers prove it
    return _other_record(table, own) if own.stage is Stage.RECORDED else None


def whole_record(table: Table, own: Own) -> Document | None:
    """The record that this machine signed, with every signature under it that lies on the table."""
    whole: Document | None = None
    for document in table.records:
        if document.body == own.last and _signed_by(document, table):
            try:
                whole = document if whole is None else merged(whole, document)
            except BadDocument:
                continue
    return whole


def _forged(table: Table, own: Own) -> Fault | None:
    """A paper with our signature that this machine did not write, be it the only one of its round."""
    written = dict(own.papers()) | {Opening.kind: own.opening}
    for (ceremony_id, kind, i), bodies in table.papers.items():
        mine = (ceremony_id, i) == (own.ceremony_id, own.index)
        if mine and any(body != written.get(kind) for body in bodies):
            return fault_of(table.charter, "forged-own", own.index)
    return None


def _other_record(table: Table, own: Own) -> Fault | None:
    """Somebody signed another record of this ceremony: papers of somebody differ between us."""
    mine = KeyRecord.parse(own.last)
    for document in table.records:
        names = frozenset() if document.body == own.last else _signed_by(document, table)
        if not names:
            continue
        theirs = KeyRecord.parse(document.body)
        if theirs.rand32 != mine.rand32:
            continue
        numbers = {table.charter.trustee_number(name) for name in names}
        pairs = enumerate(zip(mine.commitments, theirs.commitments, strict=False), start=1)
        numbers |= {i for i, (one, other) in pairs if one != other}
        culprits = tuple(sorted(number for number in numbers if number is not None and number != own.index))
        return Fault(culprits, "other-record", said("other-record", names=", ".join(sorted(names))))
    return None


def _signed_by(document: Document, table: Table) -> frozenset[str]:
    """Who signed; nobody when the paper is none of this congress."""
    try:
        KeyRecord.parse(document.body)
        return signers(document, table.charter)
    except BadDocument:
        return frozenset()
