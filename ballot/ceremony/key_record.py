"""The key record: what all trustees sign, and what anyone can check of it (SPEC §2.2, §3.1)."""

from collections.abc import Sequence

from ballot.ceremony.messages import Begin, Opening, ceremony_id_of
from ballot.ceremony.polynomial import bad_coefficient, point_at
from ballot.ceremony.words import said
from ballot.documents.bodies import KeyRecord
from ballot.documents.charter import Charter
from ballot.documents.faults import Words
from ballot.group import IDENTITY, Group, Point
from ballot.hashing import h32, hash_of


def make_key_record(
    group: Group, begin: Begin, rounds: Sequence[Sequence[bytes]], openings: Sequence[Opening]
) -> KeyRecord:
    """The record of a ceremony whose three rounds are complete. rounds: their bodies, each in order of i."""
    ceremony_id = openings[0].ceremony_id
    return KeyRecord(
        congress=begin.congress,
        charter_hash=begin.charter_hash,
        rand32=begin.rand,
        n=begin.n,
        k=begin.k,
        transcript=h32("transcript", ceremony_id, *([hash_of(body) for body in bodies] for bodies in rounds)),
        commitments=tuple(opening.points for opening in openings),
        proofs=tuple(opening.proofs for opening in openings),
        election_key=_total(group, [opening.points[0] for opening in openings]),
    )


def ceremony_id_in(record: KeyRecord, charter: Charter) -> bytes:
    """The ceremony that the record names, under this charter."""
    identities = [trustee.key for trustee in charter.trustees]
    return ceremony_id_of(charter.congress, record.n, record.k, identities, record.rand32)


def check_key_record(group: Group, record: KeyRecord, charter: Charter) -> list[Words]:
    """All that stands against a record; empty when it holds. Its signatures are for `opened` to check.

    (1) congress, charter, n and k; (2) as many commitments and proofs; (3) every commitment an element other
    than the identity, every proof of possession; (4) K the sum of the constant terms, and not the identity.
    Total.
    """
    n, k = len(charter.trustees), charter.k
    if record.congress != charter.congress or record.charter_hash != charter.hash:
        return [said("record-charter")]
    rows = (record.commitments, record.proofs)
    if (record.n, record.k) != (n, k) or any(
        len(row) != n or any(len(items) != k for items in row) for row in rows
    ):
        return [said("record-size", k=k, n=n)]
    ceremony_id = ceremony_id_in(record, charter)
    faults: list[Words] = []
    for i, (points, proofs) in enumerate(zip(*rows, strict=True), start=1):
        bad = bad_coefficient(group, ceremony_id, i, points, proofs)
        if bad is not None:
            faults.append(said("record-proof", name=charter.trustees[i - 1].name, coefficient=bad))
    if faults:
        return faults
    total = _total(group, [points[0] for points in record.commitments])
    if record.election_key == IDENTITY or record.election_key != total:
        return [said("record-sum")]
    return []


def share_key(group: Group, record: KeyRecord, i: int) -> Point:
    """X_i, under which trustee i's partial decryptions are checked. The record must hold."""
    total = IDENTITY
    for points in record.commitments:
        total = group.add(total, point_at(group, points, i))
    return total


def _total(group: Group, points: Sequence[Point]) -> Point:
    total = IDENTITY
    for point in points:
        total = group.add(total, point)
    return total
