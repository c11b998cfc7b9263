"""Cosigned checkpoints of a hall log: how far witnesses have seen it, and when (SPEC §6.6). Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ballot.documents.charter import Charter, Office
from wire.checkpoint import cosigners, origin, verify_checkpoint
from wire.errors import RecordRejected
from wire.ids import CongressId, HallId, StoreId
from wire.keys import PublicKey


@dataclass(frozen=True, slots=True)
class Head:
    """times: witness -> when they cosigned it, Unix seconds."""

    size: int
    root: bytes
    times: Mapping[str, int]

    def is_witnessed(self, charter: Charter) -> bool:
        """By as many as the charter asks for, one of them external."""
        known = [officer for officer in charter.witnesses if officer.name in self.times]
        return len(known) >= charter.quorum(Office.WITNESSES) and any(officer.external for officer in known)


@dataclass(frozen=True, slots=True)
class Log:
    """Whose checkpoints are read. store_ids: every life of the store that this log tells of."""

    congress: CongressId
    hall: HallId
    store_ids: tuple[bytes, ...]
    store_key: PublicKey


def head_of(note: str, log: Log, charter: Charter) -> Head:
    """The checkpoint of this note, signed by the store of this log, with those who cosigned it.

    Raises RecordRejected."""
    named = note.partition("\n")[0]
    origins = {origin(log.congress, log.hall, StoreId(store_id)) for store_id in log.store_ids}
    expected = named if named in origins else next(iter(sorted(origins)), "")
    checkpoint = verify_checkpoint(note, expected, log.store_key)
    keys = {officer.name: officer.public_key for officer in charter.witnesses}
    return Head(checkpoint.size, checkpoint.root, cosigners(note, log.congress, keys))


def heads_of(notes: Iterable[str], log: Log, charter: Charter) -> tuple[list[Head], list[str]]:
    """All of them that hold, and what is wrong with the others."""
    heads, faults = [], []
    for number, note in enumerate(notes, start=1):
        try:
            heads.append(head_of(note, log, charter))
        except RecordRejected as err:
            faults.append(f"cosigned checkpoint {number} does not hold: {err.what}")
    return heads, faults
