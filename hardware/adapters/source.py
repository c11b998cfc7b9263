"""The one source, as it lies in the repository."""

from functools import lru_cache
from pathlib import Path
from typing import Final

from hardware.faults import faults_of
from hardware.pins import DeviceClass, PinsError, parse_pins

PINS_FILE: Final = Path(__file__).resolve().parents[1] / "pins.toml"
OUT: Final = Path(__file__).resolve().parents[1] / "out"


@lru_cache(maxsize=1)
def classes() -> dict[str, DeviceClass]:
    """Raises PinsError with every fault, a line each: nothing is drawn from a wiring that would not work."""
    found = parse_pins(PINS_FILE.read_text(encoding="utf-8"))
    if faults := [str(fault) for kind in found.values() for fault in faults_of(kind)]:
        raise PinsError("\n".join(faults))
    return found


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
