"""The part of Inference that LiteRT and its predecessor share: they expose the same interpreter."""

from pathlib import Path
from typing import Any

import numpy as np

from edge.rollcall_gate.errors import ModelError
from edge.rollcall_gate.frames import Floats


class FlatbufferNetwork:
    """Wraps an interpreter; checks that the network takes one float tensor and gives float tensors."""

    def __init__(self, interpreter: Any, model: Path, sha256: bytes, runtime: str) -> None:
        try:
            interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as err:
            raise ModelError(f"{model}: the runtime refuses this model ({err})") from err
        inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
        if len(inputs) != 1 or any(t["dtype"] is not np.float32 for t in (*inputs, *outputs)):
            raise ModelError(f"{model}: one float input and float outputs expected")
        self._interpreter = interpreter
        self._input = inputs[0]["index"]
        self._outputs = [t["index"] for t in outputs]
        self.input_shape = tuple(int(n) for n in inputs[0]["shape"])
        self.model_sha256 = sha256
        self.runtime = runtime

    def run(self, tensor: Floats) -> tuple[Floats, ...]:
        try:
            self._interpreter.set_tensor(self._input, tensor)
            self._interpreter.invoke()
        except (ValueError, RuntimeError) as err:
            raise ModelError(f"inference failed: {err}") from err
        return tuple(self._interpreter.get_tensor(index) for index in self._outputs)
