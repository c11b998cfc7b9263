"""One suite for every adapter of Inference: the file, the runtime, the numbers."""

import hashlib
import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from edge.rollcall_gate.adapters.litert_inference import LitertInference
from edge.rollcall_gate.adapters.tflite_inference import TfliteInference
from edge.rollcall_gate.embed import Embedder
from edge.rollcall_gate.errors import ModelError
from edge.rollcall_gate.ports import Inference
from models.cache import write_whole
from models.commands import model_files
from models.golden import check_embedder, reference_pattern
from tests.models.gate_models import ready_cache

Adapter = Callable[[Path], Inference]
ADAPTERS = [pytest.param(LitertInference, id="litert")]
if importlib.util.find_spec("tflite_runtime"):  # published for Python 3.11 at most
    ADAPTERS.append(pytest.param(TfliteInference, id="tflite-runtime"))


@pytest.fixture(params=ADAPTERS)
def adapter(request: pytest.FixtureRequest) -> Adapter:
    return request.param


@pytest.fixture(scope="module")
def embedder_file() -> Path:
    return model_files(ready_cache()).embedder


def test_it_names_the_bytes_it_loaded_and_what_runs_them(adapter: Adapter, embedder_file: Path) -> None:
    network = adapter(embedder_file)
    assert network.model_sha256 == hashlib.sha256(embedder_file.read_bytes()).digest()
    name, version = network.runtime.rsplit(" ", 1)
    assert name in {"ai-edge-litert", "tflite-runtime"}
    assert version[0].isdigit()
    assert network.input_shape == (1, 112, 112, 3)


def test_the_embedder_computes_the_golden_embedding(adapter: Adapter, embedder_file: Path) -> None:
    assert check_embedder(adapter(embedder_file)) > 0.99999


def test_outputs_are_the_callers_own(adapter: Adapter, embedder_file: Path) -> None:
    network = adapter(embedder_file)
    first = network.run(np.zeros(network.input_shape, np.float32))[0]
    kept = first.copy()
    network.run(np.ones(network.input_shape, np.float32))
    np.testing.assert_array_equal(first, kept)


def test_the_same_input_gives_the_same_embedding(adapter: Adapter, embedder_file: Path) -> None:
    one, other = (Embedder(adapter(embedder_file)).embed(reference_pattern()) for _ in range(2))
    np.testing.assert_array_equal(one.vector, other.vector)


def test_the_detector_and_the_mesh_load_too(adapter: Adapter) -> None:
    files = model_files(ready_cache())
    for file, outputs in ((files.detector, {36864, 2304}), (files.landmarks, {1404, 1})):
        network = adapter(file)
        assert network.input_shape == (1, 192, 192, 3)
        assert {o.size for o in network.run(np.zeros(network.input_shape, np.float32))} == outputs


def test_a_tensor_of_another_shape_is_a_model_error(adapter: Adapter, embedder_file: Path) -> None:
    with pytest.raises(ModelError):
        adapter(embedder_file).run(np.zeros((1, 10, 10, 3), np.float32))


def test_a_file_that_is_no_model_is_refused(adapter: Adapter, tmp_path: Path) -> None:
    (tmp_path / "junk.tflite").write_bytes(b"junk" * 100)
    for path in (tmp_path / "junk.tflite", tmp_path / "none.tflite"):
        with pytest.raises(ModelError, match="models all"):
            adapter(path)


def test_a_replaced_file_does_not_disturb_a_running_network(
    adapter: Adapter, embedder_file: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "embedder.tflite"
    copy.write_bytes(embedder_file.read_bytes())
    network = adapter(copy)
    write_whole(copy, b"another model")
    assert check_embedder(network) > 0.99999
