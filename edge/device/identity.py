"""Who this device is: its names, its one key, and whose word it takes."""

from dataclasses import dataclass

from edge.device.config import DeviceConfig
from edge.device.ports import Signer
from wire import topics
from wire.ids import DESK, STORE, DeviceId, HallId
from wire.keys import PublicKey


@dataclass(frozen=True, slots=True)
class Identity:
    config: DeviceConfig
    signer: Signer
    """kid is the device id; the same key proves the device to the broker."""

    @property
    def hall(self) -> HallId:
        return self.config.hall

    @property
    def device(self) -> DeviceId:
        return self.config.device

    @property
    def trusted(self) -> dict[str, PublicKey]:
        """Signers of down messages and their pinned keys."""
        return {DESK: self.config.trust.desk, STORE: self.config.trust.store}

    @property
    def subscriptions(self) -> tuple[str, ...]:
        return topics.device_filters(self.hall, self.device)
