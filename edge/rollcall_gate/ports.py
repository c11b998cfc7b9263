"""What the gate needs from the world. Each port has real and simulated adapters and one contract suite."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from edge.rollcall_gate.frames import Floats, Frame, Pixels


class Camera(Protocol):
    """Source of frames; never a stale one."""

    def read(self) -> Frame | None:
        """The next frame, or None when none is due yet (ask again). Never blocks long. Raises CameraError."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class NetworkForm:
    """What a stage expects of its network; a file of another form is refused when it is loaded.

    name: as in models/cards. side_px: of the square picture it takes. outputs: how many numbers each holds,
    in any order. The network was trained on
    pixel * scale + shift, channels in the order that the stage gives.
    """

    name: str
    side_px: int
    outputs: tuple[int, ...]
    scale: float
    shift: float


class Inference(Protocol):
    """One network, loaded: a picture in, float32 out, batch of one, whatever its numbers are inside."""

    @property
    def model_sha256(self) -> bytes:
        """SHA-256 of the very bytes that were loaded, 32 bytes."""
        ...

    @property
    def runtime(self) -> str:
        """Name and version of what executes it, as in `ai-edge-litert 2.3.0`."""
        ...

    def run(self, picture: Pixels) -> tuple[Floats, ...]:
        """picture: uint8 (side, side, 3). Outputs in the model's order, copied. Raises ModelError."""
        ...


class Optics(Protocol):
    """Resampling of pixels, the one thing plain arrays are too slow for."""

    def warp(self, pixels: Pixels, matrix: Floats, side_px: int) -> Pixels:
        """Bilinear warp by `matrix` float32 (2, 3), source to target, into (side, side, 3); black outside."""
        ...

    def resize(self, pixels: Pixels, width_px: int, height_px: int) -> Pixels:
        """To (height, width, 3), bilinear; averaging first when it shrinks by much."""
        ...


class Door(Protocol):
    """Lock of a door or turnstile with a reed contact. Released at start and without power."""

    def release(self) -> None: ...

    def secure(self) -> bool:
        """False, and the bolt stays in, when the door is open at this very moment: it would meet a person."""
        ...

    @property
    def is_open(self) -> bool: ...

    def close(self) -> None:
        """Give the hardware back; leaves the lock released."""
        ...


class Indicator(Protocol):
    """The lamp over the gate. Words are on the display; the lamp only repeats them from afar."""

    def show(self, colour: str) -> None:
        """One of `off`, `green`, `amber`, `red`."""
        ...


class Display(Protocol):
    """A few lines of text beside the gate."""

    def show(self, lines: Sequence[str]) -> None: ...


class BadgeReader(Protocol):
    """Reads the text of a badge (a QR code, as text)."""

    def read(self) -> str | None:
        """The text presented since the last call, once; None when there was none."""
        ...
