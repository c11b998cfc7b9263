"""What `hallward keypad` does: run a device folder, or check one."""

from pathlib import Path

from edge.ballot_keypad.app import build
from edge.ballot_keypad.config import keypad_config
from edge.device import start
from edge.device.start import check_folder, run_folder

ROLE = "keypad"


def run(folder: Path) -> int:
    """Be the keypad of this folder until SIGTERM. Raises ConfigError (exit 78), StoreError, DeviceError (exit
    1)."""
    run_folder(folder, ROLE, build)
    return 0


def check(folder: Path) -> int:
    """Everything but the network; says what is found. Raises as `run` does."""
    found = check_folder(folder, ROLE)
    config = found.identity.config
    keypad_config(config.firmware, str(folder / "device.toml"), simulated=config.hands)
    print(f"{config.device} in {config.hall}: folder, key, certificates and outbox are in order")
    return 0


def new_epoch(folder: Path) -> int:
    """Keep the outbox aside and let another epoch begin. Raises ConfigError, StoreError."""
    print(start.new_epoch(folder, ROLE))
    return 0
