"""Keys without fingers. Hands: `push`, `hold`, `release`, `pass_ms`.

Contacts are closed and bounce as on a real matrix, ghosts included, and press.py judges them: whoever is
simulated meets what the product meets. The time of the contacts is their own: a push takes as long as it
takes, while nothing else passes, so that a simulated hall needs no clock for a finger.
"""

from collections.abc import Callable, Iterable

from edge.ballot_keypad.keys.layout import MATRIX
from edge.ballot_keypad.keys.matrix import read
from edge.ballot_keypad.keys.press import TIMES, Button, Contacts, KeyEvent, Times, step

_WHERE = {cap.button: (cap.row, cap.col) for cap in MATRIX}
_ROWS = 1 + max(row for row, _ in _WHERE.values())
_COLS = 1 + max(col for _, col in _WHERE.values())
_SCAN_MS = 5


class SimulatedKeys:
    """Implements Keys. now_ms: monotonic; the contacts' time never runs behind it."""

    def __init__(self, now_ms: Callable[[], int], times: Times = TIMES, *, has_diodes: bool = False) -> None:
        self._now_ms = now_ms
        self._times = times
        self._has_diodes = has_diodes
        self._held: set[Button] = set()
        self._at_ms = 0
        self._contacts = Contacts(is_locked=False)
        self._on_key: Callable[[KeyEvent], None] | None = None

    def start(self, on_key: Callable[[KeyEvent], None], beat: Callable[[], None]) -> None:
        """Keys that are held by now are not pressed until they were up."""
        self._contacts = Contacts(is_locked=bool(self._held))
        self._on_key = on_key
        beat()

    def close(self) -> None:
        self._on_key = None

    def push(self, button: Button) -> None:
        """A finger goes down and up again, and the contact bounces at both ends."""
        self.hold(button)
        self.release(button)

    def hold(self, *buttons: Button) -> None:
        """Fingers go down, in the same moment, and stay."""
        self._move(self._held | set(buttons), buttons)

    def release(self, *buttons: Button) -> None:
        """Fingers go up: these, or all."""
        going = buttons or tuple(self._held)
        self._move(self._held - set(going), going)

    def pass_ms(self, duration_ms: int) -> None:
        """What is held stays held for so long: a key that sticks, or a hand that lies on them."""
        end_ms = self._at_ms + duration_ms
        while self._at_ms < end_ms:
            self._look(self._held, max(_SCAN_MS, min(self._times.bounce_ms, end_ms - self._at_ms)))

    def _move(self, held: set[Button], moving: Iterable[Button]) -> None:
        self._at_ms = max(self._at_ms, self._now_ms())
        for closed in (held, held ^ set(moving), held):
            self._look(closed)
        self._held = held
        self.pass_ms(self._times.bounce_ms)

    def _look(self, closed: Iterable[Button], later_ms: int = _SCAN_MS) -> None:
        self._at_ms += later_ms
        sample = read(self._wires(closed), self._at_ms, has_diodes=self._has_diodes)
        self._contacts, events = step(self._contacts, sample, self._times)
        for event in events:
            if self._on_key is not None:
                self._on_key(event)

    def _wires(self, closed: Iterable[Button]) -> list[list[bool]]:
        """What each row says while each column is low: without diodes current comes by every way there is."""
        points = {_WHERE[button] for button in closed}
        found = []
        for col in range(_COLS):
            rows = {row for row, at in points if at == col}
            if not self._has_diodes:
                rows = _reached(points, col)
            found.append([row in rows for row in range(_ROWS)])
        return found


def _reached(points: set[tuple[int, int]], col: int) -> set[int]:
    """Rows that are joined to a column by closed contacts, directly or over others."""
    rows: set[int] = set()
    cols = {col}
    while True:
        more = {row for row, at in points if at in cols} - rows
        if not more:
            return rows
        rows |= more
        cols |= {at for row, at in points if row in rows}
