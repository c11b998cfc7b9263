"""How well the pipeline tells people apart, on labelled pairs of photographs."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edge.rollcall_gate.adapters.recorded_camera import load_frame
from edge.rollcall_gate.compare import similarity
from edge.rollcall_gate.decide import Sample
from edge.rollcall_gate.pipeline import Pipeline
from models.errors import ModelsMissing

Doubles = npt.NDArray[np.float64]
COLUMNS = ("fold", "same", "a", "b")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two file names, whether they show one person, and the fold they belong to."""

    fold: str
    same: bool
    a: str
    b: str


@dataclass(frozen=True, slots=True)
class Report:
    """`no_sample` counts photographs that gave none (failures to acquire); rates are over the other pairs.

    `accuracy` is cross-validated over the folds; `fmr` and `fnmr` are at the gate's own `threshold`.
    """

    pairs: int
    photographs: int
    no_sample: int
    accuracy: float
    accuracy_sd: float
    eer: float
    threshold: float
    fmr: float
    fnmr: float


def read_pairs(table: Path) -> list[Pair]:
    """Tab-separated under a header fold, same, a, b; same is 0 or 1. Raises ModelsMissing naming the line."""
    try:
        with table.open(encoding="utf-8", newline="") as stream:
            rows = csv.reader(stream, delimiter="\t")
            if tuple(next(rows, ())) != COLUMNS:
                raise ModelsMissing(f"{table}: the first line must name the columns {', '.join(COLUMNS)}")
            return [_pair(table, number, row) for number, row in enumerate(rows, start=2)]
    except OSError as err:
        raise ModelsMissing(f"{table} cannot be read ({err.strerror})") from err


def _pair(table: Path, number: int, row: Sequence[str]) -> Pair:
    if len(row) != len(COLUMNS) or row[1] not in {"0", "1"}:
        raise ModelsMissing(f"{table}, line {number}: fold, 0 or 1, and two file names expected")
    return Pair(row[0], row[1] == "1", row[2], row[3])


def sample_photographs(pipeline: Pipeline, folder: Path, names: Iterable[str]) -> dict[str, Sample]:
    """Each photograph once. Raises CameraError for one that cannot be read."""
    return {name: pipeline.sample(load_frame(folder / name, 0)) for name in names}


def report(pairs: Sequence[Pair], samples: dict[str, Sample], threshold: float) -> Report:
    """Scores of all pairs against their labels. Raises ModelsMissing when a kind of pair is absent."""
    scored = [(p, s) for p in pairs if (s := _score(samples[p.a], samples[p.b])) is not None]
    scores = np.array([s for _, s in scored], np.float64)
    same = np.array([p.same for p, _ in scored], np.bool_)
    folds = np.array([p.fold for p, _ in scored])
    genuine, impostor = scores[same], scores[~same]
    if not genuine.size or not impostor.size:
        raise ModelsMissing("the pairs hold no genuine or no impostor pair with two usable photographs")
    per_fold = cross_validated(scores, same, folds)
    return Report(
        pairs=len(pairs),
        photographs=len(samples),
        no_sample=sum(s.probe is None for s in samples.values()),
        accuracy=float(np.mean(per_fold)),
        accuracy_sd=float(np.std(per_fold)),
        eer=equal_error_rate(genuine, impostor),
        threshold=threshold,
        fmr=float((impostor >= threshold).mean()),
        fnmr=float((genuine < threshold).mean()),
    )


def _score(one: Sample, other: Sample) -> float | None:
    if one.probe is None or other.probe is None:
        return None
    return similarity(one.probe, other.probe)


def cross_validated(scores: Doubles, same: npt.NDArray[np.bool_], folds: npt.NDArray[np.str_]) -> list[float]:
    """Accuracy of each fold at the threshold that is best on all the others."""
    accuracies = []
    for fold in sorted(set(folds.tolist())):
        inside, outside = folds == fold, folds != fold
        threshold = best_threshold(scores[outside], same[outside])
        accuracies.append(float(((scores[inside] >= threshold) == same[inside]).mean()))
    return accuracies


def best_threshold(scores: Doubles, same: npt.NDArray[np.bool_]) -> float:
    """The score at which most pairs are told apart; halfway between the two around it."""
    order = np.argsort(scores, kind="stable")
    ranked, genuine = scores[order], same[order].astype(np.int64)
    missed = np.concatenate([[0], np.cumsum(genuine)])
    refused = np.concatenate([[0], np.cumsum(1 - genuine)])
    cut = int(np.argmax(refused - missed))
    if cut == 0:
        return float(ranked[0])
    if cut == ranked.size:
        return float(np.nextafter(ranked[-1], np.inf))
    return float((ranked[cut - 1] + ranked[cut]) / 2)


def equal_error_rate(genuine: Doubles, impostor: Doubles) -> float:
    """Where as many genuine pairs are refused as impostors pass; 0..1."""
    cuts = np.sort(np.concatenate([genuine, impostor]))
    fnmr = np.searchsorted(np.sort(genuine), cuts) / genuine.size
    fmr = 1 - np.searchsorted(np.sort(impostor), cuts) / impostor.size
    nearest = int(np.argmin(np.abs(fnmr - fmr)))
    return float((fnmr[nearest] + fmr[nearest]) / 2)
