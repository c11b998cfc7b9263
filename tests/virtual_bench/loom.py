"""A wired class seen from its cables: each wire by its name in pins.toml, and what the board does to it.

The firmware's config is made from the same pins.toml, but by field and number; here are the signals that an
installer connects. So a number that stands at another field than its signal shows.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from hardware.pins import DeviceClass, Wire
from tests.contract.header_pins import Header

LINES: Final = 28
"""GPIO 0 to 27: those of the header."""
Key = tuple[int, int]
"""Row and column of a key, from 0, as they stand on the unit."""


class Loom:
    """header: at whose pins the cables end. Nothing is on any wire at first.

    A key joins its row to its column through a diode with its cathode at the column: it lets a column that is
    pulled low pull the row low, and nothing else.
    """

    def __init__(self, kind: DeviceClass, header: Header) -> None:
        self.kind = kind
        self.header = header
        self._wires = {wire.signal: (name.name, wire) for name, wire in kind.wires() if wire.gpio is not None}
        self._signals = {self.gpio(signal): signal for signal in self._wires}
        self._rows, self._cols = self._numbered("row "), self._numbered("column ")
        self._levels: dict[str, list[bool | None]] = {signal: [] for signal in self._wires}
        self._seen: list[frozenset[str]] | None = None
        self._pressed: set[Key] = set()
        self._row_is_high: dict[int, bool] = {}
        self._lock = threading.RLock()
        self.tried: set[str] = set()
        """Signals that were driven, or looked at for what they should be."""
        header.when_moved(self._moved)
        self._settle()

    @property
    def signals(self) -> frozenset[str]:
        return frozenset(self._wires)

    def gpio(self, signal: str) -> int:
        number = self._wire(signal).gpio
        assert number is not None
        return number

    def place(self, signal: str) -> str:
        """For sentences: `beam A (J7 pin 2, GPIO5)`."""
        if signal not in self._wires:
            return signal
        connector, wire = self._wires[signal]
        return f"{signal} ({connector} pin {wire.pin}, GPIO{wire.gpio})"

    def places(self, signals: Iterator[str] | frozenset[str] | set[str]) -> str:
        return " and ".join(sorted(map(self.place, signals))) or "nothing"

    def make(self, *signals: str) -> None:
        """Contacts close, beams are seen, a button goes down."""
        for signal in signals:
            self._hold(signal, high=self._wire(signal).active == "high")

    def part(self, *signals: str) -> None:
        """The contrary; so does a cut wire, for those whose pull says so."""
        for signal in signals:
            self._hold(signal, high=self._wire(signal).active == "low")

    def driven(self) -> frozenset[str]:
        """What the board drives to its active level: lamps that are lit, a lock that holds. A line that has
        no wire, or one that only listens, is named with that."""
        return frozenset(filter(None, map(self._driven, range(LINES))))

    def awake(self) -> set[str]:
        """Columns of keys that are not pulled low: none while the keypad rests, so that any key makes an
        edge."""
        return {self._signals[pin] for pin in self._cols if self.header.drives(pin) is not False}

    def levels(self, signal: str) -> list[bool | None]:
        """What the board did to this wire so far, each change once; None: it let go."""
        return self._levels[signal]

    def press(self, *keys: Key) -> None:
        """From now on these keys are down, and no other."""
        for row, col in keys:
            self.tried |= {f"row {row + 1}", f"column {col + 1}"}
        with self._lock:
            self._pressed = set(keys)
            self._settle()

    @contextmanager
    def watch(self) -> Iterator[list[frozenset[str]]]:
        """What was driven after each call of the firmware that moved a pin, as it happens."""
        seen: list[frozenset[str]] = []
        self._seen = seen
        try:
            yield seen
        finally:
            self._seen = None

    def _wire(self, signal: str) -> Wire:
        return self._wires[signal][1]

    def _numbered(self, start: str) -> list[int]:
        return [self.gpio(signal) for signal in sorted(self._wires) if signal.startswith(start)]

    def _hold(self, signal: str, *, high: bool) -> None:
        """A contact at a pin that the board drives, by mistake, moves nothing."""
        self.tried.add(signal)
        pin = self.gpio(signal)
        if self.header.drives(pin) is None:
            self.header.drive(pin, high=high)

    def _driven(self, line: int) -> str:
        level = self.header.drives(line)
        if level is None:
            return ""
        signal = self._signals.get(line)
        if signal is None:
            return f"GPIO{line} (no wire)"
        wire = self._wire(signal)
        if wire.does == "in":
            return f"{self.place(signal)[:-1]}: an input)"
        if wire.does == "drain":
            return f"{self.place(signal)[:-1]}: never to be driven high)" if level else ""
        return signal if level == (wire.active == "high") else ""

    def _moved(self, pin: int) -> None:
        with self._lock:
            signal = self._signals.get(pin)
            if signal is not None:
                now, before = self.header.drives(pin), self._levels[signal][-1:]
                if before != [now]:
                    self._levels[signal].append(now)
            self._row_is_high.pop(pin, None)  # a row that is claimed anew has its own pull
            self._settle()
            if self._seen is not None:
                self._seen.append(self.driven())

    def _settle(self) -> None:
        """What each row of keys is at now."""
        low = {number for number, pin in enumerate(self._cols) if self.header.drives(pin) is False}
        for number, pin in enumerate(self._rows):
            is_high = not any((number, col) in self._pressed for col in low)
            if self._row_is_high.get(pin) != is_high and self.header.drives(pin) is None:
                self._row_is_high[pin] = is_high
                self.header.drive(pin, high=is_high, told=False)


class Findings:
    """What is not as the wiring says: one sentence for each, as it is found."""

    def __init__(self, loom: Loom) -> None:
        self._loom = loom

    def lines(self, doing: str, *should: str) -> Iterator[str]:
        """What the board drives now."""
        self._loom.tried.update(should)
        yield from self.driven(doing, self._loom.driven(), *should)

    def driven(self, doing: str, seen: frozenset[str], *should: str) -> Iterator[str]:
        if seen != frozenset(should):
            does, right = self._loom.places(seen), self._loom.places(set(should))
            yield f"{doing}: the board drives {does}; by the wiring it is {right}"

    def told(self, doing: str, told: object, should: object) -> Iterator[str]:
        """What the firmware says of it."""
        if told != should:
            does, right = told or "nothing", should or "nothing"
            yield f"{doing}: the firmware tells of {does}; by the wiring it is {right}"


def until(condition: Callable[[], object], patience_s: float) -> bool:
    """Whether it came true in time: looked at every hundredth of a second."""
    never = threading.Event()
    for _ in range(round(patience_s * 100)):
        if condition():
            return True
        never.wait(0.01)
    return bool(condition())
