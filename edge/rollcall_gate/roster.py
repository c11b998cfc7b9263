"""Pages of sealed references, as they arrive -> a gallery in memory.

Nothing of it is ever written: a gate that restarts asks by its birth, and gets them again (ADR-0007).
"""

from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from edge.rollcall_gate.frames import EmbedderId
from edge.rollcall_gate.gallery import Gallery, Reference
from edge.rollcall_gate.sealing import SealBroken, open_reference, unwrap_content_key
from wire.down import References
from wire.ids import CongressId, DeviceId


@dataclass(frozen=True, slots=True)
class Roster:
    """gallery: the last complete one, of `generation`. arriving: the pages there are of a newer one."""

    gallery: Gallery
    generation: int = 0
    arriving_generation: int = 0
    arriving: tuple[References, ...] = ()


@dataclass(frozen=True, slots=True)
class Keys:
    """What opens references at this gate: its sealing key, and whose references they may be."""

    congress: CongressId
    gate: DeviceId
    sealing_key: X25519PrivateKey


@dataclass(frozen=True, slots=True)
class Loaded:
    """A page was taken. When it completed the roster, `opened` and `refused` count its references."""

    roster: Roster
    opened: int | None = None
    refused: int | None = None
    reason: str | None = None


def take_page(roster: Roster, page: References, generation: int, keys: Keys) -> Loaded:
    """Take one page; with the last page of a generation the gallery is replaced as a whole.

    Never raises: what cannot be opened is counted, with the reason in words, and its members come by badge.
    """
    if generation <= roster.generation or generation < roster.arriving_generation:
        return Loaded(roster)
    others = () if generation > roster.arriving_generation else roster.arriving
    others = tuple(p for p in others if p.page != page.page and p.pages == page.pages)
    pages = (*others, page)
    if len(pages) < page.pages:
        return Loaded(replace(roster, arriving_generation=generation, arriving=pages))
    return _complete(roster, pages, generation, keys)


def _complete(roster: Roster, pages: tuple[References, ...], generation: int, keys: Keys) -> Loaded:
    embedder = roster.gallery.embedder
    references: list[Reference] = []
    refused, reason = 0, None
    for page in pages:
        rows = [row for row in page.rows if row[2]]  # an empty one was withdrawn
        try:
            content_key = _content_key(page, embedder, keys)
        except SealBroken as err:
            refused, reason = refused + len(rows), err.what
            continue
        for member, index, sealed in rows:
            try:
                references.append(
                    Reference(
                        member,
                        open_reference(
                            sealed,
                            congress=keys.congress,
                            member=member,
                            index=index,
                            embedder=embedder,
                            content_key=content_key,
                        ),
                    )
                )
            except SealBroken as err:
                refused, reason = refused + 1, err.what
    try:
        gallery = Gallery.of(embedder, references)
    except ValueError as err:  # references of one member that cancel each other out
        return Loaded(
            replace(roster, generation=generation, arriving=()), 0, refused + len(references), str(err)
        )
    done = Roster(gallery, generation, generation)
    return Loaded(done, opened=len(references), refused=refused, reason=reason)


def _content_key(page: References, embedder: EmbedderId, keys: Keys) -> bytes:
    if EmbedderId(page.model_sha256, page.runtime) != embedder:
        raise SealBroken(
            f"references made with {page.runtime}, model {page.model_sha256.hex()[:12]}; this gate has "
            f"{embedder.runtime}, model {embedder.model_sha256.hex()[:12]}: enrol again, or install the same"
        )
    return unwrap_content_key(page.wrapped_key, keys.sealing_key, congress=keys.congress, gate=keys.gate)
