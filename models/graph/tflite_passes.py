"""Rewrites of a TFLite network: the same results, in a form that quantises and runs fast.

Each pass is exact but for the rounding of single products. Why each is needed: ADR-0008.
"""

import struct
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from ai_edge_litert import schema_py_generated as schema

from models.errors import ModelsUntrusted
from models.graph.tflite_model import Op, Options, TfliteModel

_FUSES: Final = {
    Op.CONV_2D: (schema.Conv2DOptionsT, Options.Conv2DOptions),
    Op.DEPTHWISE_CONV_2D: (schema.DepthwiseConv2DOptionsT, Options.DepthwiseConv2DOptions),
    Op.ADD: (schema.AddOptionsT, Options.AddOptions),
    Op.MUL: (schema.MulOptionsT, Options.MulOptions),
}
_CONVOLUTIONS: Final = (Op.CONV_2D, Op.DEPTHWISE_CONV_2D)
Floats = npt.NDArray[np.float32]


def rewrite(content: bytes) -> bytes:
    """All passes in order. Raises ModelsUntrusted when the network is not of a form they know."""
    try:
        model = TfliteModel.of_bytes(content)
    except (ValueError, TypeError, AttributeError, IndexError, struct.error) as err:
        raise ModelsUntrusted(f"the file to rewrite is not a TFLite network ({err})") from err
    if model.is_quantised:
        raise ModelsUntrusted("a network that is quantised already cannot be quantised again")
    inputs, outputs = model.inputs, model.outputs
    widen_halves(model)
    fuse_relu(model)
    slopes_to_maximum(model)
    return model.finish(inputs, outputs)


def widen_halves(model: TfliteModel) -> None:
    """float16 constants behind a DEQUANTIZE become float32 constants, bit for bit the same numbers.

    The quantiser sees weights only where they are constants of the operator itself.
    """
    kept = []
    for operator in model.operators:
        halves = model.constant(int(operator.inputs[0])) if model.code(operator) == Op.DEQUANTIZE else None
        if halves is None:
            kept.append(operator)
        elif halves.dtype != np.float16:
            raise ModelsUntrusted("a network that is quantised already cannot be quantised again")
        else:
            model.set_constant(int(operator.outputs[0]), halves.astype(np.float32))
    model.operators = kept


def fuse_relu(model: TfliteModel) -> None:
    """A ReLU moves into the operator before it, when nobody else takes that operator's output.

    A ReLU that stands alone is not delegated once it is int8, and splits the network (notes in ADR-0008).
    """
    takers = model.takers()
    producers = {int(o.outputs[0]): o for o in model.operators}
    kept = []
    for operator in model.operators:
        source = int(operator.inputs[0])
        before = producers.get(source)
        if (
            model.code(operator) != Op.RELU
            or before is None
            or takers[source] != 1
            or not _fuse(model, before)
        ):
            kept.append(operator)
            continue
        before.outputs = list(operator.outputs)
        producers[int(operator.outputs[0])] = before
    model.operators = kept


def _fuse(model: TfliteModel, operator: Any) -> bool:
    """Whether the operator could take the ReLU; then it has."""
    if model.code(operator) not in _FUSES:
        return False
    make, kind = _FUSES[model.code(operator)]
    if operator.builtinOptions is None:
        operator.builtinOptions, operator.builtinOptionsType = make(), kind
    if operator.builtinOptions.fusedActivationFunction != schema.ActivationFunctionType.NONE:
        return False
    operator.builtinOptions.fusedActivationFunction = schema.ActivationFunctionType.RELU
    return True


def slopes_to_maximum(model: TfliteModel) -> None:
    """PReLU becomes max(x, alpha * x), which is the same where alpha <= 1.

    int8 PReLU is not delegated and made the whole network five times slower than float. The product is a 1x1
    depthwise convolution: its weights have a scale per channel, so every alpha is exact, and it is faster
    than a multiplication that broadcasts. Where alpha > 1, see _steep.
    """
    rewritten: list[Any] = []
    for operator in model.operators:
        if model.code(operator) != Op.PRELU:
            rewritten.append(operator)
            continue
        source, target = int(operator.inputs[0]), int(operator.outputs[0])
        slope = model.constant(int(operator.inputs[1]))
        if slope is None:
            raise ModelsUntrusted("a PReLU whose slope is computed")
        alpha = slope.astype(np.float32).reshape(-1)
        if alpha.size != model.shape(source)[-1]:
            raise ModelsUntrusted("a PReLU whose slopes are not one for each channel")
        turned = _turned(model, source, target, alpha) if (alpha > 1).any() else alpha
        make = _steep if turned is None else _gentle
        rewritten += make(model, source, target, alpha if turned is None else turned)
    model.operators = rewritten


def _gentle(model: TfliteModel, source: int, target: int, alpha: Floats) -> list[Any]:
    """max(x, alpha * x)."""
    scaled = model.add_tensor(f"{model.name(target)}/scaled", model.shape(source))
    options = schema.MaximumMinimumOptionsT()
    return [
        _per_channel(model, source, scaled, alpha),
        model.operator(Op.MAXIMUM, [source, scaled], target, options, Options.MaximumMinimumOptions),
    ]


def _steep(model: TfliteModel, source: int, target: int, alpha: Floats) -> list[Any]:
    """x + (1 - alpha) * relu(-x): right for any alpha, one operator more."""
    name, shape = model.name(target), model.shape(source)
    below = model.add_tensor(f"{name}/below", shape)
    bent = model.add_tensor(f"{name}/bent", shape)
    return [
        _per_channel(model, source, below, np.full_like(alpha, -1), rectified=True),
        _per_channel(model, below, bent, 1 - alpha),
        model.operator(Op.ADD, [source, bent], target, schema.AddOptionsT(), Options.AddOptions),
    ]


def _per_channel(
    model: TfliteModel, source: int, target: int, factor: Floats, *, rectified: bool = False
) -> Any:
    name, channels = model.name(target), factor.size
    weight = model.add_tensor(f"{name}/factor", (1, 1, 1, channels), factor.reshape(1, 1, 1, -1))
    bias = model.add_tensor(f"{name}/zero", (channels,), np.zeros(channels, np.float32))
    options = schema.DepthwiseConv2DOptionsT()
    options.padding = schema.Padding.VALID
    options.strideH = options.strideW = options.depthMultiplier = 1
    options.dilationHFactor = options.dilationWFactor = 1
    if rectified:
        options.fusedActivationFunction = schema.ActivationFunctionType.RELU
    inputs = [source, weight, bias]
    return model.operator(Op.DEPTHWISE_CONV_2D, inputs, target, options, Options.DepthwiseConv2DOptions)


def _turned(model: TfliteModel, source: int, target: int, alpha: Floats) -> Floats | None:
    """Turn the channels with alpha > 1: prelu(x, a) = -a * prelu(-x, 1/a), and return the new slopes.

    The sign goes into the convolution before, the factor into the one behind. None where there are not both.
    """
    steep = alpha > 1
    before, behind = model.producer(source), _only_taker(model, target)
    if behind is not None and model.code(behind) == Op.PAD:  # zeros keep their value under any sign
        behind = _only_taker(model, int(behind.outputs[0]))
    if (
        model.takers()[source] != 1
        or not _may_turn(model, before)
        or not _may_scale(model, behind, alpha.size)
    ):
        return None
    sign = np.where(steep, np.float32(-1), np.float32(1))
    _scale(model, before, sign, of_output=True)
    _scale(model, behind, np.where(steep, -alpha, np.float32(1)), of_output=False)
    return np.where(steep, 1 / np.where(steep, alpha, np.float32(1)), alpha).astype(np.float32)


def _may_turn(model: TfliteModel, operator: Any) -> bool:
    """Whether its output may change sign: a convolution with constants of its own and nothing fused."""
    none = schema.ActivationFunctionType.NONE
    return _has_own_constants(model, operator) and bool(
        operator.builtinOptions.fusedActivationFunction == none
    )


def _may_scale(model: TfliteModel, operator: Any, channels: int) -> bool:
    """Whether it is a convolution with constants of its own, the last axis of its weights its input's."""
    return _has_own_constants(model, operator) and model.shape(int(operator.inputs[1]))[-1] == channels


def _has_own_constants(model: TfliteModel, operator: Any) -> bool:
    if operator is None or model.code(operator) not in _CONVOLUTIONS:
        return False
    takers = model.takers()
    return all(takers[int(i)] == 1 for i in operator.inputs[1:])


def _only_taker(model: TfliteModel, tensor: int) -> Any | None:
    takers = [o for o in model.operators if tensor in [int(i) for i in o.inputs]]
    return takers[0] if len(takers) == 1 and tensor not in model.outputs else None


def _scale(model: TfliteModel, operator: Any, factor: Floats, *, of_output: bool) -> None:
    """Scale a convolution's output channels (bias too) or its input channels."""
    weight, bias = (model.constant(int(operator.inputs[n])) for n in (1, 2))
    if weight is None or bias is None:
        raise ModelsUntrusted("a convolution whose weights are computed")
    over_output = factor.reshape(-1, 1, 1, 1)  # (out, height, width, in); depthwise has its channels last
    along = over_output if of_output and model.code(operator) == Op.CONV_2D else factor
    model.set_constant(int(operator.inputs[1]), weight * along)
    if of_output:
        model.set_constant(int(operator.inputs[2]), bias * factor)
