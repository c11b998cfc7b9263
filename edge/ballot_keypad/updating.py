"""What a keypad can tell about a candidate: a whole program, or thresholds (ports.Subject). It has no
networks, and nothing that could run beside what people press."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from edge.ballot_keypad.config import keypad_config, read_settings
from edge.device.errors import NotNow, UpdateRefused
from edge.device.launch import GOLDEN, in_force
from edge.device.updating.ports import Shadow
from wire.errors import HallError

SETTINGS_FILE: Final = "settings.toml"
WELL_WITHIN_MS: Final = 300_000
"""A restarted keypad has reached the hall by then, or it is not well."""


def fields_in_force(fields: Mapping[str, Any], state: Path) -> dict[str, Any]:
    """The `[keypad]` table of device.toml, with the thresholds of the slot in force over it. Raises
    ConfigError."""
    slots = state / "update" / "slots" / "config"
    slot = in_force(slots)
    over = {} if slot == GOLDEN else read_settings(slots / slot / SETTINGS_FILE)
    return {**fields, **over}


class KeypadSubject:
    """Implements ports.Subject. folder: the device's; fields: its `[keypad]` table. try_firmware:
    (candidate, device.toml) -> readings, raises as self_test. set_aside: why this keypad does not run the
    thresholds in force, empty: it does. now_ms: since this start."""

    def __init__(
        self,
        folder: Path,
        fields: Mapping[str, Any],
        try_firmware: Callable[[Path, Path], Mapping[str, int]],
        is_connected: Callable[[], bool],
        now_ms: Callable[[], int],
        *,
        simulated: bool,
        set_aside: str = "",
    ) -> None:
        self._folder = folder
        self._fields = fields
        self._try_firmware = try_firmware
        self._is_connected = is_connected
        self._now_ms = now_ms
        self._simulated = simulated
        self._set_aside = set_aside
        self._was_connected = False

    def self_test(self, component: str, folder: Path) -> Mapping[str, int]:
        if component == "firmware":
            return self._try_firmware(folder, self._folder / "device.toml")
        if component != "config":
            raise UpdateRefused("self-test", f"a keypad cannot try {component}")
        try:
            over = read_settings(folder / SETTINGS_FILE)
            source = str(folder / SETTINGS_FILE)
            keypad_config({**self._fields, **over}, source, simulated=self._simulated)
        except HallError as err:
            raise UpdateRefused("self-test", err.what) from err
        return {}

    def shadow(self, component: str, folder: Path) -> Shadow | None:  # noqa: ARG002  # as of Subject
        return None

    def is_well(self) -> Mapping[str, int]:
        """Keys and display answered when this start opened them; what is left is the hall."""
        if self._set_aside:
            raise UpdateRefused("trial-unwell", f"it could not be started: {self._set_aside}")
        self._was_connected = self._was_connected or self._is_connected()
        if self._was_connected:
            return {"connected-ms": self._now_ms()}
        if self._now_ms() < WELL_WITHIN_MS:
            raise NotNow("waits for the hall's broker")
        raise UpdateRefused(
            "trial-unwell", f"after {WELL_WITHIN_MS // 60_000} minutes it still waits for the hall's broker"
        )
