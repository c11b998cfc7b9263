"""The station's work on a list of people: examine, check for duplicates, seal."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.enrol.station import Enrolment, examine
from edge.enrol.upload import SealedReference, seal_references
from edge.rollcall_gate.eyes.pipeline import Pipeline
from edge.rollcall_gate.who.gallery import Gallery, Reference
from wire.ids import CongressId, MemberRef


@dataclass(frozen=True, slots=True)
class Person:
    """A member who consented, and their photographs."""

    member: MemberRef
    photographs: Sequence[Path]


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What became of one person. `sealed` is empty when `examined.problem` says why."""

    person: Person
    examined: Enrolment
    sealed: tuple[SealedReference, ...]


def enrol(
    people: Iterable[Person],
    *,
    pipeline: Pipeline,
    congress: CongressId,
    content_key: bytes,
    random_bytes: Callable[[int], bytes],
    already: Sequence[Reference] = (),
) -> Iterator[Enrolled]:
    """Enrol people one by one, as the iterator is drawn from; each is compared with all before and `already`.

    A member met again replaces nothing and is compared with others only.
    """
    references = list(already)
    for person in people:
        others = (r for r in references if r.member != person.member)
        examined = examine(pipeline, person.photographs, Gallery.of(pipeline.embedder, others))
        references += [Reference(person.member, embedding) for embedding in examined.embeddings]
        sealed = seal_references(
            examined.embeddings,
            congress=congress,
            member=person.member,
            content_key=content_key,
            random_bytes=random_bytes,
        )
        yield Enrolled(person, examined, sealed)
