"""Inference by LiteRT (`ai-edge-litert`), the default runtime on every platform."""

from importlib.metadata import version
from pathlib import Path

from edge.rollcall_gate.adapters.flatbuffer_network import FlatbufferNetwork
from edge.rollcall_gate.ports import NetworkForm


class LitertInference(FlatbufferNetwork):
    """Implements Inference. One thread by default: a second one gains nothing at these sizes."""

    def __init__(
        self, model: Path, form: NetworkForm, *, sha256: str | None = None, threads: int = 1
    ) -> None:
        from ai_edge_litert.interpreter import Interpreter  # heavy: only who runs it loads it

        runtime = f"ai-edge-litert {version('ai-edge-litert')}"
        super().__init__(model, form, runtime, lambda path: Interpreter(path, num_threads=threads), sha256)
