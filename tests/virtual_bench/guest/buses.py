"""Two chips on an I²C bus: 0x60, where a secure element answers, and 0x3C, where a display does.

The kernel's stub answers as chips with registers do (SMBus), and to nothing else: what a picture is sent
with, one long write, it refuses. The display's commands arrive; its pictures are for the suite of `Screen`.
"""

from pathlib import Path
from typing import Final

import pytest
from smbus2 import SMBus

from edge.ballot_keypad.adapters.luma_oled import LumaOled, i2c_wires
from edge.ballot_keypad.display.page import Page
from edge.ballot_keypad.errors import ScreenError

SECURE_ELEMENT: Final = 0x60
DISPLAY: Final = 0x3C
NOBODY: Final = 0x3D
COMMANDS: Final = 0x00  # control byte of an SSD1306: what follows are commands (datasheet rev. 1.1, 8.1.5.2)


def bus() -> int:
    """The number that the kernel gave to the stub."""
    names = Path("/sys/bus/i2c/devices").glob("i2c-*/name")
    found = [path for path in names if path.read_text("ascii").strip() == "SMBus stub driver"]
    return int(found[0].parent.name.removeprefix("i2c-"))


@pytest.mark.parametrize("address", [SECURE_ELEMENT, DISPLAY])
def test_a_chip_that_is_there_answers(address: int) -> None:
    with SMBus(bus()) as wires:
        wires.read_byte(address)


def test_where_no_chip_is_nobody_answers() -> None:
    with SMBus(bus()) as wires, pytest.raises(OSError, match="No such device"):
        wires.read_byte(NOBODY)


def test_the_displays_commands_arrive_as_they_were_sent() -> None:
    serial = i2c_wires(bus(), DISPLAY)()
    serial.command(0xAE, 0x81, 0x7F)
    serial.cleanup()
    with SMBus(bus()) as wires:
        assert wires.read_i2c_block_data(DISPLAY, COMMANDS, 3) == [0xAE, 0x81, 0x7F]


def test_a_display_that_is_not_there_is_said_with_what_to_do() -> None:
    screen = LumaOled("ssd1306", i2c_wires(bus(), NOBODY))
    with pytest.raises(ScreenError, match=r"the display ssd1306 does not answer.*check its cable"):
        screen.show(Page())
    screen.close()


def test_a_bus_that_is_not_switched_on_is_said_with_what_to_do() -> None:
    screen = LumaOled("ssd1306", i2c_wires(9, DISPLAY))
    with pytest.raises(ScreenError, match="the display ssd1306 does not answer"):
        screen.show(Page())
    screen.close()
