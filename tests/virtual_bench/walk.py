"""A device of a class, opened as its firmware does it, and every wire tried: what is not as it is wired."""

import threading
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from gpiozero import Device

from edge.ballot_keypad import claiming as keypad_claiming
from edge.ballot_keypad.adapters.hardware import Hardware as KeypadHardware
from edge.ballot_keypad.adapters.hardware import open_hardware as open_keypad_hardware
from edge.ballot_keypad.config import keypad_config
from edge.ballot_keypad.keys.layout import MATRIX
from edge.ballot_keypad.keys.press import Button
from edge.device.adapters.seed_file import HARDWARE_FILE
from edge.device.claim.pages import Page
from edge.device.claim.seed import Seed
from edge.device.claim.table import State
from edge.rollcall_gate import claiming as gate_claiming
from edge.rollcall_gate.adapters.hardware import Hardware as GateHardware
from edge.rollcall_gate.adapters.hardware import open_display
from edge.rollcall_gate.adapters.hardware import open_hardware as open_gate_hardware
from edge.rollcall_gate.config import wiring_of
from tests.contract.header_pins import Header
from tests.virtual_bench.loom import Loom, until
from tests.virtual_bench.medium import insert
from tests.virtual_bench.walk_gate import PATIENCE_S, at_rest, gate_faults
from tests.virtual_bench.walk_keypad import Glass, keypad_faults

WANTED: Final = Page(State.PLACED, "bench", ("Bấm nút của máy", "Press this device's button"), is_wanted=True)
_OK: Final = next((cap.row, cap.col) for cap in MATRIX if cap.button is Button.OK)


def now_ms() -> int:
    return time.monotonic_ns() // 1_000_000


@contextmanager
def on(header: Header) -> Iterator[None]:
    """gpiozero's default pins are these: the firmware names none."""
    Device.pin_factory = header.factory
    try:
        yield
    finally:
        Device.pin_factory = None


def open_gate(folder: Path, seed: Seed) -> GateHardware:
    """As edge/rollcall_gate/app.py opens its parts. Raises ConfigError, DoorError."""
    wiring = wiring_of(seed.parts, folder, str(folder / HARDWARE_FILE))
    return open_gate_hardware(wiring, open_display(wiring), now_ms)


def open_keypad(folder: Path, seed: Seed) -> KeypadHardware:
    """As edge/ballot_keypad/app.py opens its parts. Raises ConfigError."""
    config = keypad_config(seed.parts, str(folder / HARDWARE_FILE), simulated=seed.hands)
    return open_keypad_hardware(config, now_ms, seed.language)


def faults(folder: Path, loom: Loom, header: Header, text: str, glass: Glass | None = None) -> Generator[str]:
    """One sentence for each thing that is not as the wiring says, as it is found. folder: for the medium.
    text: hardware.toml. glass: of a keypad, where a display can answer."""
    seed = insert(folder, loom.kind, text)
    with on(header), ExitStack() as opened:
        if seed.role == "gate":
            gate = open_gate(folder, seed)
            opened.callback(gate.close)
            at_rest(loom)
            yield from gate_faults(gate, loom)
        else:
            keypad = open_keypad(folder, seed)
            opened.callback(keypad.close)
            yield from keypad_faults(keypad, loom, glass)
        yield from _claim_faults(folder, seed, loom)


def _claim_faults(folder: Path, seed: Seed, loom: Loom) -> Iterator[str]:
    """The device's own button, as it is pressed while nobody's device becomes one of the hall."""
    is_gate = seed.role == "gate"
    claiming = gate_claiming if is_gate else keypad_claiming
    presence = claiming.open_presence(folder, seed, lambda: WANTED)
    pressed = threading.Event()

    def is_told() -> bool:
        presence.show(WANTED)
        return pressed.is_set()

    try:
        if is_gate:
            at_rest(loom)
        presence.start(pressed.set)
        if is_told():
            yield "while it waits to be claimed: it tells of a press, and nobody pressed"
        if is_gate:
            loom.make("claim")
        else:
            until(lambda: not loom.awake(), PATIENCE_S)  # a key that is down at the start is no press
            loom.press(_OK)
        if not until(is_told, PATIENCE_S):
            button = loom.place("claim") if is_gate else "OK"
            yield f"while it waits to be claimed: {button} is pressed, and the firmware tells of nothing"
    finally:
        presence.close()
        loom.press()
