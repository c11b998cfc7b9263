"""`hallward fleet ddi …`: plain functions with explicit arguments."""

import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from fleet.api.errors import NotFound
from fleet.audit import store as audit
from fleet.config import load_config
from fleet.db import database_url, open_engine, take_turn, upgrade, writing
from fleet.ddi import store
from fleet.ddi.rules import digest
from fleet.desk.clock import SystemClock
from fleet.desk.office import FLEET
from fleet.devices import store as devices
from wire.ids import DeviceId, is_name

Say = Callable[[str], None]
_BYTES: Final = 24


def token(
    data: Path,
    device: str,
    *,
    forget: bool,
    say: Say,
    environment: Mapping[str, str],
    random: Callable[[int], bytes] = secrets.token_bytes,
) -> int:
    """Make a target token for a device and show it this once; the fleet keeps its hash. From then on it is
    asked for beside the certificate; forget: no more. Exit code. Raises NotFound, ConfigError, StoreError."""
    load_config(data)
    made = random(_BYTES).hex()
    engine = open_engine(database_url(data, environment))
    try:
        upgrade(engine)
        with writing(engine) as connection:
            take_turn(connection)
            if not is_name(device) or devices.find(connection, device) is None:
                raise NotFound(f"There is no device {device}: register it first.")
            kept = None if forget else digest(made)
            store.set_token(connection, DeviceId(device), kept)
            action = "ddi.token-forgotten" if forget else "ddi.token-made"
            audit.append(connection, SystemClock().wall_ms(), FLEET, action, device, "{}")
    finally:
        engine.dispose()
    if forget:
        say(f"{device} needs its certificate alone now.")
    else:
        say(f"The target token of {device}, shown this once; put it into its client's configuration:")
        say(made)
    return 0
