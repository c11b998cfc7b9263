"""Fold every batch normalisation into the layer beside it, exactly as far as float64 goes.

Deterministic to the bit on every machine: only element-wise operations, which IEEE 754 fixes, and one long
sum, which math.fsum rounds correctly. A NumPy sum may differ between processors.
"""

import math
from dataclasses import replace

import numpy as np

from models.errors import ModelsUntrusted
from models.onnx_layers import Convolution, Dense, Doubles, Layer, Normalisation, Scalar, Slope

INPUT_NORMALISATION = (Scalar("Sub", 127.5), Scalar("Mul", 0.0078125))


def fold(layers: list[Layer]) -> list[Convolution | Slope | Dense]:
    """Layers without normalisations. Raises ModelsUntrusted when the network is not of the expected form.

    The input normalisation is left to the caller, who has bytes to convert anyway; it is checked here.
    """
    if tuple(layers[:2]) != INPUT_NORMALISATION:
        raise ModelsUntrusted("the embedder's input normalisation is not (pixel - 127.5) / 128")
    folded: list[Convolution | Slope | Dense] = []
    pending: Normalisation | None = None
    for layer in layers[2:]:
        last = folded[-1] if folded else None
        if isinstance(layer, Normalisation) and isinstance(last, Convolution):
            folded[-1] = _into_convolution(last, layer)
        elif isinstance(layer, Normalisation) and isinstance(last, Dense):
            folded[-1] = replace(
                last, weight=last.weight * layer.scale[:, None], bias=_affine(last.bias, layer)
            )
        elif isinstance(layer, Normalisation) and pending is None:
            pending = layer
        elif isinstance(layer, Dense) and pending is not None:
            folded.append(_before_dense(pending, layer))
            pending = None
        elif isinstance(layer, Convolution | Slope) and pending is None:
            folded.append(layer)
        else:
            raise ModelsUntrusted(f"a {type(layer).__name__} where the expected network has none")
    return folded


def _into_convolution(layer: Convolution, after: Normalisation) -> Convolution:
    weight = layer.weight * after.scale[:, None, None, None]
    return replace(layer, weight=weight, bias=_affine(layer.bias, after))


def _affine(bias: Doubles, after: Normalisation) -> Doubles:
    return bias * after.scale + after.shift


def _before_dense(before: Normalisation, layer: Dense) -> Dense:
    """Dense(x * scale + shift) as one Dense. Channels come first in the flattened input."""
    outputs, channels = layer.weight.shape[0], before.scale.size
    grid = layer.weight.reshape(outputs, channels, -1)
    shifted = (grid * before.shift[None, :, None]).reshape(outputs, -1)
    bias = [math.fsum([own, *row]) for own, row in zip(layer.bias.tolist(), shifted.tolist(), strict=True)]
    weight = (grid * before.scale[None, :, None]).reshape(outputs, -1)
    return Dense(weight, np.array(bias))
