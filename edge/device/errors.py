"""What can go wrong at a device, by culprit (EXAMPLES §5). Each has a stable code and a sentence for the
person there."""

from collections.abc import Mapping
from typing import ClassVar

from wire.errors import HallError


class ConfigError(HallError):
    """Operator: the device folder is not what it must be. Refuse to start, exit 78."""

    code = "config"
    exit_code: ClassVar[int] = 78


class StoreError(HallError):
    """Disk: what was to be kept is not kept. Tell the person `not stored`; lose nothing that was."""

    code = "store"


class LinkError(HallError):
    """Network: not connected. Back off and try again; log once down, once up."""

    code = "link"


class BrokerNotTrusted(LinkError):
    """Whoever answers at the broker's address is not under the hall's authority in ca.crt."""

    code = "broker-not-trusted"


class DeviceError(HallError):
    """Hardware: a part does not answer. Degrade, report, keep trying."""

    code = "device"


class DeskUnreachable(LinkError):
    """Network: the provisioning desk does not answer, or is too busy to. Back off and try again."""

    code = "desk-unreachable"


class DeskNotTrusted(HallError):
    """An impostor, or a root that is not ours: nothing was said to it, and nothing of it is believed."""

    code = "desk-not-trusted"


class ClockBehind(DeskNotTrusted):
    """This device's clock stands before any certificate: nothing can be verified until it is set."""

    code = "clock-behind"


class DeskRefused(HallError):
    """The desk said no. reason: its code of it; what: its sentence, for the person here."""

    code = "desk-refused"

    def __init__(self, reason: str, what: str) -> None:
        super().__init__(what)
        self.reason = reason


class NotNow(HallError):
    """Surroundings: an update cannot go on yet. Nothing is lost; what: what it waits for, in one line."""

    code = "not-now"


class UpdateRefused(HallError):
    """The release, the order or this machine: this update is not for this device. What ran goes on. cause: a
    word for the fleet's table (wire: at most 80 bytes); what: the sentence; readings: what it was judged by,
    integers with their unit in the name."""

    code = "update-refused"

    def __init__(self, cause: str, what: str, readings: Mapping[str, int] | None = None) -> None:
        super().__init__(what)
        self.cause = cause
        self.readings: Mapping[str, int] = {} if readings is None else readings
