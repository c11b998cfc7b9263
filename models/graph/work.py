"""How much a network computes and holds: counted from its file."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from models.graph.tflite_model import Op, TfliteModel


@dataclass(frozen=True, slots=True)
class Work:
    """Multiply-adds of one inference, and how many weights the file holds."""

    multiply_adds: int
    parameters: int


_WITH_WEIGHTS: Final = (Op.CONV_2D, Op.DEPTHWISE_CONV_2D, Op.FULLY_CONNECTED)


def work_of(network: bytes) -> Work:
    """Of a float file as published or converted: convolutions and dense layers; biases and slopes count."""
    model = TfliteModel.of_bytes(network)
    multiply_adds = 0
    for operator in model.operators:
        if model.code(operator) not in _WITH_WEIGHTS:
            continue
        kernel = model.shape(int(operator.inputs[1]))
        made = int(np.prod(model.shape(int(operator.outputs[0]))))
        per_value = kernel[1] * kernel[2] if model.code(operator) == Op.DEPTHWISE_CONV_2D else kernel[1:]
        multiply_adds += made * int(np.prod(per_value))
    return Work(multiply_adds, model.parameters())
