"""Documents travel in pages: records in the log, messages to units (wire/SPEC §5.2)."""

from dataclasses import dataclass
from typing import Final

from ballot.documents.document import DOCUMENT_BYTES_MAX
from ballot.documents.faults import bad
from ballot.hashing import hash_of
from wire.ids import ContestId
from wire.voting import CHUNK_BYTES_MAX, DocumentPage

UNFINISHED_MAX: Final = 16


def pages_of(data: bytes, kind: str, contest: ContestId | None) -> list[DocumentPage]:
    """The pages of a document, in order. contest: None for a key record. Raises BadDocument when it is too
    long."""
    if len(data) > DOCUMENT_BYTES_MAX:
        raise bad("too-long", size=len(data), most=DOCUMENT_BYTES_MAX)
    chunks = [data[at : at + CHUNK_BYTES_MAX] for at in range(0, len(data), CHUNK_BYTES_MAX)] or [b""]
    whole = hash_of(data)
    return [DocumentPage(kind, contest, whole, page, len(chunks), chunk) for page, chunk in enumerate(chunks)]


@dataclass(frozen=True, slots=True)
class Whole:
    """A document that arrived with its last page; what it says is not believed yet. kind, contest: as its
    pages say."""

    kind: str
    contest: ContestId | None
    data: bytes


@dataclass(slots=True)
class _Unfinished:
    first: DocumentPage
    chunks: list[bytes]


class Assembly:
    """Puts documents together from pages, each document's in order from 0; those of several may be mixed.

    A page that has been is ignored, and so is one that comes too early: pages are repeated. unfinished_max:
    how many documents may be in the making, the one begun first is forgotten for another (on a unit,
    against a flood); None: any number, for whoever reads a log, where every reader must come to the same.
    """

    def __init__(self, unfinished_max: int | None = UNFINISHED_MAX) -> None:
        self._unfinished: dict[bytes, _Unfinished] = {}
        self._unfinished_max = unfinished_max

    def feed(self, page: DocumentPage) -> Whole | None:
        """The document when this page was its last. Raises BadDocument, and forgets that document, when a
        page does not belong to those before it or all together are not what they name."""
        found = self._unfinished.get(page.document_hash)
        if found is None:
            if page.page != 0:
                return None
            found = self._begin(page)
        elif not _belongs(page, found.first):
            del self._unfinished[page.document_hash]
            raise bad("page-mismatch", page=page.page)
        if page.page != len(found.chunks):
            return None
        found.chunks.append(page.chunk)
        if len(found.chunks) < page.pages:
            return None
        del self._unfinished[page.document_hash]
        data = b"".join(found.chunks)
        if hash_of(data) != page.document_hash:
            raise bad("page-hash")
        return Whole(page.document_kind, page.contest, data)

    def _begin(self, page: DocumentPage) -> _Unfinished:
        if self._unfinished_max is not None and len(self._unfinished) >= self._unfinished_max:
            del self._unfinished[next(iter(self._unfinished))]
        begun = self._unfinished[page.document_hash] = _Unfinished(page, [])
        return begun


def _belongs(page: DocumentPage, first: DocumentPage) -> bool:
    return (page.document_kind, page.contest, page.pages) == (
        first.document_kind,
        first.contest,
        first.pages,
    )
