"""A network and a runtime that load, run, and compute noise. When a release mends it, a test here says so."""

import importlib.util
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from edge.rollcall_gate.adapters.known_wrong import DYNAMIC_RANGE
from edge.rollcall_gate.adapters.litert_inference import LitertInference
from edge.rollcall_gate.adapters.recorded_camera import load_frame
from edge.rollcall_gate.adapters.tflite_inference import TfliteInference
from edge.rollcall_gate.errors import ModelError
from edge.rollcall_gate.eyes.embed import FORM
from edge.rollcall_gate.eyes.vision import open_pipeline
from edge.rollcall_gate.frames import Pixels
from models.networks import NETWORKS
from models.places import model_files, photograph_folder
from tests.models.gate_models import ready_cache

needs_tflite = pytest.mark.skipif(
    importlib.util.find_spec("tflite_runtime") is None,
    reason="tflite-runtime is published for Python 3.11 at most",
)


@pytest.fixture(scope="module")
def float_file() -> Path:
    return ready_cache() / "float" / "embedder.tflite"


@pytest.fixture(scope="module")
def dynamic_file(float_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedder as somebody in a hurry makes it: int8 weights, nothing to calibrate."""
    from ai_edge_quantizer import quantizer, recipe

    made = quantizer.Quantizer(bytearray(float_file.read_bytes()), recipe.dynamic_wi8_afp32()).quantize()
    assert made.quantized_model is not None
    file = tmp_path_factory.mktemp("dynamic") / "embedder.tflite"
    file.write_bytes(made.quantized_model)
    assert file.stat().st_size < 0.3 * float_file.stat().st_size
    return file


@pytest.fixture(scope="module")
def face() -> Pixels:
    photograph = photograph_folder(ready_cache()) / "ardern" / "ardern_2018.jpg"
    view = open_pipeline(model_files(ready_cache())).view(load_frame(photograph, 0))
    assert view is not None
    assert view.aligned is not None
    return view.aligned.pixels


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a.ravel().astype(np.float64), b.ravel().astype(np.float64)
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def computed_raw(file: Path, face: Pixels) -> np.ndarray:
    """By tflite-runtime itself, past the adapter that refuses."""
    from tflite_runtime.interpreter import Interpreter

    interpreter = Interpreter(str(file), num_threads=1)
    interpreter.allocate_tensors()
    tensor = (face * FORM.scale + FORM.shift).astype(np.float32)[None]
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], tensor)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


def test_litert_takes_dynamic_range_and_computes_it_right(
    float_file: Path, dynamic_file: Path, face: Pixels
) -> None:
    exact, dynamic = (LitertInference(file, FORM) for file in (float_file, dynamic_file))
    assert not dynamic.is_quantised
    assert cosine(exact.run(face)[0], dynamic.run(face)[0]) > 0.99


@needs_tflite
def test_tflite_runtime_computes_dynamic_range_as_noise(
    float_file: Path, dynamic_file: Path, face: Pixels
) -> None:
    """If this fails, the fault is mended: take the pair out of known_wrong.py."""
    (exact,) = LitertInference(float_file, FORM).run(face)
    assert cosine(exact, computed_raw(float_file, face)) > 0.999999, "the way it is called here is right"
    assert cosine(exact, computed_raw(dynamic_file, face)) < 0.5


@needs_tflite
def test_tflite_runtime_is_refused_dynamic_range_by_name(dynamic_file: Path) -> None:
    with pytest.raises(ModelError) as caught:
        TfliteInference(dynamic_file, FORM)
    said = caught.value.what
    assert said.startswith(f"{dynamic_file}: ")
    assert "dynamic-range int8" in said
    assert f"tflite-runtime {version('tflite-runtime')}" in said
    assert "install the static int8 network, or set gate.runtime to litert" in said
    assert "\n" not in said


@needs_tflite
@pytest.mark.parametrize("numbers", ["float", "int8"])
def test_what_is_not_known_to_be_wrong_is_not_refused(numbers: str) -> None:
    for network in NETWORKS:
        TfliteInference(ready_cache() / numbers / f"{network.name}.tflite", network.form)


@needs_tflite
def test_the_release_that_is_refused_is_the_one_that_is_installed() -> None:
    assert f"tflite-runtime {version('tflite-runtime')}".startswith(DYNAMIC_RANGE.runtime)
