"""What the firmware reads of a boot medium: the generated config of a class, by its own reader."""

from pathlib import Path

from edge.device.adapters.seed_file import HARDWARE_FILE, SEED_FILE, read_seed
from edge.device.claim.seed import Seed
from hardware.adapters.source import OUT
from hardware.pins import DeviceClass


def generated(kind: DeviceClass) -> str:
    """The text in the repository, as an installer puts it on a card."""
    return (OUT / "configs" / f"{kind.name}.toml").read_text(encoding="utf-8")


def insert(folder: Path, kind: DeviceClass, hardware: str) -> Seed:
    """A card with this hardware.toml, read by the firmware. Raises ConfigError."""
    (folder / SEED_FILE).write_text(f'role = "{kind.role}"\n', "utf-8")
    (folder / HARDWARE_FILE).write_text(hardware, "utf-8")
    return read_seed(folder, kind.role)


def instead(text: str, field: str, value: str) -> str:
    """Another value for one field of the text. Raises LookupError where it has no such field."""
    lines = text.splitlines()
    at = [number for number, line in enumerate(lines) if line.partition(" = ")[0] == field]
    if len(at) != 1:
        raise LookupError(f"{field} stands in {len(at)} lines")
    lines[at[0]] = f"{field} = {value}"
    return "\n".join(lines) + "\n"


def swapped(text: str, one: int, other: int) -> str:
    """Two pins change places, wherever they stand: `5  # beam A` as in `[5, 6]`."""
    head, _, table = text.partition("\n[")
    pins = {str(one): str(other), str(other): str(one)}
    words = [_pins(line, pins) for line in table.splitlines()]
    return f"{head}\n[" + "\n".join(words) + "\n"


def _pins(line: str, pins: dict[str, str]) -> str:
    name, equals, rest = line.partition(" = ")
    if "_pin" not in name:
        return line
    value, hash_, signal = rest.partition("  # ")
    inside = value.strip("[]")
    changed = ", ".join(pins.get(each, each) for each in inside.split(", "))
    return f"{name}{equals}{value.replace(inside, changed)}{hash_}{signal}"
