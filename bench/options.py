"""Recognition: which option really moves it? Each against the shipped int8 pipeline, on the same photographs.

python -m bench.options --pairs PAIRS.tsv --images DIR [--cache DIR] [--draws N] [--only GROUP ...] [--json]

An option is compared with the baseline draw by draw and resampling by resampling, so that what both have in
common cancels; what is left is the interval of their difference. Nothing is written but networks, in a folder
that goes away; embeddings live as long as the program. Results and what came of them: ADR-0009.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from bench.options_bias import Points, bias_corrected, layers_with_bias
from bench.options_compare import DRAWS, Measured, Meter, Option, as_text
from edge.rollcall_gate.adapters.litert_inference import LitertInference
from edge.rollcall_gate.adapters.opencv_optics import OpencvOptics
from edge.rollcall_gate.adapters.recorded_camera import load_frame
from edge.rollcall_gate.eyes.align import TEMPLATE, canonical_transform
from edge.rollcall_gate.eyes.embed import Embedder, fuse, unit
from edge.rollcall_gate.eyes.landmarks import MESH_POINTS, Landmarker
from edge.rollcall_gate.eyes.pipeline import Pipeline, View
from edge.rollcall_gate.eyes.quality import sharpness
from edge.rollcall_gate.frames import (
    EMBEDDING_DIMS,
    FACE_SIDE_PX,
    AlignedFace,
    EmbedderId,
    Embedding,
    Floats,
    Frame,
    Pixels,
)
from edge.rollcall_gate.ports import Inference
from models.cache import cache_folder
from models.calibrate import (
    FRAMES_PER_PHOTOGRAPH,
    SEED,
    Eyes,
    Ranges,
    Recorder,
    observed_ranges,
    pictures_for_calibration,
    read_ranges,
    rounded_out,
    walls,
)
from models.evaluation.acquire import Acquired
from models.evaluation.persons import persons_of
from models.evaluation.tables import photographs_of, read_pairs, require_photographs
from models.graph.tflite_model import Op
from models.graph.tflite_passes import rewrite
from models.networks import DETECTOR, EMBEDDER, LANDMARKS, NETWORKS, Network
from models.places import model_files, photograph_folder
from models.quantise import quantise
from wire.errors import HallError

GROUPS: Final = ("float", "flip", "template", "fusion", "calibration", "bias")
SEEDS_MORE: Final = 3
BIAS_EVERY: Final = 4  # of the calibration pictures: the means of the two networks are paired, so few will do
BASELINE: Final = "shipped"
# The template of the ArcFace authors' reference code, for the five points of another landmark detector.
ARCFACE: Final = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)
# The 16 points of the mesh around each eye, its corners (33, 133 and 362, 263) among them.
_EYE: Final = [33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246]
_OTHER_EYE: Final = [263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466]
_AS_COMPLEX: Final = np.array([1, 1j])
_HERE: Final = EmbedderId(bytes(32), "bench")

Aim = Callable[[Frame, View], Floats]
"""Where the crop is taken: the warp float32 (2, 3). Raises DegenerateLandmarks."""


@dataclass(slots=True)
class Setting:
    """What all options share: the networks, and the views that the shipped int8 pipeline had."""

    images: Path
    cache: Path
    scratch: Path
    names: list[str]
    views: list[View | None] = field(default_factory=list)
    made: int = 0

    def shipped(self, network: Network) -> LitertInference:
        return LitertInference(getattr(model_files(self.cache), network.name), network.form)

    def in_float(self, network: Network) -> LitertInference:
        return LitertInference(getattr(model_files(self.cache, "float"), network.name), network.form)

    def loaded(self, content: bytes, network: Network) -> LitertInference:
        """A network made here. Each gets a file of its own: an interpreter maps the file it was given."""
        self.made += 1
        path = self.scratch / f"{self.made}.tflite"
        path.write_bytes(content)
        return LitertInference(path, network.form)

    def graph(self, network: Network) -> bytes:
        """The float network as it is before it is quantised."""
        return rewrite((self.cache / "float" / f"{network.name}.tflite").read_bytes())

    def frame(self, name: str) -> Frame:
        return load_frame(self.images / name, 0)


def pipeline_of(detector: Inference, landmarker: Inference, embedder: Inference) -> Pipeline:
    return Pipeline(detector=detector, landmarks=landmarker, embedder=embedder, optics=OpencvOptics())


# What is compared: embeddings of views.


def acquired_by(
    names: Sequence[str], views: Sequence[View | None], embed: Callable[[AlignedFace], Embedding]
) -> Acquired:
    """Embed every view that has a crop; ValueError from `embed` is a failure to acquire, as at the gate."""
    rows = np.zeros((len(views), EMBEDDING_DIMS), np.float32)
    got = np.zeros(len(views), np.bool_)
    for i, view in enumerate(views):
        if view is None or view.aligned is None:
            continue
        try:
            rows[i] = embed(view.aligned).vector
        except ValueError:
            continue
        got[i] = True
    return Acquired(tuple(names), rows, got, tuple(view.faults if view else () for view in views))


def flipped(embedder: Embedder) -> Callable[[AlignedFace], Embedding]:
    """Crop and mirrored crop, averaged by the gate's own fuse(). A second inference for every look."""

    def embed(face: AlignedFace) -> Embedding:
        mirrored = AlignedFace(np.ascontiguousarray(face.pixels[:, ::-1]))
        return fuse([embedder.embed(face), embedder.embed(mirrored)])

    return embed


def mean_cosine(one: Acquired, other: Acquired) -> float:
    """Over the photographs that both have."""
    both = one.acquired & other.acquired
    return float((one.embeddings[both] * other.embeddings[both]).sum(axis=1).mean())


# Template.


def similarity_to(points: Floats | Points, template: Points) -> Floats:
    """Least-squares similarity float32 (2, 3) from points (5, 2): canonical_transform() to any template."""
    source, target = points @ _AS_COMPLEX, template @ _AS_COMPLEX
    centred = source - source.mean()
    turn = complex(np.vdot(centred, target - target.mean()) / np.vdot(centred, centred).real)
    shift = complex(target.mean()) - turn * complex(source.mean())
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]], np.float32)


def scaled(template: Points, factor: float) -> Points:
    """About the centre of the crop: above 1 the face fills more of it."""
    middle = FACE_SIDE_PX / 2
    return np.asarray((template - middle) * factor + middle)


class EyeContours:
    """The landmark network, with the corners of each eye moved to the middle of the 16 points around it.

    The gate's own five_points() then takes that for the eye.
    """

    def __init__(self, network: Inference) -> None:
        self._network = network
        self.model_sha256, self.runtime = network.model_sha256, network.runtime

    def run(self, picture: Pixels) -> tuple[Floats, ...]:
        return tuple(
            _eyes_at_contours(output) if output.size == MESH_POINTS * 3 else output
            for output in self._network.run(picture)
        )


def _eyes_at_contours(mesh: Floats) -> Floats:
    moved = mesh.reshape(MESH_POINTS, 3).copy()
    for contour, corners in ((_EYE, [33, 133]), (_OTHER_EYE, [362, 263])):
        moved[corners] = moved[contour].mean(axis=0)
    return moved.reshape(mesh.shape)


def realigned(setting: Setting, aim: Aim) -> list[View | None]:
    """The same views, cropped elsewhere."""
    optics = OpencvOptics()
    views: list[View | None] = []
    for name, view in zip(setting.names, setting.views, strict=True):
        if view is None or view.aligned is None:
            views.append(view)
            continue
        frame = setting.frame(name)
        crop = AlignedFace(optics.warp(frame.pixels, aim(frame, view), FACE_SIDE_PX))
        views.append(View(view.face, view.marks, crop, view.faults))
    return views


def contour_template(setting: Setting, contours: Landmarker) -> Points:
    """TEMPLATE for EyeContours: moved as those points are, on average, in the calibration photographs."""
    pipeline = pipeline_of(*(setting.shipped(network) for network in (DETECTOR, LANDMARKS, EMBEDDER)))
    moves = []
    for photograph in calibration_photographs(setting.cache):
        view = pipeline.view(photograph)
        if view is not None and view.aligned is not None:
            move = contours.locate(photograph, view.face).points - view.marks.points
            moves.append(move @ canonical_transform(view.marks)[:, :2].T)
    return np.asarray(TEMPLATE + np.mean(moves, axis=0, dtype=np.float64))


# Calibration.


def calibration_photographs(cache: Path) -> list[Frame]:
    """The pinned photographs in the order in which `hallward models calibrate` reads them."""
    return [load_frame(path, 0) for path in sorted(photograph_folder(cache).glob("*/*.[jp][pn]g"))]


def committed_form(ranges: Ranges) -> Ranges:
    """Rounded outwards as write_ranges() does."""
    return {name: (0.0 - rounded_out(-low), rounded_out(high)) for name, (low, high) in ranges.items()}


# The options, group by group.


def options(setting: Setting, groups: Collection[str]) -> Iterator[Option]:
    """The baseline first, then every option of these groups."""
    eyes = [setting.shipped(network) for network in (DETECTOR, LANDMARKS, EMBEDDER)]
    pipeline, network = pipeline_of(*eyes), eyes[2]
    setting.views = [pipeline.view(setting.frame(name)) for name in setting.names]
    in_float = acquired_by(setting.names, setting.views, Embedder(setting.in_float(EMBEDDER)).embed)
    norms: list[float] = []

    def embed(face: AlignedFace) -> Embedding:
        raw = network.run(face.pixels)[0].reshape(EMBEDDING_DIMS)
        norms.append(float(np.linalg.norm(raw)))
        return unit(raw, _HERE)

    shipped = acquired_by(setting.names, setting.views, embed)
    yield Option(BASELINE, shipped, cosine=mean_cosine(shipped, in_float))
    if "float" in groups:
        yield Option("float embedder", in_float, cosine=1.0)
        whole = _looked_at(setting, *(setting.in_float(n) for n in (DETECTOR, LANDMARKS, EMBEDDER)))
        yield Option("float throughout", whole)
    if "flip" in groups:
        averaged = acquired_by(setting.names, setting.views, flipped(Embedder(network)))
        yield Option("flip averaged", averaged)
        yield Option("flip averaged, enrolment alone", shipped, enrolled=averaged)
    if "template" in groups:
        yield from _templates(setting, Embedder(network))
    if "fusion" in groups:
        yield from _fusions(setting, shipped, norms)
    if "calibration" in groups or "bias" in groups:
        yield from _quantisations(setting, in_float, groups)


def _looked_at(setting: Setting, detector: Inference, landmarker: Inference, embedder: Inference) -> Acquired:
    """The photographs through other networks from the start."""
    pipeline = pipeline_of(detector, landmarker, embedder)
    views = [pipeline.view(setting.frame(name)) for name in setting.names]
    return acquired_by(setting.names, views, Embedder(embedder).embed)


def _templates(setting: Setting, embedder: Embedder) -> Iterator[Option]:
    contours = Landmarker(EyeContours(setting.shipped(LANDMARKS)), OpencvOptics())
    fitted = contour_template(setting, contours)
    aims: dict[str, Aim] = {
        "template of ArcFace": lambda _, view: similarity_to(view.marks.points, ARCFACE),
        "template x 0.95": lambda _, view: similarity_to(view.marks.points, scaled(TEMPLATE, 0.95)),
        "template x 1.05": lambda _, view: similarity_to(view.marks.points, scaled(TEMPLATE, 1.05)),
        "eyes by contour": lambda frame, view: similarity_to(
            contours.locate(frame, view.face).points, fitted
        ),
    }
    for name, aim in aims.items():
        yield Option(name, acquired_by(setting.names, realigned(setting, aim), embedder.embed))


def _fusions(setting: Setting, shipped: Acquired, norms: Sequence[float]) -> Iterator[Option]:
    """norms: of the views with a crop, in order."""
    cropped = [view for view in setting.views if view is not None and view.aligned is not None]
    places = [i for i, view in enumerate(setting.views) if view is not None and view.aligned is not None]

    def per_photograph(values: Sequence[float]) -> Floats:
        weights = np.zeros(len(setting.views), np.float32)
        weights[places] = np.asarray(values, np.float32)
        return weights

    norm = per_photograph(norms)
    sharp = per_photograph([sharpness(view.aligned) for view in cropped if view.aligned is not None])
    size = per_photograph([view.marks.eye_distance_px for view in cropped])
    sharp = np.sqrt(sharp)  # of a variance; sharpness itself spans three decades
    for name, weights in {
        "fused by norm": norm,
        "fused by norm squared": norm**2,
        "fused by sharpness": sharp,
        "fused by size": size,
        "fused by norm and sharpness": norm * sharp,
        "fused by norm and size": norm * size,
    }.items():
        yield Option(name, shipped, weights=weights)


def _quantisations(setting: Setting, in_float: Acquired, groups: Collection[str]) -> Iterator[Option]:
    graph, frames = setting.graph(EMBEDDER), calibration_photographs(setting.cache)
    eyes = Eyes(*(Recorder(setting.in_float(network)) for network in NETWORKS))

    def pictures(photographs: Sequence[Frame], frames_each: int, seed: int) -> dict[str, list[Pixels]]:
        shown = pictures_for_calibration(eyes, photographs, frames_each, seed)
        return {name: list(seen) for name, seen in shown.items()}  # the recorders forget theirs

    def embedder_option(name: str, content: bytes) -> Option:
        embedder = Embedder(setting.loaded(content, EMBEDDER))
        acquired = acquired_by(setting.names, setting.views, embedder.embed)
        return Option(name, acquired, cosine=mean_cosine(acquired, in_float))

    def calibrated(name: str, shown: Sequence[Pixels]) -> Option:
        ranges = committed_form(observed_ranges(graph, EMBEDDER.form, shown, "mean"))
        return embedder_option(name, quantise(graph, ranges, EMBEDDER.input_range))

    usual = pictures(frames, FRAMES_PER_PHOTOGRAPH, SEED)
    if "calibration" in groups:
        largest = committed_form(observed_ranges(graph, EMBEDDER.form, usual["embedder"], "largest"))
        content = quantise(graph, largest, EMBEDDER.input_range)
        yield embedder_option("embedder: largest extremes", content)
        yield Option("detector, landmarks: mean extremes", _eyes_by_mean(setting, usual))
        some = pictures(frames[1::2], FRAMES_PER_PHOTOGRAPH, SEED)
        yield calibrated("5 photographs x 24", some["embedder"])
        for each in (6, 96):
            yield calibrated(f"11 photographs x {each}", pictures(frames, each, SEED)["embedder"])
        for seed in range(SEED + 1, SEED + 1 + SEEDS_MORE):
            shown = pictures(frames, FRAMES_PER_PHOTOGRAPH, seed)["embedder"]
            yield calibrated(f"11 photographs x 24, seed {seed}", shown)
    if "bias" in groups:
        shown, ranges = usual["embedder"][::BIAS_EVERY], read_ranges(EMBEDDER.ranges)
        dense = layers_with_bias(graph, {Op.FULLY_CONNECTED})
        every = layers_with_bias(graph, {Op.CONV_2D, Op.DEPTHWISE_CONV_2D, Op.FULLY_CONNECTED})
        for name, layers in (("bias of the dense layer", dense), ("bias of every layer", every)):
            yield embedder_option(name, bias_corrected(graph, EMBEDDER, ranges, shown, layers))


def _eyes_by_mean(setting: Setting, usual: dict[str, list[Pixels]]) -> Acquired:
    def made(network: Network) -> LitertInference:
        graph = setting.graph(network)
        others = walls(network.form.side_px) if network.judges_walls else ()
        ranges = committed_form(observed_ranges(graph, network.form, usual[network.name], "mean", others))
        return setting.loaded(quantise(graph, ranges, network.input_range), network)

    return _looked_at(setting, made(DETECTOR), made(LANDMARKS), setting.shipped(EMBEDDER))


def run(
    pairs_file: Path, images: Path, cache: Path, draws: int, groups: Collection[str]
) -> tuple[list[Measured], Meter]:
    """Raises ModelsMissing, ModelError, CameraError."""
    pairs = read_pairs(pairs_file)
    names = photographs_of(pairs)
    require_photographs(images, names, pairs_file)
    meter = Meter(persons_of(names, pairs), pairs, draws)
    found = []
    with tempfile.TemporaryDirectory() as scratch:
        for option in options(Setting(images, cache, Path(scratch), names), groups):
            found.append(meter.measure(option))
            print(f"measured: {option.name}", file=sys.stderr, flush=True)
    return found, meter


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pairs", type=Path, required=True, help="columns fold, same, a, b")
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=cache_folder(os.environ))
    parser.add_argument("--draws", type=int, default=DRAWS, help="of who is enrolled")
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=GROUPS)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(argv)
    try:
        found, meter = run(
            arguments.pairs, arguments.images, arguments.cache, arguments.draws, arguments.only
        )
    except HallError as err:
        print(err.diagnostics(), file=sys.stderr)
        return 1
    print(json.dumps([asdict(one) for one in found], indent=1) if arguments.json else as_text(found, meter))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
