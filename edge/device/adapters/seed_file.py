"""seed.toml and hardware.toml of a folder that is not yet a device's."""

import tomllib
from pathlib import Path
from typing import Final

import tomli_w

from edge.device.adapters.whole_file import SECRET, Step, write_whole
from edge.device.claim.seed import Seed, parse_seed
from edge.device.errors import ConfigError

SEED_FILE: Final = "seed.toml"
HARDWARE_FILE: Final = "hardware.toml"
DEVICE_TOML: Final = "device.toml"
_BYTES_MAX: Final = 65536


def is_device(folder: Path) -> bool:
    """Whether this folder was claimed, or made by hand. Raises ConfigError when it is neither that nor has a
    seed to be claimed with, or cannot be looked into."""
    try:
        if (folder / DEVICE_TOML).exists():
            return True
        has_seed = (folder / SEED_FILE).exists()
    except OSError as err:
        raise ConfigError(
            f"{folder} cannot be looked into ({err.strerror}): it belongs to the user of the firmware; "
            "say it again as that user, or with sudo"
        ) from err
    if not has_seed:
        raise ConfigError(
            f"{folder / DEVICE_TOML} is missing; is {folder} a device's folder? It has no seed.toml, either, "
            "which the boot medium of `hallward provision image` carries beside root.crt: with these two a "
            "machine finds the provisioning desk by itself"
        )
    return False


def read_seed(folder: Path, role: str) -> Seed:
    """Raises ConfigError when it is missing, unreadable, out of range, or meant for another role."""
    source, parts = folder / SEED_FILE, folder / HARDWARE_FILE
    seed = parse_seed(_text(source), str(source), _text(parts) if parts.exists() else "", str(parts))
    if seed.role != role:
        raise ConfigError(f"{source}: role is {seed.role!r}; this firmware is for a {role}")
    return seed


def forget_token(folder: Path, step: Step = lambda _: None) -> None:
    """Take the token of a batch out of seed.toml; may be repeated. Raises ConfigError, StoreError."""
    path = folder / SEED_FILE
    if not path.exists():
        return
    seed = tomllib.loads(_text(path))
    if seed.pop("token", None) is not None:
        write_whole(path, tomli_w.dumps(seed).encode(), SECRET, step)


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
        if len(content) > _BYTES_MAX:
            raise ConfigError(f"{path} is longer than {_BYTES_MAX} bytes; write the boot medium again")
        return content.decode("utf-8")
    except (OSError, UnicodeDecodeError) as err:
        raise ConfigError(f"{path} cannot be read: {err}; write the boot medium again") from err
