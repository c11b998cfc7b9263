"""Inference by `tflite-runtime` 2.14, LiteRT's predecessor, which exists for Python 3.11 only.

Float models give the same numbers as LiteRT; int8 ones do not, and dynamic-range int8 comes out as noise
without an error. So the runtime's name is part of every stored reference.
"""

from importlib.metadata import version
from pathlib import Path

from edge.rollcall_gate.adapters.flatbuffer_network import FlatbufferNetwork
from edge.rollcall_gate.errors import ModelError
from edge.rollcall_gate.ports import NetworkForm


class TfliteInference(FlatbufferNetwork):
    """Implements Inference. Raises ModelError where the runtime is not installed."""

    def __init__(
        self, model: Path, form: NetworkForm, *, sha256: str | None = None, threads: int = 1
    ) -> None:
        try:
            from tflite_runtime.interpreter import Interpreter
        except ModuleNotFoundError as err:
            raise ModelError(
                "tflite-runtime is not installed here, and is published for Python 3.11 at most: use LiteRT "
                '(gate.runtime = "litert")'
            ) from err

        runtime = f"tflite-runtime {version('tflite-runtime')}"
        super().__init__(model, form, runtime, lambda path: Interpreter(path, num_threads=threads), sha256)
