"""An HDMI or small panel display through the kernel's framebuffer: no X server, no window manager.

The console's cursor blinks over it unless the kernel is started with `vt.global_cursor_default=0`.
"""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from edge.rollcall_gate.adapters.panel_drawing import SIDES_MIN_PX, draw
from edge.rollcall_gate.display.panel import Panel
from wire.errors import HallError

_BITS_BGRX, _BITS_RGB565 = 32, 16
_log: Final = logging.getLogger("hallward.gate")


class DisplayError(HallError):
    """Hardware: nothing can be shown. The lamp and the sounds go on, and the gate with them."""

    code = "display"


@dataclass(frozen=True, slots=True)
class Geometry:
    """Of a framebuffer, as the kernel states it. stride: bytes from one row to the next, padding included."""

    width_px: int
    height_px: int
    bits_per_pixel: int
    stride: int


def geometry(folder: Path) -> Geometry:
    """folder: as `/sys/class/graphics/fb0`. Raises DisplayError when it is absent or of an unknown form."""
    try:
        width, height = map(int, (folder / "virtual_size").read_text("ascii").split(","))
        bits = int((folder / "bits_per_pixel").read_text("ascii"))
        stride = int((folder / "stride").read_text("ascii"))
    except (OSError, ValueError) as err:
        raise DisplayError(f"{folder}: no framebuffer: {err}; is the display plugged in?") from err
    if bits not in (_BITS_BGRX, _BITS_RGB565):
        raise DisplayError(f"{folder}: {bits} bits per pixel; set 16 or 32 on the kernel's command line")
    if stride * 8 < width * bits or width < SIDES_MIN_PX[0] or height < SIDES_MIN_PX[1]:
        raise DisplayError(f"{folder}: {width} x {height} pixels in rows of {stride} bytes is no display")
    return Geometry(width, height, bits, stride)


def packed(picture: Image.Image, form: Geometry) -> bytes:
    """The whole frame as the framebuffer holds it: BGRX, or little-endian RGB565; zeros beyond each row."""
    if form.bits_per_pixel == _BITS_BGRX:
        return picture.tobytes("raw", "BGRX", form.stride, 1)
    red, green, blue = (np.asarray(channel).astype(np.uint16) for channel in picture.split())
    words = (red >> 3 << 11) | (green >> 2 << 5) | (blue >> 3)
    rows = np.zeros((form.height_px, form.stride), np.uint8)
    rows[:, : form.width_px * 2] = words.astype("<u2").view(np.uint8)
    return rows.tobytes()


class FramebufferDisplay:
    """Implements Display. device: as `/dev/fb0`. folder: its entry below `/sys/class/graphics`.

    A display that is unplugged, or that was plugged in late, is taken up again with the next panel.
    """

    def __init__(self, device: Path, folder: Path) -> None:
        self._device = device
        self._folder = folder
        self._shown: Panel | None = None
        self._failed = False

    def show(self, panel: Panel) -> None:
        if panel == self._shown:
            return
        try:
            self._put(panel)
        except DisplayError as err:
            self._shown = None
            if not self._failed:
                _log.error("%s", err.diagnostics())
            self._failed = True
        else:
            self._shown = panel
            self._failed = False

    def close(self) -> None:
        """Turns it black: what was said last, to whom, does not stay when nobody stands behind it."""
        self._shown = None
        try:
            self._put(None)
        except DisplayError as err:
            _log.info("the display stays as it is: %s", err.diagnostics())

    def _put(self, panel: Panel | None) -> None:
        form = geometry(self._folder)
        try:
            with self._device.open("r+b", buffering=0) as screen:  # first: nothing is drawn for no display
                black = bytes(form.height_px * form.stride)
                frame = black if panel is None else packed(draw(panel, form.width_px, form.height_px), form)
                written = screen.write(frame)
        except OSError as err:
            raise DisplayError(f"{self._device}: {err}; is the gate's user in the group `video`?") from err
        if written != len(frame):
            raise DisplayError(f"{self._device}: took {written} bytes of {len(frame)}")
