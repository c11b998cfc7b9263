"""Does a network compute here what it should? A pinned hash says only that the bytes are right.

golden/NAME.json holds, for the float and the int8 file and for each runtime, the outputs for one picture, and
how far another machine may be from them: int8 kernels round differently from one processor to another. The
float embedder and PAD network are held against their ONNX sources too: onnx_runtime.json was made once, by
ONNX Runtime 1.32 on the same picture, pixels 0..255, SFace without the graph inputs that repeat its weights.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from edge.rollcall_gate.frames import Floats
from edge.rollcall_gate.ports import Inference
from edge.rollcall_gate.trial.golden import KEPT_MAX, distance, reference_picture, thinned
from models.cache import write_whole
from models.errors import ModelsUntrusted

__all__ = [
    "FOLDER",
    "KEPT_MAX",
    "SOURCES",
    "SOURCE_TOLERANCE",
    "TOLERANCE",
    "Golden",
    "check",
    "distance",
    "golden_for",
    "golden_of_source",
    "reference_picture",
    "thinned",
    "write_golden",
]
FOLDER: Final = Path(__file__).with_name("golden")
SOURCES: Final = FOLDER / "onnx_runtime.json"
TOLERANCE: Final = {"float": 0.001, "int8": 0.15}
SOURCE_TOLERANCE: Final = 0.0005


@dataclass(frozen=True, slots=True)
class Golden:
    """Expected outputs, thinned out, and the largest relative distance allowed (0 the same, 1 unrelated)."""

    outputs: tuple[Floats, ...]
    tolerance: float


def golden_for(name: str, kind: str, runtime: str) -> Golden | None:
    """kind: float or int8; runtime: as Inference names it. None when that pair was never measured."""
    entry = _table(FOLDER / f"{name}.json").get(kind, {}).get(runtime)
    return _golden(entry["outputs"], entry["tolerance"]) if entry else None


def golden_of_source(name: str) -> Golden | None:
    """What ONNX Runtime made of the network's source; None for networks that come as TFLite."""
    entry = _table(SOURCES).get(name)
    return _golden(entry, SOURCE_TOLERANCE) if entry else None


def check(network: Inference, name: str, kind: str, side_px: int) -> float:
    """Distance to the golden outputs. Raises ModelsUntrusted when it is too large, or the pair is unknown."""
    golden = golden_for(name, kind, network.runtime)
    if golden is None:
        raise ModelsUntrusted(
            f"{name}, {kind}: nobody measured it in {network.runtime}; run `make setup` to get a runtime "
            "that was, or measure it with `hallward models golden` and read the numbers first"
        )
    found = distance(network.run(reference_picture(side_px)), golden.outputs)
    if not found <= golden.tolerance:
        raise ModelsUntrusted(
            f"{name}, {kind}: computes something else here (distance {found:.3f}, allowed "
            f"{golden.tolerance}, {network.runtime}); do not enrol on this machine; run `make setup` "
            "to get the pinned runtime"
        )
    return found


def write_golden(network: Inference, name: str, kind: str, side_px: int) -> None:
    """Replace the golden outputs of this pair by what it computes here."""
    path = FOLDER / f"{name}.json"
    table = _table(path)
    outputs = [_short(thinned(o)) for o in network.run(reference_picture(side_px))]
    table.setdefault(kind, {})[network.runtime] = {"tolerance": TOLERANCE[kind], "outputs": outputs}
    write_whole(path, _laid_out(table).encode())


def _golden(outputs: list[list[float]], tolerance: float) -> Golden:
    return Golden(tuple(np.array(o, np.float32) for o in outputs), tolerance)


def _laid_out(table: dict[str, Any]) -> str:
    """JSON with one output a line, so that a difference can be read."""
    kinds = []
    for kind, runtimes in sorted(table.items()):
        pairs = []
        for runtime, entry in sorted(runtimes.items()):
            outputs = ",\n   ".join(json.dumps(output) for output in entry["outputs"])
            head = f'  {json.dumps(runtime)}: {{"tolerance": {entry["tolerance"]}, "outputs": ['
            pairs.append(f"{head}\n   {outputs}\n  ]}}")
        kinds.append(f" {json.dumps(kind)}: {{\n" + ",\n".join(pairs) + "\n }")
    return "{\n" + ",\n".join(kinds) + "\n}\n"


def _short(values: Floats) -> list[float]:
    return [float(f"{value:.6g}") for value in values.tolist()]


def _table(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except ValueError as err:
        raise ModelsUntrusted(f"{path} is damaged ({err}); get the committed file back") from err
    if not isinstance(found, dict):
        raise ModelsUntrusted(f"{path} is damaged; get the committed file back")
    return found
