"""Circuit pages of the classes that are plans: a seat of the row unit, the button of the board. Pure.

As circuits.py: pins, clamps and ports by their names in pins.toml, values and sums from values.py.
"""

from typing import Final

from hardware import circuit_notes as notes
from hardware import values as v
from hardware.circuit_page import GREY, NOTE, RED, Page, elm
from hardware.pins import DeviceClass, Wire

_SEAT: Final = "seat-5-keys"
_BOX_X: Final = (5.4, 9.0)
_PLUG_X: Final = 11.5
_RAIL_X: Final = 17.6


def row_seat(kind: DeviceClass) -> Page:
    """One of the expanders, and the seat on its port A."""
    page = Page(
        "Row unit (a plan): one of its expanders, and a seat",
        "No firmware drives it. Odd seats are on port A of their expander, even ones on port B, wired alike.",
        (-2.6, 11.8),
    )
    page.frame((-2.6, 0.4), (9.6, 10.4), "the box: 0.3 m of I2C at most")
    page.frame((10.3, 0.4), (20.4, 10.4), "seat 1, on its own cable")
    low, high = _BOX_X
    page.drawing += elm.Rect(corner1=(low, 0.8), corner2=(high, 9.9)).at((0, 0)).theta(0)
    page.text((7.0, 6.5), "MCP23017\n0x20", to="center")
    page.text((7.0, 5.7), f"{v.FILTER_NF} n at VDD", to="center", colour=GREY)
    _bus(page, kind)
    (seat,) = (each for each in kind.connectors if each.name == "S1")
    keys = [wire for wire in seat.wires if wire.does == "in"]
    lamps = [wire for wire in seat.wires if wire.does == "out"]
    for number, wire in enumerate(keys):
        _key(page, kind, wire, 9.3 - 0.9 * number)
    for number, wire in enumerate(lamps):
        _lamp(page, kind, wire, 4.2 - 1.1 * number)
    for top, bottom, signal in ((9.3, 5.1, "GND"), (4.2, 1.1, "3.3 V")):
        page.wire((_RAIL_X, top), (_RAIL_X, bottom + 0.1))
        page.terminal((_RAIL_X, bottom), f"{kind.clamp(signal, _SEAT)}  {signal}", to="left")
    _addresses(page, kind)
    page.notes((-2.6, -1.1 - 0.48 * (len(kind.devices) + 1)), notes.ROW, 148)
    return page


def _bus(page: Page, kind: DeviceClass) -> None:
    """What comes from the Pi's header to the left side of the chip."""
    low = _BOX_X[0]
    for y, signal, name in ((8.5, "SDA", "SDA"), (7.7, "SCL", "SCL"), (4.1, "INT", "INTA, INTB")):
        words = f"{kind.clamp(signal)}  {kind.pin_words(signal)}"
        page.terminal((1.6, y), words)
        page.wire((1.7, y), (low, y))
        page.text((low + 0.15, y), name)
    for y, signal, name in ((9.4, "3.3 V", "VDD"), (1.3, "GND", "VSS")):
        (wire,) = (each for connector, each in kind.wires() if each.signal == signal and each.header)
        page.terminal((1.6, y), f"{kind.clamp(signal)}  {signal}, pin {wire.header}")
        page.wire((1.7, y), (low, y))
        page.text((low + 0.15, y), name)
    page.part(
        elm.ResistorIEC(), (2.9, 4.1), (2.9, 5.7), v.shown(v.PULL_DOWN_OHM), where="bottom", offset=0.15
    )
    page.dot((2.9, 4.1))
    page.drawing += elm.Vdd().at((2.9, 5.7)).theta(0)
    page.text((3.3, 6.15), "3.3 V", colour=RED)
    page.wire((low, 3.2), (4.6, 3.2))
    page.text((4.5, 3.2), "to 3.3 V", colour=GREY, to="right")
    page.text((low + 0.15, 3.2), "RESET")
    page.wire((low, 2.3), (4.6, 2.3))
    page.text((4.5, 2.3), "address, below", colour=GREY, to="right")
    page.text((low + 0.15, 2.3), "A2 A1 A0")


def _plug(page: Page, kind: DeviceClass, wire: Wire, y: float) -> None:
    """From the chip's port to the clamp of the seat's plug."""
    high = _BOX_X[1]
    page.text((high - 0.15, y), wire.port, to="right")
    page.wire((high, y), (_PLUG_X - 0.1, y))
    page.terminal((_PLUG_X, y), "")
    page.text((_PLUG_X - 0.2, y + 0.25), kind.clamp(wire.signal, _SEAT), to="right", colour=GREY)
    page.text((_PLUG_X + 0.2, y + 0.25), wire.signal)


def _key(page: Page, kind: DeviceClass, wire: Wire, y: float) -> None:
    _plug(page, kind, wire, y)
    page.wire((_PLUG_X + 0.1, y), (13.6, y))
    page.part(elm.Button(), (13.6, y), (15.4, y))
    page.wire((15.4, y), (_RAIL_X, y))
    page.dot((_RAIL_X, y))


def _lamp(page: Page, kind: DeviceClass, wire: Wire, y: float) -> None:
    _plug(page, kind, wire, y)
    page.wire((_PLUG_X + 0.1, y), (13.6, y))
    page.part(elm.LED(), (15.4, y), (13.6, y))
    page.part(elm.ResistorIEC(), (17.2, y), (15.4, y))
    page.text((16.3, y - 0.45), v.shown(v.SEAT_LAMP_OHM), to="center")
    page.wire((17.2, y), (_RAIL_X, y))
    page.dot((_RAIL_X, y))


def _addresses(page: Page, kind: DeviceClass) -> None:
    """How each chip of the box is strapped, and what hangs on it."""
    columns = (-2.6, 1.0, 4.6)
    rows = [("chip", "A2 A1 A0", "for")]
    for device in kind.devices:
        strapped = f"{device.address & 7:03b}" if device.chip == "MCP23017" else "fixed"
        rows.append((f"{device.chip} 0x{device.address:02X}", strapped, device.note or "the device's key"))
    for number, row in enumerate(rows):
        for x, words in zip(columns, row, strict=True):
            colour = GREY if number == 0 else "black"
            page.text((x, -0.4 - 0.48 * number), words, size=NOTE, colour=colour)


def claim_button(kind: DeviceClass) -> Page:
    """A contact straight at the header, held by the pin's own pull-up."""
    page = Page(
        "Board on the wall (a plan): its button",
        "No firmware reads it yet. It is wired where a gate has its own, so that a claim will find it.",
        (-2.6, 6.6),
    )
    page.frame((5.0, 0.2), (11.2, 5.2), "inside the chip")
    page.terminal((0.4, 2.4), kind.clamp("claim"))
    page.wire((0.5, 2.4), (7.6, 2.4))
    page.terminal((3.4, 2.4), "")
    page.text((3.4, 2.9), kind.pin_words("claim"), to="center")
    page.dot((6.6, 2.4))
    page.part(elm.ResistorIEC(), (6.6, 2.4), (6.6, 4.0), v.shown(v.PULL_OHM), where="bottom", offset=0.15)
    page.drawing += elm.Vdd().at((6.6, 4.0)).theta(0)
    page.text((7.0, 4.45), "3.3 V", colour=RED)
    page.text((7.8, 2.4), "read: low is pressed", colour=GREY)
    page.part(elm.Button(), (-0.9, 2.4), (-0.9, 0.6))
    page.wire((-0.9, 2.4), (-0.9, 3.4), (0.4, 3.4), (0.4, 2.5))
    page.wire((-0.9, 0.6), (0.3, 0.6))
    page.terminal((0.4, 0.6), "")
    page.text((0.4, 1.0), kind.clamp("GND"), to="center")
    page.wire((0.5, 0.6), (3.0, 0.6))
    page.ground((3.0, 0.6), f"pin {kind.connectors[0].wires[1].header}")
    page.notes((-2.6, -0.9), notes.BUTTON, 82)
    return page
