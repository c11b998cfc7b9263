"""A keypad's display at the other end of its bus: what its own chip was told, and what it holds.

The buses are those of `listening_buses.c`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from edge.ballot_keypad.adapters.luma_oled import SIZE
from hardware.pins import DeviceClass
from tests.contract.oled_memory import lit
from tests.virtual_bench.loom import Loom

_PAPERS: Final = Path("/sys/kernel/debug/listening-buses")
_PARAMETERS: Final = Path("/sys/module/listening_buses/parameters")
_CHIPS: Final = Path("/sys/class/gpio")
_COMMANDS, _DATA = 0x00, 0x40
"""Control bytes of an SSD1306 (datasheet rev. 1.1, 8.1.5.2)."""
Told = list[tuple[str, bytes]]


def plug_in(kind: DeviceClass) -> None:
    """Every chip of the class on the I2C bus, and no other."""
    addresses = ",".join(str(device.address) for device in kind.devices)
    (_PARAMETERS / "chips").write_text(addresses, "ascii")


class Paper:
    """What a bus wrote down since this was made."""

    def __init__(self, name: str) -> None:
        self._file = _PAPERS / name
        self._begin = len(self._file.read_bytes())

    def messages(self) -> Iterator[tuple[int, bytes]]:
        """The chip's address, or the level of its data/command leg; the bytes."""
        rest = self._file.read_bytes()[self._begin :]
        while rest:
            count = int.from_bytes(rest[1:3], "little")
            yield rest[0], rest[3 : 3 + count]
            rest = rest[3 + count :]


class _Chip:
    """Implements Glass, but for what tells commands from data."""

    def __init__(self, chip: str, paper: str, place: str) -> None:
        self._chip = chip
        self._paper = Paper(paper)
        self.place = place
        self.size = SIZE[chip]

    @property
    def heard(self) -> int:
        return sum(len(words) for _, words in self.told())

    def told(self) -> Told:
        raise NotImplementedError

    def picture(self) -> bytes:
        try:
            return lit(self._chip, self.told())
        except (LookupError, StopIteration):
            return b""


class OnI2c(_Chip):
    """An SSD1306 at its address."""

    def __init__(self, kind: DeviceClass) -> None:
        device = next(each for each in kind.devices if each.field == "i2c_address")
        super().__init__("ssd1306", "i2c1", f"{device.chip} at 0x{device.address:02X}")
        self._address = device.address

    def told(self) -> Told:
        mine = [words for address, words in self._paper.messages() if address == self._address]
        kinds = {_COMMANDS: "command", _DATA: "data"}
        return [(kinds[words[0]], words[1:]) for words in mine]


class OnSpi(_Chip):
    """An SSD1322, whose data/command leg is at the wire D/C."""

    def __init__(self, loom: Loom) -> None:
        super().__init__("ssd1322", "spi0", f"SSD1322 with {loom.place('D/C')}")
        first = next(int((chip / "base").read_text("ascii")) for chip in _CHIPS.glob("gpiochip*"))
        (_PARAMETERS / "data_line").write_text(str(first + loom.gpio("D/C")), "ascii")

    def told(self) -> Told:
        """A picture comes in several messages, as long as one may be: they are one."""
        joined: Told = []
        for level, words in self._paper.messages():
            kind = "data" if level else "command"
            if joined and joined[-1][0] == kind == "data":
                joined[-1] = kind, joined[-1][1] + words
            else:
                joined.append((kind, words))
        return joined


def glass_of(kind: DeviceClass, loom: Loom) -> OnI2c | OnSpi | None:
    """None: the class has no display of this kind."""
    if kind.role != "keypad":
        return None
    return OnSpi(loom) if "D/C" in loom.signals else OnI2c(kind)
