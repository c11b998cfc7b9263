"""A document that is believed: parsed, signed by whom it must be, of this congress and charter."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload

from ballot.documents.bodies import BODIES, KeyRecord, Share
from ballot.documents.body import DocumentBody
from ballot.documents.charter import OFFICE, Charter, Office
from ballot.documents.document import Document, check_signers, parse_document
from ballot.documents.faults import bad
from wire.ids import ContestId

T = TypeVar("T", bound=DocumentBody)


@dataclass(frozen=True, slots=True)
class Opened(Generic[T]):
    """signers: the names whose signatures verify."""

    document: Document
    body: T
    signers: frozenset[str]

    @property
    def hash(self) -> bytes:
        return self.document.hash


@overload
def opened(data: bytes, charter: Charter, kind: type[T], contest: ContestId | None = None) -> Opened[T]: ...
@overload
def opened(data: bytes, charter: Charter, kind: str, contest: ContestId | None = None) -> Opened[Any]: ...
def opened(
    data: bytes, charter: Charter, kind: "type[T] | str", contest: ContestId | None = None
) -> Opened[Any]:
    """The document of these bytes, if it is in force under this charter. contest: the one that it must be
    of, if any.

    (1) form, (2) kind, (3) signatures: every one verifies, and those who must have signed did, (4) body,
    (5) congress, charter, contest. Raises BadDocument. The proofs of a key record are not looked at:
    ballot/ceremony does.
    """
    known = BODIES[kind] if isinstance(kind, str) else kind
    document = parse_document(data)
    if document.kind != known.kind:
        raise bad("other-kind", found=document.kind, expected=known.kind)
    signers = check_signers(document, charter)
    body = known.parse(document.body)
    _belongs(body, charter, contest)
    if isinstance(body, Share):
        _is_the_trustees(body, charter, signers)
    return Opened(document, body, signers)


def _belongs(body: DocumentBody, charter: Charter, contest: ContestId | None) -> None:
    congress = getattr(body, "congress", charter.congress)
    if congress != charter.congress:
        raise bad("other-congress", found=congress, expected=charter.congress)
    if getattr(body, "charter_hash", charter.hash) != charter.hash:
        raise bad("other-charter")
    if contest is not None and getattr(body, "contest", contest) != contest:
        raise bad("other-contest")
    if isinstance(body, KeyRecord) and (body.n, body.k) != (len(charter.trustees), charter.k):
        raise bad("other-charter")


def _is_the_trustees(share: Share, charter: Charter, signers: frozenset[str]) -> None:
    if share.trustee > len(charter.trustees) or charter.trustees[share.trustee - 1].name not in signers:
        vi, en = OFFICE[Office.TRUSTEES]
        who = f" ({share.trustee})"
        raise bad("too-few-signatures", office_vi=vi + who, office_en=en + who, have=0, need=1)
