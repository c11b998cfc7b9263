"""out/harness: WireViz's text, and the pictures that it draws of it."""

from pathlib import Path
from typing import Final

from PIL import Image

from hardware.adapters.programs import wireviz
from hardware.adapters.source import classes, write
from hardware.harness import harness_text

_COLOURS: Final = 64
"""A harness is lines and letters: more would only be larger."""


def make_harnesses(out: Path) -> list[Path]:
    """Raises ProgramError."""
    made: list[Path] = []
    for name, kind in classes().items():
        source = write(out / "harness" / f"{name}.yml", harness_text(kind))
        svg, png = wireviz(source, source.parent)
        with Image.open(png) as picture:
            small = picture.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
        small.save(png, optimize=True)
        made += [source, svg, png]
    return made
