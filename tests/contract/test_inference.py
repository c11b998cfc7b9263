"""One suite for every adapter of Inference: the file, the runtime, the numbers, in float and in int8."""

import hashlib
import importlib.util
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.rollcall_gate.adapters.flatbuffer_network import FlatbufferNetwork
from edge.rollcall_gate.adapters.litert_inference import LitertInference
from edge.rollcall_gate.adapters.opencv_optics import OpencvOptics
from edge.rollcall_gate.adapters.recorded_camera import load_frame
from edge.rollcall_gate.adapters.tflite_inference import TfliteInference
from edge.rollcall_gate.errors import ModelError
from edge.rollcall_gate.eyes.embed import Embedder
from edge.rollcall_gate.eyes.pipeline import Pipeline
from edge.rollcall_gate.frames import AlignedFace, Frame
from edge.rollcall_gate.ports import NetworkForm
from models.cache import write_whole
from models.golden import reference_picture
from models.networks import DETECTOR, EMBEDDER, LANDMARKS, NETWORKS, PAD, Network
from models.places import photograph_folder
from tests.models.gate_models import ready_cache

pytestmark = pytest.mark.slow

Adapter = Callable[[Path, NetworkForm], FlatbufferNetwork]
ADAPTERS = [pytest.param(LitertInference, id="litert")]
if importlib.util.find_spec("tflite_runtime"):  # published for Python 3.11 at most
    ADAPTERS.append(pytest.param(TfliteInference, id="tflite-runtime"))
EACH = pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)


@pytest.fixture(params=ADAPTERS)
def adapter(request: pytest.FixtureRequest) -> Adapter:
    return request.param


@pytest.fixture(params=["float", "int8"])
def numbers(request: pytest.FixtureRequest) -> str:
    return request.param


def file_of(network: Network, numbers: str) -> Path:
    return ready_cache() / numbers / f"{network.name}.tflite"


def portrait() -> Frame:
    return load_frame(photograph_folder(ready_cache()) / "ardern" / "ardern_2018.jpg", 0)


def test_it_names_the_bytes_it_loaded_and_what_runs_them(adapter: Adapter, numbers: str) -> None:
    for network in NETWORKS:
        file = file_of(network, numbers)
        loaded = adapter(file, network.form)
        assert loaded.model_sha256 == hashlib.sha256(file.read_bytes()).digest()
        name, version = loaded.runtime.rsplit(" ", 1)
        assert name in {"ai-edge-litert", "tflite-runtime"}
        assert version[0].isdigit()
        assert loaded.is_quantised is (numbers == "int8")


@EACH
def test_a_picture_goes_in_and_float32_comes_out(adapter: Adapter, numbers: str, network: Network) -> None:
    outputs = adapter(file_of(network, numbers), network.form).run(reference_picture(network.form.side_px))
    assert sorted(o.size for o in outputs) == sorted(network.form.outputs)
    assert {o.dtype for o in outputs} == {np.dtype(np.float32)}
    assert {o.shape[0] for o in outputs} == {1}
    assert all(np.isfinite(o).all() for o in outputs)


@EACH
def test_the_same_picture_gives_the_same_numbers(adapter: Adapter, numbers: str, network: Network) -> None:
    picture = reference_picture(network.form.side_px)
    one, other = (adapter(file_of(network, numbers), network.form) for _ in range(2))
    first = one.run(picture)
    one.run(255 - picture)
    for repeated in (one.run(picture), other.run(picture)):
        for ours, theirs in zip(first, repeated, strict=True):
            np.testing.assert_array_equal(ours, theirs)


@EACH
def test_outputs_are_the_callers_own(adapter: Adapter, numbers: str, network: Network) -> None:
    loaded = adapter(file_of(network, numbers), network.form)
    picture = reference_picture(network.form.side_px)
    first = loaded.run(picture)
    kept = [output.copy() for output in first]
    others = loaded.run(255 - picture)
    for ours, copy, other in zip(first, kept, others, strict=True):
        np.testing.assert_array_equal(ours, copy)
        assert not np.shares_memory(ours, other)
        assert ours.flags.writeable


def test_the_picture_stays_the_callers_and_may_be_a_view(adapter: Adapter, numbers: str) -> None:
    loaded = adapter(file_of(PAD, numbers), PAD.form)
    picture = reference_picture(PAD.form.side_px)
    kept = picture.copy()
    mirrored = loaded.run(picture[:, ::-1, ::-1])
    np.testing.assert_array_equal(picture, kept)
    (plain,) = loaded.run(np.ascontiguousarray(picture[:, ::-1, ::-1]))
    np.testing.assert_array_equal(mirrored[0], plain)
    picture.flags.writeable = False
    loaded.run(picture)


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((10, 10, 3), np.uint8),
        np.zeros((112, 112), np.uint8),
        np.zeros((112, 112, 4), np.uint8),
        np.zeros((1, 112, 112, 3), np.uint8),
        np.zeros((112, 112, 3), np.float32),
        np.zeros((112, 112, 3), np.int8),
    ],
    ids=lambda picture: f"{picture.dtype}-{picture.shape}",
)
def test_another_picture_than_expected_is_a_model_error(
    adapter: Adapter, numbers: str, picture: np.ndarray
) -> None:
    loaded = adapter(file_of(EMBEDDER, numbers), EMBEDDER.form)
    with pytest.raises(ModelError, match=r"embedder: a picture uint8 \(112, 112, 3\) expected, not \w+ \("):
        loaded.run(picture)
    assert loaded.run(reference_picture(112))[0].size == 128, "and the network works on"


def test_a_file_that_is_no_model_is_refused(adapter: Adapter, tmp_path: Path) -> None:
    whole = file_of(PAD, "int8").read_bytes()
    for name, content in (("junk", b"junk" * 100), ("empty", b""), ("cut", whole[: len(whole) // 2])):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ModelError, match=f"(?s){name}: not a loadable model .*models all"):
            adapter(tmp_path / name, PAD.form)
    for path in (tmp_path / "none.tflite", tmp_path):
        with pytest.raises(ModelError, match="models all"):
            adapter(path, PAD.form)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (DETECTOR, EMBEDDER),
        (EMBEDDER, DETECTOR),
        (LANDMARKS, DETECTOR),
        (PAD, EMBEDDER),
        (DETECTOR, LANDMARKS),
    ],
    ids=lambda network: network.name,
)
def test_a_network_of_another_stage_is_one_sentence(
    adapter: Adapter, numbers: str, given: Network, wanted: Network
) -> None:
    file = file_of(given, numbers)
    with pytest.raises(ModelError) as caught:
        adapter(file, wanted.form)
    said = caught.value.what
    assert "\n" not in said
    assert str(file) in said
    assert f"the {wanted.name} takes {wanted.form.side_px} x {wanted.form.side_px}" in said
    assert str(sorted(wanted.form.outputs)) in said
    assert f"(1, {given.form.side_px}, {given.form.side_px}, 3)" in said
    assert str(sorted(given.form.outputs)) in said


def test_one_output_more_or_less_is_another_form(adapter: Adapter) -> None:
    for outputs in ((1404,), (1404, 1, 1), (1404, 2)):
        with pytest.raises(ModelError, match="not a network for this place"):
            adapter(file_of(LANDMARKS, "int8"), replace(LANDMARKS.form, outputs=outputs))


def test_a_replaced_file_does_not_disturb_a_running_network(
    adapter: Adapter, numbers: str, tmp_path: Path
) -> None:
    copy = tmp_path / "embedder.tflite"
    copy.write_bytes(file_of(EMBEDDER, numbers).read_bytes())
    network = adapter(copy, EMBEDDER.form)
    picture = reference_picture(112)
    before = network.run(picture)[0]
    sha256 = network.model_sha256
    write_whole(copy, b"another model")
    np.testing.assert_array_equal(network.run(picture)[0], before)
    assert network.model_sha256 == sha256


def pipeline(adapter: Adapter, numbers: str) -> Pipeline:
    load = {network.name: adapter(file_of(network, numbers), network.form) for network in NETWORKS}
    return Pipeline(**load, optics=OpencvOptics())


def test_float_and_int8_see_the_same_on_a_photograph(adapter: Adapter) -> None:
    """How far apart they may be on one face; models/reports/agreement.json has it on many."""
    frame = portrait()
    full, int8 = (pipeline(adapter, numbers) for numbers in ("float", "int8"))
    exact, found = full.view(frame), int8.view(frame)
    assert exact is not None
    assert found is not None
    eyes = exact.marks.eye_distance_px
    assert np.hypot(*np.subtract(exact.face.centre, found.face.centre)) < 0.1 * exact.face.side_px
    assert np.linalg.norm(exact.marks.points - found.marks.points, axis=1).max() < 0.06 * eyes
    assert abs(exact.marks.presence - found.marks.presence) < 0.05
    assert exact.faults == found.faults == ()
    live, also = full.bona_fide(frame, exact), int8.bona_fide(frame, exact)
    assert live is not None
    assert also is not None
    assert abs(live - also) < 0.15
    embeddings = [eye.embed(exact) for eye in (full, int8)]
    assert all(embeddings)
    assert float(embeddings[0].vector @ embeddings[1].vector) > 0.98


def test_both_runtimes_see_the_same_face() -> None:
    if len(ADAPTERS) == 1:
        pytest.skip("only one runtime is published for this Python")
    view = pipeline(LitertInference, "int8").view(portrait())
    assert view is not None
    assert view.aligned is not None
    for numbers, least in (("float", 0.999999), ("int8", 0.99)):
        one, other = (
            Embedder(load(file_of(EMBEDDER, numbers), EMBEDDER.form)).embed(AlignedFace(view.aligned.pixels))
            for load in (LitertInference, TfliteInference)
        )
        assert float(one.vector @ other.vector) > least
        assert one.embedder != other.embedder, "and are kept apart all the same"


def test_a_runtime_that_is_not_installed_is_one_sentence_that_names_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "tflite_runtime", None)
    monkeypatch.setitem(sys.modules, "tflite_runtime.interpreter", None)
    with pytest.raises(ModelError, match="tflite-runtime is not installed here") as caught:
        TfliteInference(file_of(PAD, "int8"), PAD.form)
    assert 'gate.runtime = "litert"' in caught.value.what
    assert "\n" not in caught.value.what
