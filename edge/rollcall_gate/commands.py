"""What `hallward gate` does: run a device folder, check it, calibrate it, or rehearse on a recording."""

import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from edge.device import start
from edge.device.adapters.device_folder import DeviceFolder
from edge.device.adapters.seed_file import is_device
from edge.device.adapters.tools import tools_of
from edge.device.clock import CLOCK_FLOOR
from edge.device.errors import ConfigError
from edge.device.start import check_folder, identity_words, run_folder
from edge.device.updating.start import update_words
from edge.rollcall_gate.adapters.calibration_file import save_calibration
from edge.rollcall_gate.adapters.cameras import open_camera, open_recording
from edge.rollcall_gate.adapters.hardware import Hardware, Simulated, open_display, open_hardware
from edge.rollcall_gate.adapters.scripted_camera import ScriptedCamera
from edge.rollcall_gate.app import CALIBRATION_FILE, Parts, build, config_of, read_gate, subject_of
from edge.rollcall_gate.eyes.lookout import Lookout
from edge.rollcall_gate.eyes.track import EVERYWHERE, Lane
from edge.rollcall_gate.eyes.vision import models_in, open_pipeline
from edge.rollcall_gate.gate import Habits
from edge.rollcall_gate.ports import Camera, PinPad
from edge.rollcall_gate.trial.calibration import calibrate as calibrated
from edge.rollcall_gate.trial.checks import run_checks
from edge.rollcall_gate.trial.presented import live, recorded, scores
from edge.rollcall_gate.trial.recording import RECORDING_FILE, Recording, read_recording
from edge.rollcall_gate.trial.rehearsal import Rehearsal
from edge.rollcall_gate.trial.replay import read_house, stage_table, tell
from edge.rollcall_gate.trial.stages import Stages
from edge.rollcall_gate.who.decide import DEFAULT
from edge.rollcall_gate.who.presentation import UNCALIBRATED
from edge.rollcall_gate.who.reception import Manner
from wire import cbor
from wire.errors import HallError

ROLE: Final = "gate"
REST_S: Final = 0.01
REHEARSED_DRAW: Final = 0.0
"""Of a rehearsal everything is the same each time, so the challenge is, too."""


def run(folder: Path) -> int:
    """Be the gate of this folder until SIGTERM; first be claimed, where it has only a seed.

    Raises ConfigError (exit 78), ModelError, StoreError, DeviceError (exit 1).
    """
    if is_device(folder) or _claimed(folder):
        return run_folder(folder, ROLE, build)
    return 0


def check(folder: Path, flags: frozenset[str]) -> int:
    """The self-test: one line each, with what to do. Exit status 1 when something failed. Of a folder that
    nobody has claimed yet: how far it is. Raises as `run`."""
    if not is_device(folder):
        return _say_how_far(folder)
    found = check_folder(folder, ROLE)
    parts = read_gate(found, config_of(found))
    device, pipeline = found.identity.config, parts.pipeline
    print(f"{device.device} in {device.hall}: folder, keys, outbox and networks are in order")
    print(identity_words(found))
    print(update_words(found))
    print(pipeline.embedder.runtime)
    for name, sha256 in pipeline.networks.items():
        print(f"network {name} {sha256.hex()}")
    if "pad" not in pipeline.networks:
        print("no network tells a person from a picture here: pad.tflite is not in the models folder")
    public = parts.keys.sealing_key.public_key().public_bytes_raw()
    print(f"sealing key {public.hex()}")
    hardware = _hardware(found, parts)
    subject = subject_of(found, parts, hardware, _floor_ms(found))
    move_door, ask_hall = "--no-door" not in flags, "--offline" not in flags
    failed = 0
    try:
        for finding in run_checks(subject, tools_of(found), move_door=move_door, ask_hall=ask_hall):
            print(finding.line(), flush=True)
            failed += finding.ok is False
    finally:
        if isinstance(hardware, Hardware):
            hardware.close()
    return 1 if failed else 0


def new_epoch(folder: Path) -> int:
    """Keep the outbox aside and let another epoch begin. Raises ConfigError, StoreError."""
    print(start.new_epoch(folder, ROLE))
    return 0


def _claimed(folder: Path) -> bool:
    """False: stopped before. What a claim needs is loaded for a claim alone."""
    from edge.device.claim.start import claim  # noqa: PLC0415  # see above
    from edge.rollcall_gate import claiming  # noqa: PLC0415  # see above

    return claim(folder, claiming.ROLE)


def _say_how_far(folder: Path) -> int:
    from edge.device.claim.start import how_far  # noqa: PLC0415  # as _claimed
    from edge.rollcall_gate import claiming  # noqa: PLC0415  # as _claimed

    print("\n".join(how_far(folder, claiming.ROLE)))
    return 1


def _hardware(found: DeviceFolder, parts: Parts) -> Hardware | HallError:
    try:
        if found.identity.config.hands:
            return Simulated.of(_monotonic_ms).hardware
        wiring = parts.config.wiring
        return open_hardware(wiring, open_display(wiring), _monotonic_ms)
    except HallError as err:
        return err


def _floor_ms(found: DeviceFolder) -> int:
    """The latest time that was ever proved to this device."""
    outbox = found.open_outbox()
    try:
        kept = outbox.value(CLOCK_FLOOR)
        return 0 if kept is None else int(cbor.decode(kept, 16))
    finally:
        outbox.close()


def replay(recording: Path, models: Path, *, as_json: bool) -> int:
    """The whole firmware on recorded frames. Exit status 1 when nothing was decided.

    Raises ConfigError, CameraError, ModelError.
    """
    script = read_recording(recording / RECORDING_FILE if recording.is_dir() else recording)
    stages = Stages(time.perf_counter)
    pipeline = open_pipeline(models_in(models), around=stages.network)
    house = read_house(script.source.parent, pipeline)
    habits = Habits(Manner(DEFAULT, UNCALIBRATED), passback_ms=120_000)
    stages.clear()
    began_s = time.perf_counter()
    rehearsal = Rehearsal(
        lambda now_ms: _played(script, now_ms),
        pipeline,
        house,
        habits,
        Lane(),
        stages,
        random_bytes=os.urandom,
        draw=lambda: REHEARSED_DRAW,
    )
    count = tell(rehearsal.play(script), sys.stdout, as_json=as_json)
    if not as_json:
        stages.spent_s["everything else"] = time.perf_counter() - began_s - sum(stages.spent_s.values())
        print(f"\n{count} decisions, {len(rehearsal.records())} records\n\n{stage_table(stages)}")
    return 0 if count else 1


def _played(script: Recording, now_ms: Callable[[], int]) -> tuple[Camera, PinPad]:
    camera = ScriptedCamera(script, now_ms)
    return camera, camera.pin_pad


def calibrate(folder: Path, people: Path | None, pictures: Path | None, seconds: int) -> int:
    """Set the attack detector's thresholds for this gate, on frames of its own camera.

    people, pictures: recordings (recording.toml, a video, a folder of photographs); without people, those who
    walk past the gate's camera in the next `seconds`. Raises ConfigError, CameraError, ModelError,
    StoreError.
    """
    found = check_folder(folder, ROLE)
    # What is calibrated there may be garbled, and is about to be replaced.
    parts = read_gate(found, config_of(found), calibrated=False)
    network = parts.pipeline.networks.get("pad")
    if network is None:
        raise ConfigError("there is no pad.tflite in the models folder: nothing to calibrate")
    print(
        "people: " + ("from a recording" if people else f"{seconds} seconds of this gate's camera"),
        flush=True,
    )
    of_people = _scores(parts, people, seconds)
    of_pictures = _scores(parts, pictures, seconds) if pictures else []
    try:
        done = calibrated(of_people, of_pictures, network.hex())
    except ValueError as err:
        raise ConfigError(f"{err}; nothing was changed") from err
    save_calibration(folder / CALIBRATION_FILE, done)
    lower, upper = done.thresholds.attack_below, done.thresholds.bona_fide_from
    print(f"people from {upper:.3f} on, pictures below {lower:.3f}, in between a question is asked")
    asked, sent = f"{done.bpcer_asked:.1%}", f"{done.bpcer_suspected:.1%}"
    print(f"of {done.people} people {asked} would be asked, {sent} sent to the usher")
    if done.apcer is None:
        print("no picture was shown: how many would pass is not known")
    else:
        print(f"of {done.attacks} pictures {done.apcer:.1%} would pass unasked")
    print(f"written to {folder / CALIBRATION_FILE}; it holds from the gate's next start")
    return 0


def _scores(parts: Parts, recording: Path | None, seconds: int) -> list[float]:
    lookout = Lookout(parts.pipeline, EVERYWHERE if recording else parts.config.lane)
    if recording is not None:
        stills = recording.is_dir() and not (recording / RECORDING_FILE).exists()
        return scores(recorded(partial(open_recording, recording)), lookout, stills=stills)
    wiring = parts.config.wiring
    camera = open_camera(
        wiring.camera, device=wiring.camera_device, folder=Path(wiring.camera_device), now_ms=_monotonic_ms
    )
    return scores(live(camera, _monotonic_ms, seconds * 1000, lambda: time.sleep(REST_S)), lookout)


def _monotonic_ms() -> int:
    return time.monotonic_ns() // 1_000_000
