"""What stands at the lane beside the door, without hardware: beams, the fire panel's contact, a PIN pad."""

from collections import deque
from typing import Final

from edge.rollcall_gate.errors import DoorError
from edge.rollcall_gate.ports import Crossing

PAD_KEYS: Final = frozenset("0123456789EC")


class SimulatedPassSensor:
    """Implements PassSensor."""

    def __init__(self) -> None:
        self._through: deque[Crossing] = deque()
        self._dead = False

    def read(self) -> tuple[Crossing, ...]:
        if self._dead:
            raise DoorError("the beams do not answer (simulated cut wire)")
        return tuple(self._through.popleft() for _ in range(len(self._through)))

    def close(self) -> None:
        self._through.clear()

    def cross(self, way: Crossing = Crossing.FORWARD, people: int = 1) -> None:
        """So many walk through the beams; nobody is seen while the wire is cut."""
        if not self._dead:
            self._through += (way,) * people

    def cut_wire(self) -> None:
        self._dead = True

    def mend_wire(self) -> None:
        self._dead = False


class SimulatedFireContact:
    """Implements FireContact."""

    def __init__(self) -> None:
        self._active = False

    @property
    def is_active(self) -> bool:
        return self._active

    def close(self) -> None:
        """There is nothing to give back."""

    def ring(self) -> None:
        """The fire panel opens its loop."""
        self._active = True

    def silence(self) -> None:
        self._active = False


class SimulatedPinPad:
    """Implements PinPad."""

    def __init__(self) -> None:
        self._keys: deque[str] = deque()
        self._there = True

    def read(self) -> str:
        return "".join(self._keys.popleft() for _ in range(len(self._keys)))

    def close(self) -> None:
        self.unplug()

    def press(self, keys: str) -> None:
        """As in `1234E`; an unplugged pad tells nothing. Raises DoorError for keys it does not have."""
        if not set(keys) <= PAD_KEYS:
            raise DoorError(f"keys is {keys!r:.40}; a pad has 0 to 9, E for enter and C for clear")
        if self._there:
            self._keys += keys

    def unplug(self) -> None:
        self._there = False
        self._keys.clear()

    def plug_in(self) -> None:
        self._there = True
