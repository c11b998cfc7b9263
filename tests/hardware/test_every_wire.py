"""The firmware, opened with the generated config of each class, and every wire of pins.toml at the other end.

Here on gpiozero's mock pins; on the virtual bench the same walk meets the kernel's pins and buses.
"""

import re
from collections.abc import Generator
from contextlib import closing
from itertools import combinations
from pathlib import Path

import pytest

from hardware.adapters.source import classes
from hardware.configs import fields_of
from hardware.pins import DeviceClass
from tests.contract.header_pins import MockHeader, ToldPwmPin
from tests.virtual_bench.loom import Loom
from tests.virtual_bench.medium import generated, swapped
from tests.virtual_bench.walk import faults

KINDS = classes()
DISPLAY_WIRES = {"D/C", "RESET"}
"""They move when there is an SPI bus."""


def walked(folder: Path, kind: DeviceClass, text: str) -> tuple[Loom, Generator[str]]:
    header = MockHeader(ToldPwmPin)
    loom = Loom(kind, header)
    return loom, faults(folder, loom, header, text)


@pytest.mark.parametrize("name", ["gate", "keypad", "keypad-wide"])
def test_every_wire_does_what_it_is_wired_for(tmp_path: Path, name: str) -> None:
    kind = KINDS[name]
    loom, found = walked(tmp_path, kind, generated(kind))
    said = list(found)
    assert not said, "\n".join(said)
    assert loom.tried == {wire.signal for _, wire in kind.wires() if wire.field} - DISPLAY_WIRES


GATE_PINS = sorted(pin for name, pin in fields_of(KINDS["gate"]).items() if name.endswith("_pin_bcm"))


@pytest.mark.parametrize(("one", "other"), list(combinations(GATE_PINS, 2)))
def test_any_two_pins_of_a_gate_that_change_places_are_found(tmp_path: Path, one: int, other: int) -> None:
    kind = KINDS["gate"]
    _, found = walked(tmp_path, kind, swapped(generated(kind), one, other))
    with closing(found):
        sentence = next(found)
    assert re.search(rf"GPIO({one}|{other})\b", sentence), sentence


@pytest.mark.parametrize(
    ("one", "other", "says"),
    [
        ("row 1", "row 5", "YES is pressed (row 1, column 1): the firmware tells of clear;"),
        ("column 3", "column 4", "ABSTAIN is pressed (row 1, column 3): the firmware tells of blank;"),
        ("row 2", "tone", "when it is opened: the board drives row 2 (J1 pin 2, GPIO6: an input);"),
    ],
)
def test_two_pins_of_a_keypad_that_change_places_are_found(
    tmp_path: Path, one: str, other: str, says: str
) -> None:
    kind = KINDS["keypad"]
    _, walk = walked(tmp_path, kind, swapped(generated(kind), kind.gpio(one), kind.gpio(other)))
    with closing(walk) as found:
        assert says in next(found)
