"""What holds at this gate: networks and thresholds from their slots, where one is in force; else those that
it was made with (golden: the folder of device.toml, and its fields)."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edge.device.launch import GOLDEN, in_force
from edge.rollcall_gate.config import GateConfig, gate_config, read_settings

SETTINGS_FILE: Final = "settings.toml"


@dataclass(frozen=True, slots=True)
class InForce:
    """Folders of unpacked bundles; None: golden."""

    models: Path | None = None
    config: Path | None = None

    @property
    def is_golden(self) -> bool:
        return self.models is None and self.config is None


def slots_of(state: Path) -> InForce:
    """state: the device's state folder."""
    return InForce(_slot(state, "models"), _slot(state, "config"))


def config_in_force(fields: Mapping[str, Any], folder: Path, slots: InForce) -> GateConfig:
    """fields: the `[gate]` table of device.toml; folder: the device's. Raises ConfigError, ModelError."""
    over: dict[str, Any] = {} if slots.config is None else dict(read_settings(slots.config / SETTINGS_FILE))
    if slots.models is not None:
        over["models"] = str(slots.models)
    return gate_config({**fields, **over}, folder)


def _slot(state: Path, component: str) -> Path | None:
    slots = state / "update" / "slots" / component
    slot = in_force(slots)
    return None if slot == GOLDEN else (slots / slot).resolve()
