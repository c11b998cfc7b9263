"""The `[gate]` table of device.toml -> GateConfig. Every field with its unit, range and default.

    models      folder of the network files; relative to the device's folder (required)
    runtime     litert (default) | tflite
    direction   in (default) | out: what a passage through this gate means
    match_min_permille, margin_min_permille, same_person_min_permille
                cosines in thousandths: 200..900 (default 490), 0..500 (80), 0..900 (350)
    probes_min  good frames that decide: 1..10 (3)
    decide_within_ms   then it is decided with what there is: 500..10000 (3000)
    lock_pin_bcm, reed_pin_bcm   header pins of the door, 0..27, when hardware is not simulated (17, 27)
Thresholds are integers, because what is signed and compared across the fleet has no floats.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.device.config import Section
from edge.rollcall_gate.decide import Thresholds
from edge.rollcall_gate.vision import ModelFiles, Runtime, models_in

_FIELDS = (
    "models", "runtime", "direction", "match_min_permille", "margin_min_permille", "same_person_min_permille",
    "probes_min", "decide_within_ms", "lock_pin_bcm", "reed_pin_bcm",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GateConfig:
    """What this gate loads, how sure it must be, and where its door is wired."""

    models: ModelFiles
    runtime: Runtime
    direction: str
    thresholds: Thresholds
    lock_pin_bcm: int
    reed_pin_bcm: int


def gate_config(fields: dict[str, Any], folder: Path) -> GateConfig:
    """fields: the `[gate]` table. folder: the device's, for relative paths. Raises ConfigError."""
    gate = Section(str(folder / "device.toml"), "gate", fields)
    gate.only(*_FIELDS)
    lock, reed = gate.integer("lock_pin_bcm", 0, 27, 17), gate.integer("reed_pin_bcm", 0, 27, 27)
    if lock == reed:
        raise gate.wrong("reed_pin_bcm", "another pin than gate.lock_pin_bcm")
    return GateConfig(
        models=_models(gate, folder),
        runtime="tflite" if gate.one_of("runtime", ("litert", "tflite"), "litert") == "tflite" else "litert",
        direction=gate.one_of("direction", ("in", "out"), "in"),
        thresholds=Thresholds(
            match_min=gate.integer("match_min_permille", 200, 900, 490) / 1000,
            margin_min=gate.integer("margin_min_permille", 0, 500, 80) / 1000,
            same_person_min=gate.integer("same_person_min_permille", 0, 900, 350) / 1000,
            probes_min=gate.integer("probes_min", 1, 10, 3),
            decide_within_ms=gate.integer("decide_within_ms", 500, 10_000, 3_000),
        ),
        lock_pin_bcm=lock,
        reed_pin_bcm=reed,
    )


def _models(gate: Section, folder: Path) -> ModelFiles:
    files = models_in(folder / gate.text("models", "a folder of network files"))
    for file in (files.detector, files.landmarks, files.embedder):
        if not file.is_file():
            allowed = f"a folder that holds {file.name} (the folder int8 that `hallward models all` makes)"
            raise gate.wrong("models", allowed)
    return files
