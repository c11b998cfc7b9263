"""What stands below the circuit pages: what each value does, with its sum, and what fails how. Pure."""

import re
from typing import Final

from hardware import values as v

_UNIT: Final = re.compile(r"(\d)\s(V|mA|uA|A|ms|k|n|m|ohm)\b")
_GATE: Final = v.shown(v.GATE_OHM)
_CONTACT: Final = v.shown(v.CONTACT_OHM)


def _paragraphs(text: str) -> tuple[str, ...]:
    """Those that an empty line parts, each without its line breaks; the page makes its own, but none between
    a number and its unit."""
    return tuple(
        _UNIT.sub("\\1\u00a0\\2", " ".join(each.split())) for each in text.split("\n\n") if each.strip()
    )


LOCK: Final = _paragraphs(f"""
K1: G5LE-1-E DC24. Its make contact (NO) carries the lock: without coil current the door is released.

R1: ({v.LOGIC_V} - {v.LED_V}) V / {v.LOCK_LED_OHM} ohm = {v.LOCK_LED_MA:.1f} mA through U1's LED, of the
{v.PIN_MA_MAX:g} mA that a pin gives. At {v.CTR_MIN:.0%} U1 passes {v.LOCK_LED_MA * v.CTR_MIN:.1f} mA, old
and hot {v.LOCK_LED_MA * v.CTR_MIN * v.CTR_LEFT:.1f} mA.

R3, R4: they need {v.SUPPLY_V_MAX} V / (2 x {_GATE}) = {v.GATE_MA:.1f} mA of it. At the gate of Q1 is half
the supply: {v.SUPPLY_V / 2:g} V, {v.SUPPLY_V_MAX / 2:g} V while the battery is charged; it stands
{v.GATE_V_MAX:g} V.

Q1: carries the coil, {v.SUPPLY_V:g} V / {v.COIL_OHM:,} ohm = {v.COIL_MA:.0f} mA. R4 holds it off while U1
is dark: pin low, pin an input, Pi unplugged or dead.

F2 feeds what is no lock. A short circuit there releases the door until F2 opens: within 10 s on the
supply's {v.DOOR_MA_MAX / 1_000:g} A, {v.FUSE_OPENS} times {v.AUX_FUSE_MA:g} mA (to verify: a supply that
stops and tries again may never open it). F1 needs a battery to open; without one the volts fall, and the
door is released too.

R2: the pull-down of ADR-0006; a pin that the program has given back is an input without a pull.

D1, D2: let the current of coil and magnet (at most {v.MAGNET_MA_MAX / 1_000:g} A) die away, so that K1,
S1, S2 and S3 do not spark; the magnet lets go some ten ms later.

A welded K1 or a shorted Q1 holds the door against the program, but not against S1, S2 and S3: they feed
coil and lock.
""")


def chain(name: str) -> tuple[str, ...]:
    """name: the connector of the safety chain."""
    return _paragraphs(f"""
Nothing shows when the two cores of {name} touch: S1, S2 and S3 are bridged. Then only the program obeys an
alarm, and no button releases. Lay that cable where nothing crushes it, and try panel, button and break-glass
each month.

Who goes out by S2 or S3 is a forced door in the log: the program is told of S1 alone.

A killed program lets go only with dtparam=strict_gpiod; the bring-up sheet tries it at each gate.

R6: {v.LOGIC_V} V / {_CONTACT} = {v.CONTACT_MA:.1f} mA keeps a dry contact clean. R5, R6 and C1 settle in
{v.SETTLE_MS:.2f} ms. D3 takes what 20 m of cable catch.
""")


SHIFTING: Final = _paragraphs(f"""
opto: ({v.SUPPLY_V:g} - {v.LED_V} - {v.BEAM_OUTPUT_V:g}) V / {v.shown(v.BEAM_LED_OHM)} =
{v.BEAM_LED_MA:.1f} mA; at {v.CTR_MIN:.0%}, old and hot, {v.BEAM_LED_MA * v.CTR_MIN * v.CTR_LEFT:.1f} mA
pull against {v.PULL_MA * 1_000:.0f} uA of the pin. Low: it sees its beam. High: broken, or a cut wire.

low-side: 2.7 k stand inside each input, on at 2.4 V. Pins 9 to 27 are pulled low until the program runs (on
RP1 to be verified): lamps dark, buzzer still. Its diodes to COM take what a coil gives back.

contact-input: {v.LOGIC_V} V / {_CONTACT} = {v.CONTACT_MA:.1f} mA keeps a dry contact clean; ({_CONTACT} +
{v.shown(v.SERIES_OHM)}) x {v.FILTER_NF} n = {v.SETTLE_MS:.2f} ms.

transistor: ({v.LOGIC_V} - {v.BASE_V}) V / {v.shown(v.BASE_OHM)} = {v.BASE_MA:.1f} mA switch {v.PIEZO_V:g}
V / {v.shown(v.PIEZO_OHM)} = {v.PIEZO_MA:.0f} mA; {v.shown(v.PULL_DOWN_OHM)} keep it off until the program
runs. 5 V never reach the pin.
""")

MATRIX: Final = _paragraphs(f"""
D1 … D20: 1N4148, cathode to the column: three keys cannot raise a fourth (a ghost). Say diodes = true.

A pressed key pulls its row to its diode's {v.DIODE_V} V, at ({v.LOGIC_V} - {v.DIODE_V}) V /
{v.shown(v.PULL_OHM)} = {v.ROW_UA:.0f} uA: low is below {v.LOW_V_MAX} V.

Columns never drive high: two keys in one row short nothing. Caps: edge/ballot_keypad/keys/layout.py.

B3F's data sheet names {v.WETTING_MA_MIN:g} mA at least (recalled), and {v.ROW_UA:.0f} uA are less. Try a
thousand presses before ordering; where one is lost, take a B3F with gold contacts.
""")

_KEY_UA: Final = v.milliamperes(v.LOGIC_V, v.EXPANDER_PULL_OHM) * 1_000
_LAMP: Final = v.SEAT_LAMP_MA
_REST: Final = v.LOGIC_V - v.EXPANDER_LEAK_UA * v.EXPANDER_PULL_OHM_MAX * 1e-6
ROW: Final = _paragraphs(f"""
Keys: the chip's own pull-up, {v.shown(v.EXPANDER_PULL_OHM)}; low is pressed. Its leak of
{v.EXPANDER_LEAK_UA:g} uA leaves {_REST:.1f} V, and {v.EXPANDER_HIGH_V_MIN:.2f} V still read as high.
B3F's data sheet names {v.WETTING_MA_MIN:g} mA at least (recalled), and {_KEY_UA:.0f} uA are less: try a
thousand presses.

Lamps: ({v.LOGIC_V} - {v.SEAT_LAMP_V:g}) V / {v.SEAT_LAMP_OHM} ohm = {_LAMP:.1f} mA, low is lit: all six of
a chip {6 * _LAMP:.0f} mA of its {v.EXPANDER_MA_MAX:g} mA, all 24 of a row {24 * _LAMP:.0f} mA of the Pi's
3.3 V. Port 7 is an output only.

INT: of all chips together, {v.LOGIC_V} V / {v.shown(v.PULL_DOWN_OHM)} =
{v.milliamperes(v.LOGIC_V, v.PULL_DOWN_OHM):.2f} mA. Chips start with outputs that drive: IOCON = 0x44 (open
drain, INTA and INTB mirrored) in each of them before any is told to interrupt.

Missing before one is built: what keeps a touched plug (ESD) and a seat's short circuit of 3.3 V from the
other seats. Five keys and no display: what a secret vote needs is not solved either.
""")

BUTTON: Final = _paragraphs(f"""
The pin's own pull-up holds it, {v.LOGIC_V} V / {v.shown(v.PULL_OHM)} = {v.PULL_MA * 1_000:.0f} uA; GPIO 0
to 8 are pulled up from power-on (on RP1 to be verified): nothing is pressed while the board starts.

{v.PULL_MA * 1_000:.0f} uA do not keep a contact clean as a gate's {v.CONTACT_MA:.1f} mA do: press again
where it is not seen. It is pressed once.

Leads of 0.2 m inside a metal case: nothing between them and the pin.
""")
