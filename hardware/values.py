"""Values of the circuit pages, and the sums that say why they are those. Pure.

What a part can do is from its data sheet as recalled (hardware/parts.toml says which part), to be verified;
each sum takes the worst of it. Units last.
"""

from dataclasses import dataclass
from typing import Final

from hardware import power

LOGIC_V: Final = 3.3
PIN_MA_MAX: Final = 4.0
"""A pin of RP1 as it comes up; BCM2710 gives 8 mA (BCM2835 ARM Peripherals, pads)."""
PULL_OHM: Final = 50_000
"""A pin's own pull-up, the strongest of it."""
PULL_OHM_MAX: Final = 65_000
LOW_V_MAX: Final = 0.8
"""What every pin still reads as low."""
SUPPLY_V: Final = 24.0
SUPPLY_V_MAX: Final = 27.6
"""Of a supply that charges two lead batteries."""
SUPPLY_V_MIN: Final = 21.0
"""Of the same batteries when they are empty."""
HIGH_V_MIN: Final = 2.0
"""What every pin still reads as high."""

LED_V: Final = 1.2
CTR_MIN: Final = 0.63
"""Current transfer of the weakest optocoupler that parts.toml lets pass."""
CTR_LEFT: Final = 0.5
"""What heat and years leave of it."""
DARK_UA_MAX: Final = 10.0
"""What a dark coupler lets through when it is hot: 0.1 uA at 25 degrees, a hundred times that."""
LOCK_LED_OHM: Final = 680
PULL_DOWN_OHM: Final = 10_000
GATE_OHM: Final = 33_000
"""Both R3 and R4: half the supply is at the gate of Q1."""
GATE_V_NEEDED: Final = 4.5
GATE_V_MAX: Final = 20.0
THRESHOLD_V_MIN: Final = 0.6
"""Least of a 2N7000 (0.8) and its alternates (VN2222LL 0.6): THRESHOLD_MA flow there, and below it less."""
THRESHOLD_MA: Final = 1.0
COIL_HOLD_V_MAX: Final = 0.1 * SUPPLY_V
"""At so much a G5LE must have let go; above it, it may still hold."""
COIL_PULL_IN_V: Final = 0.75 * SUPPLY_V
COIL_OHM: Final = 1_440
SWITCH_MA_MAX: Final = 200.0
MAGNET_MA_MAX: Final = 500.0
CHAIN_FUSE_MA: Final = 1_000.0
AUX_FUSE_MA: Final = 500.0
FUSE_LOAD: Final = 0.75
"""Of its rating a fuse carries for years (makers' rule at 25 degrees)."""
FUSE_OPENS: Final = 2.75
"""So many times its rating opens a slow one in 0.6 to 10 s (IEC 60127-2 sheet 3; Littelfuse 218)."""
CHAIN_OHM: Final = 0.073 * 20
"""Both cores of the safety chain's cable, 73 ohm per km of loop, 20 m."""
LAMP_MA_MAX: Final = 50.0
BEAM_MA_MAX: Final = 60.0
"""Emitter and receiver of a pair."""
BUZZER_MA_MAX: Final = 30.0
DOOR_MA_MAX: Final = 1_400.0
"""What the door's supply gives besides charging."""
BATTERY_AH: Final = 7.0
"""At 0.35 A, in 20 h."""
BATTERY_5H_AH: Final = 5.95
"""What it gives where it is emptied in 5 h, at 1.19 A; a door takes less."""

BEAM_LED_OHM: Final = 4_700
BEAM_OUTPUT_V: Final = 2.0
"""Left over a receiver's open collector."""
BEAM_OUTPUT_MA_MAX: Final = 100.0
RESISTOR_MW_MAX: Final = 250.0

CONTACT_OHM: Final = 2_200
SERIES_OHM: Final = 1_000
FILTER_NF: Final = 100
WETTING_MA_MIN: Final = 1.0
"""A dry contact wants about this to stay clean."""

BASE_OHM: Final = 1_000
BASE_V: Final = 0.7
PIEZO_V: Final = 5.0
PIEZO_OHM: Final = 1_000
"""Beside the piezo, which is a capacitor: it lets it go."""
GAIN_MIN: Final = 30

DIODE_V: Final = 0.5
"""A 1N4148 at some ten microamperes."""
CORE_OHM_A_METRE: Final = 0.0575
"""A core of 0.34 mm2, stranded (recalled)."""
PLUG_OHM: Final = 2 * 0.04
"""Two contacts of a micro-USB plug: 30 milliohm new and 10 more once worn (Micro-USB specification)."""
LEAD_OHM: Final = 2 * 1.0 * CORE_OHM_A_METRE + PLUG_OHM
"""A keypad's lead of 1 m, soldered to its step-down."""
SPLITTER_LEAD_OHM: Final = 2 * 0.3 * CORE_OHM_A_METRE + PLUG_OHM
"""A PoE splitter's own lead of 0.3 m: what it may have, for no maker says it."""
STEP_DOWN_V_LEAST: Final = 4.8
SPLITTER_V_LEAST: Final = 4.75
"""What USB 2.0 asks of a port; to verify of a splitter."""
UNDERVOLTAGE_V: Final = 4.63
"""Below it a Raspberry Pi says undervoltage (vcgencmd get_throttled)."""

SEAT_LAMP_OHM: Final = 330
SEAT_LAMP_V: Final = 2.0
SEATS_OF_A_CHIP: Final = 2
LAMPS_OF_A_SEAT: Final = 3
EXPANDER_PULL_OHM: Final = 100_000
EXPANDER_PULL_OHM_MAX: Final = 125_000
EXPANDER_LEAK_UA: Final = 1.0
EXPANDER_HIGH_V_MIN: Final = 0.8 * LOGIC_V
EXPANDER_MA_MAX: Final = 150.0
"""An MCP23017 carries so much in all to ground (DS20001952D)."""


def milliamperes(volts: float, ohm: float) -> float:
    return volts / ohm * 1_000


def shown(ohm: float) -> str:
    """As it is written at a resistor: 680, 2.2 k."""
    return f"{ohm:g}" if ohm < 1_000 else f"{ohm / 1_000:g} k"


LOCK_LED_MA: Final = milliamperes(LOGIC_V - LED_V, LOCK_LED_OHM)
GATE_MA: Final = milliamperes(SUPPLY_V_MAX, 2 * GATE_OHM)
COIL_MA: Final = milliamperes(SUPPLY_V, COIL_OHM)
BEAM_LED_MA: Final = milliamperes(SUPPLY_V - LED_V - BEAM_OUTPUT_V, BEAM_LED_OHM)
BEAM_LED_MA_MAX: Final = milliamperes(SUPPLY_V_MAX - LED_V, BEAM_LED_OHM)
PULL_MA: Final = milliamperes(LOGIC_V, PULL_OHM)
ROW_UA: Final = milliamperes(LOGIC_V - DIODE_V, PULL_OHM) * 1_000
CONTACT_MA: Final = milliamperes(LOGIC_V, CONTACT_OHM)
SETTLE_MS: Final = (CONTACT_OHM + SERIES_OHM) * FILTER_NF * 1e-6
BASE_MA: Final = milliamperes(LOGIC_V - BASE_V, BASE_OHM)
PIEZO_MA: Final = milliamperes(PIEZO_V, PIEZO_OHM)
AUX_MA: Final = 3 * LAMP_MA_MAX + 2 * (BEAM_MA_MAX + BEAM_LED_MA_MAX) + BUZZER_MA_MAX
DOOR_MA: Final = COIL_MA + MAGNET_MA_MAX + AUX_MA
DOOR_HOURS: Final = BATTERY_5H_AH * power.AGED / DOOR_MA * 1_000
"""So long, at least, a battery in its third year feeds a door at its most. Secured the door is no longer than
its Pi runs, which is on PoE and so on the cabinet's UPS."""
LEAD_V: Final = sum(watts for _, watts in power.KEYPAD_WIFI.parts_w) / UNDERVOLTAGE_V * LEAD_OHM
"""A board takes its watts at whatever volts are left: the least of them counts."""
SPLITTER_LEAD_V: Final = (
    sum(watts for _, watts in power.KEYPAD_WIRED.parts_w) / UNDERVOLTAGE_V * SPLITTER_LEAD_OHM
)
SEAT_LAMP_MA: Final = milliamperes(LOGIC_V - SEAT_LAMP_V, SEAT_LAMP_OHM)


@dataclass(frozen=True, slots=True)
class Margin:
    """has must be no less than needs; both in the same unit."""

    words: str
    has: float
    needs: float


MARGINS: Final = (
    Margin("a pin of the Pi carries the lock's LED", PIN_MA_MAX, LOCK_LED_MA),
    Margin("U1 lifts the gate of Q1, old and hot", LOCK_LED_MA * CTR_MIN * CTR_LEFT, GATE_MA),
    Margin("U1, dark and hot, leaves Q1 off", THRESHOLD_V_MIN, DARK_UA_MAX * GATE_OHM * 1e-6),
    Margin(
        "K1 lets go of what Q1 carries at its threshold",
        milliamperes(COIL_HOLD_V_MAX, COIL_OHM),
        THRESHOLD_MA,
    ),
    Margin("Q1 is wholly on, on half of 20 V", 20.0 / 2, GATE_V_NEEDED),
    Margin("the gate of Q1 stands half of a full battery's volts", GATE_V_MAX, SUPPLY_V_MAX / 2),
    Margin("Q1 carries the coil", SWITCH_MA_MAX, milliamperes(SUPPLY_V_MAX, COIL_OHM)),
    Margin("F1 carries coil and magnet", CHAIN_FUSE_MA * FUSE_LOAD, COIL_MA + MAGNET_MA_MAX),
    Margin(
        "K1 pulls in behind the chain, on an empty battery",
        SUPPLY_V_MIN - (COIL_MA + MAGNET_MA_MAX) / 1_000 * CHAIN_OHM,
        COIL_PULL_IN_V,
    ),
    Margin("F2 carries lamps, beams and buzzer", AUX_FUSE_MA * FUSE_LOAD, AUX_MA),
    Margin("a short circuit on the supply alone opens F2", DOOR_MA_MAX, AUX_FUSE_MA * FUSE_OPENS),
    Margin("the door's supply carries all that hangs on it", DOOR_MA_MAX, DOOR_MA),
    Margin("a door empties its battery no faster than in 5 h", BATTERY_5H_AH / 5 * 1_000, DOOR_MA),
    Margin("a beam's coupler pulls its pin low, old and hot", BEAM_LED_MA * CTR_MIN * CTR_LEFT, PULL_MA),
    Margin(
        "a beam's coupler, dark and hot, leaves its pin high",
        LOGIC_V - DARK_UA_MAX * PULL_OHM_MAX * 1e-6,
        HIGH_V_MIN,
    ),
    Margin("a receiver sinks its LED", BEAM_OUTPUT_MA_MAX, BEAM_LED_MA_MAX),
    Margin("a beam's resistor stays cool", RESISTOR_MW_MAX, BEAM_LED_MA_MAX**2 * BEAM_LED_OHM / 1_000),
    Margin("a contact stays clean", CONTACT_MA, WETTING_MA_MIN),
    Margin("a pin of the Pi carries the base", PIN_MA_MAX, BASE_MA),
    Margin("the transistor carries piezo and resistor", BASE_MA * GAIN_MIN, PIEZO_MA),
    Margin("a pressed key reads as low", LOW_V_MAX, DIODE_V),
    Margin("a keypad's lead leaves enough of 5 V", STEP_DOWN_V_LEAST - LEAD_V, UNDERVOLTAGE_V),
    Margin("a splitter's lead leaves enough of 5 V", SPLITTER_V_LEAST - SPLITTER_LEAD_V, UNDERVOLTAGE_V),
    Margin("a pin of an expander sinks a seat's lamp", 8.0, SEAT_LAMP_MA),
    Margin(
        "an expander sinks all its lamps", EXPANDER_MA_MAX, SEATS_OF_A_CHIP * LAMPS_OF_A_SEAT * SEAT_LAMP_MA
    ),
    Margin(
        "a key that nobody presses reads as high",
        LOGIC_V - EXPANDER_LEAK_UA * EXPANDER_PULL_OHM_MAX * 1e-6,
        EXPANDER_HIGH_V_MIN,
    ),
)
"""What must hold with the worst of each part; tests/hardware asks each."""
