"""Checkpoints offered to witnesses, and their signatures taken in (ballot/SPEC §6.6).

Witnesses come when they like and need no account: what they send is believed for its signature under the
charter, and for nothing else. It is verified before the office is troubled with it.
"""

import threading
from collections import deque
from dataclasses import dataclass
from typing import Final

from ballot.board.heads import Log, head_of
from ballot.documents.bodies import Tally
from ballot.documents.charter import Charter, Office
from ballot.documents.document import Document, encode_document, merged, signed_bytes
from ballot.documents.faults import bad
from ballot.errors import BadDocument
from fleet.db import Connection
from fleet.desk.office import Office as Hall
from fleet.log import store as log_store
from fleet.secret import store
from fleet.secret.following import SecretLog
from fleet.secret.intake import Received, receive
from fleet.secret.refusals import bad_paper, conflict
from fleet.secret.rules import OVER
from fleet.secret.store import Paper
from wire.checkpoint import with_cosignatures
from wire.errors import BadSignature, RecordRejected
from wire.ids import ContestId

OFFER_MS: Final = 3_000
"""A checkpoint is offered to every witness until enough have signed it, at most for so long: two witnesses
that ask every two seconds must meet on one size while the log grows, and a close must be seen within ten."""
OFFERS_KEPT: Final = 8


@dataclass(frozen=True, slots=True)
class Offer:
    """consistency: from the size that was asked for. tallies: contests whose tally waits for witnesses."""

    note: str
    consistency: list[bytes]
    tallies: list[ContestId]


@dataclass(frozen=True, slots=True)
class _Offered:
    size: int
    note: str
    at_ms: int


class Witnessing:
    """One per process."""

    def __init__(self, office: Hall, log: SecretLog) -> None:
        self._office = office
        self._log = log
        self._lock = threading.Lock()
        self._offers: deque[_Offered] = deque(maxlen=OFFERS_KEPT)

    def offer(self, since: int) -> Offer:
        """With the lines of the witnesses who have looked already: one of them alone may be too few for a
        trustee who reads what another wrote down. Raises Conflict before the first leaf, and without a
        charter."""
        with self._office.look() as connection, self._log.seen(connection) as seen:
            offered = self._on_offer(connection)
            path = seen.tree.consistency(since, offered.size) if 0 < since < offered.size else []
            kept = store.note_at(connection, offered.size)
            same = kept is not None and _body(kept[0]) == _body(offered.note)
            note = kept[0] if kept is not None and same else offered.note
            return Offer(note, path, waiting_tallies(connection, seen.charter))

    def cosigned(self, line: str, name: str) -> None:
        """Take in the line of a witness under a checkpoint that was offered lately. Raises Conflict."""
        with self._office.look() as connection, self._log.seen(connection) as seen:
            log = seen.log(connection)
        found = None if log is None else self._fitting(log, seen.charter, line, name)
        if log is None or found is None:
            raise conflict("unknown-cosignature")
        with self._office.look() as connection:
            kept = store.note_at(connection, found.size)
        if kept is not None and line in kept[0].split("\n"):
            return  # said again, by whoever read it: nothing to write
        with self._office.keep() as connection:
            kept = store.note_at(connection, found.size)
            try:
                note = with_cosignatures(found.note if kept is None else kept[0], [line])
                complete = head_of(note, log, seen.charter).is_witnessed(seen.charter)
            except RecordRejected:
                raise conflict("unknown-cosignature") from None
            store.keep_note(connection, found.size, note, complete=complete)

    def _on_offer(self, connection: Connection) -> _Offered:
        """Whatever size is asked for: anybody may ask, and must not crowd out what witnesses are signing."""
        size, note = log_store.checkpoint_note(connection)
        if not size:
            raise conflict("no-checkpoint")
        now_ms = self._office.clock.monotonic_ms()
        with self._lock:
            last = self._offers[-1] if self._offers else None
            if last is not None and last.size <= size:
                kept = store.note_at(connection, last.size)
                if last.note == note or (now_ms - last.at_ms < OFFER_MS and not (kept and kept[1])):
                    return last
            offered = _Offered(size, note, now_ms)
            self._offers.append(offered)
            return offered

    def _fitting(self, log: Log, charter: Charter, line: str, name: str) -> _Offered | None:
        """The offer under which this line verifies as that witness's."""
        with self._lock:
            offers = list(self._offers)
        for offered in reversed(offers):
            try:
                head = head_of(with_cosignatures(offered.note, [line]), log, charter)
            except RecordRejected:
                continue
            if name in head.times:
                return offered
        return None


def waiting_tallies(connection: Connection, charter: Charter) -> list[ContestId]:
    """Contests with a tally that k trustees have signed and too few witnesses."""
    return [
        found.contest
        for found in store.everything(connection)
        if found.state not in OVER and _for_witnesses(connection, found.contest, charter) is not None
    ]


def tally_paper(connection: Connection, charter: Charter, contest: ContestId) -> Paper | None:
    """The tally in force; else the one that waits for witnesses; else the one with most signatures."""
    papers = store.papers(connection, contest, (Tally.kind,))
    recorded = next((paper for paper in papers if paper.desk_seq is not None), None)
    if recorded is not None:
        return recorded
    return _for_witnesses(connection, contest, charter) or max(
        papers, key=lambda paper: len(paper.document.names), default=None
    )


def _for_witnesses(connection: Connection, contest: ContestId, charter: Charter) -> Paper | None:
    trustees = {trustee.name for trustee in charter.trustees}
    need = charter.quorum(Office.TRUSTEES)
    for paper in store.papers(connection, contest, (Tally.kind,)):
        if paper.desk_seq is None and len(trustees & set(paper.document.names)) >= need:
            return paper
    return None


def sign_tally(office: Hall, log: SecretLog, contest: ContestId, name: str, signature: bytes) -> Received:
    """A witness's signature under the tally that waits for it. Raises BadInput, Conflict."""
    with office.look() as connection, log.seen(connection) as seen:
        waiting = tally_paper(connection, seen.charter, contest)
        witness = next((each for each in seen.charter.witnesses if each.name == name), None)
    if waiting is None:
        raise conflict("no-tally")
    if witness is None:
        raise bad_paper(bad("unknown-name", name=name))
    document = waiting.document
    try:
        witness.public_key.verify(signature, signed_bytes(document.kind, document.body))
        copy = Document(document.kind, document.body, ((name, signature),))
        data = encode_document(merged(document, copy))
    except BadSignature:
        raise bad_paper(bad("bad-signature", name=name)) from None
    except BadDocument as err:
        raise bad_paper(err) from None
    return receive(office, log, f"witness-{name}"[:32], data)


def _body(note: str) -> str:
    """What is signed of a note."""
    return note.partition("\n\n")[0]
