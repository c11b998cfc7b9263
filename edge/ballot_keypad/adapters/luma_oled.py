"""OLED displays through luma.oled: SSD1306 (I2C, 128 x 64), SSD1322 and SSD1362 (SPI, 256 x 64)."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from edge.ballot_keypad.display.drawing.picture import Size, draw, parts
from edge.ballot_keypad.display.page import Page
from edge.ballot_keypad.errors import ScreenError

SIZE: Final[dict[str, Size]] = {"ssd1306": (128, 64), "ssd1322": (256, 64), "ssd1362": (256, 64)}

Serial = Callable[[], Any]
"""Opens the wires: an object with `command`, `data` and `cleanup`."""


class LumaOled:
    """Implements Screen. A display that does not answer, or was plugged in late, is opened again by the next
    `show`: its own memory is lost with its power, and what it is to do with it."""

    def __init__(
        self, chip: str, open_serial: Serial, *, contrast: int = 127, is_upside_down: bool = False
    ) -> None:
        """Raises nothing: what is wrong is said by `show`."""
        self._chip = chip
        self._size = SIZE[chip]
        self._open_serial = open_serial
        self._contrast = contrast
        self._rotate = 2 if is_upside_down else 0
        self._device: Any = None

    def show(self, page: Page, part: int = 0) -> None:
        picture = draw(page, self._size, part)
        try:
            with _old_pillow_call():
                if self._device is None:
                    self._device = self._opened()
                self._device.display(picture)
        except Exception as err:  # the library raises its own, OSError and whatever its wires do
            self._give_up()
            raise ScreenError(
                f"the display {self._chip} does not answer: {str(err) or type(err).__name__}; "
                "check its cable, and `display` in device.toml"
            ) from err

    def parts(self, page: Page) -> int:
        return parts(page, self._size)

    def close(self) -> None:
        if self._device is None:
            return
        device, self._device = self._device, None
        try:
            with _old_pillow_call():
                device.cleanup()  # dark, then the wires
        except Exception:  # noqa: BLE001  # a display that is gone is dark
            return

    def _opened(self) -> Any:
        from luma.oled import device  # type: ignore[import-untyped]

        serial = self._open_serial()
        try:
            made = getattr(device, self._chip)(
                serial, width=self._size[0], height=self._size[1], rotate=self._rotate, mode="1"
            )
            made.contrast(self._contrast)
        except Exception:
            serial.cleanup()
            raise
        return made

    def _give_up(self) -> None:
        device, self._device = self._device, None
        if device is None:
            return
        device.persist = True  # what does not answer is not to be cleared, now or at the end of the process
        try:
            device.cleanup()
        except Exception:  # noqa: BLE001  # its wires are given back as far as they go
            return


@contextmanager
def _old_pillow_call() -> Iterator[None]:
    """luma.core 2.6 asks a picture for its points by a name that Pillow 14 will no longer know; until then
    it is right, and no news to whoever reads the log."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Image\.Image\.getdata is deprecated", DeprecationWarning)
        yield


def i2c_wires(bus: int, address: int) -> Serial:
    """address: 7 bits, 0x3C or 0x3D of nearly every display."""

    def opened() -> Any:
        from luma.core.interface.serial import i2c  # type: ignore[import-untyped]

        return i2c(port=bus, address=address)

    return opened
