"""DeviceClass -> the text of a WireViz harness (YAML), in one order and the same bytes every time. Pure.

Left the board (or what sits on it), right what the cables lead to. A pin's label says signal and source, so
that whoever holds the picture needs no second table.
"""

from typing import Final

from hardware.pins import Connector, DeviceClass

_HEAD: Final = "# Made from hardware/pins.toml by `make hardware`: change it there."
_SEATS_DRAWN: Final = 2
"""Of seats that are wired alike."""


def _quoted(text: str) -> str:
    """A YAML scalar in double quotes, whose escapes are those of JSON."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _listed(words: list[str]) -> str:
    return "[" + ", ".join(_quoted(word) for word in words) + "]"


def drawn(kind: DeviceClass) -> list[Connector]:
    """The connectors of the picture: of seats that are alike, the first two. The last one first: Graphviz
    stacks what is not connected from the bottom up."""
    seats = [each for each in kind.connectors if each.name.startswith("S")]
    return [each for each in kind.connectors if each not in seats[_SEATS_DRAWN:]][::-1]


def harness_text(kind: DeviceClass) -> str:
    """YAML for WireViz 0.4."""
    lines = [_HEAD, f"# {kind.title[1]}", "", "options:", "  fontname: DejaVu Sans", "  bgcolor: WH", ""]
    ports = list(enumerate(kind.ports, 1))[::-1]
    lines += ["connectors:"]
    for number, port in ports:
        lines += [f"  P{number}:", f"    type: {_quoted(port.name)}", "    subtype: on the board"]
        lines += ["    pinlabels: [ready-made]", "    bgcolor_title: LB"]
        lines += [f"  P{number}X:", f"    type: {_quoted(port.title)}", f"    subtype: {_quoted(port.part)}"]
        lines += ["    pinlabels: [ready-made]"]
        if port.instead:
            lines += [f"    notes: {_quoted(f'in a hall on wires, instead of {port.instead}: never both')}"]
    for connector in drawn(kind):
        lines += _board_side(kind, connector) + _far_side(connector)
    lines += ["", "cables:"]
    for connector in drawn(kind):
        lines += _cable(connector)
    for number, port in ports:
        lines += [f"  WP{number}:", f"    type: {_quoted(port.cable)}", f"    length: {port.length_m:g}"]
        lines += ["    wirecount: 1", "    colors: [GY]"]
    lines += ["", "connections:"]
    for number, _ in ports:
        lines += ["  -", f"    - P{number}: 1", f"    - WP{number}: 1", f"    - P{number}X: 1"]
    for connector in drawn(kind):
        pins = f"[1-{len(connector.wires)}]"
        lines += ["  -", f"    - {connector.name}: {pins}", f"    - W{connector.name}: {pins}"]
        lines += [f"    - {connector.name}X: {pins}"]
    return "\n".join(lines) + "\n"


def _board_side(kind: DeviceClass, connector: Connector) -> list[str]:
    labels = [
        " · ".join(filter(None, (wire.source, f"pin {wire.header_pin}", wire.via)))
        if wire.gpio is not None
        else wire.source
        for wire in connector.wires
    ]
    behind_expander = any(wire.port for wire in connector.wires)
    lines = [
        f"  {connector.name}:",
        f"    type: {_quoted('expander box' if behind_expander else kind.carrier or kind.board.title)}",
        f"    subtype: {_quoted(connector.plug)}",
        f"    pinlabels: {_listed(labels)}",
        "    bgcolor_title: LB",
    ]
    return lines if kind.driven else [*lines, '    notes: "PLAN: no firmware of today drives this"']


def _far_side(connector: Connector) -> list[str]:
    lines = [
        f"  {connector.name}X:",
        f"    type: {_quoted(connector.title)}",
        f"    subtype: {_quoted(connector.part)}",
        f"    pinlabels: {_listed([wire.signal for wire in connector.wires])}",
    ]
    if connector.devices:
        chips = "\n".join(f"{device.chip} at 0x{device.address:02X}" for device in connector.devices)
        lines.append(f"    notes: {_quoted(chips)}")
    return lines


def _cable(connector: Connector) -> list[str]:
    return [
        f"  W{connector.name}:",
        f"    type: {_quoted(connector.cable)}",
        f"    length: {connector.length_m:g}",
        f"    wirecount: {len(connector.wires)}",
        f"    colors: [{', '.join(wire.colour for wire in connector.wires)}]",
    ]
