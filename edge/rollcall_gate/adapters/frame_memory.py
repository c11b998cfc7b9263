"""Memory that the capture process writes frames into and the gate reads them from.

A nameless file in memory: nothing is left behind however either side ends. It cannot be cut short, so that
nothing the other side does makes reading it fatal.

One page for the whole, then SLOTS places for frames. A frame goes into its place in this order: the place
bears no number, pixels, number, and then the number of the newest. Whoever reads looks at the number before
and after copying; a place is used again only after SLOTS - 1 further frames, and every number is one aligned
machine word. So half a frame is never taken for one, even of a writer that died in the middle.
"""

import fcntl
import mmap
import os
from typing import Final, Self

import numpy as np

from edge.rollcall_gate.frames import Frame, Pixels

SLOTS: Final = 4
MAIN_BYTES: Final = 1920 * 1080 * 3
LORES_BYTES: Final = 640 * 480 * 3
_PAGE: Final = 4096
_SLOT_BYTES: Final = _PAGE * (1 + -(-MAIN_BYTES // _PAGE) + -(-LORES_BYTES // _PAGE))
_LORES_AT: Final = _PAGE * (1 + -(-MAIN_BYTES // _PAGE))
SIZE_BYTES: Final = _PAGE + SLOTS * _SLOT_BYTES
_WORDS_AT: Final = 1024
WORDS_BYTES: Final = 1024
_NEWEST, _REPEATS, _WORDS_LENGTH = range(3)
_NUMBER, _CAPTURED_MS, _HEIGHT, _WIDTH, _LORES_HEIGHT, _LORES_WIDTH = range(6)
_NUMBERS: Final = 8


class NotAFrame(Exception):
    """What the memory says of a frame cannot be so: the writer is out of its mind."""


class FrameMemory:
    """One side's view. `create` on the reading side, `attach` in the process that inherited `fd`."""

    def __init__(self, fd: int) -> None:
        """Maps the file; the descriptor itself is not needed afterwards."""
        self.fd = fd
        self._memory = mmap.mmap(fd, SIZE_BYTES)
        self._whole = np.frombuffer(self._memory, np.int64, _NUMBERS)
        self._slots = [
            np.frombuffer(self._memory, np.int64, _NUMBERS, _slot_at(place)) for place in range(SLOTS)
        ]

    @classmethod
    def create(cls) -> Self:
        """Pages cost memory when they are first written, not before."""
        fd = os.memfd_create("hallward-frames", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(fd, SIZE_BYTES)
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL)
        return cls(fd)

    def forget_descriptor(self) -> None:
        """Once it has been inherited; what is mapped stays."""
        os.close(self.fd)

    @property
    def newest(self) -> int:
        """Number of the newest whole frame, from 1; 0 before the first."""
        return int(self._whole[_NEWEST])

    @property
    def newest_captured_ms(self) -> int:
        """When the newest whole frame was captured."""
        return int(self._slots[self.newest % SLOTS][_CAPTURED_MS])

    @property
    def repeats(self) -> int:
        """Pictures that the camera gave twice; they are not published."""
        return int(self._whole[_REPEATS])

    @property
    def words(self) -> str:
        """What the writer had to say before it ended, on one line; "" when it said nothing."""
        length = int(self._whole[_WORDS_LENGTH])
        said = self._memory[_WORDS_AT : _WORDS_AT + min(max(length, 0), WORDS_BYTES)]
        return "".join(c if c.isprintable() else " " for c in said.decode("utf-8", "replace")).strip()

    def publish(self, frame: Frame) -> None:
        """Make it the newest. Raises ValueError when it is larger than a slot."""
        lores = frame.lores
        if frame.pixels.size > MAIN_BYTES or (lores is not None and lores.size > LORES_BYTES):
            raise ValueError(f"a frame of {frame.width_px} x {frame.height_px} pixels is too large")
        number = self.newest + 1
        place = number % SLOTS
        slot = self._slots[place]
        slot[_NUMBER] = 0
        self._pixels(place, _PAGE, frame.pixels.size)[:] = frame.pixels.reshape(-1)
        if lores is not None:
            self._pixels(place, _LORES_AT, lores.size)[:] = lores.reshape(-1)
        slot[_CAPTURED_MS] = frame.captured_ms
        slot[_HEIGHT : _WIDTH + 1] = frame.pixels.shape[:2]
        slot[_LORES_HEIGHT : _LORES_WIDTH + 1] = (0, 0) if lores is None else lores.shape[:2]
        slot[_NUMBER] = number
        self._whole[_NEWEST] = number

    def count_repeat(self) -> None:
        self._whole[_REPEATS] += 1

    def say(self, words: str) -> None:
        """The last words of a writer that ends; cut off at WORDS_BYTES."""
        said = words.encode("utf-8")[:WORDS_BYTES]
        self._memory[_WORDS_AT : _WORDS_AT + len(said)] = said
        self._whole[_WORDS_LENGTH] = len(said)

    def frame(self, number: int) -> Frame | None:
        """A copy of that frame; None when its place was used again meanwhile. Raises NotAFrame."""
        place = number % SLOTS
        slot = self._slots[place]
        before, captured_ms, height, width, lores_height, lores_width = slot[:6].tolist()
        if before != number:
            return None
        pixels = self._copy(place, _PAGE, MAIN_BYTES, height, width)
        lores = None
        if lores_height or lores_width:
            lores = self._copy(place, _LORES_AT, LORES_BYTES, lores_height, lores_width)
        return Frame(pixels, captured_ms, lores) if int(slot[_NUMBER]) == number else None

    def _copy(self, place: int, at: int, bytes_max: int, height: int, width: int) -> Pixels:
        if height < 1 or width < 1 or height * width * 3 > bytes_max:
            raise NotAFrame(f"a picture of {width} x {height} pixels")
        return self._pixels(place, at, height * width * 3).reshape(height, width, 3).copy()

    def _pixels(self, place: int, at: int, count: int) -> Pixels:
        return np.frombuffer(self._memory, np.uint8, count, _slot_at(place) + at)


def _slot_at(place: int) -> int:
    return _PAGE + place * _SLOT_BYTES
