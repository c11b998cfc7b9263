"""A trial of the networks on somebody's photographs: what is asked, run, and kept as a report.

Embeddings are personal data: they live for as long as the trial runs and are never written. So a trial that
was interrupted starts again; one that is complete is not repeated while nothing has changed.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import numpy as np

import edge.rollcall_gate
from edge.rollcall_gate.adapters.recorded_camera import load_frame
from edge.rollcall_gate.eyes.pad import BONA_FIDE_MIN
from edge.rollcall_gate.eyes.pipeline import Pipeline
from edge.rollcall_gate.eyes.vision import Runtime, open_pipeline
from edge.rollcall_gate.who.decide import Thresholds
from models.augment import augmented
from models.cache import sha256_of
from models.calibrate import FRAMES_PER_PHOTOGRAPH, SEED
from models.errors import ModelsMissing
from models.evaluation import report, terminal
from models.evaluation.acquire import acquire
from models.evaluation.agreement import Agreement, agreement, stages_of
from models.evaluation.attacks import Attacks, evaluate_attacks, present, presentations_in
from models.evaluation.persons import persons_of
from models.evaluation.tables import (
    photographs_of,
    read_groups,
    read_pairs,
    require_groups,
    require_photographs,
)
from models.places import Numbers, model_files, package_folder, shipped_photographs

REPORT_BYTES_MAX: Final = 10_000_000

Json = dict[str, Any]
Progress = Callable[[Sequence[Any], str], Iterable[Any]]
_PROGRAM: Final = (Path(edge.rollcall_gate.__file__).parent, Path(__file__).parent)
_LIBRARIES: Final = ("ai-edge-litert", "numpy", "opencv-python-headless", "tflite-runtime")


@dataclass(frozen=True, slots=True)
class Trial:
    """What to measure. pairs and images go together; attacks: a folder of live/ and one per species."""

    pairs: Path | None = None
    images: Path | None = None
    identify: bool = False
    groups: Path | None = None
    attacks: Path | None = None
    agreement: bool = False
    numbers: Numbers = "int8"
    runtime: Runtime = "litert"


def run(asked: Trial, cache: Path, progress: Progress) -> report.Report:
    """The gate's pipeline looks at every photograph once. Raises ModelsMissing, ModelError, CameraError."""
    files = model_files(cache, asked.numbers)
    if asked.attacks is not None and files.pad is None:
        raise ModelsMissing(
            f"{cache / asked.numbers / 'pad.tflite'} is not there, so attacks cannot be measured; "
            "run `hallward models all`"
        )
    pipeline = open_pipeline(files, asked.runtime)
    named = {name: sha256_of(getattr(files, name)) or "" for name in ("detector", "landmarks", "embedder")}
    if files.pad is not None:
        named["pad"] = sha256_of(files.pad) or ""
    models = {**named, "runtime": pipeline.embedder.runtime, "numbers": asked.numbers}
    return report.Report(
        models,
        recognition=_recognition(asked, pipeline, progress),
        attacks=_attacks(asked, pipeline, progress),
        agreement=_agreement(cache, progress) if asked.agreement else None,
    )


def _recognition(asked: Trial, pipeline: Pipeline, progress: Progress) -> report.Recognition | None:
    if asked.pairs is None or asked.images is None:
        return None
    pairs = read_pairs(asked.pairs)
    names = photographs_of(pairs)
    require_photographs(asked.images, names, asked.pairs)
    groups = None if asked.groups is None else read_groups(asked.groups)
    if groups is not None and asked.groups is not None:
        require_groups(asked.groups, groups, names, asked.images)
    try:
        persons_of(names, pairs)  # labels that contradict one another are said before any photograph is read
    except ModelsMissing as err:
        raise ModelsMissing(f"{asked.pairs}: {err.what}") from err
    acquired = acquire(pipeline, asked.images, progress(names, "photographs"))
    return report.evaluate_pairs(
        acquired, pairs, threshold=Thresholds().match_min, identification=asked.identify, groups=groups
    )


def _attacks(asked: Trial, pipeline: Pipeline, progress: Progress) -> Attacks | None:
    if asked.attacks is None:
        return None
    photographs = [path for paths in presentations_in(asked.attacks).values() for path in paths]
    return evaluate_attacks(present(pipeline, progress(photographs, "presentations")), BONA_FIDE_MIN)


def _agreement(cache: Path, progress: Progress) -> Agreement:
    """On the shipped photographs, augmented with another seed than for calibration. Raises ModelsMissing."""
    full = open_pipeline(model_files(cache, "float"))
    random, frames = np.random.default_rng(SEED + 1), []
    for path in shipped_photographs(cache):
        photograph = load_frame(path, 0)
        view = full.view(photograph)
        if view is not None:
            frames += [augmented(photograph, view.face, random) for _ in range(FRAMES_PER_PHOTOGRAPH)]
    stages = stages_of(package_folder(cache)), stages_of(cache / "float")
    return agreement(full, stages[1], stages[0], progress(frames, "frames"))


def inputs_sha256(asked: Trial, cache: Path) -> str:
    """Hex, over all that decides the figures: question, photographs, networks, program, libraries."""
    words = (asked.numbers, asked.runtime, asked.identify, asked.agreement, trial_sha256(asked, cache))
    digest = hashlib.sha256(repr(words).encode())
    kinds: tuple[Numbers, ...] = ("int8", "float") if asked.agreement else (asked.numbers,)
    for file in (files for kind in kinds for files in sorted((cache / kind).glob("*.tflite"))):
        digest.update(f"{file.name} {sha256_of(file)}\n".encode())
    for package in _LIBRARIES:
        digest.update(f"{package} {_version(package)}\n".encode())
    for folder in _PROGRAM:
        for source in sorted(folder.rglob("*.py")):
            digest.update(f"{source.relative_to(folder)} {sha256_of(source)}\n".encode())
    return digest.hexdigest()


def trial_sha256(asked: Trial, cache: Path) -> str:
    """Hex, over tables and photographs alone: two reports with the same one answer the same question."""
    digest = hashlib.sha256()
    for table in (asked.pairs, asked.groups):
        digest.update(f"{sha256_of(table) if table else None}\n".encode())
    for photograph in _photographs(asked, cache):
        digest.update(f"{photograph.parent.name}/{photograph.name} {sha256_of(photograph)}\n".encode())
    return digest.hexdigest()


def _photographs(asked: Trial, cache: Path) -> list[Path]:
    found: list[Path] = []
    if asked.pairs is not None and asked.images is not None:
        names = photographs_of(read_pairs(asked.pairs))
        require_photographs(asked.images, names, asked.pairs)
        found += [asked.images / name for name in names]
    if asked.attacks is not None:
        found += [path for paths in presentations_in(asked.attacks).values() for path in paths]
    if asked.agreement:
        found += shipped_photographs(cache)
    return found


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


def as_json(found: report.Report, asked: Trial, cache: Path) -> Json:
    """The report, what was asked, and the table that people read."""
    return {
        **report.as_json(found),
        "trial_sha256": trial_sha256(asked, cache),
        "inputs_sha256": inputs_sha256(asked, cache),
        "text": terminal.as_text(found).splitlines(),
    }


def kept_report(out: Path, asked: Trial, cache: Path) -> Json | None:
    """The report that is there, when it was made from the very same inputs. Raises ModelsMissing."""
    if not out.exists():
        return None
    found = read_report(out)
    return found if found.get("inputs_sha256") == inputs_sha256(asked, cache) else None


def read_report(path: Path) -> Json:
    """Raises ModelsMissing when the file is no report of ours."""
    try:
        if not path.is_file() or path.stat().st_size > REPORT_BYTES_MAX:
            raise ValueError("not a plain file of a report's size")
        found = json.loads(path.read_text("utf-8"), parse_constant=_no_number)
    except (OSError, ValueError, RecursionError) as err:
        raise ModelsMissing(f"{path}: not a report of `hallward models evaluate --json` ({err})") from err
    if not isinstance(found, dict) or found.get("format") != report.FORMAT:
        raise ModelsMissing(f"{path}: not a report of `hallward models evaluate --json`")
    return found


def is_report(path: Path) -> bool:
    """Whether a report of recognition can be read there."""
    try:
        return read_report(path).get("recognition") is not None
    except ModelsMissing:
        return False


def _no_number(word: str) -> float:
    """NaN and Infinity are no JSON, and compare with nothing."""
    raise ValueError(f"{word} in it")
