"""out/circuits: the circuit pages, as SVG by schemdraw and as PNG by rsvg-convert."""

from pathlib import Path
from typing import Final

from PIL import Image

from hardware.adapters.programs import png_of
from hardware.adapters.source import classes
from hardware.circuits import PAGES

_WIDTH_PX: Final = 1800
_COLOURS: Final = 48
"""Those that cover most: what seldom stands there, as the red of a rail, is kept."""


def make_circuits(out: Path) -> list[Path]:
    """Raises ProgramError."""
    folder = out / "circuits"
    folder.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    for name, (kind, draw) in PAGES.items():
        svg = folder / f"{name}.svg"
        draw(classes()[kind]).drawing.save(str(svg), transparent=False)
        png = png_of(svg, _WIDTH_PX)
        with Image.open(png) as picture:
            small = picture.convert("RGB").quantize(
                _COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
            )
        small.save(png, optimize=True)
        made += [svg, png]
    return made
