"""Inference by LiteRT (`ai-edge-litert`), the default runtime on every platform."""

import hashlib
from importlib.metadata import version
from pathlib import Path

from edge.rollcall_gate.adapters.flatbuffer_network import FlatbufferNetwork
from edge.rollcall_gate.errors import ModelError


class LitertInference(FlatbufferNetwork):
    """Implements Inference. One thread by default: a second one gains nothing at these sizes."""

    def __init__(self, model: Path, *, threads: int = 1) -> None:
        from ai_edge_litert.interpreter import Interpreter  # heavy: only who runs it loads it

        try:
            content = model.read_bytes()
            interpreter = Interpreter(model_content=content, num_threads=threads)
        except (OSError, ValueError, RuntimeError) as err:
            raise ModelError(f"{model}: not a loadable model ({err}); run `hallward models all`") from err
        runtime = f"ai-edge-litert {version('ai-edge-litert')}"
        super().__init__(interpreter, model, hashlib.sha256(content).digest(), runtime)
