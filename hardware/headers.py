"""What each pin of a Raspberry Pi's 40-pin header can do. Pure.

Sources, read on 2026-11-27:
- Numbers and supplies of the header: Raspberry Pi documentation, "GPIO and the 40-pin header"; the same on
  every board since the B+.
- BCM2710 (Zero 2 W: RP3A0 holds a BCM2710A1, whose pins are those of BCM2835): "BCM2835 ARM Peripherals",
  table 6-31, pages 102 to 103.
- RP1, which has the header of a board with BCM2712 (Pi 5, CM5): "RP1 Peripherals", table of the functions of
  bank 0.
- Both tables were compared with what Raspberry Pi's own tool `pinctrl` knows (raspberrypi/utils,
  pinctrl/gpiochip_bcm2835.c and gpiochip_rp1.c).
- Pull at reset: BCM2835 ARM Peripherals, page 102: GPIO 0 to 8 up, 9 to 27 down. That RP1 comes up alike is
  from "RP1 Peripherals" as remembered: to be verified on a board.
- GPIO 2 and 3 have 1.8 kΩ to 3.3 V on the board (Raspberry Pi documentation, same page).

Only functions that something of ours could want stand here: buses, PWM, serial lines, clocks, sound.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

GPIO_MAX: Final = 27
PINS: Final = 40

SUPPLIES: Final[Mapping[int, str]] = {
    1: "3V3", 2: "5V", 4: "5V", 6: "GND", 9: "GND", 14: "GND", 17: "3V3", 20: "GND", 25: "GND", 30: "GND",
    34: "GND", 39: "GND",
}  # fmt: skip
"""Header pin -> what it gives."""
SUPPLY_VOLTS: Final = {"3V3": 3.3, "5V": 5.0, "GND": 0.0}

PIN_OF_GPIO: Final[Mapping[int, int]] = {
    0: 27, 1: 28, 2: 3, 3: 5, 4: 7, 5: 29, 6: 31, 7: 26, 8: 24, 9: 21, 10: 19, 11: 23, 12: 32, 13: 33, 14: 8,
    15: 10, 16: 36, 17: 11, 18: 12, 19: 35, 20: 38, 21: 40, 22: 15, 23: 16, 24: 18, 25: 22, 26: 37, 27: 13,
}  # fmt: skip
GPIO_OF_PIN: Final = {pin: gpio for gpio, pin in PIN_OF_GPIO.items()}

RESERVED: Final[Mapping[int, str]] = {
    0: "the identity EEPROM of a HAT (ID_SD)",
    1: "the identity EEPROM of a HAT (ID_SC)",
    14: "the serial console (TXD), with which a board that does not start is looked into",
    15: "the serial console (RXD), with which a board that does not start is looked into",
}
"""BCM number -> what it is kept for."""

KEPT_BY_BUS: Final[Mapping[int, str]] = {
    2: "i2c1", 3: "i2c1", 7: "spi0", 8: "spi0", 9: "spi0", 10: "spi0", 11: "spi0",
}  # fmt: skip
"""BCM number -> the bus that takes it whole once it is on, whatever of it is wired: `dtparam=i2c_arm=on`,
`dtparam=spi=on` with both its chip selects (Raspberry Pi firmware, overlays/README)."""

PULLED_UP_ON_BOARD: Final = frozenset({2, 3})
"""1.8 kΩ to 3.3 V: no pull-down of a pin can overcome it."""

_BCM2710: Final[Mapping[int, str]] = {
    0: "i2c0-sda", 1: "i2c0-scl", 2: "i2c1-sda", 3: "i2c1-scl", 4: "gpclk0", 5: "gpclk1", 6: "gpclk2",
    7: "spi0-ce1", 8: "spi0-ce0", 9: "spi0-miso", 10: "spi0-mosi", 11: "spi0-sclk", 12: "pwm0", 13: "pwm1",
    14: "uart0-txd uart1-txd", 15: "uart0-rxd uart1-rxd", 16: "uart0-cts spi1-ce2 uart1-cts",
    17: "uart0-rts spi1-ce1 uart1-rts", 18: "pcm-clk spi1-ce0 pwm0", 19: "pcm-fs spi1-miso pwm1",
    20: "pcm-din spi1-mosi gpclk0", 21: "pcm-dout spi1-sclk gpclk1",
    22: "", 23: "", 24: "", 25: "", 26: "", 27: "",
}  # fmt: skip
_RP1: Final[Mapping[int, str]] = {
    0: "i2c0-sda uart1-txd spi2-ce0", 1: "i2c0-scl uart1-rxd spi2-miso",
    2: "i2c1-sda uart1-cts spi2-mosi spi0-ce3", 3: "i2c1-scl uart1-rts spi2-sclk spi0-ce2",
    4: "i2c2-sda uart2-txd spi3-ce0 gpclk0", 5: "i2c2-scl uart2-rxd spi3-miso gpclk1",
    6: "i2c3-sda uart2-cts spi3-mosi gpclk2", 7: "i2c3-scl uart2-rts spi3-sclk spi0-ce1",
    8: "i2c0-sda uart3-txd spi4-ce0 spi0-ce0", 9: "i2c0-scl uart3-rxd spi0-miso",
    10: "i2c1-sda uart3-cts spi0-mosi", 11: "i2c1-scl uart3-rts spi4-sclk spi0-sclk",
    12: "i2c2-sda uart4-txd spi5-ce0 pwm0", 13: "i2c2-scl uart4-rxd spi5-miso pwm1",
    14: "i2c3-sda uart4-cts uart0-txd spi5-mosi pwm2", 15: "i2c3-scl uart4-rts uart0-rxd spi5-sclk pwm3",
    16: "uart0-cts spi1-ce2", 17: "uart0-rts spi1-ce1", 18: "pcm-clk spi1-ce0 pwm2 gpclk1",
    19: "pcm-fs spi1-miso pwm3", 20: "pcm-din spi1-mosi gpclk0", 21: "pcm-dout spi1-sclk gpclk1",
    22: "i2c3-sda", 23: "i2c3-scl", 24: "spi2-ce1", 25: "spi3-ce1", 26: "spi5-ce1", 27: "spi1-ce1",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Board:
    """chip: whose pins the header has. functions: BCM number -> names of the functions it can be switched
    to."""

    title: str
    chip: str
    functions: Mapping[int, frozenset[str]]


def _sets(table: Mapping[int, str]) -> dict[int, frozenset[str]]:
    return {gpio: frozenset(names.split()) for gpio, names in table.items()}


BOARDS: Final[Mapping[str, Board]] = {
    "rpi-5": Board("Raspberry Pi 5 / CM5", "BCM2712 with RP1", _sets(_RP1)),
    "rpi-zero-2-w": Board("Raspberry Pi Zero 2 W", "BCM2710", _sets(_BCM2710)),
}

PLAIN: Final = ("in", "out", "drain", "pwm")
"""What every pin can do. pwm: gpiozero's tone over lgpio is timed by software on any pin (lgpio
documentation, tx_pwm), so no pin of the PWM block is needed."""


def pull_at_reset(gpio: int) -> str:
    """What a pin does between power-on and the program: up or down."""
    return "up" if gpio <= 8 else "down"


def can_do(board: Board, gpio: int, function: str) -> bool:
    return function in PLAIN or function in board.functions[gpio]


def pin_name(pin: int) -> str:
    """What is printed beside a header pin: GPIO17, 3V3, GND."""
    return SUPPLIES.get(pin) or f"GPIO{GPIO_OF_PIN[pin]}"
