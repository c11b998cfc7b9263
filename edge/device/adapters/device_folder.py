"""The folder that makes a machine a device: device.toml, identity.key, identity.crt, ca.crt, and state/
beside them."""

import os
from dataclasses import dataclass
from pathlib import Path

from edge.device.adapters.file_signer import load_signer
from edge.device.adapters.sqlite_outbox import SqliteOutboxStore
from edge.device.config import parse_config
from edge.device.errors import ConfigError, StoreError
from edge.device.identity import Identity
from edge.device.outbox import Outbox, Speaker
from wire.ids import EPOCH_BYTES


@dataclass(frozen=True, slots=True)
class DeviceFolder:
    path: Path
    identity: Identity

    @property
    def state(self) -> Path:
        return self.path / "state"

    @property
    def hands_socket(self) -> Path:
        return self.state / "hands.sock"

    def open_outbox(self) -> Outbox:
        """Makes state/ (0700) if it is missing. Raises StoreError."""
        config = self.identity.config
        try:
            self.state.mkdir(mode=0o700, exist_ok=True)
        except OSError as err:
            raise StoreError(f"{self.state} cannot be made: {err.strerror}") from err
        speaker = Speaker(config.congress, config.hall, config.device)
        store = SqliteOutboxStore(self.state / "outbox.db")
        return Outbox(store, self.identity.signer, speaker, lambda: os.urandom(EPOCH_BYTES))


def read_folder(path: Path, role: str) -> DeviceFolder:
    """Raises ConfigError when anything is missing, unreadable, out of range, or meant for another role."""
    source = path / "device.toml"
    try:
        text = source.read_text(encoding="utf-8")
    except FileNotFoundError as err:
        raise ConfigError(f"{source} is missing; is {path} a device's folder?") from err
    except (OSError, UnicodeDecodeError) as err:
        raise ConfigError(f"{source} cannot be read: {err}") from err
    config = parse_config(text, str(source))
    if config.role != role:
        raise ConfigError(f"{source}: role is {config.role!r}; this firmware is for a {role}")
    for name in ("identity.crt", "ca.crt"):
        if not os.access(path / name, os.R_OK):
            raise ConfigError(f"{name} is missing from {path} or cannot be read; provision this device")
    return DeviceFolder(path, Identity(config, load_signer(path / "identity.key", config.device)))
