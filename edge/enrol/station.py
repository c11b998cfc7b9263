"""One person's photographs -> embeddings, or the reason why not, in words. No photograph is copied."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.enrol.look import Look, Refusal, look_at, same_picture
from edge.enrol.words import SAY
from edge.rollcall_gate.adapters.recorded_camera import load_frame
from edge.rollcall_gate.errors import CameraError
from edge.rollcall_gate.eyes.embed import fuse
from edge.rollcall_gate.eyes.pipeline import Pipeline
from edge.rollcall_gate.frames import Embedding
from edge.rollcall_gate.who.compare import Candidate, compare, least_similarity
from edge.rollcall_gate.who.decide import DEFAULT
from edge.rollcall_gate.who.gallery import Gallery
from edge.rollcall_gate.who.sealing import INDEX_MAX

PHOTOGRAPHS_ADVISED: Final = 3
PHOTOGRAPHS_MAX: Final = INDEX_MAX + 1


@dataclass(frozen=True, slots=True)
class Refused:
    """One photograph that cannot serve, and why, for the person at the station."""

    photograph: str
    reason: str


@dataclass(frozen=True, slots=True)
class Enrolment:
    """`embeddings` of the photographs that serve; when the person cannot be enrolled, `problem` says why.

    duplicate: the member, enrolled before, whom this person resembles as much as themselves.
    """

    embeddings: tuple[Embedding, ...]
    refused: tuple[Refused, ...] = ()
    problem: str | None = None
    duplicate: Candidate | None = None

    @property
    def advice(self) -> str | None:
        """What would make recognition surer, when something would."""
        if self.problem or len(self.embeddings) >= PHOTOGRAPHS_ADVISED:
            return None
        return f"{len(self.embeddings)} of {PHOTOGRAPHS_ADVISED} photographs: add some taken on other days"


def examine(pipeline: Pipeline, photographs: Sequence[Path], enrolled: Gallery) -> Enrolment:
    """Look at one person's photographs. Never raises for what is in them.

    1. Each must give a good sample. 2. All must show one person. 3. That person must not be enrolled already:
    one person under two names could be counted twice.
    """
    looks: list[Look] = []
    refused: list[Refused] = []
    for photograph in photographs[:PHOTOGRAPHS_MAX]:
        found = _look(pipeline, photograph, looks)
        if isinstance(found, Look):
            looks.append(found)
        else:
            refused.append(Refused(photograph.name, found))
    embeddings = [look.embedding for look in looks]
    if not embeddings:
        return Enrolment(
            (), tuple(refused), problem="no photograph can serve; take a new one, or use a badge"
        )
    if disagree := _disagreement(embeddings):
        return Enrolment((), tuple(refused), problem=disagree)
    best = compare(fuse(embeddings), enrolled).best
    if best is not None and best.score >= DEFAULT.match_min:
        problem = "this person is enrolled already, under another entry; compare the papers, or use a badge"
        return Enrolment((), tuple(refused), problem=problem, duplicate=best)
    return Enrolment(tuple(embeddings), tuple(refused))


def _look(pipeline: Pipeline, photograph: Path, before: Sequence[Look]) -> Look | str:
    try:
        found = look_at(pipeline, load_frame(photograph, 0))
    except CameraError as err:
        return err.what
    if isinstance(found, Look) and any(same_picture(found, other) for other in before):
        found = Refusal.SAME_PHOTOGRAPH
    return SAY[found][1] if isinstance(found, Refusal) else found


def _disagreement(embeddings: Sequence[Embedding]) -> str | None:
    if least_similarity(embeddings) >= DEFAULT.same_person_min:
        return None
    return "the photographs do not show one person; check them, or use a badge"
