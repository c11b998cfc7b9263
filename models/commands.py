"""The models commands as functions: explicit arguments, progress on standard error, HallError on failure."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, TypeVar

from tqdm import tqdm

from edge.rollcall_gate.adapters.litert_inference import LitertInference
from edge.rollcall_gate.adapters.recorded_camera import load_frame
from edge.rollcall_gate.errors import ModelError
from models import build, card, golden, trial, verify
from models.cache import require_writable, write_whole
from models.calibrate import Eyes, Recorder, observed_ranges, pictures_for_calibration, walls, write_ranges
from models.clients import Download, download_by_client
from models.errors import ModelsMissing, ModelsUntrusted
from models.fetch import fetch_all
from models.graph.tflite_passes import rewrite
from models.networks import NETWORKS, Network
from models.outcome import Outcome
from models.places import package_folder, photograph_folder, shipped_photographs
from models.runtimes import RUNTIMES, open_network
from models.sources import Group, load_sources

PROGRESS_AFTER_S: Final = 2.0
SHIPPED_ACCURACY_MIN: Final = 0.95
SHIPPED_PAIRS: Final = Path(__file__).with_name("shipped_pairs.tsv")
Item = TypeVar("Item")


def fetch(
    cache: Path,
    *,
    groups: Sequence[Group] = ("models", "photographs"),
    download: Download = download_by_client,
) -> Outcome:
    """Bring every pinned file of these groups into the cache. Can be interrupted and run again."""
    wanted = [p for p in load_sources() if p.group in groups]
    return fetch_all(wanted, cache, download=download, progress=lambda steps: progress(steps, "fetching"))


def convert(cache: Path) -> Outcome:
    """Sources -> float files."""
    return _built(build.CONVERSIONS, "converting", cache)


def quantise(cache: Path) -> Outcome:
    """Float files and committed ranges -> int8 files, checked by what they compute when one is new.

    One that computes something else does not stay: the next run meets it again. `verify` checks always.
    """
    outcome = _built(build.QUANTISATIONS, "quantising", cache)
    wrong = []
    for network in NETWORKS if outcome.done else ():
        path = package_folder(cache) / f"{network.name}.tflite"
        try:
            if path.is_file():
                golden.check(LitertInference(path, network.form), network.name, "int8", network.form.side_px)
        except (ModelsUntrusted, ModelError) as err:
            path.unlink()
            wrong.append(err)
    return outcome.then(Outcome(0, tuple(wrong)))


def _built(steps: Sequence[build.Step], label: str, cache: Path) -> Outcome:
    outcome = build.run_steps(progress(steps, label), cache)
    try:
        build.write_sums((cache / steps[0].output).parent, steps)
    except ModelsMissing as err:
        return outcome.then(Outcome(0, (err,)))
    return outcome


def prepare(cache: Path) -> Outcome:
    """fetch(), convert(), quantise(): all a hall needs. What cannot be had does not stop the rest."""
    return fetch(cache).then(convert(cache)).then(quantise(cache))


def shipped_trial(cache: Path) -> verify.Line:
    """The shipped photographs as a small trial, kept while nothing changes. Raises as evaluate."""
    asked, kept = trial.Trial(SHIPPED_PAIRS, photograph_folder(cache)), cache / "reports" / "shipped.json"
    if kept.exists() and not trial.is_report(kept):  # ours, and damaged
        kept.unlink()
    return _shipped_line(evaluate(cache, asked, kept)["recognition"])


def _shipped_line(found: trial.Json) -> verify.Line:
    accuracy = found["verification"]["listed"]["accuracy"]["value"]
    text = f"{accuracy:.1%} on {found['counts']['pairs']} pairs, at least {SHIPPED_ACCURACY_MIN:.0%} expected"
    return verify.Line("accuracy on the shipped photographs", accuracy >= SHIPPED_ACCURACY_MIN, text)


def calibrate(cache: Path) -> list[Path]:
    """Measure the range of every tensor anew and replace the committed ones; returns their files.

    Raises ModelsMissing, ModelError, CameraError when the cache is not complete.
    """
    eyes = Eyes(*(Recorder(_float(network, cache)) for network in NETWORKS))
    frames = [load_frame(path, 0) for path in progress(shipped_photographs(cache), "reading")]
    pictures = pictures_for_calibration(eyes, frames)
    for network in progress(NETWORKS, "calibrating"):
        graph = rewrite((cache / "float" / f"{network.name}.tflite").read_bytes())
        others = walls(network.form.side_px) if network.judges_walls else ()
        ranges = observed_ranges(graph, network.form, pictures[network.name], network.extremes, others)
        write_ranges(network.ranges, ranges)
    return [network.ranges for network in NETWORKS]


def write_golden(cache: Path) -> list[str]:
    """Replace the golden outputs of every file in every installed runtime; returns what was measured."""
    measured = []
    for network in NETWORKS:
        for numbers in ("float", "int8"):
            for runtime in RUNTIMES:
                loaded = open_network(runtime, cache / numbers / f"{network.name}.tflite", network.form)
                if loaded is not None:
                    golden.write_golden(loaded, network.name, numbers, network.form.side_px)
                    measured.append(f"{network.name}, {numbers}, {loaded.runtime}")
    return measured


def evaluate(cache: Path, asked: trial.Trial, out: Path | None = None) -> trial.Json:
    """A trial's report. With `out` it is kept there, and read back when nothing has changed.

    Raises ModelsMissing, ModelError, CameraError.
    """
    if out is not None:
        require_writable(out)
        kept = trial.kept_report(out, asked, cache)
        if kept is not None:
            return kept
    report = trial.run(asked, cache, progress)
    data = trial.as_json(report, asked, cache)
    if out is not None:
        write_whole(out, (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode())
    return data


def cards(cache: Path) -> list[Path]:
    """Write models/cards anew from the build and the committed reports; returns the files that changed."""
    return card.write_cards(cache)


def verified(cache: Path) -> list[verify.Line]:
    """Every check of the files in the cache, of the cards and of the committed reports, in order."""
    return [*verify.files(cache, progress(NETWORKS, "verifying")), *verify.cards(cache), *verify.reports()]


def compared(candidate: Path, baseline: Path) -> list[verify.Line]:
    """A candidate's report of `evaluate --groups` against that of the one in use. Raises ModelsMissing."""
    return verify.candidate(candidate, baseline)


def progress(steps: Sequence[Item], label: str) -> Iterable[Item]:
    """A bar for whatever takes longer than PROGRESS_AFTER_S; nothing for what does not."""
    return tqdm(steps, desc=label, delay=PROGRESS_AFTER_S, unit="file", leave=False)


def _float(network: Network, cache: Path) -> LitertInference:
    return LitertInference(cache / "float" / f"{network.name}.tflite", network.form)
