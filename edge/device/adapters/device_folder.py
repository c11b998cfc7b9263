"""The folder that makes a machine a device: device.toml, identity.key, identity.crt, ca.crt, and state/
beside them; where the key is in an element, tls.key and tls.crt instead of identity.key. Of a device that
was claimed also root.crt, intermediate.crt and root.crl, by which it knows the desk that renews it."""

import os
from dataclasses import dataclass
from pathlib import Path

from edge.device.adapters.keystore import open_signer
from edge.device.adapters.sqlite_outbox import SqliteOutboxStore
from edge.device.config import parse_config
from edge.device.errors import ConfigError, StoreError
from edge.device.identity import Identity
from edge.device.outbox import Outbox, Speaker
from wire.ids import EPOCH_BYTES
from wire.records import Alarm


@dataclass(frozen=True, slots=True)
class NewEpoch:
    """aside: the former outbox. unconfirmed: how many of its records no receipt has covered."""

    aside: Path
    unconfirmed: int


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

    @property
    def update(self) -> Path:
        """Slots, parts and metadata of updates."""
        return self.state / "update"

    @property
    def update_roots(self) -> dict[str, Path]:
        """By repository: the TUF root that provisioning pinned."""
        return {name: self.path / "update" / f"{name}.root.json" for name in ("image", "director")}

    @property
    def outbox_file(self) -> Path:
        return self.state / "outbox.db"

    @property
    def client_files(self) -> tuple[Path, Path]:
        """(certificate, key) of connections, PEM. Read anew by each connection, since a renewal replaces
        them."""
        own = "tls" if self.identity.config.key_store.in_element else "identity"
        return self.path / f"{own}.crt", self.path / f"{own}.key"

    def begin_epoch(self) -> NewEpoch:
        """Put the outbox aside, whole, and begin another. Raises ConfigError when there is none, StoreError.

        Only when the device stands still: the outbox's lock says so.
        """
        if not self.outbox_file.exists():
            raise ConfigError(f"{self.path} has no outbox yet; its first start begins an epoch by itself")
        former = self.open_outbox()
        unconfirmed = former.last_seq - former.marked_seq
        aside = self.outbox_file.with_name(f"outbox.db.epoch-{former.epoch.hex()}")
        former.close()  # the last connection folds the write-ahead log into the file
        try:
            self.outbox_file.rename(aside)
        except OSError as err:
            raise StoreError(f"{self.outbox_file} cannot be put aside: {err.strerror}") from err
        fresh = self.open_outbox()
        fresh.leave_alarm(Alarm("new-epoch", f"by hand; kept aside as {aside.name}"))
        fresh.close()
        return NewEpoch(aside, unconfirmed)

    def open_outbox(self) -> Outbox:
        """Makes state/ (0700) if it is missing. Raises StoreError."""
        config = self.identity.config
        try:
            self.state.mkdir(mode=0o700, exist_ok=True)
        except OSError as err:
            raise StoreError(f"{self.state} cannot be made: {err.strerror}") from err
        speaker = Speaker(config.congress, config.hall, config.device)
        store = SqliteOutboxStore(self.outbox_file)
        return Outbox(store, self.identity.signer, speaker, lambda: os.urandom(EPOCH_BYTES))


def read_folder(path: Path, role: str) -> DeviceFolder:
    """Raises ConfigError when anything is missing, unreadable, out of range, or meant for another role;
    DeviceError when the element that holds the key does not answer."""
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
    tls = ("tls.crt", "tls.key") if config.key_store.in_element else ()
    for name in ("identity.crt", "ca.crt", *tls):
        if not os.access(path / name, os.R_OK):
            raise ConfigError(f"{name} is missing from {path} or cannot be read; provision this device")
    return DeviceFolder(path, Identity(config, open_signer(path, config.device, config.key_store)))
