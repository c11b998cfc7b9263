"""The papers on the table: what the trustees of one congress have written so far, verified and sorted.

Whoever brings a paper is not believed: each is read strictly, its signature verified under the charter, and
what is none of ours is named and left aside (SPEC §3.1).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from ballot.ceremony.messages import KINDS, Begin, Complaint, Message, Round, ceremony_id_of, parse_body
from ballot.documents.charter import Charter
from ballot.documents.document import Document, check_signers, parse_document
from ballot.errors import BadDocument
from wire.errors import HallError, RecordRejected

KEY_RECORD: Final = "key-record/1"
PAPERS_MAX: Final = 1000
"""Of one congress: 9 trustees, 4 papers each, and many ceremonies that came to nothing."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """A ceremony that somebody proposed."""

    ceremony_id: bytes
    by: str
    begin: Begin


@dataclass(slots=True)
class Table:
    """beginnings: by ceremony id. papers: what trustee i said in that kind, by its body. records: copies of
    key records, whoever signed. aside: papers that are not believed, and why."""

    charter: Charter
    beginnings: dict[bytes, Beginning] = field(default_factory=dict)
    papers: dict[tuple[bytes, str, int], dict[bytes, Round]] = field(default_factory=dict)
    complaints: dict[bytes, list[Complaint]] = field(default_factory=dict)
    records: list[Document] = field(default_factory=list)
    aside: list[tuple[str, HallError]] = field(default_factory=list)

    def said(self, ceremony_id: bytes, kind: str, i: int) -> dict[bytes, Round]:
        """Bodies of that trustee's papers of that kind: one, unless they show two faces."""
        return self.papers.get((ceremony_id, kind, i), {})


def table_of(papers: Iterable[tuple[str, bytes]], charter: Charter) -> Table:
    """papers: (what the person calls it, its bytes), in any order. Total over any bytes."""
    table = Table(charter)
    for number, (name, content) in enumerate(papers):
        if number >= PAPERS_MAX:
            break
        try:
            _lay(table, parse_document(content))
        except (BadDocument, RecordRejected) as err:
            table.aside.append((name, err))
    return table


def _lay(table: Table, document: Document) -> None:
    if document.kind == KEY_RECORD:
        table.records.append(document)
        return
    if document.kind not in KINDS:
        raise RecordRejected("not a paper of a ceremony")
    names = check_signers(document, table.charter)
    if len(names) != 1:
        raise RecordRejected("a paper of a ceremony is signed by its trustee and nobody else")
    (signer,) = names
    message = parse_body(document.body)
    if message.kind != document.kind:
        raise RecordRejected(f"says {message.kind} inside and {document.kind} outside")
    number = table.charter.trustee_number(signer)
    if isinstance(message, Begin):
        beginning = _beginning(message, signer, table.charter)
        table.beginnings.setdefault(beginning.ceremony_id, beginning)
    elif message.i != number:
        raise RecordRejected(f"{signer} speaks for trustee {message.i}")
    else:
        _sort(table, document.body, message)


def _sort(table: Table, body: bytes, message: Message) -> None:
    if isinstance(message, Complaint):
        known = table.complaints.setdefault(message.ceremony_id, [])
        if message not in known:
            known.append(message)
    elif not isinstance(message, Begin):
        place = message.ceremony_id, message.kind, message.i
        table.papers.setdefault(place, {})[body] = message


def _beginning(begin: Begin, signer: str, charter: Charter) -> Beginning:
    if begin.charter_hash != charter.hash or begin.congress != charter.congress:
        raise RecordRejected(
            f"{signer} begins a ceremony under another charter: compare its fingerprint with theirs"
        )
    n, k = len(charter.trustees), charter.k
    if (begin.n, begin.k) != (n, k):
        raise RecordRejected(
            f"{signer} begins a ceremony {begin.k} of {begin.n}, the charter says {k} of {n}"
        )
    return Beginning(ceremony_id_for(begin, charter), signer, begin)


def ceremony_id_for(begin: Begin, charter: Charter) -> bytes:
    identities = [trustee.key for trustee in charter.trustees]
    return ceremony_id_of(charter.congress, begin.n, begin.k, identities, begin.rand)
