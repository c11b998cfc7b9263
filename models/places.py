"""Where things lie in the cache."""

from pathlib import Path
from typing import Final, Literal

from edge.rollcall_gate.eyes.vision import ModelFiles, models_in
from models.errors import ModelsMissing

Numbers = Literal["int8", "float"]
PHOTOGRAPHS: Final = "photographs"


def package_folder(cache: Path) -> Path:
    """What a gate or an enrolment station is given: the int8 files and nothing else."""
    return cache / "int8"


def model_files(cache: Path, numbers: Numbers = "int8") -> ModelFiles:
    """The files of the package, or the float ones they were made from; says nothing about the first three."""
    return models_in(cache / numbers)


def shipped_photographs(cache: Path) -> list[Path]:
    """JPEG and PNG files of the packages, in order. Raises ModelsMissing when there are none."""
    found = sorted(photograph_folder(cache).glob("*/*.[jp][pn]g"))
    if not found:
        raise ModelsMissing(f"{photograph_folder(cache)}: no photograph in it; run `hallward models fetch`")
    return found


def photograph_folder(cache: Path) -> Path:
    """One folder per person; a folder with one photograph is a stranger."""
    return cache / PHOTOGRAPHS
