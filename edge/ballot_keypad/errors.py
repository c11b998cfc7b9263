"""Which part of a keypad does not answer. Hardware: the rest goes on, the part is reported and tried
again."""

from edge.device.errors import DeviceError


class KeysError(DeviceError):
    """Without keys nobody votes here: the supervisor starts the unit again until they answer."""

    code = "keys"


class ScreenError(DeviceError):
    """Without a screen nobody knows what was recorded: no press is taken while it is dark."""

    code = "screen"


class TonesError(DeviceError):
    """The screen says the same."""

    code = "tones"


class PromptsError(DeviceError):
    """The screen says the same, to those who can read it: the seat needs another unit, or a helper."""

    code = "prompts"
