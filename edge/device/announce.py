"""What a device says about itself to the fleet: who it is at each connection and when it is asked, how it is
every few seconds."""

from collections.abc import Mapping
from itertools import islice
from typing import Final

from edge.device.clock import HallClock
from edge.device.identity import Identity
from edge.device.outbox import Outbox
from edge.device.twin import TwinHolder
from wire.up import BIRTH_AGAIN, BIRTH_KEY, REPORTED_MAX, Birth, Health

AGAIN_GAP_MS: Final = 5000
"""A birth that was asked for comes no sooner after the last: who repeats the store's question for ever gets
no flood. The store asks again for as long as it has none."""


class Announcer:
    """Makes births, and knows whether the last one still says how things are.

    software: at most 64 bytes of text. holds: what the firmware has that no twin asks for, as
    DeviceRuntime.holds; a key of the twin takes precedence over one of the same name. A full twin leaves too
    little room for both: then its last keys are left out, which are those that the firmware does not know.
    """

    def __init__(
        self,
        identity: Identity,
        outbox: Outbox,
        twin: TwinHolder,
        clock: HallClock,
        software: str,
        holds: Mapping[str, str],
    ) -> None:
        self._identity, self._outbox, self._twin, self._clock = identity, outbox, twin, clock
        self._software, self._holds = software, holds
        self._said: tuple[int, dict[str, str]] | None = None
        self._said_ms = -AGAIN_GAP_MS

    @property
    def is_outdated(self) -> bool:
        """The twin's state is not what the last birth said, or there was none."""
        return self._said != (self._twin.generation, self._twin.status)

    @property
    def may_say_again(self) -> bool:
        return self._clock.monotonic_ms() - self._said_ms >= AGAIN_GAP_MS

    def birth(self, *, again: bool = False) -> Birth:
        """To be sent now. again: the store has asked for it."""
        self._said = (self._twin.generation, dict(self._twin.status))
        self._said_ms = self._clock.monotonic_ms()
        marker = {BIRTH_KEY: BIRTH_AGAIN} if again else {}
        reported = {**marker, **self._holds, **self._twin.status, **marker}
        return Birth(
            hall=self._identity.hall,
            device=self._identity.device,
            epoch=self._outbox.epoch,
            last_seq=self._outbox.last_seq,
            boot=self._outbox.boot,
            wall_ms=self._clock.wall_ms(),
            software=self._software,
            twin_generation=self._twin.generation,
            reported=dict(islice(reported.items(), REPORTED_MAX)),
        )


def health_of(identity: Identity, clock: HallClock, readings: Mapping[str, int]) -> Health:
    """readings: as made by health.py."""
    stamp = clock.stamp()
    return Health(
        identity.hall, identity.device, stamp.boot, stamp.monotonic_ms, stamp.wall_ms, dict(readings)
    )
