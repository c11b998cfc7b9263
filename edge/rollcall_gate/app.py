"""Composition root: the only place that chooses real or simulated, and ties a gate together."""

from typing import Final

from edge.device.adapters.device_folder import DeviceFolder
from edge.device.errors import ConfigError
from edge.device.runtime import DeviceRuntime
from edge.rollcall_gate.adapters.sealing_key import load_sealing_key
from edge.rollcall_gate.adapters.simulated_camera import SimulatedCamera
from edge.rollcall_gate.adapters.simulated_door import SimulatedDoor
from edge.rollcall_gate.adapters.simulated_panel import (
    SimulatedBadgeReader,
    SimulatedDisplay,
    SimulatedIndicator,
)
from edge.rollcall_gate.config import GateConfig, gate_config
from edge.rollcall_gate.gate import Equipment, Gate
from edge.rollcall_gate.hands import Hands
from edge.rollcall_gate.pipeline import Pipeline
from edge.rollcall_gate.roster import Keys
from edge.rollcall_gate.senses import Organs, Senses
from edge.rollcall_gate.vision import open_pipeline

SEALING_KEY_FILE: Final = "sealing.key"


def read_gate(folder: DeviceFolder) -> tuple[GateConfig, Keys, Pipeline]:
    """Everything that can be wrong before the first delegate comes. Raises ConfigError, ModelError."""
    device = folder.identity.config
    config = gate_config(device.firmware, folder.path)
    keys = Keys(device.congress, device.device, load_sealing_key(folder.path / SEALING_KEY_FILE))
    return config, keys, open_pipeline(config.models, config.runtime)


def build(folder: DeviceFolder, runtime: DeviceRuntime) -> Gate:
    """The gate over its runtime, on the hardware that device.toml names. Raises as read_gate; DeviceError."""
    if not folder.identity.config.hands:
        source = folder.path / "device.toml"
        raise ConfigError(
            f"{source}: simulated.hands must be true: no driver for a gate's camera is installed"
        )
    config, keys, pipeline = read_gate(folder)
    clock = runtime.clock
    camera, door, badges = SimulatedCamera(clock.monotonic_ms), SimulatedDoor(), SimulatedBadgeReader()
    equipment = Equipment(door, SimulatedDisplay(), SimulatedIndicator())
    gate = Gate(runtime, equipment, config, keys, pipeline.embedder)
    _give_hands(folder, runtime, Hands(camera, door, badges, look=lambda: runtime.ask(gate.look)))
    senses = Senses(Organs(camera, badges, door), pipeline, gate, runtime.post)
    runtime.on_close(senses.close)
    senses.start()
    return gate


def _give_hands(folder: DeviceFolder, runtime: DeviceRuntime, hands: Hands) -> None:
    from edge.device.adapters.hands_socket import HandsSocket  # noqa: PLC0415  # only in a simulation

    runtime.on_close(HandsSocket(folder.hands_socket, hands.answer).close)
