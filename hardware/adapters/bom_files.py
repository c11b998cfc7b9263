"""out/bom and out/plan: lists and pages, as text."""

from functools import lru_cache
from pathlib import Path
from typing import Final

from hardware.adapters.source import write
from hardware.bom import Catalogue, bom_texts, parse_parts
from hardware.plan import plan_texts

PARTS_FILE: Final = Path(__file__).resolve().parents[1] / "parts.toml"
TEXTS_FOLDER: Final = Path(__file__).resolve().parents[1] / "texts"


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """Raises PartsError."""
    return parse_parts(PARTS_FILE.read_text(encoding="utf-8"))


def make_bom(out: Path) -> list[Path]:
    return [write(out / "bom" / name, text) for name, text in bom_texts(catalogue()).items()]


def templates() -> dict[str, str]:
    """File name -> text of hardware/texts."""
    return {path.name: path.read_text(encoding="utf-8") for path in TEXTS_FOLDER.glob("*.md")}


def make_plan(out: Path) -> list[Path]:
    return [write(out / "plan" / name, text) for name, text in plan_texts(templates()).items()]
