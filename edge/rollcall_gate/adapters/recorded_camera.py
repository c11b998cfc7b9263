"""A camera that plays photographs from a folder: for demos, tests and calibration walks without hardware."""

import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, Self

from edge.rollcall_gate.adapters.opencv_optics import decode_photograph
from edge.rollcall_gate.errors import CameraError
from edge.rollcall_gate.eyes.photograph import pixels_in
from edge.rollcall_gate.frames import Frame

SIDE_PX_MAX: Final = 1280
PHOTOGRAPH_SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png"})
FILE_BYTES_MAX: Final = 64 * 1024 * 1024
PIXELS_MAX: Final = 64_000_000  # three times what a good camera takes; 192 MB unpacked


class RecordedCamera:
    """Implements Camera: each photograph once, in order, then None."""

    def __init__(self, photographs: Iterable[Path], now_ms: Callable[[], int]) -> None:
        self._left = list(photographs)
        self._now_ms = now_ms

    @classmethod
    def of_folder(cls, folder: Path, now_ms: Callable[[], int]) -> Self:
        """Raises CameraError when the folder is missing or holds no photograph."""
        return cls(photographs_in(folder), now_ms)

    def read(self) -> Frame | None:
        if not self._left:
            return None
        return load_frame(self._left.pop(0), self._now_ms())

    def close(self) -> None:
        self._left.clear()


def photographs_in(folder: Path) -> list[Path]:
    """JPEG and PNG files directly in the folder, by name. Raises CameraError when there is none."""
    try:
        found = sorted(p for p in folder.iterdir() if p.suffix.lower() in PHOTOGRAPH_SUFFIXES)
    except OSError as err:
        raise CameraError(f"{folder}: cannot be read ({err.strerror})") from err
    if not found:
        raise CameraError(f"{folder}: no photograph in it (looked for .jpg, .jpeg and .png files)")
    return found


def load_frame(photograph: Path, captured_ms: int) -> Frame:
    """Decode one photograph, upright, at most SIDE_PX_MAX on the longer side. Raises CameraError."""
    try:
        found = photograph.stat()
        if not stat.S_ISREG(found.st_mode):  # a pipe would be waited for
            raise CameraError(f"{photograph}: not a plain file")
        if found.st_size > FILE_BYTES_MAX:
            raise CameraError(f"{photograph}: larger than {FILE_BYTES_MAX // 2**20} MiB")
        data = photograph.read_bytes()
    except OSError as err:
        raise CameraError(f"{photograph}: cannot be read ({err.strerror})") from err
    size = pixels_in(data)
    if size is not None and size > PIXELS_MAX:
        raise CameraError(f"{photograph}: {size:,} pixels, at most {PIXELS_MAX:,} are unpacked")
    pixels = None if size is None else decode_photograph(data, SIDE_PX_MAX)
    if pixels is None:
        raise CameraError(f"{photograph}: not a JPEG or PNG photograph")
    return Frame(pixels, captured_ms)
