"""What `hallward gate` does: run a device folder, or check one."""

from pathlib import Path
from typing import Final

from edge.device import start
from edge.device.start import check_folder, run_folder
from edge.rollcall_gate.app import build, read_gate

ROLE: Final = "gate"


def run(folder: Path) -> int:
    """Be the gate of this folder until SIGTERM.

    Raises ConfigError (exit 78), ModelError, StoreError, DeviceError (exit 1).
    """
    run_folder(folder, ROLE, build)
    return 0


def check(folder: Path) -> int:
    """Everything but the network; says what is found. Raises as `run` does."""
    found = check_folder(folder, ROLE)
    _, keys, pipeline = read_gate(found)
    device, embedder = found.identity.config, pipeline.embedder
    print(f"{device.device} in {device.hall}: folder, keys, certificates, outbox and networks are in order")
    print(embedder.runtime)
    for name, sha256 in pipeline.networks.items():
        print(f"network {name} {sha256.hex()}")
    if "pad" not in pipeline.networks:
        print("no network tells a person from a picture here: pad.tflite is not in the models folder")
    print(f"sealing key {keys.sealing_key.public_key().public_bytes_raw().hex()}")
    return 0


def new_epoch(folder: Path) -> int:
    """Keep the outbox aside and let another epoch begin. Raises ConfigError, StoreError."""
    print(start.new_epoch(folder, ROLE))
    return 0
