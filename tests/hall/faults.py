"""What goes wrong in a hall. Each fault begins at once and ends by itself; healing ends all of them."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tests.hall.device import HALL
from tests.hall.network import CALM, Weather
from wire import cbor, topics
from wire.errors import RecordRejected

if TYPE_CHECKING:
    from tests.hall.hall import Hall

YEAR_MS: Final = 365 * 86_400_000
STEPS: Final = 40


def storm(hall: "Hall") -> None:
    """Lost, doubled, late and therefore reordered packets."""
    world, broker = hall.world, hall.broker
    broker.weather = Weather(
        lose=world.between(0, 0.5), double=world.between(0, 0.4), late=world.between(0, 0.5), late_ms=6000
    )
    world.say(f"storm: {broker.weather.lose:.0%} lost, {broker.weather.double:.0%} doubled")

    def end() -> None:
        broker.weather = CALM

    world.after(world.between(2_000, 30_000), end)


def lost_receipts(hall: "Hall") -> None:
    name = hall.any_device().name
    hall.broker.deaf_to.add(name)
    hall.world.say(f"receipts to {name} are lost")
    hall.world.after(hall.world.between(3_000, 30_000), lambda: hall.broker.deaf_to.discard(name))


def partition(hall: "Hall") -> None:
    link = hall.any_device().link
    if link is not None:
        hall.world.say(f"cable of {link.subscriptions[0]} pulled")
        link.cut()
        hall.world.after(hall.world.between(500, 40_000), link.heal)


def fleet_cut_off(hall: "Hall") -> None:
    if hall.fleet.link is not None:
        cable = hall.fleet.link.cable
        hall.world.say("ingest is cut off from the broker")
        cable.cut()
        hall.world.after(hall.world.between(500, 20_000), cable.heal)


def broker_killed(hall: "Hall") -> None:
    hall.world.say("broker killed")
    hall.broker.restart()


def power_cut(hall: "Hall") -> None:
    """At one of its next durable steps: before, in or after a transaction. Or at once."""
    device = hall.any_device()
    steps = hall.world.rng.randint(0, 6)
    if steps == 0:
        device.cut()
    else:
        device.fuse.left = steps


def ingest_killed(hall: "Hall") -> None:
    steps = hall.world.rng.randint(0, STEPS)
    if steps == 0:
        hall.fleet.kill()
    else:
        hall.fleet.fuse.left = steps


def device_disk_full(hall: "Hall") -> None:
    disk, name = (device := hall.any_device()).disk, device.name
    disk.full = True
    hall.world.say(f"disk of {name} is full")

    def end() -> None:
        disk.full = False

    hall.world.after(hall.world.between(1_000, 30_000), end)


def fleet_disk_full(hall: "Hall") -> None:
    hall.world.say("disk of the fleet is full")
    hall.fleet.fill_disk()
    hall.world.after(hall.world.between(1_000, 30_000), hall.fleet.free_disk)


def device_clock_back_a_year(hall: "Hall") -> None:
    device = hall.any_device()
    device.clock.step_ms = -YEAR_MS if device.clock.step_ms == 0 else 0
    hall.world.say(f"clock of {device.name} steps to {device.clock.step_ms // 86_400_000} days")


def fleet_clock_back_a_year(hall: "Hall") -> None:
    """For good: nobody in the hall sets it right again."""
    if hall.fleet.clock.step_ms == 0:
        hall.fleet.clock.step_ms = -YEAR_MS
        hall.world.say("clock of the fleet steps back a year")


def forgery(hall: "Hall") -> None:
    """A broker in other hands: genuine bytes to the wrong place and again, and bytes that nobody signed."""
    rng, broker = hall.world.rng, hall.broker
    if not broker.heard:
        return
    hall.world.say("the broker forges and replays")
    for _ in range(rng.randint(5, 40)):
        topic, payload = broker.heard[rng.randrange(len(broker.heard))]
        payload = payload or b"\xff"  # its own, cut to nothing before, and heard
        victim = hall.any_device().name
        broker.publish(
            *rng.choice(
                (
                    (topic, payload),
                    (topic, payload[: rng.randrange(len(payload) + 1)]),
                    (topic, _flipped(payload, rng.randrange(len(payload) * 8))),
                    (topic, payload + b"\x00"),
                    (topics.up(HALL, victim, topics.Up.REC), payload),
                    (topics.down(HALL, victim, topics.Down.ACK), payload),
                    (topics.down(HALL, victim, topics.Down.TWIN), payload),
                    (topics.up(HALL, victim, topics.Up.REC), _resigned(payload)),
                    (topics.up(HALL, victim, topics.Up.REC), rng.randbytes(5000)),
                )
            )
        )


def revoked(hall: "Hall") -> None:
    """Once per hall: one keypad is stolen, and thrown out by the broker a second or two later."""
    if not hall.revoked and (keypads := hall.first_keypads()):
        hall.revoke(hall.world.rng.choice(keypads))


def swapped(hall: "Hall") -> None:
    """A keypad dies, perhaps with a vote that nobody has heard yet, and a spare takes over its seat. It may
    come back, and say all that it has."""
    keypads = hall.first_keypads()
    if hall.spares and keypads:
        dead = hall.world.rng.choice(keypads)
        if hall.world.chance(0.5):
            dead.cut()
        hall.swap(dead)


def backed_up(hall: "Hall") -> None:
    hall.world.say("backup taken")
    hall.backup = hall.fleet.backup()


def restored(hall: "Hall") -> None:
    if hall.restores < 2:
        hall.fleet.clock.step_ms = 0  # whoever restores a server sets its clock: a backup knows no later time
        hall.restore()


FAULTS: Final[tuple[Callable[["Hall"], None], ...]] = (
    storm, storm, lost_receipts, partition, partition, fleet_cut_off, broker_killed, power_cut, power_cut,
    power_cut,
    ingest_killed, ingest_killed, device_disk_full, fleet_disk_full, device_clock_back_a_year,
    fleet_clock_back_a_year, forgery, forgery, revoked, swapped, backed_up, restored,
)  # fmt: skip


def heal(hall: "Hall") -> None:
    """End what does not end by itself. The fleet's clock stays wrong, a stolen keypad stays out."""
    hall.world.say("everything is healed")
    hall.broker.weather = replace(CALM)
    hall.broker.deaf_to.clear()
    hall.fleet.free_disk()
    hall.fleet.fuse.left = 0
    hall.fleet.boot()
    if hall.fleet.link is not None:
        hall.fleet.link.cable.heal()
    for device in hall.devices.values():
        device.disk.full = False
        device.fuse.left = 0
        device.boot()
        if device.link is not None:
            device.link.heal()


def _flipped(payload: bytes, bit: int) -> bytes:
    changed = bytearray(payload)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def _resigned(payload: bytes) -> bytes:
    """The same content under a signature of nobody."""
    try:
        parts = cbor.decode(payload, 65536)
    except RecordRejected:
        return payload[::-1]
    return cbor.encode([*parts[:3], bytes(64)])
