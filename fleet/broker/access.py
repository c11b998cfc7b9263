"""Who may say and hear what, on either broker: the registry's active devices, and the ingest process.

Pure. Filters are MQTT's, built by wire.topics; each broker's config module writes them in its own words.
Certificates name their holder by common name, and that name is the user here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from wire import topics
from wire.ids import RESERVED, DeviceId, HallId, name

INGEST: Final = DeviceId("ingest")


@dataclass(frozen=True, slots=True)
class User:
    """What one certificate may do. Topic filters without `#`: on NATS it would need one permission more."""

    name: DeviceId
    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def device_user(hall: HallId, device: DeviceId) -> User:
    """A device speaks on its own up topics and hears its own down topics and the hall's. Raises BadSchema."""
    name(device, "device")
    return User(
        device,
        publish=tuple(topics.up(hall, device, kind) for kind in topics.Up),
        subscribe=topics.device_filters(hall, device),
    )


def ingest_user(hall: HallId) -> User:
    """The one process of the fleet that speaks MQTT: hears every device, speaks to each and to all."""
    everyone = DeviceId("+")
    return User(
        INGEST,
        publish=(
            *(topics.down(hall, everyone, kind) for kind in topics.Down),
            *(topics.broadcast(hall, kind) for kind in topics.All),
        ),
        subscribe=(topics.ingest_filter(hall),),
    )


def hall_users(hall: HallId, devices: Iterable[DeviceId]) -> tuple[User, ...]:
    """Ingest, then every active device by name. Reserved names are no devices and never become users."""
    name(hall, "hall")
    return (ingest_user(hall), *(device_user(hall, device) for device in sorted(set(devices) - RESERVED)))
