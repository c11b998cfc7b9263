"""The part of Inference that LiteRT and its predecessor share: they expose the same interpreter.

The file is mapped, not copied, and once the runtime has packed its weights the mapping's pages are given
back: a 40 MB embedder would otherwise stand in memory twice. So a model file must be replaced by rename,
never overwritten in place, while a gate runs (models/cache.py does).
"""

import ctypes
import hashlib
import mmap
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from edge.rollcall_gate.errors import ModelError
from edge.rollcall_gate.frames import Floats


class FlatbufferNetwork:
    """Wraps an interpreter; checks that the network takes one float tensor and gives float tensors."""

    def __init__(self, model: Path, runtime: str, load: Callable[[str], Any]) -> None:
        """load: makes an interpreter of a path. Raises ModelError."""
        try:
            with model.open("rb") as stream:
                sha256 = hashlib.file_digest(stream, "sha256").digest()
                # The very file that was hashed, whatever its name points to by now.
                interpreter = load(f"/proc/self/fd/{stream.fileno()}")
                interpreter.allocate_tensors()
                _give_pages_back(os.fstat(stream.fileno()))
        except (OSError, ValueError, RuntimeError) as err:
            raise ModelError(f"{model}: not a loadable model ({err}); run `hallward models all`") from err
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


def _give_pages_back(file: os.stat_result) -> None:
    """madvise(MADV_DONTNEED) on our mappings of a file: pages are read again if ever touched (madvise(2))."""
    libc = ctypes.CDLL(None, use_errno=True)
    for line in Path("/proc/self/maps").read_text("utf-8", "replace").splitlines():
        span, mode, _, _, inode, *_ = line.split(maxsplit=5)
        if int(inode) == file.st_ino and mode.startswith("r--"):
            start, end = (int(address, 16) for address in span.split("-"))
            libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), mmap.MADV_DONTNEED)
