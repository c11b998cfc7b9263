"""One person at the desk, as values: what is known, which looks there are, and whether it may go on. Pure."""

from dataclasses import dataclass, replace
from typing import Final

from edge.enrol.consent import Consent
from edge.enrol.look import Look, Refusal, same_picture
from edge.rollcall_gate.eyes.embed import fuse
from edge.rollcall_gate.who.compare import Candidate, compare, least_similarity
from edge.rollcall_gate.who.decide import DEFAULT, QUALITY_GOOD
from edge.rollcall_gate.who.gallery import Gallery
from wire.ids import MemberRef

LOOKS_MAX: Final = 5
LOOKS_ADVISED: Final = 3


@dataclass(frozen=True, slots=True)
class Visit:
    """A member at the desk. name: for the page alone. Nothing is looked at before `consent`."""

    member: MemberRef
    name: str
    consent: Consent | None = None
    looks: tuple[Look, ...] = ()


def with_consent(visit: Visit, consent: Consent | None) -> Visit:
    """The visit with this consent; without any, the looks are forgotten with it."""
    return replace(visit, consent=consent, looks=visit.looks if consent else ())


def with_look(visit: Visit, look: Look) -> Visit | Refusal:
    """The visit with one look more, given consent, if it is a new picture of the same person."""
    if visit.consent is None:
        return Refusal.NO_CONSENT
    if len(visit.looks) >= LOOKS_MAX:
        return Refusal.LOOKS_FULL
    if any(same_picture(look, other) for other in visit.looks):
        return Refusal.SAME_PHOTOGRAPH
    if (
        least_similarity([*(other.embedding for other in visit.looks), look.embedding])
        < DEFAULT.same_person_min
    ):
        return Refusal.OTHER_PERSON
    return replace(visit, looks=(*visit.looks, look))


def without_look(visit: Visit, number: int) -> Visit:
    """Without the look of this number, from 0; unchanged when there is none."""
    return replace(visit, looks=tuple(look for at, look in enumerate(visit.looks) if at != number))


def obstacle(visit: Visit) -> Refusal | None:
    """Why this person cannot be enrolled yet; None when nothing is missing."""
    if visit.consent is None:
        return Refusal.NO_CONSENT
    return None if visit.looks else Refusal.NO_LOOK


def enrolled_as(visit: Visit, others: Gallery) -> Candidate | None:
    """The member, enrolled before under another entry, whom this person resembles as much as themselves."""
    best = compare(fuse([look.embedding for look in visit.looks]), others).best
    return best if best is not None and best.score >= DEFAULT.match_min else None


def is_good(look: Look) -> bool:
    """Whether a better look would hardly help."""
    return look.quality >= QUALITY_GOOD and not look.advice


def best_of(found: list[Look | Refusal]) -> Look | Refusal:
    """Of several frames of one capture the best look. Two people in any of them spoil all; NO_FACE when there
    is no frame."""
    if Refusal.TWO_PEOPLE in found:
        return Refusal.TWO_PEOPLE
    looks = [look for look in found if isinstance(look, Look)]
    if looks:
        return max(looks, key=lambda look: look.quality)
    faults = [fault for fault in found if isinstance(fault, Refusal) and fault is not Refusal.NO_FACE]
    return max(faults, key=faults.count, default=Refusal.NO_FACE)
