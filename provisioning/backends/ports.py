"""What a fleet backend does for provisioning, whoever stands behind it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from provisioning.device_folder import DeviceCard
from wire.ids import DeviceId


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A device to be made known.

    card: what the hall's authority certified, for a backend that wants it. place: where it stands, in words.
    key_lost: its secret never reached us, as after a power cut; a known device then gets a new one.
    """

    device: DeviceId
    place: str = ""
    card: DeviceCard | None = None
    key_lost: bool = False


@dataclass(frozen=True, slots=True)
class Registration:
    """handle: the backend's own name of the device. secret: what the device shows to the backend, None when
    there is none or none was made. new: False when the backend knew it before."""

    device: DeviceId
    handle: str
    secret: str | None
    new: bool

    def __repr__(self) -> str:
        return f"Registration({self.device!r}, {self.handle!r}, new={self.new})"


@dataclass(frozen=True, slots=True)
class UnitState:
    """What the backend believes of a device, without asking the device.

    release: what runs there, as the backend names it; pinned: what shall run, None: the fleet's own.
    progress: of an update, 0 to 100, None when there is none. seen: when it last came or went.
    """

    device: DeviceId
    handle: str
    online: bool
    word: str
    release: str | None
    pinned: str | None
    progress: int | None
    seen: datetime | None


@dataclass(frozen=True, slots=True)
class SupervisorState:
    """What the device's own supervisor says, asked now.

    status: its word. progress: of a download, 0 to 100. pending, failed: of an update. facts: what else is
    worth a line on the page, by name.
    """

    device: DeviceId
    status: str
    release: str | None
    progress: int | None
    pending: bool
    failed: bool
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Episode:
    """A stretch of a device's life in which nothing changed. ended: None for the one that lasts."""

    began: datetime
    ended: datetime | None
    release: str | None
    should_run: str | None
    active: bool


class FleetBackend(Protocol):
    """One fleet. Every call may be repeated; a change that is there already costs no more than the look.

    Each raises NotOffered for what this backend has not, NoSuchDevice before anything is changed when a name
    is unknown, and otherwise a BackendError by culprit.
    """

    def register(self, units: Sequence[NewUnit]) -> Iterator[Registration]:
        """Make devices known, one by one: write each down before the next is asked for."""

    def states(self) -> list[UnitState]:
        """All devices of the fleet, by name."""

    def supervisor(self, device: DeviceId) -> SupervisorState:
        """Ask the device. Raises DeviceOffline, UpdateLocked."""

    def history(self, device: DeviceId, since: datetime) -> list[Episode]:
        """Newest first."""

    def fleet_variables(self) -> dict[str, str]: ...

    def set_fleet_variable(self, name: str, value: str | None) -> None:
        """None takes it away."""

    def device_variables(self) -> dict[DeviceId, dict[str, str]]:
        """Of every device of the fleet, those without one included."""

    def set_device_variables(self, name: str, values: Mapping[DeviceId, str | None]) -> int:
        """The same variable of many devices; None takes it away. Returns how many had to be changed."""

    def tags(self) -> dict[DeviceId, dict[str, str]]: ...

    def set_tags(self, key: str, values: Mapping[DeviceId, str | None]) -> int:
        """As set_device_variables."""

    def pin_to_release(self, release: str | None, devices: Sequence[DeviceId] | None = None) -> str | None:
        """What shall run on these devices, or on the fleet (devices None). release None: devices follow their
        fleet, the fleet its newest. Returns the release's full name. Raises NoSuchRelease, Incompatible."""
