"""`gate check` names what is wrong before the first delegate does: camera, networks, machine, papers."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from edge.device import findings
from edge.device.adapters.device_folder import read_folder
from edge.device.adapters.file_signer import load_signer
from edge.device.adapters.machine import Machine
from edge.device.adapters.tools import tools_of
from edge.device.errors import DeviceError
from edge.device.start import check_folder
from edge.rollcall_gate.errors import CameraError, ModelError
from edge.rollcall_gate.frames import Frame
from edge.rollcall_gate.trial import self_test, sight
from tests.edge.rollcall_gate.check_bench import (
    DAY_MS,
    GOOD,
    Bench,
    Film,
    blurred,
    failed,
    film,
    pixels,
    wants_a_hand,
)
from tests.edge.rollcall_gate.rig import CONGRESS, DESK, GATE, HALL
from tests.edge.rollcall_gate.rig import signer as replaced_key
from tests.servers.credentials import HallKeys

pytestmark = pytest.mark.slow


@pytest.fixture
def bench(tmp_path: Path, hall_keys: HallKeys) -> Bench:
    return Bench(tmp_path, hall_keys)


# -- all in order ------------------------------------------------------------------------------------------


def test_a_gate_in_order_has_a_line_for_every_part_and_all_are_ok(bench: Bench) -> None:
    found = bench.lines()
    assert list(found) == [
        "networks", "attack thresholds", "sealing key print", "identity.crt", "ca.crt", "disk", "memory",
        "temperature", "camera", "light", "sharpness", "empty scene", "attack detector", "fire contact",
        "door", "pass sensor", "broker", "clock",
    ]  # fmt: skip
    assert [finding.line() for finding in found.values() if finding.ok is not True] == []
    assert all(finding.line().startswith("ok         ") for finding in found.values())
    assert found["sealing key print"].words.startswith("630d cd29 66c4 3366")


def test_nothing_is_published_and_the_disk_is_left_as_it_was(bench: Bench) -> None:
    bench.lines()
    assert bench.broker.published == []
    assert bench.broker.links == []
    assert list((bench.folder / "state").iterdir()) == []


# -- camera ------------------------------------------------------------------------------------------------


def test_a_camera_that_gives_no_frame(bench: Bench) -> None:
    bench.parts.camera = Film()
    began_ms = bench.clock.ms
    found = bench.lines()
    failed(found["camera"], "no frame")
    assert bench.clock.ms - began_ms >= sight.FRAMES_WITHIN_MS
    assert "light" not in found


def test_a_camera_that_stops_after_its_first_frames(bench: Bench) -> None:
    bench.parts.camera = Film(GOOD, GOOD)
    failed(bench.line("camera"), "2 frames", "fewer than 5")


def test_a_camera_that_breaks_in_the_middle_says_what_it_says(bench: Bench) -> None:
    bench.parts.camera = Film(GOOD, then=CameraError("the camera gave no new frame for 2100 ms"))
    failed(bench.line("camera"), "2100 ms", "cable")


def test_a_camera_that_gives_the_same_frame_again_and_again(bench: Bench) -> None:
    bench.parts.camera = film(GOOD, noise=0)
    failed(bench.line("camera"), "same to the last bit")


def test_a_simulated_camera_before_which_nobody_stands_fails_nothing(bench: Bench) -> None:
    identity = bench.subject.identity
    bench.having(identity=replace(identity, config=replace(identity.config, hands=True)))
    bench.parts.camera = Film()
    wants_a_hand(bench.line("camera"), "simulated")


@pytest.mark.parametrize(
    ("picture", "words"), [(pixels(0, 12), "lens cap"), (pixels(225, 255), "glaring")], ids=["dark", "bright"]
)
def test_a_frame_in_which_nobody_could_be_seen(bench: Bench, picture: np.ndarray, words: str) -> None:
    bench.parts.camera = film(picture)
    failed(bench.line("light"), words)


def test_a_dim_room_and_a_window_in_the_picture_want_a_hand(bench: Bench) -> None:
    bench.parts.camera = film(pixels(20, 80))
    wants_a_hand(bench.line("light"), "dim")
    window = GOOD.copy()
    window[:, :160] = 255
    bench.parts.camera = film(window)
    wants_a_hand(bench.line("light"), "window", "25.0 % burnt out")


def test_a_blurred_frame(bench: Bench) -> None:
    stripes = np.indices((360, 640))[1] // 64 % 2
    bench.parts.camera = film(pixels(30, 220, stripes))
    assert bench.line("sharpness").ok is True
    bench.parts.camera = film(blurred(pixels(30, 220, stripes), 24))
    failed(bench.line("sharpness"), "blurred", "focus")


def test_the_noise_of_a_sensor_is_not_taken_for_sharpness(bench: Bench) -> None:
    stripes = np.indices((720, 1280))[1] // 128 % 2
    noise = np.random.default_rng(7).normal(0, 3, (720, 1280, 3))
    noisy = np.clip(blurred(pixels(30, 220, stripes), 48) + noise, 0, 255).astype(np.uint8)
    bench.parts.camera = film(noisy)
    assert bench.line("sharpness").ok is not True


def test_the_exposure_may_settle_before_the_light_is_judged(bench: Bench) -> None:
    black = pixels(0, 0)
    bench.parts.camera = Film(black, black, black, black, GOOD)
    assert bench.line("light").ok is True


def test_before_an_empty_wall_sharpness_is_not_judged(bench: Bench) -> None:
    wall = 150 - 50 * ((np.indices((720, 1280))[1] - 640) / 640) ** 2  # darker at the edges
    noise = np.random.default_rng(7).normal(0, 5, (720, 1280, 3))
    bench.parts.camera = film(np.clip(wall[..., None] + noise, 0, 255).astype(np.uint8))
    wants_a_hand(bench.line("sharpness"), "printed page")


def test_real_photographs_are_sharp_and_lit_and_blurred_ones_are_not(photographs: Path, bench: Bench) -> None:
    from edge.rollcall_gate.adapters.recorded_camera import load_frame

    for path in sorted(photographs.rglob("*.jp*g")):
        frame = load_frame(path, 0)
        if max(frame.width_px, frame.height_px) < 500:
            continue
        picture = sight.picture_of(frame)
        assert sight.is_sharp(picture).ok is True, path.name
        assert sight.is_lit(picture).ok is not False, path.name
        assert sight.is_sharp(sight.picture_of(Frame(blurred(frame.pixels, 17), 0))).ok is False, path.name


def test_a_face_where_nobody_should_be(bench: Bench) -> None:
    bench.eyes.people = 1
    wants_a_hand(bench.line("empty scene"), "1 face(s)", "poster")


def test_networks_that_do_not_run(bench: Bench) -> None:
    bench.eyes.fault = ModelError("the network gives no numbers")
    failed(bench.line("networks run"), "no numbers")


def test_an_attack_detector_that_is_missing_or_slow(bench: Bench) -> None:
    bench.eyes.score = None
    wants_a_hand(bench.line("attack detector"), "none is loaded", "pad.tflite")
    bench.parts.camera, bench.eyes.score, bench.eyes.took_ms = film(GOOD), 0.1, sight.PAD_MS_MAX + 1
    wants_a_hand(bench.line("attack detector"), f"{sight.PAD_MS_MAX + 1} ms")


def test_thresholds_that_nobody_calibrated(bench: Bench) -> None:
    wants_a_hand(
        bench.having(pad_calibrated=False).line("attack thresholds"), "0.20", "0.50", "gate calibrate"
    )


# -- the machine -------------------------------------------------------------------------------------------


def machine(bench: Bench, blocks: int) -> Machine:
    real = os.statvfs(bench.folder)
    fields = list(real)
    fields[1], fields[4] = 4096, blocks  # f_frsize, f_bavail
    return Machine(bench.folder / "state", lambda _: os.statvfs_result(fields), bench.folder / "system")


def test_a_full_disk(bench: Bench) -> None:
    enough = findings.FREE_KB_MIN // 4
    bench.tools = replace(bench.tools, computer=machine(bench, enough))
    assert bench.line("disk").ok is True
    bench.tools = replace(bench.tools, computer=machine(bench, enough - 1))
    failed(bench.line("disk"), "199 MB free", "at least 200 MB")


def test_a_disk_that_cannot_be_written(bench: Bench) -> None:
    bench.tools = replace(bench.tools, computer=Machine(bench.folder / "gone"))
    failed(bench.line("disk"), "cannot be written", "replace")


def test_a_slow_card(bench: Bench) -> None:
    wants_a_hand(findings.disk_keeps(10**6, findings.WRITE_MS_MAX + 1), "worn")


def test_too_little_memory(bench: Bench) -> None:
    bench.memory(self_test.MEMORY_KB_MIN - 1)
    wants_a_hand(bench.line("memory"), "299 MB")
    bench.memory(self_test.MEMORY_KB_DANGER - 1)
    failed(bench.line("memory"), "119 MB", "stop what else runs")


def test_a_hot_gate(bench: Bench) -> None:
    bench.heat(76_000)
    wants_a_hand(bench.line("temperature"), "76 °C")
    bench.heat(83_400)
    failed(bench.line("temperature"), "83 °C", "fan")


# -- what was put onto it ----------------------------------------------------------------------------------


def test_a_network_that_is_not_the_one_named_or_is_gone(bench: Bench) -> None:
    (bench.networks / "embedder.tflite").write_bytes(b"other")
    failed(bench.line("networks"), "embedder.tflite", "copy the whole folder")
    (bench.networks / "embedder.tflite").unlink()
    failed(bench.line("networks"), "embedder.tflite")


def test_a_runtime_that_refused_the_networks_is_a_line_too(bench: Bench) -> None:
    found = bench.having(eyes=ModelError("embedder.tflite is not the file that SHA256SUMS names")).lines()
    failed(found["runtime"], "SHA256SUMS")
    assert "empty scene" not in found


@pytest.fixture
def reissue(bench: Bench, hall_keys: HallKeys) -> Iterator[Callable[..., None]]:
    def make(name: str = GATE, lifetime: timedelta | None = None) -> None:
        own = hall_keys.credentials(name, lifetime=lifetime)
        (bench.folder / "identity.crt").write_bytes(own.certificate.read_bytes())
        (bench.folder / "identity.key").write_bytes(own.key.read_bytes())
        identity = bench.subject.identity
        bench.having(identity=replace(identity, signer=load_signer(bench.folder / "identity.key", GATE)))

    yield make
    hall_keys.credentials(GATE)


def test_a_certificate_that_ends(bench: Bench, reissue: Callable[..., None]) -> None:
    reissue(lifetime=timedelta(days=findings.RENEWAL_DAYS, hours=1))
    assert bench.line("identity.crt").ok is True
    reissue(lifetime=timedelta(days=9, hours=1))
    wants_a_hand(bench.line("identity.crt"), "9 more days", "provision")
    reissue(lifetime=timedelta(days=-2))
    failed(bench.line("identity.crt"), "expired 2 day(s) ago", "provision")


def test_a_certificate_of_another_device_or_another_key(bench: Bench, reissue: Callable[..., None]) -> None:
    reissue("gate-2")
    failed(bench.line("identity.crt"), "is for gate-2, this device is gate-1")
    reissue()
    signer = replaced_key(GATE, 1)
    identity = bench.subject.identity
    failed(bench.having(identity=replace(identity, signer=signer)).line("identity.crt"), "another key")


def test_a_certificate_of_another_hall_or_none_at_all(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = HallKeys(tmp_path / "other")
    (bench.folder / "ca.crt").write_bytes(other.authority_file.read_bytes())
    failed(bench.line("identity.crt"), "not issued by the authority in ca.crt")
    (bench.folder / "ca.crt").write_bytes(b"")
    failed(bench.line("ca.crt"), "not a certificate")
    failed(bench.line("identity.crt"), "not a certificate")


def test_a_clock_before_the_certificates_first_day(bench: Bench) -> None:
    finding = findings.certificate_lasts("identity.crt", 10 * DAY_MS, 100 * DAY_MS, 7 * DAY_MS)
    failed(finding, "not valid before 3 day(s) from now", "timedatectl")


def test_the_floor_of_time_is_the_clock_when_the_systems_is_behind(bench: Bench) -> None:
    bench.having(floor_ms=bench.clock.wall_ms() + 80 * DAY_MS)
    wants_a_hand(bench.line("identity.crt"), "9 more days")


def test_a_folder_on_which_a_gate_runs_says_how_to_stop_it(bench: Bench) -> None:
    trust = DESK.public_key.raw.hex()
    (bench.folder / "device.toml").write_text(
        f'congress = "{CONGRESS}"\nhall = "{HALL}"\ndevice = "{GATE}"\nrole = "gate"\n[broker]\nhost = "h"\n'
        f'port = 1\n[trust]\ndesk = "{trust}"\nstore = "{trust}"\n'
    )
    running = read_folder(bench.folder, "gate").open_outbox()
    with pytest.raises(DeviceError, match=f"{GATE} is running on .*systemctl stop hallward-gate"):
        check_folder(bench.folder, "gate")
    running.close()
    assert tools_of(check_folder(bench.folder, "gate")).computer.write_ms() >= 0
