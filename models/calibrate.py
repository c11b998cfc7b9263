"""Which values does each tensor take? The float networks see what the gate would feed them, and tell.

Done once, by hand (`hallward models calibrate`), and committed as rounded numbers: quantisation starts from
those, so that its output is the same on every machine though float sums are not.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any, Final, Literal

import numpy as np

from edge.rollcall_gate.adapters.opencv_optics import OpencvOptics
from edge.rollcall_gate.eyes.pipeline import Pipeline
from edge.rollcall_gate.frames import Floats, Frame, Pixels
from edge.rollcall_gate.ports import Inference, NetworkForm
from models.augment import augmented
from models.cache import write_whole
from models.graph.tflite_model import TfliteModel

SEED: Final = 7
FRAMES_PER_PHOTOGRAPH: Final = 24
DIGITS: Final = 3
_NOISE: Final = ((0, 256), (90, 110), (0, 60))

Range = tuple[float, float]
Ranges = dict[str, Range]


class Recorder:
    """An Inference that remembers every picture it was given."""

    def __init__(self, network: Inference) -> None:
        self._network = network
        self.model_sha256, self.runtime = network.model_sha256, network.runtime
        self.pictures: list[Pixels] = []

    def run(self, picture: Pixels) -> tuple[Floats, ...]:
        self.pictures.append(picture.copy())
        return self._network.run(picture)


@dataclass(frozen=True, slots=True)
class Eyes:
    """The gate's networks in float, by name, each remembering what it saw."""

    detector: Recorder
    landmarks: Recorder
    embedder: Recorder
    pad: Recorder

    def pipeline(self) -> Pipeline:
        return Pipeline(
            detector=self.detector,
            landmarks=self.landmarks,
            embedder=self.embedder,
            pad=self.pad,
            optics=OpencvOptics(),
        )

    def pictures(self) -> dict[str, list[Pixels]]:
        """Network name -> what it was shown, in order."""
        return {name: getattr(self, name).pictures for name in self.__slots__}

    def forget(self) -> None:
        for name in self.__slots__:
            getattr(self, name).pictures.clear()


def pictures_for_calibration(
    eyes: Eyes, photographs: Iterable[Frame], frames_each: int = FRAMES_PER_PHOTOGRAPH, seed: int = SEED
) -> dict[str, list[Pixels]]:
    """Let the gate's own pipeline look at augmented photographs; what reaches each network is the sample."""
    random = np.random.default_rng(seed)
    pipeline = eyes.pipeline()
    views = [(photograph, pipeline.view(photograph)) for photograph in photographs]
    eyes.forget()
    for photograph, view in views:
        if view is None:
            continue
        for _ in range(frames_each):
            frame = augmented(photograph, view.face, random)
            seen = pipeline.view(frame)
            if seen is not None:
                pipeline.embed(seen)
                pipeline.bona_fide(frame, seen)
    return eyes.pictures()


def walls(side_px: int, seed: int = SEED) -> list[Pixels]:
    """Pictures with nobody in them: uint8 (side, side, 3), plain, shaded and noisy."""
    random = np.random.default_rng(seed)
    plain = [np.full((side_px, side_px, 3), level, np.uint8) for level in (0, 64, 128, 192, 255)]
    shaded = np.linspace(0, 255, side_px).astype(np.uint8)
    slopes = [np.broadcast_to(shaded[:, None, None], (side_px, side_px, 3)).copy()]
    slopes.append(np.ascontiguousarray(slopes[0].transpose(1, 0, 2)))
    noise = [random.integers(low, high, (side_px, side_px, 3), np.uint8) for low, high in _NOISE]
    return [*plain, *slopes, *noise]


def observed_ranges(
    network: bytes,
    form: NetworkForm,
    pictures: Sequence[Pixels],
    extremes: Literal["largest", "mean"],
    others: Sequence[Pixels] = (),
) -> Ranges:
    """Tensor name -> range over the pictures; extremes: how those of the single pictures make one.

    others: pictures that only widen the range of the network's outputs. A network that has seen faces alone
    could not say «no face»: its int8 logit would end where the worst face stands.
    """
    model = TfliteModel.of_bytes(network)
    names = [model.name(tensor) for tensor in model.computed()]
    rows = _extremes(network, form, names, pictures)
    low, high = (min, max) if extremes == "largest" else (fmean, fmean)
    ranges = {name: (float(low(rows[name][0])), float(high(rows[name][1]))) for name in names}
    outputs = [model.name(tensor) for tensor in model.outputs]
    for name, (lows, highs) in _extremes(network, form, outputs, others).items():
        ranges[name] = min(ranges[name][0], *lows), max(ranges[name][1], *highs)
    return ranges


def _extremes(
    network: bytes, form: NetworkForm, names: Sequence[str], pictures: Sequence[Pixels]
) -> dict[str, tuple[list[float], list[float]]]:
    """Tensor name -> the least and the greatest value in it, one of each per picture."""
    if not pictures:
        return {}
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    interpreter = Interpreter(
        model_content=network,
        num_threads=1,
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        experimental_preserve_all_tensors=True,
    )
    interpreter.allocate_tensors()
    computed = [details for details in interpreter.get_tensor_details() if details["name"] in set(names)]
    found: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in names}
    for picture in pictures:
        tensor = picture.astype(np.float32)[None] * np.float32(form.scale) + np.float32(form.shift)
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], tensor)
        interpreter.invoke()
        for details in computed:
            values = interpreter.get_tensor(details["index"])
            lows, highs = found[details["name"]]
            lows.append(float(values.min()))
            highs.append(float(values.max()))
    return found


def write_ranges(path: Path, ranges: Mapping[str, Range]) -> None:
    """Rounded outwards to DIGITS figures, sorted by name: what differs between machines rounds away."""
    rows = {
        name: [0.0 - rounded_out(-low), rounded_out(high)] for name, (low, high) in sorted(ranges.items())
    }
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(row)}" for name, row in rows.items())
    write_whole(path, f"{{\n{lines}\n}}\n".encode())


def rounded_out(value: float) -> float:
    """Up to the next number of DIGITS figures, as a decimal."""
    if value == 0:
        return 0.0
    step = 10.0 ** (int(np.floor(np.log10(abs(value)))) - DIGITS + 1)
    return float(f"{np.ceil(value / step - 1e-9) * step:.{DIGITS}g}")


def read_ranges(path: Path) -> Ranges:
    """The committed ranges of one network."""
    table: Any = json.loads(path.read_text("utf-8"))
    return {name: (float(low), float(high)) for name, (low, high) in table.items()}
