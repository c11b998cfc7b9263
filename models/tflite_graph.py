"""Write a TFLite file op by op through the flatbuffer schema: no TensorFlow, and the same bytes every time.

Only the operators the embedder needs, all float32, channels last, batch of one.
"""

from typing import Any, Final

import flatbuffers
import numpy as np
import numpy.typing as npt
from ai_edge_litert import schema_py_generated as schema

_Op: Final = schema.BuiltinOperator
_Options: Final = schema.BuiltinOptions
FILE_IDENTIFIER: Final = b"TFL3"
SCHEMA_VERSION: Final = 3
SIGNATURE: Final = b"serving_default"  # the name calibration tools look for


class TfliteGraph:
    """Grows a chain of operators from one input; `finish` names the last tensor the output."""

    def __init__(self, description: str, input_shape: tuple[int, ...]) -> None:
        self._model = schema.ModelT()
        self._model.version = SCHEMA_VERSION
        self._model.description = description.encode()
        self._model.operatorCodes = []
        self._model.buffers = [schema.BufferT()]  # buffer 0 is, by the format, the empty one
        self._graph = schema.SubGraphT()
        self._graph.name = b"main"
        self._graph.tensors = []
        self._graph.operators = []
        self._model.subgraphs = [self._graph]
        self._input = self._last = self._tensor("input", input_shape)
        self._shape = input_shape

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the last tensor so far."""
        return self._shape

    def pad(self, top: int, left: int, bottom: int, right: int) -> None:
        """Zeros around height and width."""
        batch, height, width, channels = self._shape
        amounts = np.array([[0, 0], [top, bottom], [left, right], [0, 0]], np.int32)
        shape = (batch, height + top + bottom, width + left + right, channels)
        self._append(_Op.PAD, [amounts], shape, schema.PadOptionsT(), _Options.PadOptions)

    def convolve(self, weight: npt.NDArray[Any], bias: npt.NDArray[Any], stride: int) -> None:
        """Full convolution, unpadded; weight (out, in, kernel, kernel)."""
        options = schema.Conv2DOptionsT()
        kernel = weight.transpose(0, 2, 3, 1)
        self._window(_Op.CONV_2D, kernel, bias, stride, options, _Options.Conv2DOptions)

    def convolve_depthwise(self, weight: npt.NDArray[Any], bias: npt.NDArray[Any], stride: int) -> None:
        """One filter per channel, unpadded; weight (channels, 1, kernel, kernel)."""
        options = schema.DepthwiseConv2DOptionsT()
        options.depthMultiplier = 1
        kernel = weight.transpose(1, 2, 3, 0)
        self._window(_Op.DEPTHWISE_CONV_2D, kernel, bias, stride, options, _Options.DepthwiseConv2DOptions)

    def slope(self, alpha: npt.NDArray[Any]) -> None:
        """PReLU with one alpha per channel."""
        self._append(_Op.PRELU, [_float32(alpha.reshape(1, 1, -1))], self._shape)

    def dense(self, weight: npt.NDArray[Any], bias: npt.NDArray[Any]) -> None:
        """Flatten, then a fully connected layer; weight (out, in), in flattened channels last."""
        size = int(np.prod(self._shape))
        flat = np.array([1, size], np.int32)
        self._append(_Op.RESHAPE, [flat], (1, size), schema.ReshapeOptionsT(), _Options.ReshapeOptions)
        options = schema.FullyConnectedOptionsT()
        constants = [_float32(weight), _float32(bias)]
        shape = (1, weight.shape[0])
        self._append(_Op.FULLY_CONNECTED, constants, shape, options, _Options.FullyConnectedOptions)

    def finish(self, output: str) -> bytes:
        """The file's bytes; the last tensor is the output, under this name."""
        self._graph.tensors[self._last].name = output.encode()
        self._graph.inputs, self._graph.outputs = [self._input], [self._last]
        signature = schema.SignatureDefT()
        signature.signatureKey = SIGNATURE
        signature.subgraphIndex = 0
        signature.inputs = [_named(b"input", self._input)]
        signature.outputs = [_named(output.encode(), self._last)]
        self._model.signatureDefs = [signature]
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(self._model.Pack(builder), file_identifier=FILE_IDENTIFIER)
        return bytes(builder.Output())

    def _window(
        self,
        code: int,
        kernel: npt.NDArray[Any],
        bias: npt.NDArray[Any],
        stride: int,
        options: Any,
        kind: int,
    ) -> None:
        options.padding = schema.Padding.VALID
        options.strideH = options.strideW = stride
        options.dilationHFactor = options.dilationWFactor = 1
        _, height, width, _ = self._shape
        shape = (
            1,
            (height - kernel.shape[1]) // stride + 1,
            (width - kernel.shape[2]) // stride + 1,
            bias.size,
        )
        self._append(code, [_float32(kernel), _float32(bias)], shape, options, kind)

    def _append(
        self,
        code: int,
        constants: list[npt.NDArray[Any]],
        shape: tuple[int, ...],
        options: Any = None,
        kind: int = 0,
    ) -> None:
        position = len(self._graph.operators)
        inputs = [self._tensor(f"{position}/{n}", c.shape, c) for n, c in enumerate(constants)]
        output = self._tensor(f"{position}/out", shape)
        operator = schema.OperatorT()
        operator.opcodeIndex = self._opcode(code)
        operator.inputs, operator.outputs = [self._last, *inputs], [output]
        operator.builtinOptions, operator.builtinOptionsType = options, kind
        self._graph.operators.append(operator)
        self._last, self._shape = output, shape

    def _opcode(self, code: int) -> int:
        for index, known in enumerate(self._model.operatorCodes):
            if known.builtinCode == code:
                return index
        entry = schema.OperatorCodeT()
        entry.builtinCode = entry.deprecatedBuiltinCode = (
            code  # old readers look only at the deprecated field
        )
        entry.version = 1
        self._model.operatorCodes.append(entry)
        return len(self._model.operatorCodes) - 1

    def _tensor(self, name: str, shape: tuple[int, ...], content: npt.NDArray[Any] | None = None) -> int:
        tensor = schema.TensorT()
        tensor.name = name.encode()
        tensor.shape = list(shape)
        tensor.type = schema.TensorType.FLOAT32
        tensor.buffer = 0
        if content is not None:
            if content.dtype == np.int32:
                tensor.type = schema.TensorType.INT32
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(content.tobytes(), np.uint8)
            self._model.buffers.append(buffer)
            tensor.buffer = len(self._model.buffers) - 1
        self._graph.tensors.append(tensor)
        return len(self._graph.tensors) - 1


def _float32(values: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    return np.ascontiguousarray(values, np.float32)


def _named(name: bytes, tensor: int) -> Any:
    entry = schema.TensorMapT()
    entry.name, entry.tensorIndex = name, tensor
    return entry
