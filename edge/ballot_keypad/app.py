"""Composition root: the only place that chooses real or simulated, and ties a keypad together."""

import logging
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from edge.ballot_keypad.adapters.apart import try_firmware
from edge.ballot_keypad.adapters.simulated_keys import SimulatedKeys
from edge.ballot_keypad.adapters.simulated_screen import SimulatedScreen
from edge.ballot_keypad.config import KeypadConfig, keypad_config
from edge.ballot_keypad.election import election_of
from edge.ballot_keypad.hands import Hands
from edge.ballot_keypad.keypad import Keypad
from edge.ballot_keypad.ports import BEAT_MS
from edge.ballot_keypad.secret.trust import Pinned
from edge.ballot_keypad.self_test import Fittings, parts_of
from edge.ballot_keypad.updating import KeypadSubject, fields_in_force
from edge.device.adapters.device_folder import DeviceFolder
from edge.device.adapters.sealing_key import SEALING_KEY_FILE, load_sealing_key
from edge.device.adapters.tools import tools_of
from edge.device.errors import ConfigError, DeviceError
from edge.device.runtime import DeviceRuntime

_log: Final = logging.getLogger("hallward.keypad")


def build(folder: DeviceFolder, runtime: DeviceRuntime) -> Keypad:
    """The keypad over its runtime, with the hardware that device.toml names and the charter that is pinned
    beside it. Raises ConfigError, DeviceError, LibsodiumMissing."""
    device = folder.identity.config
    config, set_aside = config_or_golden(folder)
    election, sealing_key = election_of(folder), _sealing_key(folder)
    make = _simulated if device.hands else _real
    keypad = make(folder, runtime, config, election, sealing_key)
    keypad.subject = KeypadSubject(
        folder.path,
        device.firmware,
        try_firmware,
        lambda: runtime.is_connected,
        runtime.clock.monotonic_ms,
        simulated=device.hands,
        set_aside=set_aside,
    )
    return keypad


def config_or_golden(folder: DeviceFolder) -> tuple[KeypadConfig, str]:
    """With the thresholds in force; a slot that went bad on its card must not keep a seat silent: then those
    of device.toml hold, and why. Raises ConfigError for what is wrong there."""
    device, source = folder.identity.config, str(folder.path / "device.toml")
    try:
        fields = fields_in_force(device.firmware, folder.state)
        return keypad_config(fields, source, simulated=device.hands), ""
    except ConfigError as err:
        config = keypad_config(device.firmware, source, simulated=device.hands)
        _log.error("%s", err.diagnostics())
        return config, err.what


def _real(
    folder: DeviceFolder,
    runtime: DeviceRuntime,
    config: KeypadConfig,
    election: Pinned | None,
    sealing_key: X25519PrivateKey | None,
) -> Keypad:
    from edge.ballot_keypad.adapters.hardware import open_hardware  # noqa: PLC0415  # on hardware

    hardware = open_hardware(config, runtime.clock.monotonic_ms, folder.identity.config.language)
    for fault in hardware.faults:
        _log.error("%s", fault.diagnostics())
    runtime.on_close(hardware.close)
    keypad = Keypad(
        runtime,
        config,
        hardware.keys,
        hardware.screen,
        runtime.freshness.expect("keys", 5 * BEAT_MS),
        sound=(hardware.tones, hardware.prompts),
        election=election,
        sealing_key=sealing_key,
    )
    _can_test_itself(keypad, folder, runtime, config, sealing_key, election, hardware.faults)
    return keypad


def _can_test_itself(
    keypad: Keypad,
    folder: DeviceFolder,
    runtime: DeviceRuntime,
    config: KeypadConfig,
    sealing_key: X25519PrivateKey | None,
    election: Pinned | None,
    faults: tuple[DeviceError, ...] = (),
) -> None:
    simulated = folder.identity.config.hands
    fittings = Fittings(
        simulated=simulated,
        faults=faults,
        has_tones=simulated or config.tone_pin is not None,
        asks_pin=simulated or config.layout == "matrix",
        has_sealing_key=sealing_key is not None,
        election=election,
    )
    keypad.self_test.parts = parts_of(
        keypad, runtime, folder.path, tools_of(folder), fittings, keypad.key_round
    )


def _simulated(
    folder: DeviceFolder,
    runtime: DeviceRuntime,
    config: KeypadConfig,
    election: Pinned | None,
    sealing_key: X25519PrivateKey | None,
) -> Keypad:
    from edge.device.adapters.hands_socket import HandsSocket  # noqa: PLC0415  # only in a simulation

    keys = SimulatedKeys(runtime.clock.monotonic_ms)
    keypad = Keypad(runtime, config, keys, SimulatedScreen(), election=election, sealing_key=sealing_key)
    _can_test_itself(keypad, folder, runtime, config, sealing_key, election)
    hands = Hands(keys, look=lambda: runtime.ask(keypad.look))  # behind the press in the loop's queue
    runtime.on_close(HandsSocket(folder.hands_socket, hands.answer).close)
    return keypad


def _sealing_key(folder: DeviceFolder) -> X25519PrivateKey | None:
    """None for a unit from before keypads had one: then it cannot be told a PIN. Raises ConfigError."""
    path = folder.state / SEALING_KEY_FILE
    return load_sealing_key(path) if path.exists() else None
