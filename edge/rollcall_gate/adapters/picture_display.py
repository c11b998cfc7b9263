"""The display as a picture file: for a demonstration, a screenshot, a gate on a desk without a display."""

import logging
from pathlib import Path
from typing import Final

from edge.rollcall_gate.adapters.panel_drawing import draw
from edge.rollcall_gate.display.panel import Panel

_log: Final = logging.getLogger("hallward.gate")


class PictureDisplay:
    """Implements Display. file: a PNG, replaced in one step: whoever reads it sees one whole picture."""

    def __init__(self, file: Path, width_px: int = 1280, height_px: int = 720) -> None:
        self._file = file
        self._size_px = (width_px, height_px)
        self._shown: Panel | None = None
        self._failed = False

    def show(self, panel: Panel) -> None:
        if panel == self._shown:
            return
        unfinished = self._file.with_name(self._file.name + ".new")
        try:
            draw(panel, *self._size_px).save(unfinished, "PNG")
            unfinished.replace(self._file)
        except OSError as err:
            self._shown = None
            if not self._failed:
                _log.error("%s: the picture cannot be written: %s", self._file, err)
            self._failed = True
        else:
            self._shown = panel
            self._failed = False

    def close(self) -> None:
        """Takes the picture away: what was said last, to whom, does not stay."""
        self._shown = None
        self._file.unlink(missing_ok=True)
