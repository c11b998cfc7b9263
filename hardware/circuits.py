"""Circuit pages, drawn by schemdraw: one picture each, pins and clamps by their numbers in pins.toml. Pure.

Values and sums are those of values.py and stand on the page itself. Why the door is wired as it is: ADR-0006.
"""

from collections.abc import Callable, Mapping
from typing import Final

from hardware import circuit_notes as notes
from hardware import values as v
from hardware.circuit_page import BLUE, GREY, NOTE, RED, Page, elm
from hardware.circuits_plans import claim_button, row_seat
from hardware.headers import PIN_OF_GPIO
from hardware.pins import DeviceClass


def lock_relay(kind: DeviceClass) -> Page:
    """Coil energised = secured. Everything that fails, fails released."""
    page = Page(
        "Door lock: relay with fail-safe wiring",
        "Current holds the door. Without power, program or cable, at fire and exit: released (ADR-0006).",
        (-2.6, 10.4),
    )
    _chain(page, kind, 8.0)
    page.dot((0.3, 8.0))
    page.part(elm.FuseIEC(), (0.3, 8.0), (0.3, 6.0), f"F2 {v.AUX_FUSE_MA:g} mA", where="bottom", offset=0.2)
    page.text((0.3, 5.6), "AUX24: lamps, beams, buzzer", colour=RED, to="center")
    page.wire((9.0, 8), (13.5, 8), colour=RED)
    page.text((11.6, 8.35), "SAFE24: dead when S1, S2 or S3 is open", colour=RED, to="center")
    _driver(page, kind)
    page.place(elm.NMos(), "drain", (9.6, 3.12))
    page.text((9.8, 2.2), "Q1 2N7000")
    page.wire((9.6, 1.45), (9.6, 0))
    page.ground((9.6, 0), "0 V")
    page.wire((9.6, 3.12), (9.6, 3.6))
    page.part(elm.RBox(), (9.6, 3.6), (9.6, 5.6), "K1 coil\n24 V", where="top", offset=0.2)
    page.wire((9.6, 5.6), (9.6, 8), colour=RED)
    page.dot((9.6, 6.2))
    page.dot((9.6, 8))
    page.dot((9.6, 5.6))
    page.dot((9.6, 3.6))
    page.wire((9.6, 3.6), (11, 3.6))
    page.wire((9.6, 5.6), (11, 5.6))
    page.part(elm.Diode(), (11, 3.6), (11, 5.6), "D1\n1N4007", where="bottom", offset=0.2)
    _lock_side(page, kind)
    page.notes((-2.6, -1.5), notes.LOCK, 148)
    return page


def _driver(page: Page, kind: DeviceClass) -> None:
    """From the Pi's pin over the coupler to the gate of Q1."""
    page.terminal((0, 3.4), kind.pin_words("lock +"))
    page.wire((0.1, 3.4), (1, 3.4))
    page.dot((1, 3.4))
    page.part(elm.ResistorIEC(), (1, 3.4), (1, 1.3), f"R2\n{v.shown(v.PULL_DOWN_OHM)}", where="bottom")
    page.part(elm.ResistorIEC(), (1, 3.4), (3, 3.4), f"R1 {v.shown(v.LOCK_LED_OHM)}")
    page.wire((3, 3.4), (3.6, 3.4))
    page.place(elm.Optocoupler(box=True), "anode", (3.6, 3.4))
    page.text((4.75, 3.95), "U1 PC817X2", to="center")
    page.wire((3.6, 1.9), (3.6, 1.3), (1, 1.3))
    page.dot((1, 1.3))
    page.ground((1, 1.3), "GND of the Pi")
    gate = v.shown(v.GATE_OHM)
    page.wire((6.0, 3.35), (6.4, 3.35), (6.4, 4.2))
    page.part(elm.ResistorIEC(), (6.4, 4.2), (6.4, 6.2), f"R3\n{gate}", where="bottom")
    page.wire((6.4, 6.2), (9.6, 6.2))
    page.wire((6.0, 1.95), (8.77, 1.95))
    page.dot((7.4, 1.95))
    page.part(elm.ResistorIEC(), (7.4, 1.95), (7.4, 0), f"R4\n{gate}", where="bottom")
    page.ground((7.4, 0), "0 V")


def _chain(page: Page, kind: DeviceClass, y: float) -> None:
    """From the supply through everything that must release the door, to SAFE24 at x = 9."""
    page.terminal((0, y), f"+24 V  {kind.clamp('+24 V', 'psu-24v-battery')}")
    page.part(elm.FuseIEC(), (0.1, y), (1.9, y), f"F1 {v.CHAIN_FUSE_MA / 1_000:g} A")
    page.terminal((2.1, y), "")
    page.text((2.1, y - 0.4), kind.clamp("chain out"), to="center")
    page.wire((1.9, y), (2.0, y))
    page.wire((2.2, y), (2.5, y))
    for x, words in ((2.5, "S1\nfire panel"), (4.5, "S2\nexit button"), (6.5, "S3\nbreak-glass")):
        page.part(elm.Button(nc=True), (x, y), (x + 2, y))
        page.text((x + 1, y + 0.95), words, to="center")
    page.wire((8.5, y), (8.9, y))
    page.terminal((9.0, y), "")
    page.text((8.9, y - 0.4), kind.clamp("chain back"), to="center")


def _lock_side(page: Page, kind: DeviceClass) -> None:
    """K1's contact, the magnet and its free-wheeling diode."""
    page.part(elm.Switch(), (13.5, 8), (13.5, 6), "K1 NO\n(open at rest)", where="bottom", offset=0.3)
    page.wire((13.5, 6), (13.5, 5.5))
    page.terminal((13.5, 5.4), kind.clamp("lock +"))
    page.wire((13.5, 5.3), (13.5, 4.7))
    page.dot((13.5, 4.7))
    page.part(
        elm.Inductor2(loops=3),
        (13.5, 4.7),
        (13.5, 2.5),
        f"holding magnet\n24 V, {v.MAGNET_MA_MAX / 1_000:g} A at most",
        where="bottom",
        offset=0.3,
    )
    page.wire((13.5, 4.7), (18, 4.7), (18, 4.6))
    page.part(elm.Diode(), (18, 2.5), (18, 4.6), "D2\n1N4007", where="bottom", offset=0.2)
    page.wire((13.5, 2.5), (18, 2.5))
    page.dot((13.5, 2.5))
    page.wire((13.5, 2.5), (13.5, 1.9))
    page.terminal((13.5, 1.8), kind.clamp("lock -"))
    page.wire((13.5, 1.7), (13.5, 1.2))
    page.ground((13.5, 1.2), f"0 V, {kind.clamp('0 V', 'psu-24v-battery')}")


def fire_and_exit(kind: DeviceClass) -> Page:
    """The chain that acts, and the loop that tells."""
    page = Page(
        "Fire and exit: what acts is wired, what tells is read",
        "The fire panel's relay has two poles: one opens the chain of the lock, the "
        "other tells the computer.",
        (-2.6, 11.0),
    )
    page.frame((-2.6, 6.6), (15.8, 9.4), "ACTS: in series with coil and lock, no program between")
    _chain(page, kind, 7.7)
    page.wire((9.0, 7.7), (10.4, 7.7), colour=RED)
    page.text((10.6, 7.7), "SAFE24, to K1 and lock", colour=RED)
    page.frame((-2.6, 0.2), (15.8, 6.0), "TELLS: for the record and the display")
    page.terminal((2.1, 3.4), kind.clamp("fire"))
    page.part(elm.Button(nc=True), (-1.2, 3.4), (-1.2, 1.6))
    page.text((-0.8, 2.5), "S1, second pole:\nmade at rest")
    page.wire((-1.2, 3.4), (-1.2, 4.4), (2.1, 4.4), (2.1, 3.5))
    page.wire((-1.2, 1.6), (-1.2, 1.1), (2.0, 1.1))
    page.terminal((2.1, 1.1), "")
    page.text((2.4, 1.1), kind.clamp("GND", "fire-panel-contact"))
    page.wire((2.1, 1.0), (2.1, 0.95))
    page.drawing += elm.GroundSignal().at((2.1, 0.95)).theta(0)
    page.wire((2.2, 3.4), (6.6, 3.4))
    for x in (3.8, 5.4):
        page.dot((x, 3.4))
    page.part(
        elm.ResistorIEC(), (3.8, 3.4), (3.8, 4.85), f"R6\n{v.shown(v.CONTACT_OHM)}", where="top", offset=0.15
    )
    page.drawing += elm.Vdd().at((3.8, 4.85)).theta(0)
    page.text((4.2, 5.3), "3.3 V", colour=RED)
    page.part(elm.Zener(), (5.4, 1.4), (5.4, 3.4), "D3\nPESD3V3", where="bottom", offset=0.15)
    page.ground((5.4, 1.4), "GND")
    page.part(elm.ResistorIEC(), (7.0, 3.4), (9.0, 3.4), f"R5 {v.shown(v.SERIES_OHM)}")
    page.wire((6.6, 3.4), (7.0, 3.4))
    page.dot((9.6, 3.4))
    page.wire((9.0, 3.4), (10.9, 3.4))
    page.part(elm.Capacitor(), (9.6, 3.4), (9.6, 1.4), f"C1\n{v.FILTER_NF} n", where="bottom", offset=0.15)
    page.ground((9.6, 1.4), "GND")
    page.terminal((11, 3.4), kind.pin_words("fire"), to="left")
    page.text((11.25, 2.95), "low: at rest", colour=GREY)
    page.text((11.25, 2.55), "high: alarm, or a cut wire", colour=GREY)
    _truth(page, kind)
    return page


def _truth(page: Page, kind: DeviceClass) -> None:
    chain, tells = (kind.clamp(signal).partition("-")[0] for signal in ("chain out", "fire"))
    rows = (
        ("what happens", "SAFE24", "lock", "fire pin", "who acted"),
        ("at rest, door secured by the gate", "24 V", "holds", "low", "the program"),
        ("fire alarm", "0 V", "lets go", "high", "the panel's relay"),
        ("exit button, while pressed", "0 V", "lets go", "low", "the button"),
        ("break-glass, until it is reset", "0 V", "lets go", "low", "the button"),
        (f"cable of {chain} cut", "0 V", "lets go", "low", "the wire itself"),
        (f"cable of {tells} cut", "24 V", "lets go", "high", "the program"),
        ("24 V gone, or battery empty", "0 V", "lets go", "low", "nobody"),
        ("Pi dead, killed or unplugged", "24 V", "lets go", "(nobody reads)", "R2 and R4"),
    )
    for number, row in enumerate(rows):
        y = -0.4 - 0.48 * number
        for x, words in zip((-2.6, 4.6, 6.6, 8.6, 11.6), row, strict=True):
            page.text((x, y), words, size=NOTE, colour=GREY if number == 0 else "black")
    page.wire((-2.6, -0.65), (15.8, -0.65), colour=GREY)
    page.notes((-2.6, -0.9 - 0.48 * len(rows)), notes.chain(chain), 118)


def level_shifting(kind: DeviceClass) -> Page:
    """What stands between 24 V, 5 V and pins of 3.3 V."""
    page = Page(
        "Level shifting: nothing above 3.3 V reaches a pin",
        "One cell for each kind of line; via in hardware/pins.toml says which line has "
        "which. Pins as examples.",
        (-2.6, 11.4),
    )
    _opto_input(page, kind)
    _low_side(page, kind)
    _contact_input(page, kind)
    _tone(page)
    page.notes((-2.6, -0.75), notes.SHIFTING, 150)
    return page


def _opto_input(page: Page, kind: DeviceClass) -> None:
    page.frame((-2.6, 5.5), (8.6, 10.0), "via = opto: a beam's receiver, NPN, 24 V")
    page.terminal((0.5, 9.0), f"AUX24  {kind.clamp('+24 V', 'beam-receiver-npn')}")
    page.part(elm.ResistorIEC(), (0.6, 9.0), (2.2, 9.0), v.shown(v.BEAM_LED_OHM))
    page.wire((2.2, 9.0), (2.8, 9.0), (2.8, 8.2))
    page.place(elm.Optocoupler(box=True), "anode", (2.8, 8.2))
    page.text((3.95, 8.75), "PC817X2", to="center")
    page.wire((2.8, 6.7), (2.8, 6.2), (0.6, 6.2))
    page.terminal((0.5, 6.2), f"beam A  {kind.clamp('beam A')}")
    page.wire((5.2, 8.15), (5.8, 8.15))
    page.terminal((5.9, 8.15), "", to="left")
    page.text((5.7, 8.65), kind.pin_words("beam A"))
    page.text((5.7, 7.75), f"own pull-up, {v.shown(v.PULL_OHM)}", colour=GREY)
    page.wire((5.2, 6.75), (5.2, 6.5))
    page.ground((5.2, 6.5), "GND")


def _low_side(page: Page, kind: DeviceClass) -> None:
    page.frame((9.2, 5.5), (19.4, 10.0), "via = low-side: lamps and buzzer, 24 V")
    for number, signal in enumerate(("red", "green", "amber", "buzzer")):
        y = 9.0 - 0.85 * number
        page.terminal((12.0, y), kind.pin_words(signal))
        page.wire((12.1, y), (12.8, y))
        page.wire((15.0, y), (15.7, y))
        page.terminal((15.8, y), f"{signal}  {kind.clamp(signal)}", to="left")
    page.drawing += elm.Rect(corner1=(12.8, 6.0), corner2=(15.0, 9.4)).at((0, 0)).theta(0)
    page.text((13.9, 8.0), "U2\nULN2803A", to="center")
    page.text((13.9, 6.7), "COM: AUX24\nGND: 0 V", to="center", colour=GREY)
    page.text((15.6, 5.9), "their other ends: AUX24", colour=GREY)


def _contact_input(page: Page, kind: DeviceClass) -> None:
    page.frame((-2.6, 0.0), (8.6, 4.6), "via = contact-input: reed, jam, fire, claim")
    page.terminal((0.2, 2.4), kind.clamp("reed"))
    page.wire((0.3, 2.4), (3.4, 2.4))
    page.dot((1.4, 2.4))
    page.dot((2.6, 2.4))
    page.part(elm.ResistorIEC(), (1.4, 2.4), (1.4, 3.75), v.shown(v.CONTACT_OHM), where="top", offset=0.15)
    page.drawing += elm.Vdd().at((1.4, 3.75)).theta(0)
    page.text((1.75, 4.2), "3.3 V", colour=RED)
    page.part(elm.Zener(), (2.6, 1.1), (2.6, 2.4), "PESD3V3", where="bottom", offset=0.15)
    page.drawing += elm.GroundSignal().at((2.6, 1.1)).theta(0)
    page.part(elm.ResistorIEC(), (3.4, 2.4), (5.0, 2.4), v.shown(v.SERIES_OHM))
    page.wire((5.0, 2.4), (5.9, 2.4))
    page.dot((5.3, 2.4))
    page.part(elm.Capacitor(), (5.3, 2.4), (5.3, 1.1), f"{v.FILTER_NF} n", where="bottom", offset=0.15)
    page.ground((5.3, 1.1), "GND")
    page.terminal((6.0, 2.4), "", to="left")
    page.text((5.7, 2.85), kind.pin_words("reed"))


def _tone(page: Page) -> None:
    page.frame((9.2, 0.0), (19.4, 4.6), "via = transistor: passive buzzer of a keypad, 5 V")
    page.terminal((11.6, 1.9), "tone, 3.3 V")
    page.part(elm.ResistorIEC(), (11.7, 1.9), (13.3, 1.9), v.shown(v.BASE_OHM))
    page.wire((13.3, 1.9), (14.25, 1.9))
    page.dot((13.6, 1.9))
    page.part(elm.ResistorIEC(), (13.6, 1.9), (13.6, 0.8))
    page.text((13.15, 1.35), v.shown(v.PULL_DOWN_OHM), to="right")
    page.drawing += elm.GroundSignal().at((13.6, 0.8)).theta(0)
    page.place(elm.BjtNpn(circle=False), "base", (14.25, 1.9))
    page.text((15.3, 1.75), "2N3904")
    page.wire((15.0, 1.2), (15.0, 0.8))
    page.ground((15.0, 0.8), "GND")
    page.part(elm.RBox(), (15.0, 2.6), (15.0, 3.9), "PS1240", where="top", offset=0.15)
    page.wire((15.0, 2.6), (16.9, 2.6))
    page.part(elm.ResistorIEC(), (16.9, 2.6), (16.9, 3.9), v.shown(v.PIEZO_OHM), where="bottom", offset=0.15)
    page.wire((15.0, 3.9), (16.9, 3.9))
    page.dot((16.9, 3.9))
    page.wire((16.9, 3.9), (17.7, 3.9))
    page.terminal((17.8, 3.9), "5 V", to="left")


def keypad_matrix(kind: DeviceClass) -> Page:
    """Twenty keys with their diodes; the columns are pulled low one at a time."""
    rows = [(wire.signal, wire.gpio) for _, wire in kind.wires() if wire.field.startswith("row_pins")]
    cols = [(wire.signal, wire.gpio) for _, wire in kind.wires() if wire.field.startswith("col_pins")]
    page = Page(
        "Keypad: 5 rows x 4 columns, a diode at every key",
        "Rows are inputs with the pin's own pull-up; one column at a time is pulled low, the others float.",
        (-2.9, 13.9),
    )
    step_x, step_y, top = 3.6, 2.1, 12.0
    for c, (signal, gpio) in enumerate(cols):
        x = 2.6 + c * step_x
        page.wire((x, top + 0.4), (x, 1.6), colour=BLUE)
        page.terminal((x, 1.5), "")
        page.text((x, 0.85), f"{signal}\nGPIO{gpio}, pin {PIN_OF_GPIO[gpio or 0]}", to="center")
    for r, (signal, gpio) in enumerate(rows):
        y = top - r * step_y
        page.wire((0.1, y), (2.6 + 3 * step_x - 1.9, y), colour=RED)
        page.terminal((0, y), f"{signal}  GPIO{gpio}, pin {PIN_OF_GPIO[gpio or 0]}")
        for c in range(len(cols)):
            x = 2.6 + c * step_x
            page.dot((x - 1.9, y))
            page.part(elm.Button(), (x - 1.9, y), (x - 1.9, y - 1.2))
            page.part(elm.Diode(), (x - 1.9, y - 1.2), (x, y - 1.2))
            page.dot((x, y - 1.2))
            page.text((x - 1.35, y - 0.55), CAPS[r][c], colour=GREY)
    page.notes((-2.9, -0.3), notes.MATRIX, 112)
    return page


CAPS: Final = (
    ("YES", "NO", "ABSTAIN", "BLANK"),
    ("1", "2", "3", "BACK"),
    ("4", "5", "6", "UP"),
    ("7", "8", "9", "DOWN"),
    ("CLEAR", "0", "OK", "CHECK"),
)
"""What stands on the keys, row 1 first; a test compares with the firmware's layout."""

PAGES: Final[Mapping[str, tuple[str, Callable[[DeviceClass], Page]]]] = {
    "lock-relay": ("gate", lock_relay),
    "fire-and-exit": ("gate", fire_and_exit),
    "level-shifting": ("gate", level_shifting),
    "keypad-matrix": ("keypad", keypad_matrix),
    "row-seat": ("row", row_seat),
    "claim-button": ("board", claim_button),
}
"""Name of the page -> the class whose pins it shows, and who draws it."""
