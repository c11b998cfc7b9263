"""Each rewrite on small networks made by hand: the same results before and after, in the form it promises."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import ModelsUntrusted
from models.graph.tflite_model import FILE_IDENTIFIER, SIGNATURE, Op, Options, TfliteModel
from models.graph.tflite_passes import rewrite
from models.networks import NETWORKS

NONE, RELU = schema.ActivationFunctionType.NONE, schema.ActivationFunctionType.RELU
PIXELS, CHANNELS = 5, 4
SHAPE = (1, PIXELS, PIXELS, CHANNELS)
SLOPES = st.lists(
    st.floats(-3, 3, width=32).filter(lambda a: abs(a) > 1e-3), min_size=CHANNELS, max_size=CHANNELS
)


class Made:
    """A network of one input, written operator by operator; every method returns the tensor it makes."""

    def __init__(self, seed: int = 1) -> None:
        self.model = TfliteModel.empty("made by hand")
        self.input = self.model.add_tensor("input", SHAPE)
        self._random = np.random.default_rng(seed)

    def constant(self, *shape: int) -> int:
        name = f"constant{len(self.model._graph.tensors)}"
        return self.model.add_tensor(name, shape, self._random.normal(size=shape).astype(np.float32))

    def append(self, code: int, inputs: list[int], options: Any = None, kind: int = 0) -> int:
        made = self.model.add_tensor(f"tensor{len(self.model._graph.tensors)}", self.model.shape(inputs[0]))
        self.model.operators.append(self.model.operator(code, inputs, made, options, kind))
        return made

    def convolution(
        self, source: int, activation: int = NONE, *, depthwise: bool = False, weight: int | None = None
    ) -> int:
        options = schema.DepthwiseConv2DOptionsT() if depthwise else schema.Conv2DOptionsT()
        options.padding, options.strideH, options.strideW = schema.Padding.SAME, 1, 1
        options.dilationHFactor = options.dilationWFactor = 1
        options.fusedActivationFunction = activation
        if depthwise:
            options.depthMultiplier = 1
        if weight is None:
            weight = self.constant(1 if depthwise else CHANNELS, 3, 3, CHANNELS)
        code = Op.DEPTHWISE_CONV_2D if depthwise else Op.CONV_2D
        kind = Options.DepthwiseConv2DOptions if depthwise else Options.Conv2DOptions
        return self.append(code, [source, weight, self.constant(CHANNELS)], options, kind)

    def prelu(self, source: int, slopes: list[float]) -> int:
        values = np.array(slopes, np.float32).reshape(1, 1, -1)
        return self.append(Op.PRELU, [source, self.model.add_tensor("slopes", values.shape, values)])

    def relu(self, source: int) -> int:
        return self.append(Op.RELU, [source])

    def add(self, one: int, other: int) -> int:
        return self.append(Op.ADD, [one, other], schema.AddOptionsT(), Options.AddOptions)

    def pad(self, source: int) -> int:
        amounts = np.array([[0, 0], [1, 1], [1, 1], [0, 0]], np.int32)
        held = self.model.add_tensor("amounts", (4, 2), amounts)
        made = self.append(Op.PAD, [source, held], schema.PadOptionsT(), Options.PadOptions)
        self.model._graph.tensors[made].shape = [1, PIXELS + 2, PIXELS + 2, CHANNELS]
        return made

    def file(self, *outputs: int) -> bytes:
        return self.model.finish([self.input], list(outputs))


def computed(file: bytes, seed: int = 5) -> list[np.ndarray]:
    """Outputs for a random input, by the plain kernels."""
    interpreter = Interpreter(
        model_content=file,
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    interpreter.allocate_tensors()
    (details,) = interpreter.get_input_details()
    picture = np.random.default_rng(seed).normal(size=details["shape"]).astype(np.float32)
    interpreter.set_tensor(details["index"], picture)
    interpreter.invoke()
    return [interpreter.get_tensor(output["index"]) for output in interpreter.get_output_details()]


def assert_same(before: bytes, after: bytes, rtol: float = 0.0) -> None:
    for old, new in zip(computed(before), computed(after), strict=True):
        assert np.ptp(old) > 0, "a network that answers nothing shows nothing"
        np.testing.assert_allclose(new, old, rtol=0, atol=rtol * np.abs(old).max())


def operators(file: bytes) -> list[int]:
    model = TfliteModel.of_bytes(file)
    return [model.code(operator) for operator in model.operators]


def activations(file: bytes) -> list[int]:
    model = TfliteModel.of_bytes(file)
    return [getattr(o.builtinOptions, "fusedActivationFunction", NONE) for o in model.operators]


def as_old_writer(file: bytes) -> bytes:
    """The same network, its operator codes only where writers before 2020 put them."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(file, 0))
    for entry in model.operatorCodes:
        entry.deprecatedBuiltinCode, entry.builtinCode = entry.builtinCode, 0
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), file_identifier=FILE_IDENTIFIER)
    return bytes(builder.Output())


# float16 weights


def every_finite_half() -> np.ndarray:
    halves = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    return halves[np.isfinite(halves)]


def halves_network(values: np.ndarray) -> bytes:
    made = Made()
    shape = (1, 1, 1, values.size)
    made.model._graph.tensors[made.input].shape = list(shape)
    wide = made.append(Op.DEQUANTIZE, [made.model.add_tensor("halves", shape, values.reshape(shape))])
    made.model._graph.tensors[wide].shape = list(shape)
    return made.file(made.add(made.input, wide))


def test_every_float16_becomes_the_same_number_bit_for_bit() -> None:
    values = every_finite_half()
    before = halves_network(values)
    after = rewrite(before)
    assert operators(before) == [Op.DEQUANTIZE, Op.ADD]
    assert operators(after) == [Op.ADD]
    model = TfliteModel.of_bytes(after)
    (weights,) = [c for i in range(3) if (c := model.constant(i)) is not None]
    assert weights.dtype == np.float32
    assert weights.tobytes() == values.astype(np.float32).tobytes()
    assert_same(before, after)


# ReLU


def test_a_relu_moves_into_the_operator_before_it() -> None:
    made = Made()
    one = made.relu(made.convolution(made.input))
    other = made.relu(made.convolution(made.input, depthwise=True))
    before = made.file(made.relu(made.add(one, other)))
    after = rewrite(before)
    assert operators(after) == [Op.CONV_2D, Op.DEPTHWISE_CONV_2D, Op.ADD]
    assert activations(after) == [RELU] * 3
    assert_same(before, after)


def branching(made: Made) -> list[int]:
    convolved = made.convolution(made.input)
    return [made.add(made.relu(convolved), convolved)]


def ending(made: Made) -> list[int]:
    convolved = made.convolution(made.input)
    return [convolved, made.relu(convolved)]


def activated(made: Made) -> list[int]:
    return [made.relu(made.convolution(made.input, schema.ActivationFunctionType.RELU6))]


def first(made: Made) -> list[int]:
    return [made.relu(made.input)]


def behind_a_pad(made: Made) -> list[int]:
    return [made.relu(made.pad(made.input))]


@pytest.mark.parametrize("network", [branching, ending, activated, first, behind_a_pad])
def test_a_relu_stays_where_moving_it_would_change_something(network: Callable[[Made], list[int]]) -> None:
    made = Made()
    before = made.file(*network(made))
    after = rewrite(before)
    assert Op.RELU in operators(after)
    assert activations(after) == activations(before)
    assert_same(before, after)


# PReLU


@given(st.lists(st.floats(-3, 1, width=32), min_size=CHANNELS, max_size=CHANNELS), st.integers(0, 9))
@settings(max_examples=25)
def test_a_slope_of_at_most_one_becomes_a_maximum_exactly(slopes: list[float], seed: int) -> None:
    made = Made(seed)
    before = made.file(made.prelu(made.convolution(made.input), slopes))
    after = rewrite(before)
    assert operators(after) == [Op.CONV_2D, Op.DEPTHWISE_CONV_2D, Op.MAXIMUM]
    assert_same(before, after)


@given(SLOPES, st.booleans(), st.booleans(), st.booleans())
@settings(max_examples=40)
def test_a_steep_slope_is_turned_through_the_convolutions_beside_it(
    slopes: list[float], padded: bool, depthwise_before: bool, depthwise_behind: bool
) -> None:
    slopes = [2.5, *slopes[1:]]
    made = Made()
    bent = made.prelu(made.convolution(made.input, depthwise=depthwise_before), slopes)
    before = made.file(made.convolution(made.pad(bent) if padded else bent, depthwise=depthwise_behind))
    after = rewrite(before)
    found = Counter(operators(after))
    assert found[Op.PRELU] == found[Op.ADD] == 0
    assert found[Op.MAXIMUM] == 1
    assert_same(before, after, rtol=1e-5)


def residual(made: Made, slopes: list[float]) -> list[int]:
    convolved = made.convolution(made.input)
    return [made.add(made.convolution(made.prelu(convolved, slopes)), convolved)]


def two_takers(made: Made, slopes: list[float]) -> list[int]:
    bent = made.prelu(made.convolution(made.input), slopes)
    return [made.add(made.convolution(bent), made.convolution(bent))]


def an_output_too(made: Made, slopes: list[float]) -> list[int]:
    bent = made.prelu(made.convolution(made.input), slopes)
    return [bent, made.convolution(bent)]


def last(made: Made, slopes: list[float]) -> list[int]:
    return [made.prelu(made.convolution(made.input), slopes)]


def at_the_input(made: Made, slopes: list[float]) -> list[int]:
    return [made.convolution(made.prelu(made.input, slopes))]


def behind_an_activation(made: Made, slopes: list[float]) -> list[int]:
    capped = schema.ActivationFunctionType.RELU_N1_TO_1
    return [made.convolution(made.prelu(made.convolution(made.input, capped), slopes))]


def sharing_its_weights(made: Made, slopes: list[float]) -> list[int]:
    weight = made.constant(CHANNELS, 3, 3, CHANNELS)
    bent = made.prelu(made.convolution(made.input, weight=weight), slopes)
    return [made.convolution(made.convolution(bent), weight=weight)]


@pytest.mark.parametrize(
    "network",
    [residual, two_takers, an_output_too, last, at_the_input, behind_an_activation, sharing_its_weights],
)
@given(SLOPES)
@settings(max_examples=10)
def test_a_steep_slope_that_cannot_be_turned_is_bent_by_an_addition(
    network: Callable[[Made, list[float]], list[int]], slopes: list[float]
) -> None:
    made = Made()
    before = made.file(*network(made, [2.5, *slopes[1:]]))
    after = rewrite(before)
    found = Counter(operators(after))
    assert found[Op.PRELU] == found[Op.MAXIMUM] == found[Op.RELU] == 0
    assert found[Op.ADD] == Counter(operators(before))[Op.ADD] + 1
    assert_same(before, after, rtol=1e-5)


def test_two_steep_slopes_in_a_row_of_convolutions_are_both_turned() -> None:
    made, slopes = Made(), [1.5, -2.0, 0.25, 3.0]
    tensor = made.convolution(made.input)
    for _ in range(2):
        tensor = made.convolution(made.prelu(tensor, slopes))
    before = made.file(tensor)
    after = rewrite(before)
    assert Counter(operators(after))[Op.MAXIMUM] == 2
    assert_same(before, after, rtol=1e-5)


def test_a_slope_that_is_not_one_per_channel_is_refused() -> None:
    for shape in ((1, 1, 1), (PIXELS, PIXELS, CHANNELS)):
        made = Made()
        before = made.file(made.append(Op.PRELU, [made.input, made.constant(*shape)]))
        with pytest.raises(ModelsUntrusted, match="one for each channel"):
            rewrite(before)


def test_a_slope_that_is_computed_is_refused() -> None:
    made = Made()
    with pytest.raises(ModelsUntrusted, match="computed"):
        rewrite(made.file(made.append(Op.PRELU, [made.input, made.relu(made.input)])))


# The file that comes out


def test_operator_codes_of_an_old_writer_are_read_and_written_as_new_ones() -> None:
    made = Made()
    new = made.file(made.convolution(made.prelu(made.convolution(made.input), [0.5] * CHANNELS)))
    old = as_old_writer(new)
    raw = schema.ModelT.InitFromObj(schema.Model.GetRootAs(old, 0))
    assert {entry.builtinCode for entry in raw.operatorCodes} == {0}
    after = rewrite(old)
    raw = schema.ModelT.InitFromObj(schema.Model.GetRootAs(after, 0))
    assert {e.builtinCode for e in raw.operatorCodes} == {Op.CONV_2D, Op.DEPTHWISE_CONV_2D, Op.MAXIMUM}
    assert all(e.builtinCode == e.deprecatedBuiltinCode for e in raw.operatorCodes)
    assert after == rewrite(new)
    assert_same(old, after)


def assert_tidy(file: bytes) -> None:
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(file, 0))
    (graph,) = model.subgraphs
    used = {int(i) for o in graph.operators for i in (*o.inputs, *o.outputs)}
    assert used | {*graph.inputs, *graph.outputs} == set(range(len(graph.tensors)))
    assert {t.buffer for t in graph.tensors} | {0} == set(range(len(model.buffers)))
    assert {o.opcodeIndex for o in graph.operators} == set(range(len(model.operatorCodes)))
    names = [tensor.name for tensor in graph.tensors]
    assert len(set(names)) == len(names), "ranges are kept by name"
    (signature,) = model.signatureDefs
    assert signature.signatureKey == SIGNATURE
    assert [entry.tensorIndex for entry in signature.inputs] == list(graph.inputs)
    assert [entry.tensorIndex for entry in signature.outputs] == list(graph.outputs)


def test_a_rewritten_file_has_one_signature_and_nothing_unused() -> None:
    made = Made()
    made.constant(3)
    bent = made.prelu(made.convolution(made.input), [2.0, 0.5, -1.0, 1.0])
    assert_tidy(rewrite(made.file(made.convolution(made.relu(made.convolution(bent))))))


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
def test_a_rewritten_network_of_the_gate_is_tidy_and_computes_the_same(network, model_cache) -> None:
    before = (model_cache / "float" / f"{network.name}.tflite").read_bytes()
    after = rewrite(before)
    assert_tidy(after)
    assert not {Op.PRELU, Op.DEQUANTIZE, Op.RELU} & set(operators(after))
    for old, new in zip(computed(before), computed(after), strict=True):
        assert np.linalg.norm(new - old) <= 1e-4 * np.linalg.norm(old)


# What is not rewritten


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
def test_a_network_that_is_quantised_already_is_refused(network, model_cache) -> None:
    with pytest.raises(ModelsUntrusted, match="quantised already"):
        rewrite((model_cache / "int8" / f"{network.name}.tflite").read_bytes())


def test_integer_weights_behind_a_dequantize_are_refused() -> None:
    values = np.arange(-8, 8, dtype=np.int8)
    with pytest.raises(ModelsUntrusted, match="quantised already"):
        rewrite(halves_network(values))


@given(st.binary(max_size=200), st.booleans())
def test_bytes_that_are_no_network_are_refused_in_a_sentence(content: bytes, looks_right: bool) -> None:
    if looks_right:
        content = content[:4] + FILE_IDENTIFIER + content[8:]
    with pytest.raises(ModelsUntrusted, match="not a TFLite network"):
        rewrite(content)


@given(st.floats(0, 0.999))
@settings(max_examples=20)
def test_a_network_that_is_cut_short_is_refused_in_a_sentence(share: float) -> None:
    made = Made()
    whole = made.file(made.convolution(made.input))
    with pytest.raises(ModelsUntrusted, match="not a TFLite network"):
        rewrite(whole[: int(len(whole) * share)])
