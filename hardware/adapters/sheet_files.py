"""out/sheets: installer and bring-up sheets."""

from pathlib import Path
from typing import Final

from hardware.adapters.source import classes
from hardware.sheets import installer_pdf
from hardware.sheets_bringup import bringup_pdf
from hardware.steps import parse_steps

STEPS_FILE: Final = Path(__file__).resolve().parents[1] / "bringup.toml"


def make_sheets(out: Path) -> list[Path]:
    folder = out / "sheets"
    folder.mkdir(parents=True, exist_ok=True)
    steps = parse_steps(STEPS_FILE.read_text(encoding="utf-8"), classes())
    made: list[Path] = []
    for name, kind in classes().items():
        for suffix, content in (
            ("installer", installer_pdf(kind)),
            ("bring-up", bringup_pdf(kind, steps[name])),
        ):
            path = folder / f"{name}-{suffix}.pdf"
            path.write_bytes(content)
            made.append(path)
    return made
