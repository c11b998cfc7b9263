"""ONNX and TFLite sources -> float and int8 files: the same bytes on every machine, the same numbers."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from edge.rollcall_gate.adapters.litert_inference import LitertInference
from models.build import CONVERSIONS, QUANTISATIONS
from models.build import Step as BuildStep
from models.errors import ModelsUntrusted
from models.golden import distance, golden_of_source, reference_picture
from models.graph.fold import INPUT_NORMALISATION, fold, row_sums, without_input_normalisation
from models.graph.onnx_layers import (
    Convolution,
    Dense,
    Layer,
    Normalisation,
    Plain,
    Scalar,
    Slope,
    Step,
    read_layers,
)
from models.graph.tflite_writer import write_network
from models.graph.work import work_of
from models.networks import DETECTOR, EMBEDDER, LANDMARKS, PAD, Network, convert_minifasnet, convert_sface

pytestmark = pytest.mark.slow

RNG = np.random.default_rng(7)


@pytest.mark.parametrize("step", [*CONVERSIONS, *QUANTISATIONS], ids=lambda step: step.output)
def test_the_same_bytes_come_out_every_time(step: BuildStep, model_cache: Path) -> None:
    one, other = (step.make(model_cache / step.source) for _ in range(2))
    assert one == other
    assert hashlib.sha256(one).hexdigest() == step.sha256


@pytest.mark.parametrize("network", [EMBEDDER, PAD], ids=lambda network: network.name)
def test_a_converted_network_computes_what_onnx_runtime_makes_of_its_source(
    network: Network, model_cache: Path
) -> None:
    source = golden_of_source(network.name)
    assert source is not None
    converted = LitertInference(model_cache / "float" / f"{network.name}.tflite", network.form)
    found = distance(converted.run(reference_picture(network.form.side_px)), source.outputs)
    assert found <= source.tolerance < 0.001


def test_what_comes_as_tflite_is_kept_as_it_comes(model_cache: Path) -> None:
    for network in (DETECTOR, LANDMARKS):
        assert golden_of_source(network.name) is None
        assert network.to_float(model_cache / network.source) == (model_cache / network.source).read_bytes()


def test_no_weight_is_lost_in_the_conversion(model_cache: Path) -> None:
    for network in (EMBEDDER, PAD):
        layers = [step.layer for step in read_layers(model_cache / network.source)]
        weights = sum(x.weight.size + x.bias.size for x in layers if isinstance(x, Convolution | Dense))
        slopes = sum(x.alpha.size for x in layers if isinstance(x, Slope))
        work = work_of((model_cache / "float" / f"{network.name}.tflite").read_bytes())
        assert work.parameters == weights + slopes, network.name
        assert work.multiply_adds > 10 * work.parameters


# Folding, against the arithmetic of the layers one by one. Pictures are (channels, height, width).


def per_channel(values: np.ndarray, ndim: int) -> np.ndarray:
    return values.reshape(-1, *(1,) * (ndim - 1))


def apply(layer: Layer, taken: Sequence[np.ndarray]) -> np.ndarray:
    x = taken[0]
    match layer:
        case Convolution():
            return np.einsum("oi,ihw->ohw", layer.weight[:, :, 0, 0], x) + layer.bias[:, None, None]
        case Normalisation():
            return x * per_channel(layer.scale, x.ndim) + per_channel(layer.shift, x.ndim)
        case Slope():
            return np.where(x > 0, x, x * per_channel(layer.alpha, x.ndim))
        case Dense():
            return layer.weight @ x.ravel() + layer.bias
        case Plain(kind="add"):
            return x + taken[1]
        case Plain(kind="rectify"):
            return np.maximum(x, 0)
    raise AssertionError(layer)


def run(steps: Sequence[Step], picture: np.ndarray) -> np.ndarray:
    at = {"in": picture}
    for step in steps:
        at[step.output] = apply(step.layer, [at[name] for name in step.inputs])
    return at[steps[-1].output]


def pointwise(outputs: int, inputs: int) -> Convolution:
    return Convolution(RNG.normal(size=(outputs, inputs, 1, 1)), RNG.normal(size=outputs), 1, (0,) * 4, 1)


def normalisation(channels: int) -> Normalisation:
    return Normalisation(RNG.normal(size=channels), RNG.normal(size=channels))


def chain(*layers: Layer) -> list[Step]:
    names = ["in", *(f"t{n}" for n in range(len(layers)))]
    return [Step(layer, (names[n],), names[n + 1]) for n, layer in enumerate(layers)]


def test_folding_changes_no_result() -> None:
    steps = chain(
        pointwise(3, 2),
        normalisation(3),
        Slope(np.full(3, 0.25)),
        normalisation(3),  # before a dense layer
        Dense(RNG.normal(size=(4, 12)), RNG.normal(size=4)),
        normalisation(4),
    )
    picture = RNG.normal(size=(2, 2, 2))
    folded = fold(steps)
    assert [type(step.layer) for step in folded] == [Convolution, Slope, Dense]
    np.testing.assert_allclose(run(folded, picture), run(steps, picture), rtol=1e-12)


def test_folding_beside_a_residual_changes_no_result() -> None:
    steps = [
        Step(pointwise(2, 2), ("in",), "a"),
        Step(normalisation(2), ("a",), "b"),  # `b` has two takers, `a` has one: folded all the same
        Step(Plain("rectify"), ("b",), "c"),
        Step(pointwise(2, 2), ("c",), "d"),
        Step(normalisation(2), ("d",), "e"),
        Step(Plain("add"), ("e", "b"), "f"),
    ]
    picture = RNG.normal(size=(2, 3, 3))
    folded = fold(steps)
    assert [type(step.layer) for step in folded] == [Convolution, Plain, Convolution, Plain]
    assert folded[-1].inputs == ("e", "b")
    np.testing.assert_allclose(run(folded, picture), run(steps, picture), rtol=1e-12)


def test_a_normalisation_is_never_folded_into_what_others_take_unnormalised() -> None:
    steps = [
        Step(pointwise(2, 2), ("in",), "a"),
        Step(normalisation(2), ("a",), "b"),
        Step(Plain("add"), ("a", "b"), "c"),
    ]
    with pytest.raises(ModelsUntrusted, match="ormalisation"):
        fold(steps)


def test_a_normalisation_that_cannot_be_folded_is_refused_in_a_sentence() -> None:
    with pytest.raises(ModelsUntrusted, match="before a Convolution"):
        fold(chain(normalisation(2), pointwise(3, 2)))
    with pytest.raises(ModelsUntrusted, match="Normalisation where the expected network has none"):
        fold(chain(pointwise(3, 2), Slope(np.ones(3)), normalisation(3)))


@given(st.lists(st.floats(-1e30, 1e30), min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_a_long_sum_does_not_depend_on_its_order(numbers: list[float], random) -> None:
    mixed = random.sample(numbers, len(numbers))
    sums = [row_sums(np.zeros(1), np.array([order]))[0] for order in (numbers, mixed)]
    assert sums[0] == sums[1]


def test_only_the_expected_input_normalisation_is_left_out() -> None:
    steps = chain(*INPUT_NORMALISATION, pointwise(3, 3))
    (kept,) = without_input_normalisation(steps)
    assert kept == replace(steps[2], inputs=("in",))
    for other in (
        chain(Scalar("Sub", 127.5), Scalar("Mul", 1 / 127.5), pointwise(3, 3)),
        chain(Scalar("Sub", 128.0), Scalar("Mul", 0.0078125), pointwise(3, 3)),
        chain(pointwise(3, 3)),
        [],
    ):
        with pytest.raises(ModelsUntrusted, match=r"\(pixel - 127.5\) / 128"):
            without_input_normalisation(other)


def test_a_layer_that_was_to_be_folded_before_is_not_written() -> None:
    with pytest.raises(ModelsUntrusted, match="Normalisation"):
        write_network(
            chain(pointwise(3, 3), normalisation(3)),
            description="made",
            input_shape=(1, 4, 4, 3),
            output="out",
        )


# Files that are not the ones that were pinned.


def onnx_file(path: Path, *nodes: onnx.NodeProto, **arrays: np.ndarray) -> Path:
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("in", "out")]
    held = [numpy_helper.from_array(values, name) for name, values in arrays.items()]
    onnx.save(helper.make_model(helper.make_graph(nodes, "made", ends[:1], ends[1:], held)), str(path))
    return path


def test_an_operator_that_nobody_read_is_refused_by_name(tmp_path: Path) -> None:
    file = onnx_file(tmp_path / "made.onnx", helper.make_node("LeakyRelu", ["in"], ["out"]))
    for convert in (convert_sface, convert_minifasnet):
        with pytest.raises(ModelsUntrusted, match=r"made\.onnx: operator LeakyRelu"):
            convert(file)


AS_EXPECTED = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "strides": [2, 2], "group": 1}


@pytest.mark.parametrize(
    ("more", "read"),
    [
        ({}, True),
        ({"dilations": [1, 1], "auto_pad": "NOTSET"}, True),
        ({"dilations": [2, 2]}, False),
        ({"dilations": [1, 2]}, False),
        ({"strides": [1, 2]}, False),
        ({"strides": [2, 1]}, False),
        ({"auto_pad": "SAME_UPPER"}, False),
    ],
)
def test_a_convolution_of_another_kind_is_refused(
    more: dict[str, object], read: bool, tmp_path: Path
) -> None:
    node = helper.make_node("Conv", ["in", "weight"], ["out"], **{**AS_EXPECTED, **more})
    file = onnx_file(tmp_path / "made.onnx", node, weight=np.ones((2, 3, 3, 3), np.float32))
    if read:
        (step,) = read_layers(file)
        assert isinstance(step.layer, Convolution)
        assert (step.layer.stride, step.layer.pads) == (2, (1, 1, 1, 1))
        return
    with pytest.raises(ModelsUntrusted, match="a convolution of a kind that the expected networks do not"):
        read_layers(file)


def test_what_has_no_effect_at_inference_is_passed_over(tmp_path: Path) -> None:
    file = onnx_file(
        tmp_path / "made.onnx",
        helper.make_node("Dropout", ["in"], ["a"]),
        helper.make_node("Flatten", ["a"], ["b"]),
        helper.make_node("Relu", ["b"], ["out"]),
    )
    assert read_layers(file) == [Step(Plain("rectify"), ("in",), "out")]


def test_weights_in_blocks_are_dequantised_exactly(tmp_path: Path) -> None:
    codes = np.array([[-128, 7], [3, 127], [5, -6], [0, 1]], np.int8)
    scale, zero = np.array([[0.5, 2.0], [0.25, 1.0]], np.float32), np.array([[1, -3], [0, 4]], np.int8)
    file = onnx_file(
        tmp_path / "made.onnx",
        helper.make_node("DequantizeLinear", ["codes", "scale", "zero"], ["w"], axis=0, block_size=2),
        helper.make_node("MatMul", ["in", "w"], ["out"]),
        codes=codes,
        scale=scale,
        zero=zero,
    )
    (step,) = read_layers(file)
    assert isinstance(step.layer, Dense)
    by_hand = [[-64.5, 20.0], [1.0, 260.0], [1.25, -10.0], [0.0, -3.0]]
    np.testing.assert_array_equal(step.layer.weight.T, by_hand)


def test_a_source_that_is_cut_short_is_one_sentence(model_cache: Path, tmp_path: Path) -> None:
    for network in (EMBEDDER, PAD):
        (tmp_path / "cut.onnx").write_bytes((model_cache / network.source).read_bytes()[:-1000])
        with pytest.raises(ModelsUntrusted, match=r"cut\.onnx: not an ONNX network; run `hallward models"):
            network.to_float(tmp_path / "cut.onnx")
