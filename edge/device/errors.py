"""What can go wrong at a device, by culprit (EXAMPLES §5). Each has a stable code and a sentence for the
person there."""

from wire.errors import HallError

EXIT_CONFIG = 78
"""EX_CONFIG of sysexits.h: a supervisor that sees it need not try again before somebody has changed
something."""


class ConfigError(HallError):
    """Operator: the device folder is not what it must be. Refuse to start, exit 78."""

    code = "config"


class StoreError(HallError):
    """Disk: what was to be kept is not kept. Tell the person `not stored`; lose nothing that was."""

    code = "store"


class LinkError(HallError):
    """Network: not connected. Back off and try again; log once down, once up."""

    code = "link"


class DeviceError(HallError):
    """Hardware: a part does not answer. Degrade, report, keep trying."""

    code = "device"


def exit_code(err: HallError) -> int:
    """What the process of a device ends with when this error reaches the top."""
    return EXIT_CONFIG if isinstance(err, ConfigError) else 1
