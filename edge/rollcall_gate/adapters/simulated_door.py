"""A door without hardware. Its second face is the hands of the person before it: push, let go, force, jam."""

from collections import deque

from edge.rollcall_gate.errors import DoorError


class SimulatedDoor:
    """Implements Door. Positions follow one another as the gate looks, so no look misses a quick passage."""

    def __init__(self) -> None:
        self.locked = False
        self._open = False
        self._coming: deque[bool] = deque()
        self._dead = False

    def release(self) -> None:
        self._answer()
        self.locked = False

    def secure(self) -> bool:
        self._answer()
        if self._open or True in self._coming:
            return False
        self.locked = True
        return True

    @property
    def is_open(self) -> bool:
        self._answer()
        if self._coming:
            self._open = self._coming.popleft()
        return self._open

    def close(self) -> None:
        self.locked = False

    def pass_through(self) -> bool:
        """Push, walk through, let go. False when the door is locked: it does not move."""
        if self.locked and not self._open:
            return False
        self._coming += (True, False)
        return True

    def push(self) -> bool:
        """Push and stand in the door. False when it is locked."""
        if self.locked and not self._open:
            return False
        self._coming.append(True)
        return True

    def let_go(self) -> None:
        """The door falls shut."""
        self._coming.append(False)

    def force(self) -> None:
        """Open it though it is locked."""
        self._coming.append(True)

    def cut_wire(self) -> None:
        """From now on the hardware does not answer; as with any cut wire, the lock has let go."""
        self._dead = True
        self.locked = False

    def mend_wire(self) -> None:
        self._dead = False

    def _answer(self) -> None:
        if self._dead:
            raise DoorError("the lock does not answer (simulated cut wire)")
