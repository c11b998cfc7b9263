"""Pages of sealed references, as they arrive -> a gallery in memory: a base, and all that changed since.
Pure.

Nothing of it is ever written: a gate that restarts asks by its birth, and gets them again (ADR-0007). A page
is opened when it arrives, so that a roster of thousands does not hold up the door when its last page comes.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from edge.rollcall_gate.eyes.embed import NORM_MIN
from edge.rollcall_gate.frames import EMBEDDING_DIMS, EmbedderId, Floats
from edge.rollcall_gate.who.gallery import Gallery, Reference
from edge.rollcall_gate.who.pages import Arriving, collect
from edge.rollcall_gate.who.sealing import SealBroken, open_reference, unwrap_content_key
from wire.down import References, ReferencesDelta
from wire.ids import CongressId, DeviceId, MemberRef

Page = References | ReferencesDelta


@dataclass(frozen=True, slots=True)
class Keys:
    """What opens references at this gate: its sealing key, and whose references they may be."""

    congress: CongressId
    gate: DeviceId
    sealing_key: X25519PrivateKey


@dataclass(frozen=True, slots=True)
class Opened:
    """One page, opened. named: its members; gone: those with an empty row. refused: references that could not
    be opened, and why.
    """

    references: tuple[Reference, ...]
    named: frozenset[MemberRef]
    gone: frozenset[MemberRef]
    refused: int = 0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Roster:
    """gallery: of the base `generation`, with the delta of `delta_generation` (0: none) laid over `base`.

    held: how many references of each member are in it.
    """

    gallery: Gallery
    base: Gallery
    generation: int = 0
    delta_generation: int = 0
    held: Mapping[MemberRef, int] = field(default_factory=dict)
    base_held: Mapping[MemberRef, int] = field(default_factory=dict)
    arriving: Arriving[Opened] = field(default_factory=Arriving)
    changes: Arriving[Opened] = field(default_factory=Arriving)
    changes_base: int = 0

    @property
    def edition(self) -> str:
        """What a birth says of it: `base generation/delta generation`."""
        return f"{self.generation}/{self.delta_generation}"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A page was taken. When it completed something, `opened` and `refused` count its references.

    gone: members who have withdrawn, and how many of their references this gate held until now.
    """

    roster: Roster
    opened: int | None = None
    refused: int = 0
    reason: str | None = None
    gone: Mapping[MemberRef, int] = field(default_factory=dict)


def empty(embedder: EmbedderId) -> Roster:
    nobody = Gallery.of(embedder, ())
    return Roster(nobody, nobody)


def take_page(roster: Roster, page: Page, generation: int, keys: Keys) -> Loaded:
    """Take one page; the last one of a generation changes the gallery, as a whole.

    Never raises: what cannot be opened is counted, with the reason in words, and its members come by badge.
    """
    if isinstance(page, ReferencesDelta):
        return _take_change(roster, page, generation, keys)
    if generation <= roster.generation or generation < roster.arriving.generation:
        return Loaded(roster)
    opened = _opened(page, roster.gallery.embedder, keys)
    arriving = collect(roster.arriving, opened, page.page, page.pages, generation)
    roster = replace(roster, arriving=arriving)
    if not arriving.is_complete:
        return Loaded(roster)
    return _begin_anew(roster, arriving.in_order(), generation)


def _take_change(roster: Roster, page: ReferencesDelta, generation: int, keys: Keys) -> Loaded:
    if generation <= roster.delta_generation or generation < roster.changes.generation:
        return Loaded(roster)
    opened = _opened(page, roster.gallery.embedder, keys)
    changes = collect(roster.changes, opened, page.page, page.pages, generation)
    return _change(replace(roster, changes=changes, changes_base=page.base))


def _begin_anew(roster: Roster, pages: tuple[Opened, ...], generation: int) -> Loaded:
    embedder = roster.gallery.embedder
    references, useless = _usable(pages)
    gallery = Gallery.of(embedder, references)
    held = Counter(reference.member for reference in references)
    done = replace(
        roster,
        gallery=gallery,
        base=gallery,
        generation=generation,
        delta_generation=0,
        held=held,
        base_held=held,
        arriving=Arriving(),
    )
    changed = _change(done)  # a delta of this base may have come before it
    now = changed.roster
    # Who withdrew is named by every later delta (SPEC §6.2); who is merely not in this base has not.
    gone = {member: roster.held.get(member, 0) for member in changed.gone}
    refused = sum(page.refused for page in pages) + useless + changed.refused
    reason = _reason(pages, useless) or changed.reason
    return Loaded(now, sum(now.held.values()), refused, reason, gone)


def _change(roster: Roster) -> Loaded:
    """Lay a complete delta over its base; one of another base waits for it."""
    changes = roster.changes
    if not changes.is_complete or roster.changes_base != roster.generation:
        return Loaded(roster)
    pages = changes.in_order()
    references, useless = _usable(pages)
    brought = Counter(reference.member for reference in references)
    without = frozenset(m for page in pages for m in page.named) - brought.keys()
    gallery = roster.base.replaced(Gallery.of(roster.gallery.embedder, references), without)
    held = {member: count for member, count in roster.base_held.items() if member not in without}
    held |= brought
    done = replace(
        roster, gallery=gallery, delta_generation=changes.generation, held=held, changes=Arriving()
    )
    gone = {m: roster.held.get(m, 0) for page in pages for m in page.gone if m not in held}
    refused = sum(page.refused for page in pages) + useless
    return Loaded(done, sum(held.values()), refused, _reason(pages, useless), gone)


def _usable(pages: tuple[Opened, ...]) -> tuple[list[Reference], int]:
    """The references of all pages, and how many are left out: those of a member that cancel each other."""
    sums: defaultdict[MemberRef, Floats] = defaultdict(lambda: np.zeros(EMBEDDING_DIMS, np.float32))
    found = [reference for page in pages for reference in page.references]
    for reference in found:
        sums[reference.member] += reference.embedding.vector
    usable = [each for each in found if np.linalg.norm(sums[each.member]) >= NORM_MIN]
    return usable, len(found) - len(usable)


def _reason(pages: tuple[Opened, ...], useless: int) -> str | None:
    reasons = [page.reason for page in pages if page.reason]
    reasons += ["references of one member cancel each other out"] if useless else []
    return reasons[0] if reasons else None


def _opened(page: Page, embedder: EmbedderId, keys: Keys) -> Opened:
    named = frozenset(member for member, _, _ in page.rows)
    gone = frozenset(member for member, _, sealed in page.rows if not sealed)
    rows = [row for row in page.rows if row[2]]
    try:
        content_key = _content_key(page, embedder, keys) if rows else b""
    except SealBroken as err:
        return Opened((), named, gone, len(rows), err.what)
    references: list[Reference] = []
    refused, reason = 0, None
    for member, index, sealed in rows:
        try:
            embedding = open_reference(
                sealed,
                congress=keys.congress,
                member=member,
                index=index,
                embedder=embedder,
                content_key=content_key,
            )
        except SealBroken as err:
            refused, reason = refused + 1, err.what
        else:
            references.append(Reference(member, embedding))
    return Opened(tuple(references), named, gone, refused, reason)


def _content_key(page: Page, embedder: EmbedderId, keys: Keys) -> bytes:
    if EmbedderId(page.model_sha256, page.runtime) != embedder:
        raise SealBroken(
            f"references made with {page.runtime}, model {page.model_sha256.hex()[:12]}; this gate has "
            f"{embedder.runtime}, model {embedder.model_sha256.hex()[:12]}: enrol again, or install the same"
        )
    return unwrap_content_key(page.wrapped_key, keys.sealing_key, congress=keys.congress, gate=keys.gate)
