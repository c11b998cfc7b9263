"""Composition root: the only place that chooses real or simulated, and ties a gate together."""

import logging
import random
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from edge.device.adapters.device_folder import DeviceFolder
from edge.device.adapters.sealing_key import SEALING_KEY_FILE, load_sealing_key
from edge.device.adapters.system_clock import SystemClock
from edge.device.adapters.system_gauges import SystemGauges
from edge.device.adapters.tools import tools_of
from edge.device.errors import ConfigError
from edge.device.runtime import DeviceRuntime
from edge.rollcall_gate.adapters.apart import Apart
from edge.rollcall_gate.adapters.calibration_file import load_calibration
from edge.rollcall_gate.adapters.hardware import Hardware, Simulated, open_display, open_hardware
from edge.rollcall_gate.adapters.sealing_key import replace_sealing_key
from edge.rollcall_gate.config import GateConfig, wiring_of
from edge.rollcall_gate.display.screen import View, panel
from edge.rollcall_gate.errors import ModelError
from edge.rollcall_gate.eyes.lookout import Lookout
from edge.rollcall_gate.eyes.pipeline import Pipeline
from edge.rollcall_gate.eyes.vision import open_pipeline
from edge.rollcall_gate.gate import Equipment, Gate, Habits
from edge.rollcall_gate.hands import Hands
from edge.rollcall_gate.in_force import InForce, config_in_force, slots_of
from edge.rollcall_gate.ports import Inference
from edge.rollcall_gate.senses import Organs, Senses
from edge.rollcall_gate.trial import in_service
from edge.rollcall_gate.trial.agreement import SIMULATED, Rules
from edge.rollcall_gate.trial.calibration import thresholds_for
from edge.rollcall_gate.trial.checks import Hardware as HardwareUnderTest
from edge.rollcall_gate.trial.checks import Subject
from edge.rollcall_gate.trial.in_service import CrossingsSeen, LentDoor, ShownFrames
from edge.rollcall_gate.updating import GateSubject, Present
from edge.rollcall_gate.who.presentation import UNCALIBRATED, PadThresholds
from edge.rollcall_gate.who.reception import Manner
from edge.rollcall_gate.who.roster import Keys
from wire.errors import HallError
from wire.records import Alarm

CALIBRATION_FILE: Final = "calibration.toml"
SENSES_SILENT_MS_MAX: Final = 15_000
"""A frame through four networks takes a slow board under a second; a driver that hangs never comes back."""


SLOT_NOT_USABLE: Final = Alarm(
    "slot-not-usable", "what a release brought cannot be used; this gate runs what it was made with"
)
_log: Final = logging.getLogger("hallward.gate")


@dataclass(frozen=True, slots=True)
class Parts:
    """What a gate's folder makes: everything that can be wrong before the first delegate comes.

    networks: as they were loaded, by name. slots: where networks and thresholds are from. set_aside: why
    they are not what the slots in force hold; empty: they are."""

    config: GateConfig
    keys: Keys
    pipeline: Pipeline
    pad: PadThresholds
    networks: Mapping[str, Inference]
    slots: InForce
    set_aside: str = ""


def sealing_key_file(folder: DeviceFolder) -> Path:
    """In the state folder, the only one that a gate under systemd may write; or beside device.toml, where an
    earlier provisioning put it.
    """
    beside = folder.path / SEALING_KEY_FILE
    return beside if beside.exists() else folder.state / SEALING_KEY_FILE


def config_of(folder: DeviceFolder, slots: InForce | None = None) -> GateConfig:
    """slots: those that are in force, if not said otherwise. Raises ConfigError, ModelError."""
    found = slots_of(folder.state) if slots is None else slots
    return config_in_force(folder.identity.config.firmware, folder.path, found)


def read_gate(folder: DeviceFolder, config: GateConfig, *, calibrated: bool = True) -> Parts:
    """calibrated: with the thresholds of this site, if it has any. Raises ConfigError, ModelError."""
    device = folder.identity.config
    keys = Keys(device.congress, device.device, load_sealing_key(sealing_key_file(folder)))
    networks: dict[str, Inference] = {}
    pipeline = open_pipeline(config.models, config.runtime, around=networks.setdefault)
    site = load_calibration(folder.path / CALIBRATION_FILE) if calibrated else None
    pad = thresholds_for(site, pipeline.networks.get("pad"))
    return Parts(config, keys, pipeline, pad, networks, slots_of(folder.state))


def read_gate_or_golden(folder: DeviceFolder) -> Parts:
    """A slot that went bad on its card must not keep a hall shut: then what the gate was made with holds.
    Raises as read_gate."""
    slots = slots_of(folder.state)
    try:
        return read_gate(folder, config_of(folder, slots))
    except (ConfigError, ModelError) as err:
        if slots.is_golden:
            raise
        _log.error("%s", err.diagnostics())
        parts = read_gate(folder, config_of(folder, InForce()))
        return replace(parts, slots=InForce(), set_aside=err.what)


def habits_of(parts: Parts) -> Habits:
    config = parts.config
    manner = Manner(config.thresholds, parts.pad, config.challenges, config.verifies)
    return Habits(manner, config.direction, config.passback_ms)


def equipment_of(hardware: Hardware) -> Equipment:
    h = hardware
    return Equipment(h.door, h.display, h.indicator, h.sounder, counts=h.counts, fire=h.fire)


def organs_of(hardware: Hardware) -> Organs:
    h = hardware
    return Organs(h.camera, h.codes, h.badges, h.pins, h.door, h.sensor, h.fire)


def build(folder: DeviceFolder, runtime: DeviceRuntime) -> Gate:
    """The gate over its runtime, on the hardware that device.toml names. Raises as read_gate; DoorError."""
    device = folder.identity.config
    wiring = wiring_of(device.firmware, folder.path, str(folder.path / "device.toml"))
    # Not the runtime's clock, which begins with this start: frames are stamped by another process.
    now_ms = SystemClock().monotonic_ms
    simulated = Simulated.of(now_ms) if device.hands else None
    display = simulated.display if simulated else open_display(wiring)
    with ExitStack() as unless_started:
        unless_started.callback(display.close)
        display.show(panel(View.STARTING, device.language))
        parts = read_gate_or_golden(folder)
        hardware = simulated.hardware if simulated else open_hardware(wiring, display, now_ms)
        unless_started.pop_all()
    gate = Gate(
        runtime,
        equipment_of(hardware),
        habits_of(parts),
        parts.keys,
        parts.pipeline.embedder,
        random.SystemRandom().random,
        lambda: replace_sealing_key(sealing_key_file(folder)),
    )
    beat = runtime.freshness.expect("senses", SENSES_SILENT_MS_MAX)
    lookout = Lookout(parts.pipeline, parts.config.lane)
    senses = Senses(organs_of(hardware), lookout, gate, runtime.post, beat)
    _can_test_itself(gate, folder, runtime, parts, hardware, senses)
    gate.subject = update_subject(folder, runtime, parts, senses)
    if parts.set_aside:
        runtime.post(lambda: runtime.alarm(SLOT_NOT_USABLE))
    if simulated:
        _give_hands(folder, runtime, Hands(simulated, look=lambda: runtime.ask(gate.look)))
    for part in (hardware.display, hardware.indicator, hardware.sounder):
        runtime.on_close(part.close)
    runtime.on_close(senses.close)
    senses.start()
    return gate


def _can_test_itself(
    gate: Gate, folder: DeviceFolder, runtime: DeviceRuntime, parts: Parts, hardware: Hardware, senses: Senses
) -> None:
    lane = in_service.Lane(
        ShownFrames(senses),
        LentDoor(runtime, gate.doorway, hardware.door),
        CrossingsSeen(gate.doorway) if hardware.counts else None,
        hardware.fire,
    )
    subject = subject_of(folder, parts, lane)
    key_file = sealing_key_file(folder)
    gate.self_test.parts = in_service.parts_of(
        subject,
        tools_of(folder),
        runtime,
        lane,
        lambda: load_sealing_key(key_file).public_key().public_bytes_raw(),
    )


def update_subject(folder: DeviceFolder, runtime: DeviceRuntime, parts: Parts, senses: Senses) -> GateSubject:
    """What an update asks of this gate."""
    site = load_calibration(folder.path / CALIBRATION_FILE)
    tools, device = tools_of(folder), folder.identity.config
    return GateSubject(
        Present(
            folder.path,
            device.firmware,
            parts.config,
            parts.slots,
            parts.networks,
            parts.set_aside,
            is_simulated=device.hands,
        ),
        senses,
        Apart(),
        SystemGauges(folder.state),
        tools.computer.memory_available_kb,
        lambda: runtime.is_connected,
        SystemClock().monotonic_ms,
        lambda network: thresholds_for(site, network),
        SIMULATED if device.hands else Rules(),
    )


def subject_of(
    folder: DeviceFolder, parts: Parts, hardware: HardwareUnderTest | HallError, floor_ms: int = 0
) -> Subject:
    return Subject(
        identity=folder.identity,
        folder=folder.path,
        models=parts.config.models,
        sealing_key=parts.keys.sealing_key.public_key().public_bytes_raw(),
        hardware=hardware,
        eyes=parts.pipeline,
        pad=parts.pad,
        pad_calibrated=parts.pad is not UNCALIBRATED,
        floor_ms=floor_ms,
    )


def _give_hands(folder: DeviceFolder, runtime: DeviceRuntime, hands: Hands) -> None:
    from edge.device.adapters.hands_socket import HandsSocket  # noqa: PLC0415  # only in a simulation

    runtime.on_close(HandsSocket(folder.hands_socket, hands.answer).close)
