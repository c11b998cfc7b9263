"""The ONNX files -> their layers as plain arrays in float64, weights de-quantised, who feeds whom kept.

Reads exactly the operators these files have, and refuses anything else rather than guess.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from models.errors import ModelsUntrusted

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scalar:
    """A constant subtracted (`kind` Sub) or multiplied (Mul): the input normalisation."""

    kind: str
    value: float


@dataclass(frozen=True, slots=True)
class Convolution:
    """weight (out, in / groups, kernel, kernel); bias (out,); pads top, left, bottom, right."""

    weight: Doubles
    bias: Doubles
    stride: int
    pads: tuple[int, int, int, int]
    groups: int


@dataclass(frozen=True, slots=True)
class Normalisation:
    """Batch normalisation as the per-channel map x * scale + shift, both (channels,)."""

    scale: Doubles
    shift: Doubles


@dataclass(frozen=True, slots=True)
class Slope:
    """PReLU: x where positive, x * alpha elsewhere; alpha (channels,)."""

    alpha: Doubles


@dataclass(frozen=True, slots=True)
class Dense:
    """weight (out, in), in flattened channel-first; bias (out,)."""

    weight: Doubles
    bias: Doubles


@dataclass(frozen=True, slots=True)
class Plain:
    """An operator without constants. `average` is over height and width; `add` and `multiply` take two."""

    kind: Literal["add", "multiply", "average", "rectify", "sigmoid"]


Layer = Scalar | Convolution | Normalisation | Slope | Dense | Plain


@dataclass(frozen=True, slots=True)
class Step:
    """One layer, the names of what it takes, and the name of what it makes."""

    layer: Layer
    inputs: tuple[str, ...]
    output: str


Arrays = dict[str, npt.NDArray[Any]]

# What has no effect at inference: Dense flattens by itself, and the batch is one.
_THROUGH: Final = frozenset({"Dropout", "Flatten", "Reshape"})
_SHAPE_TALK: Final = frozenset({"Constant", "Shape", "Gather", "Unsqueeze", "Concat"})


def read_layers(path: Path) -> list[Step]:
    """Layers in order. Raises ModelsUntrusted for an operator or a shape that the networks do not have."""
    import onnx
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # ONNX files are protobuf
    from onnx import numpy_helper

    try:
        graph = onnx.load(str(path)).graph
    except DecodeError as err:
        raise ModelsUntrusted(f"{path}: not an ONNX network; run `hallward models fetch`") from err
    arrays: Arrays = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    alias: dict[str, str] = {}
    steps: list[Step] = []
    for node in graph.node:
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        if node.op_type == "DequantizeLinear":
            codes, scale, zero = (arrays[name] for name in node.input)
            arrays[node.output[0]] = _dequantise(codes, scale, zero, attributes)
        elif node.op_type == "Reshape" and node.input[0] in arrays:
            arrays[node.output[0]] = arrays[node.input[0]].reshape(arrays[node.input[1]].tolist())
        elif node.op_type in _THROUGH:
            alias[node.output[0]] = alias.get(node.input[0], node.input[0])
        elif node.op_type in _READERS:
            constants = [arrays[name] for name in node.input if name in arrays]
            inputs = tuple(alias.get(name, name) for name in node.input if name not in arrays)
            steps.append(Step(_READERS[node.op_type](constants, attributes), inputs, node.output[0]))
        elif node.op_type not in _SHAPE_TALK:
            raise ModelsUntrusted(f"{path}: operator {node.op_type} is not part of the expected network")
    return steps


def _dequantise(
    codes: npt.NDArray[Any], scale: npt.NDArray[Any], zero: npt.NDArray[Any], attributes: dict[str, Any]
) -> Doubles:
    """Blocks of `block_size` along `axis` share one scale and one zero point."""
    axis, block = attributes["axis"], attributes["block_size"]
    along = np.arange(codes.shape[axis]) // block
    exact = codes.astype(np.float64) - zero.take(along, axis=axis).astype(np.float64)
    return np.asarray(exact * scale.take(along, axis=axis).astype(np.float64))


def _convolution(constants: list[npt.NDArray[Any]], attributes: dict[str, Any]) -> Layer:
    weight = constants[0].astype(np.float64)
    bias = constants[1].astype(np.float64) if len(constants) > 1 else np.zeros(weight.shape[0])
    top, left, bottom, right = attributes["pads"]
    stride, across = attributes["strides"]
    if stride != across or attributes.get("dilations", [1, 1]) != [1, 1] or _is_automatic(attributes):
        raise ModelsUntrusted("a convolution of a kind that the expected networks do not have")
    return Convolution(weight, bias, stride, (top, left, bottom, right), attributes["group"])


def _is_automatic(attributes: dict[str, Any]) -> bool:
    return bool(attributes.get("auto_pad", b"NOTSET") != b"NOTSET")


def _normalisation(constants: list[npt.NDArray[Any]], attributes: dict[str, Any]) -> Layer:
    gamma, beta, mean, variance = (c.astype(np.float64) for c in constants)
    scale = gamma / np.sqrt(variance + attributes["epsilon"])
    return Normalisation(scale, beta - mean * scale)


def _dense(constants: list[npt.NDArray[Any]], attributes: dict[str, Any]) -> Layer:
    weight = constants[0].astype(np.float64)
    plain = attributes.get("alpha", 1.0) == 1.0 == attributes.get("beta", 1.0)
    if not plain or attributes.get("transA", 0):
        raise ModelsUntrusted("a dense layer of a kind that the expected networks do not have")
    return Dense(weight if attributes["transB"] else weight.T, constants[1].astype(np.float64))


def _product(constants: list[npt.NDArray[Any]], _: dict[str, Any]) -> Layer:
    weight = constants[0].astype(np.float64).T
    return Dense(weight, np.zeros(weight.shape[0]))


def _multiply(constants: list[npt.NDArray[Any]], _: dict[str, Any]) -> Layer:
    return Scalar("Mul", float(constants[0].ravel()[0])) if constants else Plain("multiply")


_READERS: Final[dict[str, Callable[[list[npt.NDArray[Any]], dict[str, Any]], Layer]]] = {
    "Conv": _convolution,
    "BatchNormalization": _normalisation,
    "PRelu": lambda constants, _: Slope(constants[0].astype(np.float64).ravel()),
    "Gemm": _dense,
    "MatMul": _product,
    "Sub": lambda constants, _: Scalar("Sub", float(constants[0].ravel()[0])),
    "Mul": _multiply,
    "Add": lambda _, __: Plain("add"),
    "GlobalAveragePool": lambda _, __: Plain("average"),
    "Relu": lambda _, __: Plain("rectify"),
    "Sigmoid": lambda _, __: Plain("sigmoid"),
}
