"""The committed ranges: from seeded pictures, never rounded inwards, one for each tensor of the rewrite."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rollcall_gate.adapters.litert_inference import LitertInference
from edge.rollcall_gate.adapters.recorded_camera import load_frame
from edge.rollcall_gate.frames import FaceBox, Frame, Pixels
from models.augment import FRAME_PX, augmented
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
    write_ranges,
)
from models.graph.tflite_model import TfliteModel
from models.graph.tflite_passes import rewrite
from models.networks import NETWORKS, PAD, RANGES, Network
from models.places import photograph_folder

FEW = 2
EACH = pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
FINITE = st.floats(-float(2**100), float(2**100), allow_subnormal=False, width=32)


def photographs(cache: Path, *names: str) -> list[Frame]:
    found = sorted(photograph_folder(cache).glob("*/*.[jp][pn]g"))
    return [load_frame(path, 0) for path in found if not names or path.parent.name in names]


def open_eyes(cache: Path) -> Eyes:
    """Through LiteRT, in float."""
    files = ((network, cache / "float" / f"{network.name}.tflite") for network in NETWORKS)
    return Eyes(*(Recorder(LitertInference(file, network.form)) for network, file in files))


def pictures(cache: Path, frames_each: int = FEW, seed: int = SEED) -> dict[str, list[Pixels]]:
    return pictures_for_calibration(open_eyes(cache), photographs(cache, "ardern"), frames_each, seed)


@pytest.fixture(scope="module")
def few(model_cache: Path) -> dict[str, list[Pixels]]:
    return pictures(model_cache)


def rewritten(network: Network, cache: Path) -> bytes:
    return rewrite((cache / "float" / f"{network.name}.tflite").read_bytes())


def computed(network: Network, cache: Path) -> set[str]:
    model = TfliteModel.of_bytes(rewritten(network, cache))
    return {model.name(tensor) for tensor in model.computed()}


# Pictures


def test_the_same_seed_gives_the_same_pictures(few: dict[str, list[Pixels]], model_cache: Path) -> None:
    again = pictures(model_cache)
    for name, shown in few.items():
        assert [p.tobytes() for p in shown] == [p.tobytes() for p in again[name]], name


def test_another_seed_gives_other_pictures(few: dict[str, list[Pixels]], model_cache: Path) -> None:
    other = pictures(model_cache, seed=SEED + 1)
    for name, shown in few.items():
        assert not {p.tobytes() for p in shown} & {p.tobytes() for p in other[name]}, name


@EACH
def test_each_network_is_shown_pictures_of_its_size(network: Network, few: dict[str, list[Pixels]]) -> None:
    side = network.form.side_px
    assert {(p.shape, str(p.dtype)) for p in few[network.name]} == {((side, side, 3), "uint8")}


def test_no_photograph_as_it_is_and_none_of_the_pictures_twice(few: dict[str, list[Pixels]]) -> None:
    for name, shown in few.items():
        assert len({p.tobytes() for p in shown}) == len(shown) == 2 * FEW, name


def test_a_frame_shows_the_face_near_its_middle_in_the_sizes_of_a_gate() -> None:
    """A white disc for a face, on black, found again by its pixels."""
    rows, columns = np.mgrid[0:300, 0:400]
    disc = ((columns - 120) ** 2 + (rows - 100) ** 2 < 40**2).astype(np.uint8)[:, :, None] * np.full(3, 255)
    face = FaceBox(80, 60, 160, 140, 0.9, np.zeros((6, 2), np.float32))
    random = np.random.default_rng(3)
    shares = []
    for _ in range(60):
        frame = augmented(Frame(disc.astype(np.uint8), 0), face, random)
        assert frame.pixels.shape == (FRAME_PX, FRAME_PX, 3)
        found = frame.pixels[:, :, 0] > frame.pixels.max() / 2
        y, x = np.argwhere(found).mean(axis=0) - FRAME_PX / 2
        shares.append(2 * np.sqrt(found.sum() / np.pi) / FRAME_PX)
        if shares[-1] < 0.3:  # otherwise the frame's edge or a mirrored border has a part in it
            assert max(abs(x), abs(y)) < 60
    assert min(shares) > 0.12
    assert max(shares) - min(shares) > 0.2


def test_a_photograph_without_a_face_is_passed_over(model_cache: Path) -> None:
    blank = Frame(np.full((200, 200, 3), 90, np.uint8), 0)
    shown = pictures_for_calibration(open_eyes(model_cache), [blank], FEW)
    assert shown == {network.name: [] for network in NETWORKS}


# Rounding


@given(FINITE)
def test_a_range_is_never_rounded_inwards(value: float) -> None:
    """Values are float32, and so is what the quantiser is given."""
    rounded = rounded_out(value)
    assert np.float32(rounded) >= np.float32(value)
    assert rounded - value <= 0.011 * abs(value), "and by at most one step of the last figure"


@given(FINITE)
def test_a_rounded_number_has_three_figures_and_stays(value: float) -> None:
    rounded = rounded_out(value)
    assert float(f"{rounded:.3g}") == rounded
    assert rounded_out(rounded) == rounded


@given(st.dictionaries(st.text(min_size=1, max_size=8), st.tuples(FINITE, FINITE).map(sorted), max_size=5))
def test_ranges_read_back_as_they_were_written(tmp_path_factory, ranges: Ranges) -> None:
    file = tmp_path_factory.mktemp("ranges") / "sub" / "made.json"
    write_ranges(file, ranges)
    read = read_ranges(file)
    assert list(read) == sorted(ranges)
    for name, (low, high) in ranges.items():
        assert read[name] == (-rounded_out(-low), rounded_out(high))
        assert np.float32(read[name][0]) <= low <= high <= np.float32(read[name][1])
    content = file.read_bytes()
    write_ranges(file, read)
    assert file.read_bytes() == content


# What is committed


@EACH
def test_every_computed_tensor_has_a_range_and_nothing_else_has(network: Network, model_cache: Path) -> None:
    ranges = read_ranges(network.ranges)
    assert set(ranges) == computed(network, model_cache)
    for name, (low, high) in ranges.items():
        assert low <= high, name
        assert np.isfinite((low, high)).all(), name


def test_the_committed_files_are_laid_out_as_they_would_be_written(tmp_path: Path) -> None:
    assert {path.name for path in RANGES.iterdir()} == {f"{network.name}.json" for network in NETWORKS}
    for network in NETWORKS:
        write_ranges(tmp_path / "same.json", json.loads(network.ranges.read_text("utf-8")))
        assert (tmp_path / "same.json").read_bytes() == network.ranges.read_bytes(), network.name


def test_the_extremes_are_those_of_the_pictures_or_their_mean(model_cache: Path) -> None:
    graph = rewritten(PAD, model_cache)
    form = PAD.form
    dark, light = (np.full((form.side_px, form.side_px, 3), value, np.uint8) for value in (20, 220))
    source = TfliteModel.of_bytes(graph)
    name = source.name(source.inputs[0])
    assert observed_ranges(graph, form, [dark, light], "largest")[name] == (20, 220)
    assert observed_ranges(graph, form, [dark, light], "mean")[name] == (120, 120)


@pytest.mark.slow
def test_measured_anew_here_the_ranges_are_the_committed_ones(model_cache: Path) -> None:
    shown = pictures_for_calibration(open_eyes(model_cache), photographs(model_cache))
    for network in NETWORKS:
        assert len(shown[network.name]) == 11 * FRAMES_PER_PHOTOGRAPH
        graph, committed = rewritten(network, model_cache), read_ranges(network.ranges)
        others = walls(network.form.side_px) if network.judges_walls else ()
        measured = observed_ranges(graph, network.form, shown[network.name], network.extremes, others)
        for name, (low, high) in measured.items():
            span = committed[name][1] - committed[name][0]
            np.testing.assert_allclose(committed[name], (low, high), atol=0.015 * span, err_msg=name)
