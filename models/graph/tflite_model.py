"""A TFLite file as its flatbuffer schema has it, with the few moves that writing and rewriting need.

No TensorFlow. The same moves give the same bytes on every machine.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final, Self

import flatbuffers
import numpy as np
import numpy.typing as npt
from ai_edge_litert import schema_py_generated as schema

Op: Final = schema.BuiltinOperator
Options: Final = schema.BuiltinOptions
FILE_IDENTIFIER: Final = b"TFL3"
SCHEMA_VERSION: Final = 3
SIGNATURE: Final = b"serving_default"  # the name calibration tools look for
_DEPRECATED_CODE_MAX: Final = 127
_NUMPY: Final[dict[int, np.dtype[Any]]] = {
    schema.TensorType.FLOAT32: np.dtype("<f4"),
    schema.TensorType.FLOAT16: np.dtype("<f2"),
    schema.TensorType.INT32: np.dtype("<i4"),
    schema.TensorType.INT8: np.dtype("<i1"),
}
_TENSOR_TYPE: Final[dict[np.dtype[Any], int]] = {dtype: kind for kind, dtype in _NUMPY.items()}

Array = npt.NDArray[Any]


class TfliteModel:
    """One subgraph. Tensors and operators are the schema's own objects; indices are into `tensors`."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._graph = model.subgraphs[0]
        codes = (
            model.operatorCodes
        )  # old writers set only the deprecated field, new readers read only the new
        self.is_of_old_writer = any(entry.builtinCode < entry.deprecatedBuiltinCode for entry in codes)
        for entry in codes:
            entry.builtinCode = max(entry.builtinCode, entry.deprecatedBuiltinCode)

    @classmethod
    def empty(cls, description: str) -> Self:
        model, graph = schema.ModelT(), schema.SubGraphT()
        model.version, model.description = SCHEMA_VERSION, description.encode()
        model.operatorCodes, model.buffers = (
            [],
            [schema.BufferT()],
        )  # buffer 0 is, by the format, the empty one
        graph.name, graph.tensors, graph.operators = b"main", [], []
        model.subgraphs = [graph]
        return cls(model)

    @classmethod
    def of_bytes(cls, content: bytes) -> Self:
        """Raises ValueError when it is no TFLite file of one subgraph."""
        if content[4:8] != FILE_IDENTIFIER:
            raise ValueError("not a TFLite file")
        model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))
        if not model.subgraphs or len(model.subgraphs) != 1:
            raise ValueError("a network of one subgraph expected")
        return cls(model)

    @property
    def operators(self) -> list[Any]:
        return self._graph.operators  # type: ignore[no-any-return]  # the generated schema has no types

    @operators.setter
    def operators(self, operators: list[Any]) -> None:
        self._graph.operators = operators

    @property
    def inputs(self) -> list[int]:
        return [int(i) for i in self._graph.inputs]

    @property
    def outputs(self) -> list[int]:
        return [int(i) for i in self._graph.outputs]

    @property
    def is_quantised(self) -> bool:
        """Whether some tensor is int8. A quantiser may keep weights where this class does not look."""
        return any(tensor.type == schema.TensorType.INT8 for tensor in self._graph.tensors)

    def code(self, operator: Any) -> int:
        """The operator's builtin code."""
        return int(self._model.operatorCodes[operator.opcodeIndex].builtinCode)

    def shape(self, tensor: int) -> tuple[int, ...]:
        return tuple(int(n) for n in self._graph.tensors[tensor].shape)

    def name(self, tensor: int) -> str:
        return str(self._graph.tensors[tensor].name.decode())

    def rename(self, tensor: int, name: str) -> int:
        """Give a tensor another name; returns it."""
        self._graph.tensors[tensor].name = name.encode()
        return tensor

    def computed(self) -> list[int]:
        """Tensors that some operator takes or makes and that are no constants."""
        used = {int(i) for o in self.operators for i in (*o.inputs, *o.outputs) if i >= 0}
        return sorted(i for i in used if self.constant(i) is None)

    def constant(self, tensor: int) -> Array | None:
        """A copy of a constant's values; None for what is computed."""
        entry = self._graph.tensors[tensor]
        data = self._model.buffers[entry.buffer].data
        if data is None or len(data) == 0:
            return None
        values: Array = np.frombuffer(bytes(data), _NUMPY[entry.type])
        return values.reshape(self.shape(tensor)).copy()

    def set_constant(self, tensor: int, values: Array) -> None:
        """Give a tensor its own constant values; shape and type follow."""
        entry = self._graph.tensors[tensor]
        buffer = schema.BufferT()
        contiguous = np.ascontiguousarray(values)
        buffer.data = np.frombuffer(contiguous.tobytes(), np.uint8)
        self._model.buffers.append(buffer)
        entry.buffer = len(self._model.buffers) - 1
        entry.type = _TENSOR_TYPE[contiguous.dtype.newbyteorder("<")]
        entry.shape = list(values.shape)

    def parameters(self) -> int:
        """Numbers held in constants that are weights: everything but int32 shapes and axes."""
        constants = (self.constant(i) for i in range(len(self._graph.tensors)))
        return sum(c.size for c in constants if c is not None and c.dtype != np.int32)

    def add_tensor(self, name: str, shape: Sequence[int], values: Array | None = None) -> int:
        """A new tensor's index: float32 and computed, or a constant of the values' type."""
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type, tensor.buffer = (
            name.encode(),
            list(shape),
            schema.TensorType.FLOAT32,
            0,
        )
        self._graph.tensors.append(tensor)
        index = len(self._graph.tensors) - 1
        if values is not None:
            self.set_constant(index, values)
        return index

    def operator(
        self, code: int, inputs: Iterable[int], output: int, options: Any = None, kind: int = 0
    ) -> Any:
        """A new operator; it stands nowhere yet."""
        operator = schema.OperatorT()
        operator.opcodeIndex = self._opcode(code)
        operator.inputs, operator.outputs = list(inputs), [output]
        operator.builtinOptions, operator.builtinOptionsType = options, kind
        return operator

    def producer(self, tensor: int) -> Any | None:
        return next((o for o in self.operators if tensor in list(o.outputs)), None)

    def takers(self) -> Counter[int]:
        """How many operators take each tensor; an output of the network counts as taken once more."""
        taken = Counter(int(i) for o in self.operators for i in o.inputs)
        taken.update(self.outputs)
        return taken

    def finish(self, inputs: Sequence[int], outputs: Sequence[int]) -> bytes:
        """The file's bytes: unused tensors and buffers dropped, names unique, one signature."""
        self._graph.inputs, self._graph.outputs = list(inputs), list(outputs)
        self._model.metadata = self._model.metadataBuffer = None
        self._drop_unused()
        signature = schema.SignatureDefT()
        signature.signatureKey, signature.subgraphIndex = SIGNATURE, 0
        signature.inputs = [self._named(i) for i in self._graph.inputs]
        signature.outputs = [self._named(i) for i in self._graph.outputs]
        self._model.signatureDefs = [signature]
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(self._model.Pack(builder), file_identifier=FILE_IDENTIFIER)
        return bytes(builder.Output())

    def _named(self, tensor: int) -> Any:
        entry = schema.TensorMapT()
        entry.name, entry.tensorIndex = self._graph.tensors[tensor].name, tensor
        return entry

    def _opcode(self, code: int) -> int:
        for index, known in enumerate(self._model.operatorCodes):
            if known.builtinCode == code:
                return index
        entry = schema.OperatorCodeT()
        entry.builtinCode, entry.deprecatedBuiltinCode = code, min(code, _DEPRECATED_CODE_MAX)
        entry.version = 1
        self._model.operatorCodes.append(entry)
        return len(self._model.operatorCodes) - 1

    def _drop_unused(self) -> None:
        graph, model = self._graph, self._model
        used = {int(i) for o in graph.operators for i in (*o.inputs, *o.outputs) if i >= 0}
        used |= {*self.inputs, *self.outputs}
        place = {old: new for new, old in enumerate(sorted(used))}
        graph.tensors = [graph.tensors[old] for old in sorted(used)]
        graph.inputs = [place[i] for i in self.inputs]
        graph.outputs = [place[i] for i in self.outputs]
        for operator in graph.operators:
            operator.inputs = [place[int(i)] if i >= 0 else -1 for i in operator.inputs]
            operator.outputs = [place[int(i)] for i in operator.outputs]
        buffers = sorted({0, *(tensor.buffer for tensor in graph.tensors)})
        slot = {old: new for new, old in enumerate(buffers)}
        model.buffers = [model.buffers[old] for old in buffers]
        for tensor in graph.tensors:
            tensor.buffer = slot[tensor.buffer]
        codes = sorted({operator.opcodeIndex for operator in graph.operators})
        model.operatorCodes = [model.operatorCodes[old] for old in codes]
        for operator in graph.operators:
            operator.opcodeIndex = codes.index(operator.opcodeIndex)
