"""DeviceClass -> the firmware's own table, as the hardware.toml of a boot medium. Pure."""

from collections.abc import Mapping
from typing import Any

from hardware.pins import DeviceClass

_HEAD = "# Made from hardware/pins.toml by `make hardware`: change it there."


def fields_of(kind: DeviceClass) -> dict[str, Any]:
    """What the firmware is told of this class: field -> value, pins by BCM number. `row_pins.0` and its like
    become one list."""
    found: dict[str, Any] = dict(kind.fields)
    lists: dict[str, dict[int, int]] = {}
    for _, wire in kind.wires():
        if not wire.field or wire.gpio is None:
            continue
        name, _, index = wire.field.partition(".")
        if index:
            lists.setdefault(name, {})[int(index)] = wire.gpio
        else:
            found[name] = wire.gpio
    for name, pins in lists.items():
        found[name] = [pins[index] for index in sorted(pins)]
    for device in kind.devices:
        if device.field:
            found[device.field] = device.address
    return found


def config_text(kind: DeviceClass) -> str:
    """hardware.toml of the class; of a plan: the same, and in plain words that nothing reads it."""
    lines = [_HEAD, f"# {kind.title[1]}: {kind.board.title}."]
    if kind.driven:
        lines += [f"# hardware.toml of a boot medium (docs/runbooks/boot-media.md), table [{kind.role}].", ""]
    else:
        lines += ["# A PLAN: no firmware of today reads this.", *_wrapped(kind.plan), ""]
    told = fields_of(kind)
    signals = {
        wire.field.partition(".")[0]: wire.signal
        for _, wire in kind.wires()
        if wire.field and "." not in wire.field
    }
    if kind.role:
        lines.append(f"[{kind.role}]")
        lines += [_line(name, value, signals) for name, value in told.items()]
    else:
        lines += [f"# {line}" for line in _bus_lines(kind)]
    return "\n".join(lines) + "\n"


def _line(name: str, value: Any, signals: Mapping[str, str]) -> str:
    return f"{name} = {_toml(value)}" + (f"  # {signals[name]}" if name in signals else "")


def _bus_lines(kind: DeviceClass) -> list[str]:
    found = [f"{wire.source} = {wire.signal}" for _, wire in kind.wires() if wire.gpio is not None]
    found += [f"{device.bus} 0x{device.address:02X} = {device.chip} {device.note}" for device in kind.devices]
    found += [
        f"{wire.source} = {connector.title}: {wire.signal}" for connector, wire in kind.wires() if wire.port
    ]
    return [line.strip() for line in found]


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list):
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    return str(value)


def _wrapped(text: str, width: int = 100) -> list[str]:
    lines, line = [], "#"
    for word in text.split():
        if len(line) + 1 + len(word) > width:
            lines.append(line)
            line = "#"
        line += f" {word}"
    return [*lines, line]


def disagreements(kind: DeviceClass, told: Mapping[str, Any], source: str) -> list[str]:
    """What another file says of the same fields, otherwise: one sentence for each. Fields that the file
    leaves out are not compared; ones that pins.toml does not know are named."""
    ours = fields_of(kind)
    return [
        f"{kind.role}.{name}: pins.toml says {ours.get(name, 'nothing')}, {source} says {value}"
        for name, value in told.items()
        if ours.get(name) != value
    ]
