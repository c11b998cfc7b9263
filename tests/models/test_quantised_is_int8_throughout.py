"""The int8 networks: integers from end to end, the same on every machine, and never silently still float."""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from edge.rollcall_gate.adapters.flatbuffer_network import FlatbufferNetwork
from edge.rollcall_gate.adapters.litert_inference import LitertInference
from models.build import quantisation
from models.calibrate import read_ranges
from models.errors import ModelsUntrusted
from models.graph.tflite_model import Op, TfliteModel
from models.graph.tflite_passes import rewrite
from models.guard import float_tensors
from models.networks import EMBEDDER, NETWORKS, PAD, Network
from models.quantise import quantise
from tests.models.test_passes_keep_every_number import Made, as_old_writer

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
EACH = pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
IN_A_FRESH_PROCESS = """
import hashlib, sys
from pathlib import Path
from models.build import QUANTISATIONS
print(sys.version_info[1], __import__("numpy").__version__.split(".")[0])
for step in QUANTISATIONS:
    print(hashlib.sha256(step.make(Path(sys.argv[1]) / step.source)).hexdigest())
"""


def int8_file(network: Network, cache: Path) -> Path:
    return cache / "int8" / f"{network.name}.tflite"


def loaded(network: Network, cache: Path) -> FlatbufferNetwork:
    return LitertInference(int8_file(network, cache), network.form)


def rewritten(network: Network, cache: Path) -> bytes:
    return rewrite((cache / "float" / f"{network.name}.tflite").read_bytes())


@EACH
def test_pictures_go_in_and_answers_come_out_as_int8(network: Network, model_cache: Path) -> None:
    interpreter = loaded(network, model_cache).interpreter
    ends = [*interpreter.get_input_details(), *interpreter.get_output_details()]
    assert {details["dtype"] for details in ends} == {np.int8}


@EACH
def test_no_tensor_is_left_in_float(network: Network, model_cache: Path) -> None:
    assert float_tensors(loaded(network, model_cache)) == []


@EACH
def test_weights_have_a_scale_for_each_channel(network: Network, model_cache: Path) -> None:
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(int8_file(network, model_cache).read_bytes(), 0))
    (graph,) = model.subgraphs
    seen = 0
    for operator in graph.operators:
        code = model.operatorCodes[operator.opcodeIndex].builtinCode
        if code in {Op.CONV_2D, Op.DEPTHWISE_CONV_2D}:
            weight = graph.tensors[operator.inputs[1]]
            channels = graph.tensors[operator.outputs[0]].shape[3]
            assert weight.type == schema.TensorType.INT8
            assert len(weight.quantization.scale) == channels
            assert weight.quantization.quantizedDimension == (0 if code == Op.CONV_2D else 3)
            assert not np.any(weight.quantization.zeroPoint)
            seen += 1
    assert seen > 20


@EACH
def test_a_pixel_is_its_own_number_less_128(network: Network, model_cache: Path) -> None:
    np.testing.assert_array_equal(loaded(network, model_cache)._as_input, np.arange(256) - 128)


@EACH
def test_a_pixel_means_what_the_network_was_trained_on(network: Network, model_cache: Path) -> None:
    adapter = loaded(network, model_cache)
    assert adapter.is_quantised
    scale, zero = adapter.interpreter.get_input_details()[0]["quantization"]
    meant = (adapter._as_input.astype(np.float64) - zero) * scale
    trained = np.arange(256) * network.form.scale + network.form.shift
    np.testing.assert_allclose(meant, trained, atol=scale * 0.501)


@EACH
def test_a_whole_picture_becomes_what_each_of_its_pixels_does(network: Network, model_cache: Path) -> None:
    adapter = loaded(network, model_cache)
    shades = np.arange(256, dtype=np.uint8)
    for picture in (shades, shades.reshape(16, 16)[:, ::-1], shades[:255].reshape(5, 17, 3)[::-1]):
        kept = picture.copy()
        np.testing.assert_array_equal(adapter._tensor(picture), adapter._as_input[picture])
        np.testing.assert_array_equal(picture, kept)


@EACH
def test_it_is_about_a_quarter_of_the_float_network(network: Network, model_cache: Path) -> None:
    assert int8_file(network, model_cache).stat().st_size < 0.42 * len(rewritten(network, model_cache))


@EACH
def test_a_range_that_was_never_measured_is_one_sentence(network: Network, model_cache: Path) -> None:
    ranges = read_ranges(network.ranges)
    gone = sorted(ranges)[len(ranges) // 2]
    del ranges[gone]
    with pytest.raises(ModelsUntrusted) as caught:
        quantise(rewritten(network, model_cache), ranges, network.input_range)
    assert repr(gone) in caught.value.what
    assert "`hallward models calibrate`" in caught.value.what
    assert "\n" not in caught.value.what


def test_a_network_of_an_old_writer_is_never_quantised_as_it_stands(model_cache: Path) -> None:
    """The quantiser reads the new field only: it takes every operator for an addition, and says nothing."""
    old = as_old_writer(rewritten(PAD, model_cache))
    with pytest.raises(ModelsUntrusted, match="deprecated field only"):
        quantise(old, read_ranges(PAD.ranges), PAD.input_range)
    made = quantise(rewrite(old), read_ranges(PAD.ranges), PAD.input_range)
    assert hashlib.sha256(made).hexdigest() == PAD.int8_sha256


def test_a_network_that_the_quantiser_leaves_as_it_was_is_refused() -> None:
    """It does not know PReLU, leaves it in float, and says nothing of that either."""
    made = Made()
    network = made.file(made.prelu(made.input, [0.5] * 4))
    ranges = {TfliteModel.of_bytes(network).name(made.model.outputs[0]): (-1.0, 1.0)}
    with pytest.raises(ModelsUntrusted, match="left the network as it was"):
        quantise(network, ranges, (-1.0, 1.0))


def test_an_operator_that_was_left_in_float_is_told_by_its_tensors(model_cache: Path, tmp_path: Path) -> None:
    as_converted = (model_cache / "float" / "embedder.tflite").read_bytes()
    file = tmp_path / "embedder.tflite"
    file.write_bytes(quantise(as_converted, read_ranges(EMBEDDER.ranges), EMBEDDER.input_range))
    assert float_tensors(LitertInference(file, EMBEDDER.form))
    assert hashlib.sha256(file.read_bytes()).hexdigest() != EMBEDDER.int8_sha256


def test_a_second_run_gives_the_same_bytes(model_cache: Path) -> None:
    step = quantisation(PAD)
    one, other = (step.make(model_cache / step.source) for _ in range(2))
    assert hashlib.sha256(one).hexdigest() == hashlib.sha256(other).hexdigest() == PAD.int8_sha256


def made_by(python: Path | str, cache: Path) -> list[str]:
    command = [str(python), "-W", "ignore", "-c", IN_A_FRESH_PROCESS, str(cache)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_fresh_process_gives_the_same_bytes(model_cache: Path) -> None:
    _, *made = made_by(sys.executable, model_cache)
    assert made == [network.int8_sha256 for network in NETWORKS]


@pytest.mark.slow
def test_python_3_13_with_numpy_2_gives_the_same_bytes(model_cache: Path) -> None:
    python = ROOT / ".venv-py313" / "bin" / "python"
    if not python.exists():
        pytest.skip(f"no {python.relative_to(ROOT)} in this checkout")
    probe = subprocess.run([str(python), "-c", "import ai_edge_quantizer"], capture_output=True, check=False)
    if probe.returncode != 0:
        pytest.skip(f"{python.relative_to(ROOT)} has no ai_edge_quantizer")
    versions, *made = made_by(python, model_cache)
    assert versions == "13 2"
    assert made == [network.int8_sha256 for network in NETWORKS]
