"""Two light beams behind the door, on the gate's header pins."""

from collections import deque
from collections.abc import Callable
from typing import Final

from gpiozero import DigitalInputDevice
from gpiozero.pins import Factory

from edge.device.adapters.pin_faults import give_back, pin_faults
from edge.rollcall_gate.door.beams import Beam, BeamEdge, Lane, observe, stuck
from edge.rollcall_gate.errors import DoorError
from edge.rollcall_gate.ports import Crossing

_EDGES_MAX: Final = 1_000
"""Of a receiver that flutters while nobody reads; the oldest are forgotten."""
_LATE_MS: Final = 500
"""By then the library has told every edge; beams that stand otherwise than was told have lost one."""


class GpiozeroPassSensor:
    """Implements PassSensor. now_ms: monotonic.

    A receiver makes its contact to ground while it sees its beam: a cut wire reads as a broken beam, and one
    that stays broken is a fault until both are clear. The library tells edges on its own thread; they wait
    in a queue for `read`.
    """

    def __init__(
        self, *, a_pin_bcm: int, b_pin_bcm: int, now_ms: Callable[[], int], pin_factory: Factory | None = None
    ) -> None:
        """Raises DoorError when a pin cannot be used."""
        self._now_ms = now_ms
        self._edges: deque[BeamEdge] = deque(maxlen=_EDGES_MAX)
        self._receivers: dict[Beam, DigitalInputDevice] = {}
        self._lane = Lane()
        self._doubted_ms: int | None = None
        try:
            for beam, pin in ((Beam.A, a_pin_bcm), (Beam.B, b_pin_bcm)):
                receiver = DigitalInputDevice(pin, pull_up=True, pin_factory=pin_factory)
                self._receivers[beam] = receiver
                receiver.when_activated = self._teller(beam, is_broken=False)
                receiver.when_deactivated = self._teller(beam, is_broken=True)
        except pin_faults() as err:
            self.close()
            raise DoorError(
                f"beam pins {a_pin_bcm} and {b_pin_bcm} cannot be used ({err}); check the pins of the gate"
            ) from err

    def read(self) -> tuple[Crossing, ...]:
        """As PassSensor. When edges were lost, whoever is in the beams then is not told."""
        through: list[Crossing] = []
        while self._edges:
            stepped = observe(self._lane, self._edges.popleft())
            self._lane, self._doubted_ms = stepped.lane, None
            through += stepped.crossings
        if not through:
            self._check()
        return tuple(through)

    def close(self) -> None:
        give_back(*self._receivers.values())

    def _check(self) -> None:
        now_ms = self._now_ms()
        try:
            broken = frozenset(beam for beam, seen in self._receivers.items() if not seen.is_active)
        except pin_faults() as err:
            raise DoorError(f"the beams do not answer ({err}); check their wires") from err
        known = self._lane.broken
        if broken == known.keys():
            self._doubted_ms = None
        elif self._doubted_ms is None:
            self._doubted_ms = now_ms
        elif now_ms - self._doubted_ms >= _LATE_MS and not self._edges:
            self._doubted_ms = None
            # Who is in the beams came from nobody knows where.
            since = {beam: known.get(beam, now_ms) for beam in broken}
            self._lane = Lane(since, was_stuck=bool(broken and stuck(self._lane, now_ms)))
        if beams := stuck(self._lane, now_ms):
            which = " and ".join(sorted(beam.name for beam in beams))
            raise DoorError(f"beam {which} stays broken; clean its lens, check its mount and its wire")

    def _teller(self, beam: Beam, *, is_broken: bool) -> Callable[[], None]:
        return lambda: self._edges.append(BeamEdge(beam, is_broken, self._now_ms()))
