"""Every network in every runtime that is here against the outputs measured; anything else is refused."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edge.rollcall_gate.adapters.flatbuffer_network import FlatbufferNetwork
from edge.rollcall_gate.frames import Floats, Pixels
from models import golden
from models.errors import ModelsUntrusted
from models.graph.tflite_model import TfliteModel
from models.networks import EMBEDDER, NETWORKS, PAD, Network
from models.runtimes import RUNTIMES, is_installed, open_network

PAIRS = [
    pytest.param(network, numbers, runtime, id=f"{network.name}-{numbers}-{runtime}")
    for network in NETWORKS
    for numbers in ("float", "int8")
    for runtime in RUNTIMES
    if is_installed(runtime)
]
VECTORS = arrays(np.float32, 20, elements=st.floats(-100, 100, width=32))


def opened(cache: Path, network: Network, numbers: str, runtime: str = "litert") -> FlatbufferNetwork:
    loaded = open_network(runtime, cache / numbers / f"{network.name}.tflite", network.form)
    assert loaded is not None
    return loaded


class Another:
    """An Inference whose answers are those of another one, changed."""

    def __init__(self, network: FlatbufferNetwork, change, runtime: str | None = None) -> None:
        self._network, self._change = network, change
        self.model_sha256, self.runtime = network.model_sha256, runtime or network.runtime

    def run(self, picture: Pixels) -> tuple[Floats, ...]:
        return self._change(self._network.run(picture))


@pytest.mark.parametrize(("network", "numbers", "runtime"), PAIRS)
def test_every_network_computes_here_what_was_measured(
    network: Network, numbers: str, runtime: str, model_cache: Path
) -> None:
    loaded = opened(model_cache, network, numbers, runtime)
    kept = golden.golden_for(network.name, numbers, loaded.runtime)
    assert kept is not None
    assert kept.tolerance == golden.TOLERANCE[numbers]
    assert len(kept.outputs) == len(network.form.outputs)
    found = golden.check(loaded, network.name, numbers, network.form.side_px)
    assert 0 <= found <= kept.tolerance


def moved(outputs: tuple[Floats, ...]) -> tuple[Floats, ...]:
    return tuple(o + np.float32(0.3) * np.abs(o).max() for o in outputs)


def unknown(outputs: tuple[Floats, ...]) -> tuple[Floats, ...]:
    return tuple(np.full_like(o, np.nan) for o in outputs)


def one_more(outputs: tuple[Floats, ...]) -> tuple[Floats, ...]:
    return (*outputs, outputs[0])


def shorter(outputs: tuple[Floats, ...]) -> tuple[Floats, ...]:
    return tuple(o.reshape(-1)[: o.size // 2 + 1] for o in outputs)


def nothing(outputs: tuple[Floats, ...]) -> tuple[Floats, ...]:
    return tuple(np.zeros_like(o) for o in outputs)


@pytest.mark.parametrize("change", [moved, unknown, one_more, shorter, nothing])
@pytest.mark.parametrize("numbers", ["float", "int8"])
def test_a_network_that_computes_something_else_is_refused(change, numbers: str, model_cache: Path) -> None:
    for network in (EMBEDDER, PAD):
        wrong = Another(opened(model_cache, network, numbers), change)
        with pytest.raises(ModelsUntrusted, match="do not enrol on this machine") as caught:
            golden.check(wrong, network.name, numbers, network.form.side_px)
        assert f"{network.name}, {numbers}" in caught.value.what
        assert wrong.runtime in caught.value.what


def test_a_small_error_of_the_float_embedder_is_seen(model_cache: Path) -> None:
    off = Another(opened(model_cache, EMBEDDER, "float"), lambda outputs: (outputs[0] * np.float32(1.002),))
    with pytest.raises(ModelsUntrusted, match="do not enrol"):
        golden.check(off, "embedder", "float", EMBEDDER.form.side_px)


def test_float_outputs_are_not_taken_for_int8_ones_of_another_network(model_cache: Path) -> None:
    with pytest.raises(ModelsUntrusted, match="do not enrol"):
        golden.check(opened(model_cache, EMBEDDER, "float"), "pad", "float", EMBEDDER.form.side_px)


def test_a_runtime_that_nobody_measured_is_refused_by_name(model_cache: Path) -> None:
    newer = Another(opened(model_cache, PAD, "int8"), lambda outputs: outputs, "ai-edge-litert 99.0")
    with pytest.raises(ModelsUntrusted, match=r"pad, int8: nobody measured it in ai-edge-litert 99\.0"):
        golden.check(newer, "pad", "int8", PAD.form.side_px)
    with pytest.raises(ModelsUntrusted, match="nobody measured"):
        golden.check(opened(model_cache, PAD, "int8"), "iris", "int8", PAD.form.side_px)


def test_golden_outputs_are_not_those_of_a_dead_network() -> None:
    for network in NETWORKS:
        for numbers in ("float", "int8"):
            for runtime in ("ai-edge-litert 2.3.0", "tflite-runtime 2.14.0"):
                kept = golden.golden_for(network.name, numbers, runtime)
                assert kept is not None
                assert all(0 < o.size <= golden.KEPT_MAX for o in kept.outputs)
                assert max(np.linalg.norm(o) for o in kept.outputs) > 1


def test_measured_anew_the_file_is_the_same(model_cache: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(golden, "FOLDER", tmp_path)
    loaded = opened(model_cache, PAD, "int8")
    golden.write_golden(loaded, "pad", "int8", PAD.form.side_px)
    first = (tmp_path / "pad.json").read_bytes()
    golden.write_golden(loaded, "pad", "int8", PAD.form.side_px)
    assert (tmp_path / "pad.json").read_bytes() == first
    assert golden.check(loaded, "pad", "int8", PAD.form.side_px) < 1e-5


def test_the_picture_is_the_same_on_every_machine_and_has_every_shade() -> None:
    for side in (112, 128, 192):
        picture = golden.reference_picture(side)
        assert picture.shape == (side, side, 3)
        assert len(np.unique(picture)) == 256
    assert golden.reference_picture(112)[[0, 5, 111], [3, 7, 111], [0, 1, 2]].tolist() == [6, 22, 126]


# Distance


def test_the_distance_is_relative_and_the_worst_of_the_outputs() -> None:
    one, other = np.array([3.0, 4.0], np.float32), np.array([1.0, 0.0], np.float32)
    assert golden.distance((one, other), (one, other)) == 0
    assert golden.distance((one * np.float32(1.1),), (one,)) == pytest.approx(0.1)
    assert golden.distance((one, other * 3), (one, other)) == pytest.approx(2)
    assert golden.distance((np.zeros(2, np.float32),), (one,)) == pytest.approx(1)
    assert np.isnan(golden.distance((np.array([np.nan, 0.0], np.float32),), (one,)))


def test_outputs_of_other_sizes_are_infinitely_far() -> None:
    kept = (np.ones(3, np.float32), np.ones(1, np.float32))
    for outputs in ((kept[0],), (kept[1], kept[0]), (np.ones(4, np.float32), kept[1])):
        assert golden.distance(outputs, kept) == float("inf")


@given(VECTORS, st.integers(0, 7))
def test_the_distance_grows_with_the_error(vector: np.ndarray, by: int) -> None:
    kept = vector + np.float32(200)
    near, far = kept + np.float32(by), kept + np.float32(by + 1)
    assert golden.distance((near,), (kept,)) < golden.distance((far,), (kept,))


@given(st.integers(1, 5000))
def test_thinning_keeps_a_few_numbers_of_the_whole_output(size: int) -> None:
    kept = golden.thinned(np.arange(size, dtype=np.float32).reshape(1, size))
    assert kept.size == min(size, kept.size) <= golden.KEPT_MAX
    assert kept[0] == 0
    assert kept.size == size or kept[-1] >= size - size / kept.size - 1


def test_work_on_the_golden_pictures_leaves_the_file_alone(model_cache: Path) -> None:
    before = (model_cache / "int8" / "pad.tflite").read_bytes()
    golden.check(opened(model_cache, PAD, "int8"), "pad", "int8", PAD.form.side_px)
    assert (model_cache / "int8" / "pad.tflite").read_bytes() == before
    assert TfliteModel.of_bytes(before).is_quantised
