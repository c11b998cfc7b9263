"""Layers -> a float32 TFLite file, channels last, batch of one."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from ai_edge_litert import schema_py_generated as schema

from models.errors import ModelsUntrusted
from models.graph.onnx_layers import Convolution, Dense, Layer, Plain, Slope, Step
from models.graph.tflite_model import Op, Options, TfliteModel

SAME_PADS: Final = (1, 1, 1, 1)
SAME_KERNEL: Final = 3


def write_network(
    steps: Sequence[Step], *, description: str, input_shape: tuple[int, ...], output: str
) -> bytes:
    """The file's bytes. The first step's input becomes `input`, the last one's output gets the name `output`.

    Raises ModelsUntrusted for a layer that was to be folded before.
    """
    writer = _Writer(description, steps[0].inputs[0], input_shape)
    for step in steps:
        writer.write(step)
    return writer.finish(steps[-1].output, output)


class _Writer:
    def __init__(self, description: str, source: str, input_shape: tuple[int, ...]) -> None:
        self._model = TfliteModel.empty(description)
        self._input = self._model.add_tensor("input", input_shape)
        self._at = {source: self._input}

    def write(self, step: Step) -> None:
        """Append one layer's operators."""
        inputs = [self._at[name] for name in step.inputs]
        self._at[step.output] = self._write(step.layer, inputs)

    def finish(self, last: str, name: str) -> bytes:
        renamed = self._model.rename(self._at[last], name)
        return self._model.finish([self._input], [renamed])

    def _write(self, layer: Layer, inputs: list[int]) -> int:
        if isinstance(layer, Convolution):
            return self._convolution(layer, inputs[0])
        if isinstance(layer, Slope):
            alpha = _float32(layer.alpha.reshape(1, 1, -1))
            return self._append(Op.PRELU, inputs, [alpha], self._model.shape(inputs[0]))
        if isinstance(layer, Dense):
            return self._dense(layer, inputs[0])
        if isinstance(layer, Plain):
            return self._plain(layer, inputs)
        raise ModelsUntrusted(f"a {type(layer).__name__} where the expected network has none")

    def _convolution(self, layer: Convolution, source: int) -> int:
        same = layer.stride == 1 and layer.pads == SAME_PADS and layer.weight.shape[2] == SAME_KERNEL
        if any(layer.pads) and not same:
            source = self._pad(source, layer.pads)
        depthwise = layer.groups > 1
        options = schema.DepthwiseConv2DOptionsT() if depthwise else schema.Conv2DOptionsT()
        options.padding = schema.Padding.SAME if same else schema.Padding.VALID
        options.strideH = options.strideW = layer.stride
        options.dilationHFactor = options.dilationWFactor = 1
        if depthwise:
            options.depthMultiplier = 1
        kernel = layer.weight.transpose((1, 2, 3, 0) if depthwise else (0, 2, 3, 1))
        _, height, width, _ = self._model.shape(source)
        shrink = 0 if same else layer.weight.shape[2] - 1
        sides = ((height - shrink - 1) // layer.stride + 1, (width - shrink - 1) // layer.stride + 1)
        return self._append(
            Op.DEPTHWISE_CONV_2D if depthwise else Op.CONV_2D,
            [source],
            [_float32(kernel), _float32(layer.bias)],
            (1, *sides, layer.bias.size),
            options,
            Options.DepthwiseConv2DOptions if depthwise else Options.Conv2DOptions,
        )

    def _pad(self, source: int, pads: tuple[int, int, int, int]) -> int:
        top, left, bottom, right = pads
        _, height, width, channels = self._model.shape(source)
        amounts = np.array([[0, 0], [top, bottom], [left, right], [0, 0]], np.int32)
        shape = (1, height + top + bottom, width + left + right, channels)
        return self._append(Op.PAD, [source], [amounts], shape, schema.PadOptionsT(), Options.PadOptions)

    def _dense(self, layer: Dense, source: int) -> int:
        """Flatten, then a fully connected layer. The source flattened channels first; here they are last."""
        shape, outputs = self._model.shape(source), layer.weight.shape[0]
        weight = layer.weight
        if len(shape) > 2:
            _, height, width, channels = shape
            weight = weight.reshape(outputs, channels, height, width).transpose(0, 2, 3, 1)
            weight = weight.reshape(outputs, -1)
            flat = np.array([1, weight.shape[1]], np.int32)
            options = schema.ReshapeOptionsT()
            source = self._append(
                Op.RESHAPE, [source], [flat], (1, weight.shape[1]), options, Options.ReshapeOptions
            )
        constants = [_float32(weight), _float32(layer.bias)]
        options = schema.FullyConnectedOptionsT()
        return self._append(
            Op.FULLY_CONNECTED, [source], constants, (1, outputs), options, Options.FullyConnectedOptions
        )

    def _plain(self, layer: Plain, inputs: list[int]) -> int:
        shape = self._model.shape(inputs[0])
        match layer.kind:
            case "add":
                return self._append(Op.ADD, inputs, [], shape, schema.AddOptionsT(), Options.AddOptions)
            case "multiply":
                return self._append(Op.MUL, inputs, [], shape, schema.MulOptionsT(), Options.MulOptions)
            case "rectify":
                return self._append(Op.RELU, inputs, [], shape)
            case "sigmoid":
                return self._append(Op.LOGISTIC, inputs, [], shape)
            case "average":
                options = schema.ReducerOptionsT()
                options.keepDims = True
                axes = np.array([1, 2], np.int32)
                return self._append(
                    Op.MEAN, inputs, [axes], (1, 1, 1, shape[3]), options, Options.ReducerOptions
                )

    def _append(
        self,
        code: int,
        inputs: Sequence[int],
        constants: Sequence[npt.NDArray[Any]],
        shape: tuple[int, ...],
        options: Any = None,
        kind: int = 0,
    ) -> int:
        place = len(self._model.operators)
        held = [self._model.add_tensor(f"{place}/{n}", c.shape, c) for n, c in enumerate(constants)]
        output = self._model.add_tensor(f"{place}/out", shape)
        self._model.operators.append(self._model.operator(code, [*inputs, *held], output, options, kind))
        return output


def _float32(values: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    return np.ascontiguousarray(values, np.float32)
