"""Fetched networks -> float -> int8: each file made once, only with the pinned bytes, or not at all."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from models.cache import sha256_of, write_whole
from models.calibrate import read_ranges
from models.errors import ModelsMissing, ModelsUntrusted
from models.graph.tflite_passes import rewrite
from models.networks import FLOAT, INT8, NETWORKS, Network
from models.outcome import Outcome
from models.quantise import quantise
from wire.errors import HallError


@dataclass(frozen=True, slots=True)
class Step:
    """One file of the build: what it is made from, where it goes, the bytes it must have, and how.

    after: the command that makes the source.
    """

    network: Network
    source: str
    output: str
    sha256: str
    make: Callable[[Path], bytes]
    after: str


def conversion(network: Network) -> Step:
    """Source -> float TFLite."""
    output = f"{FLOAT}/{network.name}.tflite"
    return Step(network, network.source, output, network.float_sha256, network.to_float, "fetch")


def quantisation(network: Network) -> Step:
    """Float TFLite and the committed ranges -> static int8."""
    source, output = f"{FLOAT}/{network.name}.tflite", f"{INT8}/{network.name}.tflite"

    def make(path: Path) -> bytes:
        return quantise(rewrite(path.read_bytes()), read_ranges(network.ranges), network.input_range)

    return Step(network, source, output, network.int8_sha256, make, "convert")


CONVERSIONS: Final = tuple(conversion(network) for network in NETWORKS)
QUANTISATIONS: Final = tuple(quantisation(network) for network in NETWORKS)


def is_made(step: Step, cache: Path) -> bool:
    """Whether the output is there with the pinned bytes: its inputs are pinned too, so it cannot be stale."""
    return sha256_of(cache / step.output) == step.sha256


def run_step(step: Step, cache: Path) -> bool:
    """Make one output unless it is there already; True when it was made.

    Raises: ModelsMissing when its source is not there; ModelsUntrusted when the bytes are not the pinned
    ones, and then leaves what was there.
    """
    if is_made(step, cache):
        return False
    source = cache / step.source
    if not source.is_file():
        raise ModelsMissing(f"{source} is not there; run `hallward models {step.after}` first")
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


def write_pinned(path: Path, content: bytes, sha256: str) -> None:
    """Write only the bytes that were pinned. Raises ModelsUntrusted for others, and leaves what was there."""
    made = hashlib.sha256(content).hexdigest()
    if made != sha256:
        raise ModelsUntrusted(
            f"{path}: the build gave SHA-256 {made}, not {sha256} as pinned in models/networks.py; "
            "a library is not the pinned one: run `make setup`, then this command again"
        )
    write_whole(path, content)
