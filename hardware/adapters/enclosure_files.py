"""out/enclosures: STL and pictures by OpenSCAD, a process of its own for each; a page that says how to print.

An STL is written the same way whatever order OpenSCAD finds its triangles in (hardware/mesh.py). Pictures
are drawn by OpenSCAD's own renderer, under xvfb-run; the words below them by Pillow.
"""

import tempfile
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from hardware.adapters.programs import ProgramError, need, png_of, run
from hardware.adapters.source import write
from hardware.coverage_picture import coverage_svg
from hardware.enclosures import PICTURED, PRINTED, Pictured, Printed, printing_page
from hardware.mesh import canonical, judge

SCAD_FOLDER: Final = Path(__file__).resolve().parents[1] / "enclosures"
_SIZE: Final = (1200, 840)
_CAPTION_PX: Final = 120
_COLOURS: Final = 200
_COVERAGE_PX: Final = 1500
_INK, _GREY, _PAPER = "#20262d", "#4b5a68", "#f7f7f7"


def make_enclosures(out: Path) -> list[Path]:
    """Raises ProgramError."""
    need("openscad")
    need("xvfb-run")
    folder = out / "enclosures"
    folder.mkdir(parents=True, exist_ok=True)
    made = [make_stl(each, folder) for each in PRINTED]
    made += [_picture(each, folder) for each in PICTURED]
    drawing = write(folder / "gate-coverage.svg", coverage_svg())
    page = write(folder / "printing.md", printing_page())
    return [*made, drawing, png_of(drawing, _COVERAGE_PX), page]


def make_stl(printed: Printed, folder: Path) -> Path:
    """Raises ProgramError, also for a mesh that no printer could make."""
    path = folder / f"{printed.name}.stl"
    run(
        ["openscad", "-q", *_defines(printed.part, printed.defines), "--export-format", "binstl", "-o", path,
         SCAD_FOLDER / f"{printed.scad}.scad"]
    )  # fmt: skip
    stl = canonical(path.read_bytes())
    path.write_bytes(stl)
    if faults := judge(stl).faults:
        raise ProgramError(f"{printed.name}: {'; '.join(faults)}")
    return path


def _picture(pictured: Pictured, folder: Path) -> Path:
    path = folder / f"{pictured.name}.png"
    looks = ",".join(str(angle) for angle in pictured.looks)
    with tempfile.TemporaryDirectory() as scratch:
        bare = Path(scratch) / "bare.png"
        run(
            ["xvfb-run", "-a", "openscad", "-q", *_defines(pictured.part, pictured.defines),
             "--colorscheme=Tomorrow", f"--imgsize={_SIZE[0]},{_SIZE[1]}", f"--camera=0,0,0,{looks},0",
             "--viewall", "--autocenter", "-o", bare, SCAD_FOLDER / f"{pictured.scad}.scad"]
        )  # fmt: skip
        with Image.open(bare) as drawn:
            page = Image.new("RGB", (_SIZE[0], _SIZE[1] + _CAPTION_PX), _PAPER)
            page.paste(drawn.convert("RGB"), (0, 0))
    _caption(page, pictured)
    page.quantize(_COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    return path


def _caption(page: Image.Image, pictured: Pictured) -> None:
    draw = ImageDraw.Draw(page)
    draw.text((40, _SIZE[1] + 8), pictured.title, _INK, _font("SemiBold", 34))
    size = 22
    while draw.textlength(pictured.words, _font("Regular", size)) > _SIZE[0] - 80:
        size -= 1
    draw.text((40, _SIZE[1] + 62), pictured.words, _GREY, _font("Regular", size))


def _font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    path = files("fontpkg_be_vietnam_pro") / "files" / f"BeVietnamPro-{weight}.ttf"
    return ImageFont.truetype(str(path), size)


def _defines(part: str, values: Mapping[str, float]) -> list[str]:
    told = [f'part="{part}"', *(f"{name}={value:g}" for name, value in values.items())]
    return [word for each in told for word in ("-D", each)]
