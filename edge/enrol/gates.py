"""A gate's sealing key, as a person read it off that gate: the fleet's word for it is not taken."""

from edge.device.errors import ConfigError
from wire.ids import DeviceId, is_name

SEALING_KEY_BYTES = 32


def gate_key(text: str) -> tuple[DeviceId, bytes]:
    """`ID=KEY`, the key as `hallward gate check` prints it. Raises ConfigError."""
    name, _, key = text.partition("=")
    try:
        raw = bytes.fromhex(key)
    except ValueError:
        raw = b""
    if not is_name(name) or len(raw) != SEALING_KEY_BYTES:
        raise ConfigError(f"--gate {text}: ID=KEY expected, the key as 64 hexadecimal digits")
    return DeviceId(name), raw
