"""What provisioning needs from outside."""

from typing import Protocol

from provisioning.device_folder import DeviceCard
from wire.ids import DeviceId


class Fleet(Protocol):
    """The fleet, by its API. Both calls may be repeated. They raise FleetRefused with the fleet's own
    sentence."""

    def register(self, card: DeviceCard, place: str) -> None:
        """Tell the fleet of a device, or of its new certificate. place: where it stands, in words."""

    def revoke(self, device: DeviceId, reason: str) -> None:
        """From now on nothing of this device is believed."""
