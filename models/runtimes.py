"""The runtimes that may be installed here, by the names that device.toml uses."""

import importlib.util
from pathlib import Path
from typing import Final

from edge.rollcall_gate.adapters.flatbuffer_network import FlatbufferNetwork
from edge.rollcall_gate.adapters.litert_inference import LitertInference
from edge.rollcall_gate.adapters.tflite_inference import TfliteInference
from edge.rollcall_gate.eyes.vision import Runtime
from edge.rollcall_gate.ports import NetworkForm

RUNTIMES: Final[tuple[Runtime, ...]] = ("litert", "tflite")
_PACKAGE: Final = {"litert": "ai_edge_litert", "tflite": "tflite_runtime"}


def is_installed(runtime: Runtime) -> bool:
    """tflite-runtime exists for Python 3.11 at most."""
    return importlib.util.find_spec(_PACKAGE[runtime]) is not None


def open_network(runtime: Runtime, file: Path, form: NetworkForm) -> FlatbufferNetwork | None:
    """The network loaded by this runtime; None when it is not installed. Raises ModelError."""
    if not is_installed(runtime):
        return None
    return LitertInference(file, form) if runtime == "litert" else TfliteInference(file, form)
