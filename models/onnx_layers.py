"""SFace's ONNX file -> its layers as plain arrays in float64, weights de-quantised.

Reads exactly the operators this file has, and refuses anything else rather than guess.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

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


Layer = Scalar | Convolution | Normalisation | Slope | Dense
Arrays = dict[str, npt.NDArray[Any]]

_WITHOUT_EFFECT: Final = frozenset({"Constant", "Dropout", "Flatten"})  # inference; Dense flattens by itself


def read_layers(path: Path) -> list[Layer]:
    """Layers in order. Raises ModelsUntrusted for an operator or a shape that SFace does not have."""
    graph = onnx.load(str(path)).graph
    arrays: Arrays = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    layers: list[Layer] = []
    for node in graph.node:
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        if node.op_type == "DequantizeLinear":
            codes, scale, zero = (arrays[name] for name in node.input)
            arrays[node.output[0]] = _dequantise(codes, scale, zero, attributes)
        elif node.op_type == "Reshape":
            arrays[node.output[0]] = arrays[node.input[0]].reshape(arrays[node.input[1]].tolist())
        elif node.op_type in _READERS:
            constants = [arrays[name] for name in node.input if name in arrays]
            layers.append(_READERS[node.op_type](constants, attributes))
        elif node.op_type not in _WITHOUT_EFFECT:
            raise ModelsUntrusted(f"{path}: operator {node.op_type} is not part of the expected network")
    return layers


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
    return Convolution(
        weight, bias, attributes["strides"][0], (top, left, bottom, right), attributes["group"]
    )


def _normalisation(constants: list[npt.NDArray[Any]], attributes: dict[str, Any]) -> Layer:
    gamma, beta, mean, variance = (c.astype(np.float64) for c in constants)
    scale = gamma / np.sqrt(variance + attributes["epsilon"])
    return Normalisation(scale, beta - mean * scale)


def _dense(constants: list[npt.NDArray[Any]], attributes: dict[str, Any]) -> Layer:
    weight = constants[0].astype(np.float64)
    return Dense(weight if attributes["transB"] else weight.T, constants[1].astype(np.float64))


_READERS: Final[dict[str, Callable[[list[npt.NDArray[Any]], dict[str, Any]], Layer]]] = {
    "Conv": _convolution,
    "BatchNormalization": _normalisation,
    "PRelu": lambda constants, _: Slope(constants[0].astype(np.float64).ravel()),
    "Gemm": _dense,
    "Sub": lambda constants, _: Scalar("Sub", float(constants[0].ravel()[0])),
    "Mul": lambda constants, _: Scalar("Mul", float(constants[0].ravel()[0])),
}
