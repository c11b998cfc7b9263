"""A badge's code as a picture: for recordings, demos and tests."""

from typing import Any, Final

import cv2
import numpy as np

from edge.rollcall_gate.errors import CameraError
from edge.rollcall_gate.frames import Pixels

WIDTH_PX: Final = 1280
HEIGHT_PX: Final = 720
MODULE_PX: Final = 8
QUIET_MODULES: Final = 4  # ISO/IEC 18004, 5.3.8
GREY: Final = 96
VERSIONS: Final = range(1, 34)  # modules of larger codes would be finer than 4 pixels


def badge_view(text: str) -> Pixels:
    """The code of `text` on a white card, as seen by a camera: uint8 (HEIGHT_PX, WIDTH_PX, 3), RGB.

    text: ASCII. Raises CameraError when it does not fit one code at a readable size.

    OpenCV 4.9 to 4.11 choose versions from 7 on without writing the version into the code (opencv issue
    27183), and draw a few that nobody can read. So the version is chosen here, and the view is read back.
    """
    for version in VERSIONS:
        code = _code(text, version)
        if code is None:
            continue
        view = _on_a_card(code)
        if _read(view) == text:
            return view
    raise CameraError(f"a badge of {len(text)} characters cannot be drawn as one readable code")


def _code(text: str, version: int) -> Any:
    """Modules as uint8, 0 or 255; None when that version is too small for the text."""
    chosen: Any = cv2.QRCodeEncoder.Params()
    chosen.version = version
    try:
        return cv2.QRCodeEncoder.create(chosen).encode(text)
    except cv2.error:
        return None


def _on_a_card(code: Any) -> Pixels:
    modules = code.shape[0] + 2 * QUIET_MODULES
    module_px = min(MODULE_PX, HEIGHT_PX // modules)
    quiet = np.pad(code, QUIET_MODULES, constant_values=255)
    card = np.kron(quiet, np.ones((module_px, module_px), np.uint8))
    view = np.full((HEIGHT_PX, WIDTH_PX, 3), GREY, np.uint8)
    top, left = (HEIGHT_PX - card.shape[0]) // 2, (WIDTH_PX - card.shape[1]) // 2
    view[top : top + card.shape[0], left : left + card.shape[1]] = card[:, :, None]
    return view


def _read(view: Pixels) -> str:
    try:
        return str(cv2.QRCodeDetector().detectAndDecode(view)[0])
    except (cv2.error, UnicodeDecodeError):
        return ""
