"""One suite for every screen of a keypad, and what the OLED adapter says to its chip."""

import fcntl
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest
from gpiozero.pins.mock import MockFactory
from luma.core.device import dummy
from luma.core.error import DeviceNotFoundError
from luma.oled import device as oled

from edge.ballot_keypad.adapters.console_screen import ConsoleScreen
from edge.ballot_keypad.adapters.luma_oled import SIZE, LumaOled, i2c_wires
from edge.ballot_keypad.adapters.simulated_screen import SimulatedScreen
from edge.ballot_keypad.adapters.spi_wires import SPI_IOC_WR_MAX_SPEED_HZ, SPI_IOC_WR_MODE, SpiWires
from edge.ballot_keypad.display.drawing.picture import draw
from edge.ballot_keypad.display.page import Page, Sign, lines
from edge.ballot_keypad.errors import ScreenError
from edge.ballot_keypad.ports import Screen
from tests.contract.oled_memory import lit

PAGE = Page("A-12", Sign.RECORDED, "Đã ghi nhận", large="Tán thành")
LONG = Page(title="Thông qua nghị quyết của Đại hội " * 6)


class Wires:
    """What a chip is told: commands and data as they came. Can be cut."""

    def __init__(self) -> None:
        self.told: list[tuple[str, bytes]] = []
        self.is_cut = False
        self.is_closed = False

    def command(self, *words: int) -> None:
        self._take("command", bytes(words))

    def data(self, words: list[int]) -> None:
        self._take("data", bytes(words))

    def cleanup(self) -> None:
        self.is_closed = True

    def _take(self, kind: str, words: bytes) -> None:
        if self.is_cut:
            raise DeviceNotFoundError("I2C device not found on address: 0x3C")
        self.told.append((kind, words))


class Glass(Protocol):
    screen: Screen

    def break_it(self) -> None: ...

    def shows(self, page: Page) -> bool: ...


class OledGlass:
    def __init__(self, chip: str) -> None:
        self.chip = chip
        self.wires = Wires()
        self.screen = LumaOled(chip, lambda: self.wires)

    def break_it(self) -> None:
        self.wires.is_cut = True

    def shows(self, page: Page) -> bool:
        """The chip's own memory holds the picture."""
        return lit(self.chip, self.wires.told) == draw(page, SIZE[self.chip]).tobytes()


class ConsoleGlass:
    def __init__(self) -> None:
        self.paper = io.StringIO()
        self.screen = ConsoleScreen(self.paper)

    def break_it(self) -> None:
        self.paper.close()

    def shows(self, page: Page) -> bool:
        return self.paper.getvalue().endswith("\n".join(lines(page)) + "\n")


class SimulatedGlass:
    def __init__(self) -> None:
        self.simulated = SimulatedScreen()
        self.screen = self.simulated

    def break_it(self) -> None:
        self.simulated.unplug()

    def shows(self, page: Page) -> bool:
        return self.simulated.page == page


GLASSES: dict[str, Callable[[], Glass]] = {
    **{chip: (lambda chip=chip: OledGlass(chip)) for chip in SIZE},  # type: ignore[misc]
    "console": ConsoleGlass,
    "simulated": SimulatedGlass,
}


@pytest.fixture(params=GLASSES, ids=list(GLASSES))
def glass(request: pytest.FixtureRequest) -> Glass:
    return GLASSES[request.param]()


def test_what_is_shown_takes_the_place_of_what_was(glass: Glass) -> None:
    glass.screen.show(Page(title="Sẵn sàng"))
    glass.screen.show(PAGE)
    assert glass.shows(PAGE)


def test_every_page_is_at_least_one_part_and_the_last_is_shown_for_any_beyond(glass: Glass) -> None:
    count = glass.screen.parts(LONG)
    assert count >= 1
    glass.screen.show(LONG, count + 5)


def test_a_screen_that_is_gone_is_said_in_words_each_time_and_closes_all_the_same(glass: Glass) -> None:
    glass.screen.show(Page(title="Sẵn sàng"))
    glass.break_it()
    for _ in range(2):
        with pytest.raises(ScreenError, match="does not answer") as caught:
            glass.screen.show(PAGE)
        assert caught.value.code == "screen"
    glass.screen.close()


@pytest.mark.parametrize("chip", SIZE)
def test_a_display_that_comes_back_is_set_up_again(chip: str) -> None:
    glass = OledGlass(chip)
    glass.break_it()
    with pytest.raises(ScreenError):
        glass.screen.show(PAGE)
    assert glass.wires.is_closed
    glass.wires = Wires()
    glass.screen.show(PAGE)
    assert glass.shows(PAGE)


@pytest.mark.parametrize("chip", SIZE)
def test_a_display_is_dark_when_the_keypad_ends(chip: str) -> None:
    glass = OledGlass(chip)
    glass.screen.show(PAGE)
    glass.screen.close()
    assert glass.shows(Page())
    assert ("command", bytes([0xAE])) in glass.wires.told
    assert glass.wires.is_closed


def test_a_display_is_turned_and_dimmed_as_it_is_mounted(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[dict[str, Any]] = []

    class Dummy(dummy):  # type: ignore[misc]
        def __init__(self, serial: Any, **how: Any) -> None:
            made.append(how)
            super().__init__(**how)

        def contrast(self, level: int) -> None:
            made.append({"contrast": level})

    monkeypatch.setattr(oled, "ssd1306", Dummy)
    LumaOled("ssd1306", Wires, contrast=40, is_upside_down=True).show(PAGE)
    assert made == [{"width": 128, "height": 64, "rotate": 2, "mode": "1"}, {"contrast": 40}]


def test_an_i2c_bus_that_is_not_there_is_said_in_words() -> None:
    with pytest.raises(ScreenError, match="check its cable"):
        LumaOled("ssd1306", i2c_wires(9, 0x3C)).show(PAGE)


def test_an_spi_bus_that_is_not_there_is_said_in_words() -> None:
    with pytest.raises(ScreenError, match="is SPI switched on"):
        SpiWires("/dev/spidev9.9", speed_hz=8_000_000, dc_pin=24, reset_pin=25)


def test_spi_is_told_its_speed_the_display_is_reset_and_long_data_goes_in_transfers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, bytes]] = []
    monkeypatch.setattr(fcntl, "ioctl", lambda _, request, words: asked.append((request, words)))
    file, factory = tmp_path / "spidev0.0", MockFactory()
    file.touch()
    wires = SpiWires(str(file), speed_hz=4_000_000, dc_pin=24, reset_pin=25, pin_factory=factory)
    assert asked == [
        (SPI_IOC_WR_MODE, b"\0"),
        (SPI_IOC_WR_MAX_SPEED_HZ, (4_000_000).to_bytes(4, "little")),
    ]
    assert [each.state for each in factory.pin(25).states][-2:] == [False, True]
    wires.command(0xAE)
    assert not factory.pin(24).state
    wires.data([1] * 9_000)
    assert factory.pin(24).state
    assert file.read_bytes() == b"\xae" + b"\1" * 9_000
    wires.cleanup()
    with pytest.raises(ScreenError, match="check the display's cable"):
        wires.data([1])
