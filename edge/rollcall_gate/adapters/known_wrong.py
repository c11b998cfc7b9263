"""Pairs of network and runtime that load, run, and compute something else. Refused by name when loaded.

Nothing in such a pair fails: no error, no warning, only wrong embeddings. The one we met is measured in
tests/contract/test_known_wrong_pairs.py: if a later release mends it, that test says so.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from edge.rollcall_gate.errors import ModelError

_COMPUTED_IN_INT8: Final = frozenset({"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"})


@dataclass(frozen=True, slots=True)
class KnownWrong:
    """A runtime, by the beginning of its name, and how the networks are made that it computes wrongly."""

    runtime: str
    networks: str
    because: str


DYNAMIC_RANGE: Final = KnownWrong(
    runtime="tflite-runtime 2.14",
    networks="dynamic-range int8",
    because="it computes noise without an error: embeddings of one face had cosine -0.1 to those of LiteRT",
)


def refuse_known_wrong(model: Path, runtime: str, interpreter: Any) -> None:
    """Raises ModelError naming file, kind and runtime for a pair that is known to be wrong."""
    if runtime.startswith(DYNAMIC_RANGE.runtime) and _is_dynamic_range(interpreter):
        raise ModelError(
            f"{model}: a {DYNAMIC_RANGE.networks} network must not run in {runtime}: "
            f"{DYNAMIC_RANGE.because}; install the static int8 network, or set gate.runtime to litert"
        )


def _is_dynamic_range(interpreter: Any) -> bool:
    """Weights are int8, but what goes in and comes out of the layer is float."""
    kinds = {int(t["index"]): t["dtype"] for t in interpreter.get_tensor_details()}
    return any(
        operator["op_name"] in _COMPUTED_IN_INT8
        and kinds.get(int(operator["inputs"][0])) is np.float32
        and kinds.get(int(operator["inputs"][1])) is np.int8
        for operator in interpreter._get_ops_details()  # noqa: SLF001  # the only list of operators there is
    )
