"""Two runs of the same recording: are the decisions the same? Reads what `gate replay --json` prints."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Final, TypeAlias

Line: TypeAlias = Mapping[str, Any]
# What must be equal. Scores may differ in their last digits.
DECIDED: Final = ("decision", "member", "method")


@dataclass(frozen=True, slots=True)
class Comparison:
    """`differences`: one sentence each, in order; none means that both runs decided the same.

    score_difference_max: 0..2, over the decisions where both runs have a score. moment_difference_max_ms: how
    far apart they fell, in time of the recording. least_cosine: of the embeddings that both runs printed;
    None when there are none.
    """

    decisions: int
    differences: tuple[str, ...]
    score_difference_max: float
    moment_difference_max_ms: int
    least_cosine: float | None


def decisions_in(printed: str) -> list[Line]:
    """The lines that are decisions. Raises ValueError for a line that is no JSON object."""
    found: list[Line] = []
    for line in printed.splitlines():
        entry = json.loads(line)
        if not isinstance(entry, dict):
            raise ValueError(f"not a JSON object: {line[:80]}")
        if "decision" in entry:
            found.append(entry)
    return found


def compare(here: Sequence[Line], there: Sequence[Line]) -> Comparison:
    """Pure. A decision that only one run made is a difference too."""
    differences = []
    scores = [0.0]
    moments = [0]
    cosines = []
    for number, (one, other) in enumerate(zip_longest(here, there), 1):
        if one is None or other is None:
            differences.append(f"decision {number}: made by one run alone: {_words(one or other)}")
            continue
        if any(one.get(key) != other.get(key) for key in DECIDED):
            differences.append(f"decision {number}: {_words(one)} here, {_words(other)} there")
        moments.append(abs(one.get("at_ms", 0) - other.get("at_ms", 0)))
        if one.get("score") is not None and other.get("score") is not None:
            scores.append(abs(one["score"] - other["score"]))
        if one.get("embedding") and other.get("embedding"):
            cosines.append(_cosine(one["embedding"], other["embedding"]))
    return Comparison(
        decisions=max(len(here), len(there)),
        differences=tuple(differences),
        score_difference_max=max(scores),
        moment_difference_max_ms=max(moments),
        least_cosine=min(cosines) if cosines else None,
    )


def _words(line: Line) -> str:
    return " ".join(str(line.get(key)) for key in DECIDED)


def _cosine(one: Sequence[float], other: Sequence[float]) -> float:
    dot = sum(a * b for a, b in zip(one, other, strict=True))
    return dot / (math.hypot(*one) * math.hypot(*other))
