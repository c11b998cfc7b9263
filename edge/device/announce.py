"""What a device says about itself to the fleet: who it is at each connection, how it is every few seconds."""

from collections.abc import Mapping

from edge.device.clock import HallClock
from edge.device.identity import Identity
from edge.device.outbox import Outbox
from edge.device.twin import TwinHolder
from wire.up import Birth, Health


def birth_of(
    identity: Identity,
    outbox: Outbox,
    twin: TwinHolder,
    clock: HallClock,
    software: str,
    holds: Mapping[str, str],
) -> Birth:
    """software: at most 64 bytes of text. holds: what the firmware has that no twin asks for, as
    DeviceRuntime.holds; a key of the twin takes precedence over one of the same name."""
    return Birth(
        hall=identity.hall,
        device=identity.device,
        epoch=outbox.epoch,
        last_seq=outbox.last_seq,
        boot=outbox.boot,
        wall_ms=clock.wall_ms(),
        software=software,
        twin_generation=twin.generation,
        reported={**holds, **twin.status},
    )


def health_of(identity: Identity, clock: HallClock, readings: Mapping[str, int]) -> Health:
    """readings: as made by health.py."""
    stamp = clock.stamp()
    return Health(
        identity.hall, identity.device, stamp.boot, stamp.monotonic_ms, stamp.wall_ms, dict(readings)
    )
