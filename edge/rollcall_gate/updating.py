"""What a gate can tell about a candidate: networks, thresholds, or a whole program (ports.Subject).

Networks are tried in a process of their own first, then beside those in force on live frames. References
belong to one embedder: a gate that starts with another one holds none of the old ones (who/roster.py), and
people come by badge or PIN until they are enrolled again.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from edge.device.errors import NotNow, UpdateRefused
from edge.device.parts import GaugeReader
from edge.rollcall_gate.config import GateConfig
from edge.rollcall_gate.errors import ModelError
from edge.rollcall_gate.eyes.pipeline import Pipeline
from edge.rollcall_gate.eyes.vision import models_in, open_pipeline
from edge.rollcall_gate.frames import Frame
from edge.rollcall_gate.in_force import InForce, config_in_force
from edge.rollcall_gate.ports import Inference
from edge.rollcall_gate.trial.agreement import PPM, Rules
from edge.rollcall_gate.trial.candidate import SIDES_PX
from edge.rollcall_gate.trial.golden import GOLDEN_FILE, compared, read_golden
from edge.rollcall_gate.trial.shadow import Eyes, ShadowRun, Sides
from edge.rollcall_gate.who.presentation import PadThresholds
from wire.errors import HallError

WELL_WITHIN_MS: Final = 600_000
"""A restarted gate has seen a frame and the hall by then, or it is not well."""


class Watched(Protocol):
    """The part of Senses that is asked."""

    watcher: Callable[[Frame], None] | None
    frames: int

    @property
    def camera_works(self) -> bool: ...


class TriesApart(Protocol):
    """In a process of its own (adapters/apart.py)."""

    def examine(
        self, present: Path, folder: Path, runtime: str, available_kb: int | None
    ) -> Mapping[str, int]: ...

    def loads(self, folder: Path, device_toml: Path) -> None: ...


@dataclass(frozen=True, slots=True)
class Present:
    """What this gate runs. folder: the device's. fields: the `[gate]` table of device.toml. networks: as they
    are loaded. set_aside: why it does not run what is in force."""

    folder: Path
    fields: Mapping[str, Any]
    config: GateConfig
    slots: InForce
    networks: Mapping[str, Inference]
    set_aside: str = ""
    is_simulated: bool = False


class GateSubject:
    """Implements ports.Subject. Called from a thread that may wait.

    now_ms: monotonic. pad: the attack detector's thresholds at this site, for a network of this hash."""

    def __init__(
        self,
        present: Present,
        senses: Watched,
        apart: TriesApart,
        gauges: GaugeReader,
        available_kb: Callable[[], int | None],
        is_connected: Callable[[], bool],
        now_ms: Callable[[], int],
        pad: Callable[[bytes | None], PadThresholds],
        rules: Rules,
    ) -> None:
        self._present = present
        self._senses = senses
        self._apart = apart
        self._gauges = gauges
        self._available_kb = available_kb
        self._is_connected = is_connected
        self._now_ms = now_ms
        self._pad = pad
        self._rules = rules
        self._began_ms = now_ms()
        self._was_connected = False
        self._golden_ppm: int | None = None
        self._golden_ms = 0

    def self_test(self, component: str, folder: Path) -> Mapping[str, int]:
        """As of Subject; also NotNow when nothing can be tried now."""
        if component == "models":
            present = self._present.config.models.detector.parent
            return self._apart.examine(present, folder, self._present.config.runtime, self._available_kb())
        began_s = time.monotonic()
        if component == "config":
            self._try_settings(folder)
        elif component == "firmware":
            self._apart.loads(folder, self._present.folder / "device.toml")
        else:
            raise UpdateRefused(
                "self-test", f"a gate cannot try {component}: that is the system's installer's"
            )
        return {"self-test-ms": round((time.monotonic() - began_s) * 1000)}

    def shadow(self, component: str, folder: Path) -> ShadowRun | None:
        """Of networks alone. They passed the self-test before. Raises UpdateRefused."""
        if component != "models":
            return None
        config = self._present.config
        try:
            before = open_pipeline(config.models, config.runtime)
            after = open_pipeline(models_in(folder), config.runtime)
        except ModelError as err:
            raise UpdateRefused("self-test", err.what) from err
        run = ShadowRun(
            Sides(self._eyes(before), self._eyes(after)),
            self._rules,
            self._gauges,
            self._now_ms,
            on_close=self._look_away,
        )
        run.start()
        self._senses.watcher = run.offer
        return run

    def is_well(self) -> Mapping[str, int]:
        """As of Subject: what is in force is what runs, the networks compute what they should, the camera
        gives frames, and the hall was reached."""
        present, senses = self._present, self._senses
        if present.set_aside:
            raise UpdateRefused("trial-unwell", f"it could not be started: {present.set_aside}")
        if self._golden_ppm is None:
            began_s = time.monotonic()
            self._golden_ppm = self._compare_golden()
            self._golden_ms = round((time.monotonic() - began_s) * 1000)
        self._was_connected = self._was_connected or self._is_connected()
        waits = []
        if not senses.camera_works or not (senses.frames or present.is_simulated):
            waits.append("a frame of its camera")
        if not self._was_connected:
            waits.append("the hall's broker")
        if waits:
            self._wait_for(" and ".join(waits))
        found = {"camera-frames": senses.frames, "self-test-ms": self._golden_ms}
        found["golden-distance-ppm"] = self._golden_ppm
        rss_kb = self._gauges.read().rss_kb
        return found if rss_kb is None else {**found, "memory-kb": rss_kb}

    def _wait_for(self, what: str) -> None:
        if self._now_ms() - self._began_ms < WELL_WITHIN_MS:
            raise NotNow(f"waits for {what}")
        raise UpdateRefused(
            "trial-unwell", f"after {WELL_WITHIN_MS // 60_000} minutes it still waits for {what}"
        )

    def _compare_golden(self) -> int:
        """0 for networks that this gate was made with: they bring no golden outputs."""
        if self._present.slots.models is None:
            return 0
        try:
            table = read_golden(self._present.slots.models / GOLDEN_FILE)
            networks = self._present.networks.items()
            return round(PPM * max(compared(each, name, SIDES_PX[name], table) for name, each in networks))
        except ModelError as err:
            raise UpdateRefused("golden-outputs", err.what) from err

    def _try_settings(self, folder: Path) -> None:
        slots = InForce(self._present.slots.models, folder)
        try:
            config_in_force(self._present.fields, self._present.folder, slots)
        except HallError as err:
            raise UpdateRefused("self-test", err.what) from err

    def _eyes(self, pipeline: Pipeline) -> Eyes:
        return Eyes(pipeline, self._pad(pipeline.networks.get("pad")))

    def _look_away(self) -> None:
        self._senses.watcher = None
