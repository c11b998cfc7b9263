"""The `[gate]` table of device.toml -> GateConfig. Every field with its unit, range and default.

    models      folder of the network files; relative to the device's folder (required)
    runtime     litert (default) | tflite
    direction   in (default) | out: what a passage through this gate means
    mode        identify (default): by face alone, 1:N | verify: a badge, then the face that goes with it, 1:1
    match_min_permille, margin_min_permille, verify_min_permille, same_person_min_permille
                cosines in thousandths: 200..900 (default 490), 0..500 (80), 200..900 (380), 0..900 (350)
    probes_min  good frames that decide: 1..10 (3)
    decide_within_ms   then it is decided with what there is: 500..10000 (3000)
    challenge   true (default): ask for a blink or a turn when in doubt | false: a human looks at once
    passback_s  a badge that opened this gate is not taken again for so long: 0..3600 (120), 0 never minds
    lane_left_permille, lane_right_permille, lane_face_permille
                the part of the picture people come through, of its width: 0..1000 (150, 850);
                least face, of its height: 20..500 (120)
  hardware, when it is not simulated:
    camera      picamera2 (default) | v4l2 | recorded; camera_device "0" or "/dev/video0", or the recording
    lock_pin_bcm, reed_pin_bcm                 header pins of the door, 0..27 (17, 27)
    jam_pin_bcm, fire_pin_bcm, beam_a_pin_bcm, beam_b_pin_bcm, buzzer_pin_bcm, red_pin_bcm, green_pin_bcm,
    amber_pin_bcm                              left out: not wired
    claim_pin_bcm   a button inside the housing, to be pressed when this gate is claimed; left out: not wired,
                the pad's enter key is pressed instead
    display     none (default) | framebuffer; display_device "fb0" (default)
    pin_pad     device file of a USB number pad; left out: there is none
Thresholds are integers, because what is signed and compared across the fleet has no floats. Those of the
attack detector are not here: `hallward gate calibrate` measures them before this very camera
(calibration.py).

A config bundle (wire/SPEC.md §11.3) brings settings.toml, whose table [gate] may set the fields of SETTINGS,
and no other, over those of device.toml.
"""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from edge.device.config import Section
from edge.device.errors import ConfigError
from edge.rollcall_gate.eyes.track import Lane
from edge.rollcall_gate.eyes.vision import ModelFiles, Runtime, models_in
from edge.rollcall_gate.who.decide import Thresholds

_OPTIONAL_PINS: Final = (
    "jam_pin_bcm", "fire_pin_bcm", "beam_a_pin_bcm", "beam_b_pin_bcm", "buzzer_pin_bcm", "red_pin_bcm",
    "green_pin_bcm", "amber_pin_bcm", "claim_pin_bcm",
)  # fmt: skip
_FIELDS: Final = (
    "models", "runtime", "direction", "mode", "match_min_permille", "margin_min_permille",
    "verify_min_permille", "same_person_min_permille", "probes_min", "decide_within_ms", "challenge",
    "passback_s", "lane_left_permille", "lane_right_permille", "lane_face_permille", "camera",
    "camera_device", "lock_pin_bcm", "reed_pin_bcm", *_OPTIONAL_PINS, "display", "display_device", "pin_pad",
)  # fmt: skip
_RANGES: Final = {
    "match_min_permille": (200, 900, 490),
    "margin_min_permille": (0, 500, 80),
    "verify_min_permille": (200, 900, 380),
    "same_person_min_permille": (0, 900, 350),
    "probes_min": (1, 10, 3),
    "decide_within_ms": (500, 10_000, 3_000),
    "passback_s": (0, 3_600, 120),
}
"""Least, most, default."""
SETTINGS: Final = tuple(_RANGES)
SETTINGS_BYTES_MAX: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class Wiring:
    """Header pins by BCM number; None: not wired. device files as text; None: there is none."""

    camera: str = "picamera2"
    camera_device: str = "0"
    lock: int = 17
    reed: int = 27
    jam: int | None = None
    fire: int | None = None
    beams: tuple[int, int] | None = None
    buzzer: int | None = None
    lamps: tuple[int, int, int] | None = None
    framebuffer: str | None = None
    pin_pad: Path | None = None
    claim: int | None = None


@dataclass(frozen=True, slots=True)
class GateConfig:
    """What this gate loads, how sure it must be, how it receives people, and where its parts are wired."""

    models: ModelFiles
    runtime: Runtime
    direction: str
    thresholds: Thresholds
    verifies: bool = False
    challenges: bool = True
    passback_ms: int = 120_000
    lane: Lane = field(default_factory=Lane)
    wiring: Wiring = field(default_factory=Wiring)


def settings_of(text: str, source: str) -> dict[str, int]:
    """settings.toml -> the fields of [gate] that it sets; a keypad's table is not ours to judge. source: of
    the file, for the sentence. Raises ConfigError."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as err:
        raise ConfigError(f"{source} is not TOML: {err}") from err
    top = Section(source, "", values)
    top.only("gate", "keypad")
    gate = top.table("gate")
    gate.only(*SETTINGS)
    return {name: _setting(gate, name) for name in gate.values}


def read_settings(path: Path) -> dict[str, int]:
    """As settings_of, from a file. Raises ConfigError."""
    try:
        with path.open("rb") as stream:
            return settings_of(stream.read(SETTINGS_BYTES_MAX).decode("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as err:
        raise ConfigError(f"{path} cannot be read: {err}") from err


def _setting(gate: Section, name: str) -> int:
    return gate.integer(name, *_RANGES[name])


def gate_config(fields: dict[str, Any], folder: Path) -> GateConfig:
    """fields: the `[gate]` table. folder: the device's, for relative paths. Raises ConfigError."""
    gate = Section(str(folder / "device.toml"), "gate", fields)
    gate.only(*_FIELDS)
    left, right = (
        gate.integer("lane_left_permille", 0, 1000, 150),
        gate.integer("lane_right_permille", 0, 1000, 850),
    )
    if left >= right:
        raise gate.wrong("lane_right_permille", "more than gate.lane_left_permille")
    return GateConfig(
        models=_models(gate, folder),
        runtime="tflite" if gate.one_of("runtime", ("litert", "tflite"), "litert") == "tflite" else "litert",
        direction=gate.one_of("direction", ("in", "out"), "in"),
        thresholds=Thresholds(
            match_min=_setting(gate, "match_min_permille") / 1000,
            margin_min=_setting(gate, "margin_min_permille") / 1000,
            verify_min=_setting(gate, "verify_min_permille") / 1000,
            same_person_min=_setting(gate, "same_person_min_permille") / 1000,
            probes_min=_setting(gate, "probes_min"),
            decide_within_ms=_setting(gate, "decide_within_ms"),
        ),
        verifies=gate.one_of("mode", ("identify", "verify"), "identify") == "verify",
        challenges=gate.flag("challenge", True),
        passback_ms=_setting(gate, "passback_s") * 1000,
        lane=Lane(left / 1000, right / 1000, gate.integer("lane_face_permille", 20, 500, 120) / 1000),
        wiring=_wiring(gate, folder),
    )


def wiring_of(fields: dict[str, Any], folder: Path, source: str) -> Wiring:
    """How a gate is wired, before it is known what it loads: a claim needs no networks. source: the file, for
    the sentence. Raises ConfigError."""
    gate = Section(source, "gate", fields)
    gate.only(*_FIELDS)
    return _wiring(gate, folder)


def _wiring(gate: Section, folder: Path) -> Wiring:
    pins: dict[str, int | None] = {
        "lock_pin_bcm": gate.integer("lock_pin_bcm", 0, 27, 17),
        "reed_pin_bcm": gate.integer("reed_pin_bcm", 0, 27, 27),
    }
    pins |= {name: gate.integer(name, 0, 27) if name in gate.values else None for name in _OPTIONAL_PINS}
    taken: dict[int, str] = {}
    for name, pin in pins.items():
        if pin is not None and taken.setdefault(pin, name) != name:
            raise gate.wrong(name, f"another pin than gate.{taken[pin]}")
    camera = gate.one_of("camera", ("picamera2", "v4l2", "recorded"), "picamera2")
    device = gate.text("camera_device", "the camera's number or device file", "0")
    return Wiring(
        camera=camera,
        camera_device=str(folder / device) if camera == "recorded" else device,
        lock=pins["lock_pin_bcm"] or 0,
        reed=pins["reed_pin_bcm"] or 0,
        jam=pins["jam_pin_bcm"],
        fire=pins["fire_pin_bcm"],
        beams=_both(gate, pins, "beam_a_pin_bcm", "beam_b_pin_bcm"),
        buzzer=pins["buzzer_pin_bcm"],
        lamps=_lamps(gate, pins),
        framebuffer=gate.text("display_device", "the name of a framebuffer, as fb0", "fb0")
        if gate.one_of("display", ("none", "framebuffer"), "none") == "framebuffer"
        else None,
        pin_pad=Path(gate.text("pin_pad", "a device file")) if "pin_pad" in gate.values else None,
        claim=pins["claim_pin_bcm"],
    )


def _both(gate: Section, pins: dict[str, int | None], one: str, other: str) -> tuple[int, int] | None:
    first, second = pins[one], pins[other]
    if first is not None and second is not None:
        return first, second
    if first is None and second is None:
        return None
    missing = one if first is None else other
    raise gate.wrong(missing, "a pin from 0 to 27: a direction needs two beams")


def _lamps(gate: Section, pins: dict[str, int | None]) -> tuple[int, int, int] | None:
    names = ("red_pin_bcm", "green_pin_bcm", "amber_pin_bcm")
    found = [pin for name in names if (pin := pins[name]) is not None]
    if not found:
        return None
    if len(found) < len(names):
        missing = next(name for name in names if pins[name] is None)
        raise gate.wrong(missing, "a pin from 0 to 27: the lamp needs red, green and amber")
    return found[0], found[1], found[2]


def _models(gate: Section, folder: Path) -> ModelFiles:
    files = models_in(folder / gate.text("models", "a folder of network files"))
    for file in (files.detector, files.landmarks, files.embedder):
        if not file.is_file():
            allowed = f"a folder that holds {file.name} (the folder int8 that `hallward models all` makes)"
            raise gate.wrong("models", allowed)
    return files
