"""What the gate needs from the world. Each port has real and simulated adapters and one contract suite."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from edge.rollcall_gate.display.panel import Colour, Panel, Sound
from edge.rollcall_gate.frames import Floats, Frame, Pixels


class Camera(Protocol):
    """Source of frames; never a stale one."""

    def read(self) -> Frame | None:
        """The next frame, or None when none is due yet (ask again). Never blocks long. Raises CameraError."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class Counting(Protocol):
    """A camera that tells how it does."""

    def counters(self) -> Mapping[str, int]:
        """Since this start, for health: frames, repeats, restarts, drops. Counters, never rates."""
        ...


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

    def channels_reversed(self, pixels: Pixels) -> Pixels:
        """RGB to BGR or back, (H, W, 3), a copy."""
        ...

    def resize(self, pixels: Pixels, width_px: int, height_px: int) -> Pixels:
        """To (height, width, 3), bilinear; averaging first when it shrinks by much. Of that size already: the
        very same pixels."""
        ...


class CodeReader(Protocol):
    """Finds the QR code of a badge in a frame."""

    def read(self, frame: Frame) -> str | None:
        """The text of one code in it; None when there is none that can be read. Never raises."""
        ...


class Door(Protocol):
    """Lock of a door or turnstile with a reed contact. Released at start and without power."""

    def release(self) -> None: ...

    def secure(self) -> bool:
        """False, and the bolt stays in, when the door is open at this very moment: it would meet a person."""
        ...

    @property
    def is_open(self) -> bool: ...

    @property
    def is_jammed(self) -> bool:
        """The turnstile's own fault contact: it cannot turn. False where no such contact is wired."""
        ...

    def close(self) -> None:
        """Give the hardware back; leaves the lock released."""
        ...


class Crossing(StrEnum):
    """One person through the passage: with the lane, or against it."""

    FORWARD = "forward"
    BACKWARD = "backward"


class PassSensor(Protocol):
    """Two light beams behind the door, one after the other: their order tells the direction."""

    def read(self) -> tuple[Crossing, ...]:
        """Who went through since the last call, in order. Raises DoorError when the beams do not answer."""
        ...

    def close(self) -> None: ...


class FireContact(Protocol):
    """The fire panel's contact, for the record: the wire that opens the door goes past this computer."""

    @property
    def is_active(self) -> bool:
        """Alarm, or a cut wire. Raises DoorError when the contact does not answer."""
        ...

    def close(self) -> None: ...


class Indicator(Protocol):
    """The lamp over the gate: it repeats from afar what the display says. Never flashes."""

    def show(self, colour: Colour) -> None: ...

    def close(self) -> None: ...


class Sounder(Protocol):
    """Short tones for people who do not see the display."""

    def play(self, sound: Sound) -> None:
        """Begin it and return at once; a newer one takes its place."""
        ...

    def close(self) -> None: ...


class Display(Protocol):
    """The picture beside the gate: colour, icon and words, together."""

    def show(self, panel: Panel) -> None:
        """Raises nothing: a display that fails is said once in the log, and the lamp goes on."""
        ...

    def close(self) -> None: ...


class BadgeReader(Protocol):
    """Reads the text of a badge (a QR code, as text), for a reader beside the camera."""

    def read(self) -> str | None:
        """The text presented since the last call, once; None when there was none."""
        ...


class ClaimButton(Protocol):
    """Pressed once in a gate's life, by whoever stands before it when it is claimed."""

    def take(self) -> bool:
        """Whether it was pressed since the last call. Raises nothing: a button that does not answer is not
        pressed."""
        ...

    def close(self) -> None: ...


class PinPad(Protocol):
    """A numeric pad at the lane."""

    def read(self) -> str:
        """Keys pressed since the last call, in order: `0` to `9`, `E` enter, `C` clear. Empty: none."""
        ...

    def close(self) -> None: ...
