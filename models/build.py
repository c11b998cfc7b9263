"""Fetched networks -> float -> int8: each file made once, from pinned bytes and with pinned bytes, or not."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.rollcall_gate.eyes.vision import SUMS
from models.cache import sha256_of, write_whole
from models.calibrate import read_ranges
from models.errors import ModelsMissing, ModelsUntrusted, SourceMissing
from models.graph.tflite_passes import rewrite
from models.networks import FLOAT, INT8, NETWORKS, Network
from models.outcome import Outcome
from models.quantise import quantise
from wire.errors import HallError


@dataclass(frozen=True, slots=True)
class Step:
    """One file of the build, and how it is made. `source` and `output` are places in the cache.

    after: the command that makes the source. beside: a committed file that decides the bytes too, or None.
    """

    network: Network
    source: str
    source_sha256: str
    after: str
    output: str
    sha256: str
    make: Callable[[Path], bytes]
    beside: tuple[Path, str] | None = None


def conversion(network: Network) -> Step:
    """Source -> float TFLite."""
    output = f"{FLOAT}/{network.name}.tflite"
    source_sha256, sha256 = network.source_sha256, network.float_sha256
    return Step(network, network.source, source_sha256, "fetch", output, sha256, network.to_float)


def quantisation(network: Network) -> Step:
    """Float TFLite and the committed ranges -> static int8."""

    def make(path: Path) -> bytes:
        return quantise(rewrite(path.read_bytes()), read_ranges(network.ranges), network.input_range)

    return Step(
        network,
        f"{FLOAT}/{network.name}.tflite",
        network.float_sha256,
        "convert",
        f"{INT8}/{network.name}.tflite",
        network.int8_sha256,
        make,
        (network.ranges, network.ranges_sha256),
    )


CONVERSIONS: Final = tuple(conversion(network) for network in NETWORKS)
QUANTISATIONS: Final = tuple(quantisation(network) for network in NETWORKS)


def is_made(step: Step, cache: Path) -> bool:
    """Whether the output is there with the pinned bytes, and what decides them is as it was pinned."""
    return sha256_of(cache / step.output) == step.sha256 and not changed_beside(step)


def changed_beside(step: Step) -> str | None:
    """The sentence for a committed file that is not the pinned one; None when all is well."""
    if step.beside is None:
        return None
    path, pinned = step.beside
    found = sha256_of(path)
    if found == pinned:
        return None
    return (
        f"{path} has SHA-256 {found}, not {pinned} as pinned in models/networks.py: get the committed file "
        "back, or pin the new one and build again"
    )


def run_step(step: Step, cache: Path) -> bool:
    """Make one output unless it is there already; True when it was made.

    Raises: SourceMissing when its source is not there; ModelsUntrusted when the source, a committed file or
    the made bytes are not the pinned ones, and then leaves what was there.
    """
    if is_made(step, cache):
        return False
    if sentence := changed_beside(step):
        raise ModelsUntrusted(sentence)
    source = cache / step.source
    if not source.is_file():
        raise SourceMissing(f"{source} is not there; run `hallward models {step.after}` first")
    if sha256_of(source) != step.source_sha256:
        raise ModelsUntrusted(f"{source} does not have the pinned bytes; run `hallward models {step.after}`")
    write_pinned(cache / step.output, step.make(source), step.sha256)
    return True


def run_steps(steps: Iterable[Step], cache: Path) -> Outcome:
    """Every step that can be done; one that cannot does not stop the others. Raises nothing of ours."""
    done, failures = 0, list[HallError]()
    for step in steps:
        try:
            done += run_step(step, cache)
        except (ModelsMissing, ModelsUntrusted) as err:
            failures.append(err)
    return Outcome(done, tuple(failures))


def write_sums(folder: Path, steps: Iterable[Step]) -> None:
    """SHA256SUMS beside the networks, as sha256sum(1) reads it: what is copied with them to a device."""
    made = [step for step in steps if sha256_of(folder.parent / step.output) == step.sha256]
    text = "".join(f"{step.sha256}  {Path(step.output).name}\n" for step in made)
    kept = folder / SUMS
    if made and not (kept.is_file() and kept.read_text("ascii", "replace") == text):
        write_whole(kept, text.encode())


def write_pinned(path: Path, content: bytes, sha256: str) -> None:
    """Write only the bytes that were pinned. Raises ModelsUntrusted for others, and leaves what was there."""
    made = hashlib.sha256(content).hexdigest()
    if made != sha256:
        raise ModelsUntrusted(
            f"{path}: the build gave SHA-256 {made}, not {sha256} as pinned in models/networks.py, from "
            "inputs that are pinned: a library is not the pinned one; run `make setup`, then this again"
        )
    write_whole(path, content)
