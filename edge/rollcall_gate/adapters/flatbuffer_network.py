"""The part of Inference that LiteRT and its predecessor share: they expose the same interpreter.

The file is mapped, not copied, and once the runtime has packed its weights the mapping's pages are given
back: a 40 MB embedder would otherwise stand in memory twice. So a model file must be replaced by rename,
never overwritten in place, while a gate runs (models/cache.py does).
"""

import ctypes
import errno
import hashlib
import hmac
import mmap
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from edge.rollcall_gate.adapters.known_wrong import refuse_known_wrong
from edge.rollcall_gate.errors import ModelError, WrongShape
from edge.rollcall_gate.frames import Floats, Pixels
from edge.rollcall_gate.ports import NetworkForm

_KINDS: Final = (np.float32, np.int8)
_SIGN_BIT: Final = np.uint8(0x80)


class FlatbufferNetwork:
    """Wraps an interpreter; checks that the network has the form its stage expects."""

    def __init__(
        self,
        model: Path,
        form: NetworkForm,
        runtime: str,
        load: Callable[[str], Any],
        expected_sha256: str | None = None,
    ) -> None:
        """load: makes an interpreter of a path. expected_sha256: hex; None takes any. Raises ModelError.

        Other bytes never reach the runtime: tflite-runtime dies of damaged files instead of refusing them.
        """
        try:
            if not model.is_file():  # a pipe would be waited for
                raise FileNotFoundError(errno.ENOENT, "there is no such file")
            with model.open("rb") as stream:
                sha256 = hashlib.file_digest(stream, "sha256").digest()
                if expected_sha256 is not None and not hmac.compare_digest(sha256.hex(), expected_sha256):
                    raise ModelError(
                        f"{model}: not the file that SHA256SUMS beside it names; copy the folder int8 of "
                        "`hallward models all` anew"
                    )
                # The very file that was hashed, whatever its name points to by now.
                interpreter = load(f"/proc/self/fd/{stream.fileno()}")
                interpreter.allocate_tensors()
                _give_pages_back(os.fstat(stream.fileno()))
        except (OSError, ValueError, RuntimeError, MemoryError) as err:
            why = " ".join(str(err).split())  # the runtimes end theirs with a new line
            raise ModelError(
                f"{model}: not a loadable model ({why}); copy the folder int8 of `hallward models all` anew"
            ) from err
        _refuse_other_form(model, form, interpreter)
        refuse_known_wrong(model, runtime, interpreter)
        self.interpreter: Final = interpreter
        self.model_sha256: Final = sha256
        self.runtime: Final = runtime
        self._form = form
        self._turn = (
            threading.Lock()
        )  # an interpreter holds one picture: a self-test may come beside the eyes
        self._input = interpreter.get_input_details()[0]["index"]
        self._as_input = _input_table(form, interpreter.get_input_details()[0])
        self._outputs = [(t["index"], *_quantisation(t)) for t in interpreter.get_output_details()]

    @property
    def is_quantised(self) -> bool:
        """Whether its input and outputs are int8."""
        return self._as_input.dtype == np.int8

    def run(self, picture: Pixels) -> tuple[Floats, ...]:
        side = self._form.side_px
        if picture.shape != (side, side, 3) or picture.dtype != np.uint8:
            raise ModelError(
                f"{self._form.name}: a picture uint8 ({side}, {side}, 3) expected, not {picture.dtype} "
                f"{picture.shape}"
            )
        with self._turn:
            try:
                self.interpreter.set_tensor(self._input, self._tensor(picture)[None])
                self.interpreter.invoke()
            except (ValueError, RuntimeError) as err:
                raise ModelError(f"inference failed: {err}") from err
            return tuple(
                _as_float(self.interpreter.get_tensor(index), scale, zero)
                for index, scale, zero in self._outputs
            )

    def _tensor(self, picture: Pixels) -> npt.NDArray[Any]:
        if self._as_input.dtype == np.int8 and self._as_input[0] == -128 and self._as_input[255] == 127:
            return (picture ^ _SIGN_BIT).view(np.int8)  # pixel - 128: twenty times faster than the table
        return self._as_input.take(picture)


def _input_table(form: NetworkForm, details: dict[str, Any]) -> npt.NDArray[Any]:
    """What each pixel value becomes in the network's input tensor, (256,) of its type.

    Halves round down, so that symmetric ranges (-1..1 over 255 steps) give pixel - 128 for every pixel.
    """
    real = np.arange(256) * form.scale + form.shift
    if details["dtype"] is np.float32:
        return np.asarray(real, np.float32)
    scale, zero = _quantisation(details)
    steps = np.ceil(np.round(real / scale + zero, 3) - 0.5)
    return np.asarray(np.clip(steps, -128, 127), np.int8)


def _as_float(values: npt.NDArray[Any], scale: float, zero: int) -> Floats:
    if values.dtype == np.float32:
        return values
    real = values.astype(np.float32)
    real -= np.float32(zero)
    real *= np.float32(scale)
    return real


def _quantisation(details: dict[str, Any]) -> tuple[float, int]:
    """Scale and zero point of a tensor; scale 0 for a float one."""
    scale, zero = details["quantization"]
    return float(scale), int(zero)


def _refuse_other_form(model: Path, form: NetworkForm, interpreter: Any) -> None:
    inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
    shapes = [tuple(int(n) for n in t["shape"]) for t in inputs]
    sizes = sorted(int(np.prod(t["shape"])) for t in outputs)
    if shapes != [(1, form.side_px, form.side_px, 3)] or sizes != sorted(form.outputs):
        raise WrongShape(
            f"{model}: not a network for this place: the {form.name} takes {form.side_px} x {form.side_px} "
            f"pictures and gives {sorted(form.outputs)} numbers, this file has {shapes} and {sizes}"
        )
    kinds = {t["dtype"] for t in (*inputs, *outputs)}
    if len(kinds) != 1 or not kinds <= set(_KINDS):
        raise WrongShape(f"{model}: inputs and outputs must be all float32 or all int8")


def _give_pages_back(file: os.stat_result) -> None:
    """madvise(MADV_DONTNEED) on our mappings of a file: pages are read again if ever touched (madvise(2))."""
    libc = ctypes.CDLL(None, use_errno=True)
    for line in Path("/proc/self/maps").read_text("utf-8", "replace").splitlines():
        span, mode, _, _, inode, *_ = line.split(maxsplit=5)
        if int(inode) == file.st_ino and mode.startswith("r--"):
            start, end = (int(address, 16) for address in span.split("-"))
            libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), mmap.MADV_DONTNEED)
