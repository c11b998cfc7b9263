"""Rows and columns of a key matrix on header pins.

Rows are inputs with the pin's own pull-up. Of the columns one at a time is pulled low and the others float:
a column that were driven high would be shorted to the low one by two keys in a row. At rest all columns are
low, so that any key that closes makes its row fall, and wakes whoever listens.
"""

from collections.abc import Callable, Sequence
from typing import Any

from gpiozero import DigitalInputDevice, GPIODevice
from gpiozero.pins import Factory

from edge.ballot_keypad.adapters.scanned_keys import Rest, ScannedKeys
from edge.ballot_keypad.errors import KeysError
from edge.ballot_keypad.keys.matrix import read
from edge.ballot_keypad.keys.press import TIMES, Sample, Times
from edge.device.adapters.pin_faults import give_back, pin_faults


class Column(GPIODevice):
    """A pin that pulls low or lets go, and never drives high."""

    def __init__(self, pin: int, pin_factory: Factory | None) -> None:
        super().__init__(pin, pin_factory=pin_factory)
        self.let_go()

    def pull_low(self) -> None:
        self.pin.output_with_state(0)

    def let_go(self) -> None:
        self.pin.input_with_pull("floating")


class MatrixWires:
    """Implements Contactor. rows, cols: BCM numbers, as the layout counts them. now_ms: monotonic."""

    def __init__(
        self,
        rows: Sequence[int],
        cols: Sequence[int],
        now_ms: Callable[[], int],
        *,
        has_diodes: bool,
        pin_factory: Factory | None = None,
    ) -> None:
        """Raises KeysError when a pin cannot be used."""
        self._now_ms = now_ms
        self._has_diodes = has_diodes
        self._rows: list[Any] = []
        self._cols: list[Column] = []
        try:
            for pin in rows:
                self._rows.append(DigitalInputDevice(pin, pull_up=True, pin_factory=pin_factory))
            for pin in cols:
                self._cols.append(Column(pin, pin_factory))
        except pin_faults() as err:
            self.close()
            raise KeysError(f"the keys do not answer: {err}; check row_pins and col_pins") from err

    def sample(self) -> Sample:
        try:
            for column in self._cols:
                column.let_go()
            read_out = [self._rows_of(column) for column in self._cols]
        except pin_faults() as err:
            raise KeysError(f"the keys do not answer: {err}; check their cable") from err
        return read(read_out, self._now_ms(), has_diodes=self._has_diodes)

    def listen(self, wake: Callable[[], None]) -> None:
        for row in self._rows:
            row.when_activated = wake

    def arm(self) -> bool:
        try:
            for column in self._cols:
                column.pull_low()
            return any(row.is_active for row in self._rows)
        except pin_faults() as err:
            raise KeysError(f"the keys do not answer: {err}; check their cable") from err

    def close(self) -> None:
        give_back(*self._rows, *self._cols)
        self._rows.clear()
        self._cols.clear()

    def _rows_of(self, column: Column) -> list[bool]:
        column.pull_low()
        try:
            # a row needs a microsecond to fall through its key; the call takes longer than that
            return [bool(row.is_active) for row in self._rows]
        finally:
            column.let_go()


class GpiozeroMatrix(ScannedKeys):
    """Implements Keys over MatrixWires. Raises KeysError when a pin cannot be used."""

    def __init__(
        self,
        rows: Sequence[int],
        cols: Sequence[int],
        now_ms: Callable[[], int],
        *,
        has_diodes: bool,
        times: Times = TIMES,
        pin_factory: Factory | None = None,
        **how: Rest,
    ) -> None:
        wires = MatrixWires(rows, cols, now_ms, has_diodes=has_diodes, pin_factory=pin_factory)
        super().__init__(wires, times, **how)
