"""Fold every batch normalisation into the layer beside it, exactly as far as float64 goes.

Deterministic to the bit on every machine: only element-wise operations, which IEEE 754 fixes, and one long
sum, which math.fsum rounds correctly. A NumPy sum may differ between processors.
"""

import math
from collections import Counter
from dataclasses import replace

import numpy as np

from models.errors import ModelsUntrusted
from models.graph.onnx_layers import Convolution, Dense, Doubles, Normalisation, Scalar, Step

INPUT_NORMALISATION = (Scalar("Sub", 127.5), Scalar("Mul", 0.0078125))


def without_input_normalisation(steps: list[Step]) -> list[Step]:
    """Steps from the first that computes. The caller normalises, who has bytes to convert anyway.

    Raises ModelsUntrusted when the network normalises in another way than (pixel - 127.5) / 128.
    """
    if tuple(step.layer for step in steps[:2]) != INPUT_NORMALISATION:
        raise ModelsUntrusted("the embedder's input normalisation is not (pixel - 127.5) / 128")
    named = {steps[1].output: steps[0].inputs[0]}
    return [replace(step, inputs=tuple(named.get(name, name) for name in step.inputs)) for step in steps[2:]]


def fold(steps: list[Step]) -> list[Step]:
    """Steps without normalisations. Raises ModelsUntrusted when one stands where it cannot be folded.

    A normalisation goes into the convolution or dense layer before it, whose output nobody else takes; else
    into the dense layer behind it.
    """
    takers = Counter(name for step in steps for name in step.inputs)
    folded: dict[str, Step] = {}
    pending: dict[str, tuple[Normalisation, tuple[str, ...]]] = {}
    for step in steps:
        source = step.inputs[0]
        before = folded.get(source)
        if isinstance(step.layer, Normalisation):
            if before and takers[source] == 1 and isinstance(before.layer, Convolution | Dense):
                del folded[source]
                layer = _behind(before.layer, step.layer)
                folded[step.output] = replace(before, layer=layer, output=step.output)
            else:
                pending[step.output] = step.layer, step.inputs
        elif source in pending:
            if not isinstance(step.layer, Dense) or takers[source] != 1:
                raise ModelsUntrusted(f"a normalisation before a {type(step.layer).__name__}")
            norm, inputs = pending.pop(source)
            folded[step.output] = replace(step, layer=_before_dense(norm, step.layer), inputs=inputs)
        else:
            folded[step.output] = step
    if pending:
        raise ModelsUntrusted("a Normalisation where the expected network has none")
    return list(folded.values())


def _behind(layer: Convolution | Dense, after: Normalisation) -> Convolution | Dense:
    bias = layer.bias * after.scale + after.shift
    scale = after.scale.reshape(-1, *(1,) * (layer.weight.ndim - 1))
    return replace(layer, weight=layer.weight * scale, bias=bias)


def _before_dense(before: Normalisation, layer: Dense) -> Dense:
    """Dense(x * scale + shift) as one Dense. Channels come first in the flattened input."""
    outputs, channels = layer.weight.shape[0], before.scale.size
    grid = layer.weight.reshape(outputs, channels, -1)
    shifted = (grid * before.shift[None, :, None]).reshape(outputs, -1)
    weight = (grid * before.scale[None, :, None]).reshape(outputs, -1)
    return Dense(weight, row_sums(layer.bias, shifted))


def row_sums(first: Doubles, rows: Doubles) -> Doubles:
    """first (N,) + the sum of each row (N, M), correctly rounded, hence the same on every processor."""
    return np.array([math.fsum([own, *row]) for own, row in zip(first.tolist(), rows.tolist(), strict=True)])
