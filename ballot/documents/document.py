"""A document: its kind, its body's bytes, and the signatures over them (ballot/SPEC §2.2). Signatures may
be added, the body never changes; who must have signed what is one table."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from ballot.documents.charter import OFFICE, Charter, Office
from ballot.documents.faults import bad
from ballot.hashing import SUITE, hash_of
from wire import cbor, fields
from wire.errors import BadSchema, BadSignature, RecordRejected
from wire.keys import SIGNATURE_BYTES, Alg, Signer
from wire.voting import CHUNK_BYTES_MAX, DOCUMENT_PAGES_MAX

DOCUMENT_BYTES_MAX: Final = CHUNK_BYTES_MAX * DOCUMENT_PAGES_MAX
SIGNATURES_MAX: Final = 32
KIND_BYTES_MAX: Final = 32


class Quorum(Enum):
    """How many of an office must sign."""

    ALL = "all"
    QUORUM = "quorum"
    """k of the trustees, the quorum of board, commission and witnesses, the chair."""
    ONE = "one"
    """The one who speaks in it: the body says which of them."""


_BOARD: Final = ((Office.BOARD, Quorum.QUORUM),)
_COMMISSION: Final = ((Office.COMMISSION, Quorum.QUORUM),)
_ONE_TRUSTEE: Final = ((Office.TRUSTEES, Quorum.ONE),)

SIGNED_BY: Final[dict[str, tuple[tuple[Office, Quorum], ...]]] = {
    "key-record/1": ((Office.TRUSTEES, Quorum.ALL),),
    "roll/1": _COMMISSION,
    "roll-rows/1": (),
    "bind/1": _COMMISSION,
    "manifest/1": _BOARD,
    "close/1": ((Office.CHAIR, Quorum.QUORUM),),
    "cancel/1": _BOARD,
    "disposition/1": _BOARD,
    "tally/1": ((Office.TRUSTEES, Quorum.QUORUM), (Office.WITNESSES, Quorum.QUORUM)),
    "share/1": _ONE_TRUSTEE,
    "result/1": _BOARD,
    "ceremony-begin/1": _ONE_TRUSTEE,
    "ceremony-0/1": _ONE_TRUSTEE,
    "ceremony-1/1": _ONE_TRUSTEE,
    "ceremony-2/1": _ONE_TRUSTEE,
    "complaint/1": _ONE_TRUSTEE,
}
"""kind -> who must have signed it (SPEC §2.2, §3.1). Empty: nobody signs it, something signed vouches for
it."""


@dataclass(frozen=True, slots=True)
class Document:
    """signatures: (name, signature), ascending by name."""

    kind: str
    body: bytes
    signatures: tuple[tuple[str, bytes], ...] = ()

    @property
    def hash(self) -> bytes:
        """Of the body: what other documents name. Signatures that come later leave it as it is."""
        return hash_of(self.body)

    @property
    def names(self) -> tuple[str, ...]:
        """Who claims to have signed; `signers` verifies it."""
        return tuple(name for name, _ in self.signatures)


def encode_document(document: Document) -> bytes:
    return cbor.encode([document.kind, document.body, document.signatures])


def parse_document(data: bytes) -> Document:
    """The parts of a document, none believed yet. Raises BadDocument."""
    if len(data) > DOCUMENT_BYTES_MAX:
        raise bad("too-long", size=len(data), most=DOCUMENT_BYTES_MAX)
    try:
        parts = cbor.decode(data, DOCUMENT_BYTES_MAX)
        if type(parts) is not list or len(parts) != 3:
            raise BadSchema("a document is [kind, body, signatures]")
        document = Document(
            fields.text(KIND_BYTES_MAX)(parts[0]),
            fields.blob_up_to(DOCUMENT_BYTES_MAX)(parts[1]),
            fields.rows(SIGNATURES_MAX, fields.name, fields.blob(SIGNATURE_BYTES))(parts[2]),
        )
    except RecordRejected as err:
        raise bad("not-a-document", what=err.what) from None
    _ordered(document)
    return document


def signed_bytes(kind: str, body: bytes) -> bytes:
    """What a signature of a document is over."""
    return cbor.encode([SUITE, "sign", kind, body])


def with_signature(document: Document, name: str, signer: Signer) -> Document:
    """The document with this signature beside those that it has. Raises BadDocument."""
    if signer.alg is not Alg.EDDSA:
        raise bad("not-ed25519", name=name)
    signature = signer.sign(signed_bytes(document.kind, document.body))
    return _joined(document, [(name, signature)])


def merged(first: Document, second: Document) -> Document:
    """Two copies of one document with the signatures of both. Raises BadDocument."""
    if (first.kind, first.body) != (second.kind, second.body):
        raise bad("not-the-same")
    return _joined(first, second.signatures)


def signers(document: Document, charter: Charter) -> frozenset[str]:
    """Who signed it. One name that the charter lacks or one signature that does not verify makes the whole
    document bad. Raises BadDocument."""
    _ordered(document)
    message = signed_bytes(document.kind, document.body)
    for name, signature in document.signatures:
        officer = charter.by_name.get(name)
        if officer is None:
            raise bad("unknown-name", name=name)
        try:
            officer.public_key.verify(signature, message)
        except BadSignature:
            raise bad("bad-signature", name=name) from None
    return frozenset(document.names)


@dataclass(frozen=True, slots=True)
class Lack:
    """Signatures that a document still needs: `need` of `office`, of which it has `have`."""

    office: Office
    have: int
    need: int


def lacking(kind: str, names: Iterable[str], charter: Charter) -> list[Lack]:
    """What is missing for a document of this kind that those people signed; empty when it is in force.

    Raises BadDocument for a kind that the table lacks, and for a signature where none belongs.
    """
    if kind not in SIGNED_BY:
        raise bad("not-a-document", what=f"kind {kind!r:.40}")
    signed, found = frozenset(names), []
    if not SIGNED_BY[kind] and signed:
        raise bad("unsigned-kind", kind=kind)
    for office, quorum in SIGNED_BY[kind]:
        holders = {officer.name for officer in charter.of(office)}
        have = len(holders & signed)
        need = {Quorum.ALL: len(holders), Quorum.QUORUM: charter.quorum(office), Quorum.ONE: 1}[quorum]
        if have < need:
            found.append(Lack(office, have, need))
    return found


def check_signers(document: Document, charter: Charter) -> frozenset[str]:
    """Who signed, if those who must have did. Raises BadDocument."""
    names = signers(document, charter)
    for lack in lacking(document.kind, names, charter):
        vi, en = OFFICE[lack.office]
        raise bad("too-few-signatures", office_vi=vi, office_en=en, have=lack.have, need=lack.need)
    if any(office is Office.WITNESSES for office, _ in SIGNED_BY[document.kind]) and not any(
        officer.external for officer in charter.witnesses if officer.name in names
    ):
        raise bad("no-external-witness")
    return names


def _ordered(document: Document) -> None:
    names: list[Any] = list(document.names)
    if names != sorted(set(names)):
        raise bad("signature-order")


def _joined(document: Document, more: Iterable[tuple[str, bytes]]) -> Document:
    found = dict(document.signatures)
    for name, signature in more:
        if found.setdefault(name, signature) != signature:
            raise bad("already-signed", name=name)
    if len(found) > SIGNATURES_MAX:
        raise bad("too-many-signatures", most=SIGNATURES_MAX)
    return Document(document.kind, document.body, tuple(sorted(found.items())))
