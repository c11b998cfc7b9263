"""Programs of others, started as processes of their own: WireViz with Graphviz, and rsvg-convert."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

TIMEOUT_S: Final = 180
PACKAGES: Final = {
    "dot": "graphviz",
    "rsvg-convert": "librsvg2-bin",
    "openscad": "openscad",
    "xvfb-run": "xvfb",
}
"""Program -> Debian package. Both take their letters from fonts-dejavu-core."""


class ProgramError(Exception):
    """A program is missing or failed: the sentence says what to do."""


def need(program: str) -> None:
    """Raises ProgramError naming the package."""
    if shutil.which(program) is None:
        raise ProgramError(f"{program} is not installed: apt install {PACKAGES[program]} fonts-dejavu-core")


def run(command: Sequence[str | Path]) -> None:
    """Raises ProgramError with the end of what the program said."""
    done = subprocess.run(
        [str(each) for each in command], capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip()[-1000:]
        raise ProgramError(f"{Path(str(command[0])).name} ended with {done.returncode}: {said}")


def wireviz(source: Path, folder: Path) -> list[Path]:
    """Draws a harness: SVG and PNG beside each other in folder. Raises ProgramError."""
    need("dot")
    run([sys.executable, "-m", "wireviz.wv_cli", "-f", "sp", "-o", folder, source])
    return [folder / f"{source.stem}.{suffix}" for suffix in ("svg", "png")]


def png_of(svg: Path, width_px: int) -> Path:
    """The PNG beside an SVG. Raises ProgramError."""
    need("rsvg-convert")
    png = svg.with_suffix(".png")
    run(["rsvg-convert", "--width", str(width_px), "--background-color", "white", "--output", png, svg])
    return png
