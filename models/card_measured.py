"""Reports -> the rows of a card. What a sample does not permit has no row."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from models.errors import ModelsMissing
from models.evaluation.report import HEADLINE_FAR
from models.networks import NETWORKS
from models.places import Numbers
from models.trial import read_report

REPORTS: Final = Path(__file__).with_name("reports")
KINDS: Final[tuple[Numbers, ...]] = ("int8", "float")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure. numbers: which file it is of, int8 or float. value and interval: a share, 0..1, 95 %."""

    what: str
    on: str
    numbers: str
    value: float
    interval: tuple[float, float] | None = None


def measured(name: str) -> list[Measured]:
    """The rows of one network. Raises ModelsMissing when a report is missing or of other files."""
    return list(_ROWS[name]())


def _report(file: str, part: str, numbers: Numbers) -> Json:
    """One part of a committed report, which must be of the files that are pinned now."""
    path = REPORTS / file
    report = read_report(path)
    named = report.get("models")
    for network in NETWORKS:
        pinned = network.int8_sha256 if numbers == "int8" else network.float_sha256
        if not isinstance(named, dict) or named.get(network.name) != pinned:
            raise ModelsMissing(
                f"{path}: measured with another {network.name} than the pinned one; run `hallward models "
                f"evaluate … --out {path.name}` again"
            )
    found: Json | None = report.get(part)
    if found is None:
        raise ModelsMissing(f"{path}: there is nothing of {part} in it; run `hallward models evaluate` again")
    return found


def recognition(numbers: Numbers) -> tuple[Json, str]:
    """The committed trial on portraits, and what it was measured on. Raises ModelsMissing."""
    found = _report(f"recognition_{numbers}.json", "recognition", numbers)
    counts, folds = found["counts"], found["verification"]["listed"]["folds"]
    return found, (
        f"{counts['photographs']:,} press portraits of {counts['persons']:,} people, "
        f"{counts['pairs']:,} pairs in {folds} folds (LFW)"
    )


def _attacks(numbers: Numbers) -> tuple[Json, str]:
    found = _report(f"attacks_{numbers}.json", "attacks", numbers)
    shown = " and ".join(f"{species['presentations']:,} {species['name']}" for species in found["species"])
    return found, f"{found['live']:,} live and {shown} presentations of {found['clients']} people (NUAA)"


def _agreement() -> tuple[Json, str]:
    found = _report("agreement.json", "agreement", "int8")
    return found, f"{found['frames']:,} frames, the shipped photographs augmented"


def _detector() -> Iterator[Measured]:
    for numbers in KINDS:
        found, on = recognition(numbers)
        counts = found["counts"]
        yield Measured("no face found", on, numbers, counts["failures_to_acquire"] / counts["photographs"])
    found, on = _agreement()
    yield Measured("no face found where float finds one", on, "int8", found["missed"] / found["frames"])
    yield from _spread("eyes and nose off from float's, in eye distances", on, found["keypoints"])


def _landmarks() -> Iterator[Measured]:
    found, on = _agreement()
    yield from _spread("five points off from float's, in eye distances", on, found["points"])


def _embedder() -> Iterator[Measured]:
    for numbers in KINDS:
        found, on = recognition(numbers)
        listed, everyone = found["verification"]["listed"], found["verification"]["all_vs_all"]
        yield from _estimate("accuracy on the pairs", on, numbers, listed["accuracy"])
        yield Measured(
            "standard deviation over the folds (of the folds themselves)", on, numbers, listed["accuracy_sd"]
        )
        yield from _estimate("equal error rate on the pairs", on, numbers, listed["eer"])
        for one in everyone["tar"]:
            what = f"all against all: right pairs accepted at one wrong pair in {round(1 / one['far']):,}"
            yield from _estimate(what, on, numbers, one["tar"])
        yield from _estimate(
            "all against all: right pairs refused at match_min", on, numbers, everyone["fnmr"]
        )
        yield from _estimate(
            "all against all: wrong pairs accepted at match_min", on, numbers, everyone["fmr"]
        )
        for cell in found["identification"]:
            yield from _identification(cell, on, numbers)
        yield from _one_look(found, on, numbers)
    found, on = _agreement()
    yield from _spread("1 - cosine to float's embedding", on, found["cosine_loss"])


def _one_look(found: Json, on: str, numbers: Numbers) -> Iterator[Measured]:
    """What the gate's quality limits cost when there is no second frame: a refused photograph is a miss."""
    counts, limited = found["counts"], found["with_quality_limits"]
    share = counts["quality_refusals"] / counts["photographs"]
    yield Measured("one look at a gate: photographs refused for quality", on, numbers, share)
    accuracy = limited["listed"]["accuracy"]
    yield from _estimate(
        "one look at a gate: accuracy, refused ones counted as misses", on, numbers, accuracy
    )
    for one in limited["all_vs_all"]["tar"]:
        if one["far"] == HEADLINE_FAR:
            what = "one look at a gate: right pairs accepted at one wrong pair in 1,000"
            yield from _estimate(what, on, numbers, one["tar"])


def _identification(cell: Json, on: str, numbers: Numbers) -> Iterator[Measured]:
    who = f"{cell['enrolled']} enrolled, {cell['probes']} probed"
    yield from _estimate(f"{who}: members missed at match_min", on, numbers, cell["fnir"])
    yield from _estimate(f"{who}: strangers taken for members at match_min", on, numbers, cell["fpir"])
    for one in cell["at"]:
        what = f"{who}: members missed where {100 * one['fpir']:g} % of strangers pass"
        yield from _estimate(what, on, numbers, one["fnir"])


def _pad() -> Iterator[Measured]:
    for numbers in KINDS:
        found, on = _attacks(numbers)
        yield from _estimate("bona fide rejected (BPCER)", on, numbers, found["bpcer"])
        for species in found["species"]:
            yield from _estimate(f"{species['name']} accepted (APCER)", on, numbers, species["apcer"])
            yield from _estimate(f"equal error rate, {species['name']}", on, numbers, species["eer"])
    found, on = _agreement()
    if found["bona_fide"] is not None:
        yield from _spread("score off from float's", on, found["bona_fide"])


def _estimate(what: str, on: str, numbers: Numbers, found: Json | None) -> Iterator[Measured]:
    if found is not None:
        low, high = found["interval"]
        yield Measured(what, on, numbers, found["value"], (low, high))


def _spread(what: str, on: str, found: Json) -> Iterator[Measured]:
    yield Measured(f"{what}: median", on, "int8", found["median"])
    yield Measured(f"{what}: 99th percentile", on, "int8", found["p99"])


_ROWS: Final[dict[str, Callable[[], Iterator[Measured]]]] = {
    "detector": _detector,
    "landmarks": _landmarks,
    "embedder": _embedder,
    "pad": _pad,
}
