"""A door without hardware. Its second face is the hands of the person before it: push, let go, force, jam."""

from collections import deque

from edge.rollcall_gate.adapters.simulated_lane import SimulatedPassSensor
from edge.rollcall_gate.errors import DoorError
from edge.rollcall_gate.ports import Crossing


class SimulatedDoor:
    """Implements Door. Positions follow one another as the gate looks, so no look misses a quick passage.

    sensor: the beams behind this door. People walk through them as the gate sees the door open: they can be
    read after that look, and before the one that sees it shut.
    """

    def __init__(self, sensor: SimulatedPassSensor | None = None) -> None:
        self.locked = False
        self._sensor = sensor
        self._open = False
        self._coming: deque[tuple[bool, tuple[Crossing, ...]]] = deque()
        self._dead = False
        self._jammed = False

    def release(self) -> None:
        self._answer()
        self.locked = False

    def secure(self) -> bool:
        self._answer()
        if self._open or any(is_open for is_open, _ in self._coming):
            return False
        self.locked = True
        return True

    @property
    def is_open(self) -> bool:
        self._answer()
        if self._coming:
            self._open, through = self._coming.popleft()
            for way in through:
                self._cross(way)
        return self._open

    @property
    def is_jammed(self) -> bool:
        self._answer()
        return self._jammed

    def close(self) -> None:
        self.locked = False

    def pass_through(self, people: int = 1, way: Crossing = Crossing.FORWARD) -> bool:
        """Push, walk through, let go; with `people` 0, think better of it. False when it does not move."""
        if not self._moves():
            return False
        self._coming += ((True, (way,) * people), (False, ()))
        return True

    def push(self) -> bool:
        """Push and stand in the door, before the beams. False when it does not move."""
        if not self._moves():
            return False
        self._coming.append((True, ()))
        return True

    def let_go(self, people: int = 0) -> None:
        """So many walk on through the open door, and it falls shut."""
        if people:
            self._coming.append((True, (Crossing.FORWARD,) * people))
        self._coming.append((False, ()))

    def force(self) -> None:
        """Open it though it is locked."""
        self._coming.append((True, ()))

    def jam(self) -> None:
        """It can no longer turn, and its fault contact says so."""
        self._jammed = True

    def free(self) -> None:
        self._jammed = False

    def cut_wire(self) -> None:
        """From now on the hardware does not answer; as with any cut wire, the lock has let go."""
        self._dead = True
        self.locked = False

    def mend_wire(self) -> None:
        self._dead = False

    def _moves(self) -> bool:
        return not self._jammed and (self._open or not self.locked)

    def _cross(self, way: Crossing) -> None:
        if self._sensor is not None:
            self._sensor.cross(way)

    def _answer(self) -> None:
        if self._dead:
            raise DoorError("the lock does not answer (simulated cut wire)")
