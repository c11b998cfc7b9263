"""`gate check` names what is wrong before the first delegate does: each line can fail and says what to do."""

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from edge.device.adapters.device_folder import read_folder
from edge.device.adapters.file_signer import load_signer
from edge.device.adapters.mqtt_link import BrokerAddress, MqttLink
from edge.device.adapters.simulated_link import SimulatedBroker, SimulatedLink
from edge.device.adapters.system_clock import SystemClock
from edge.device.config import DeviceConfig, Trust
from edge.device.errors import DeviceError
from edge.device.identity import Identity
from edge.device.ports import LinkEvent, LinkUp
from edge.device.start import check_folder
from edge.rollcall_gate import checks, self_test, sight
from edge.rollcall_gate.adapters.machine import Machine
from edge.rollcall_gate.adapters.simulated_door import SimulatedDoor
from edge.rollcall_gate.adapters.simulated_lane import SimulatedFireContact, SimulatedPassSensor
from edge.rollcall_gate.checks import Subject, Tools, run_checks
from edge.rollcall_gate.errors import CameraError, ModelError
from edge.rollcall_gate.frames import FaceBox, Frame
from edge.rollcall_gate.presentation import UNCALIBRATED
from edge.rollcall_gate.self_test import Finding
from edge.rollcall_gate.vision import models_in
from tests.edge.rollcall_gate.rig import CONGRESS, DESK, GATE, HALL, REGISTRAR, STORE, WALL_MS, HandClock
from tests.edge.rollcall_gate.rig import signer as replaced_key
from tests.servers.brokers import BrokerFactory
from tests.servers.credentials import HallKeys
from tests.servers.mqtt_client import client
from tests.servers.ports import free_port
from wire import topics
from wire.down import DownMessage, TimeNotice, encode_down
from wire.envelope import Purpose, seal
from wire.signers import Ed25519Signer

DAY_MS = 86_400_000
SHARP = np.indices((360, 640)).sum(0) // 8 % 2  # a chequered wall, light and dark


def pixels(low: int, high: int, pattern: np.ndarray = SHARP) -> np.ndarray:
    return np.repeat(np.where(pattern, high, low).astype(np.uint8)[..., None], 3, 2)


def blurred(picture: np.ndarray, by: int = 12) -> np.ndarray:
    """A moving mean along both axes."""
    found = picture.astype(np.float32)
    for axis in (0, 1):
        found = sum(np.roll(found, shift, axis) for shift in range(by)) / by
    return found.astype(np.uint8)


GOOD = pixels(60, 190)


class Film:
    """Camera: these pictures, then `then`; the same ones again and again, if `again`."""

    def __init__(
        self, *pictures: np.ndarray, noise: int = 1, then: CameraError | None = None, again: bool = False
    ) -> None:
        self.left = list(pictures)
        self.noise = noise
        self.then = then
        self.again = again
        self.shown = 0

    def read(self) -> Frame | None:
        if not self.left:
            if self.then is not None:
                raise self.then
            return None
        picture = self.left.pop(0)
        if self.again:
            self.left.append(picture)
        self.shown += 1
        picture = picture.copy()
        picture[0, 0] = self.shown % 200 * self.noise
        return Frame(picture, 0)

    def close(self) -> None:
        self.left.clear()


def film(picture: np.ndarray, **how: int) -> Film:
    return Film(picture, again=True, **how)


@dataclass
class Eyes:
    """What a pipeline would see: so many faces, and this score."""

    people: int = 0
    score: float | None = 0.12
    took_ms: int = 40
    clock: HandClock | None = None
    fault: ModelError | None = None

    def faces(self, frame: Frame) -> list[FaceBox]:
        if self.fault is not None:
            raise self.fault
        return [FaceBox(0, 0, 9, 9, 1.0, np.zeros((6, 2), np.float32))] * self.people

    def bona_fide(self, frame: Frame, view: object) -> float | None:
        if self.clock is not None:
            self.clock.ms += self.took_ms
        return self.score


class StiffDoor(SimulatedDoor):
    """Notes what it is told, and whether it was open then. `comes_open`: however the bolt stands."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []
        self.comes_open = False
        self.refuses = False

    def release(self) -> None:
        super().release()
        self.told.append("release")

    def secure(self) -> bool:
        self.told.append("secure")
        if self.refuses:
            return False
        taken = super().secure()
        if self.comes_open:
            self.force()
        return taken


@dataclass
class Parts:
    camera: Film = field(default_factory=lambda: film(GOOD))
    door: StiffDoor = field(default_factory=StiffDoor)
    sensor: SimulatedPassSensor | None = field(default_factory=SimulatedPassSensor)
    fire: SimulatedFireContact | None = field(default_factory=SimulatedFireContact)


class TimedLink(SimulatedLink):
    """On coming up, the hall says `then`."""

    round_trip_ms = 4
    then: tuple[bytes, ...] = ()

    def start(self, inbox: Callable[[LinkEvent], None]) -> None:
        super().start(inbox)
        for envelope in self.then:
            self.deliver(topics.broadcast(HALL, topics.All.TIME), envelope)


def time_notice(wall_ms: int, by: Ed25519Signer = STORE) -> bytes:
    message = DownMessage(HALL, "all", 1, wall_ms, wall_ms + 1, TimeNotice(wall_ms))
    return seal(encode_down(message), Purpose.DOWN, by)


class Bench:
    """A gate that is in order in every respect; a test spoils one, and reads the line about it."""

    def __init__(self, folder: Path, keys: HallKeys) -> None:
        own = keys.credentials(GATE)
        for name, source in {
            "identity.crt": own.certificate,
            "ca.crt": own.authority,
            "identity.key": own.key,
        }.items():
            (folder / name).write_bytes(source.read_bytes())
        (folder / "identity.key").chmod(0o600)
        (folder / "state").mkdir()
        networks = folder / "networks"
        networks.mkdir()
        sums = []
        for name in ("detector", "landmarks", "embedder", "pad"):
            (networks / f"{name}.tflite").write_bytes(name.encode())
            sums.append(f"{hashlib.sha256(name.encode()).hexdigest()}  {name}.tflite\n")
        (networks / "SHA256SUMS").write_text("".join(sums))
        self.folder = folder
        self.networks = networks
        self.clock = HandClock()
        self.clock.ms = int(keys.now.timestamp() * 1000) - WALL_MS
        self.parts = Parts()
        self.eyes = Eyes(clock=self.clock)
        self.broker = SimulatedBroker()
        self.reachable = True
        self.says: Callable[[int], tuple[bytes, ...]] = lambda now_ms: (time_notice(now_ms + 300),)
        self.round_trip_ms = 4
        trust = Trust(DESK.public_key, STORE.public_key, REGISTRAR.public_key)
        config = DeviceConfig(CONGRESS, HALL, GATE, "gate", "en", "hall.local", 8883, trust, hands=False)
        self.subject = Subject(
            identity=Identity(config, load_signer(folder / "identity.key", GATE)),
            folder=folder,
            models=models_in(networks),
            sealing_key=bytes(range(32)),
            hardware=self.parts,
            eyes=self.eyes,
            pad=UNCALIBRATED,
            pad_calibrated=True,
        )
        system = folder / "system"
        (system / "sys/class/thermal/thermal_zone0").mkdir(parents=True)
        (system / "proc").mkdir()
        self.heat(51_200)
        self.memory(700_000)
        self.tools = Tools(self.clock, self._pass, Machine(folder / "state", system=system), self._link, 50)

    def heat(self, temperature_mc: int) -> None:
        (self.folder / "system/sys/class/thermal/thermal_zone0/temp").write_text(f"{temperature_mc}\n")

    def memory(self, available_kb: int) -> None:
        (self.folder / "system/proc/meminfo").write_text(f"MemTotal: 1 kB\nMemAvailable: {available_kb} kB\n")

    def having(self, **changes: object) -> "Bench":
        self.subject = replace(self.subject, **changes)
        return self

    def lines(self, *, move_door: bool = True, ask_hall: bool = True) -> dict[str, Finding]:
        found = list(run_checks(self.subject, self.tools, move_door=move_door, ask_hall=ask_hall))
        names = [finding.name for finding in found]
        assert len(names) == len(set(names))
        return {finding.name: finding for finding in found}

    def line(self, name: str) -> Finding:
        return self.lines()[name]

    def _pass(self, ms: int) -> None:
        self.clock.ms += ms

    def _link(self) -> TimedLink:
        link = TimedLink(self.broker, self.subject.identity.subscriptions)
        link.round_trip_ms, link.then = self.round_trip_ms, self.says(self.clock.wall_ms())
        if not self.reachable:
            link.cut()
        return link


@pytest.fixture
def bench(tmp_path: Path, hall_keys: HallKeys) -> Bench:
    return Bench(tmp_path, hall_keys)


def failed(finding: Finding, *words: str) -> None:
    """It is FAILED, says this, and what to do."""
    assert finding.ok is False
    assert finding.advice
    line = finding.line()
    assert line.startswith("FAILED ")
    assert all(word in line for word in words), line


def wants_a_hand(finding: Finding, *words: str) -> None:
    assert finding.ok is None
    line = finding.line()
    assert line.startswith("attention ")
    assert all(word in line for word in words), line


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


# -- door and lane -----------------------------------------------------------------------------------------


def test_a_door_is_released_secured_and_left_released(bench: Bench) -> None:
    assert bench.line("door").ok is True
    assert bench.parts.door.told == ["release", "secure", "release"]
    assert not bench.parts.door.locked


def test_a_door_that_stands_open_or_does_not_close_is_never_secured(bench: Bench) -> None:
    bench.parts.door.push()
    failed(bench.line("door"), "open", "contact")
    assert "secure" not in bench.parts.door.told


def test_a_door_that_comes_open_while_it_is_secured(bench: Bench) -> None:
    bench.parts.door.comes_open = True
    failed(bench.line("door"), "came open")
    assert not bench.parts.door.locked


def test_a_door_that_does_not_take_the_bolt_is_jammed_or_does_not_answer(bench: Bench) -> None:
    bench.parts.door.refuses = True
    failed(bench.line("door"), "bolt")
    bench.parts.door.jam()
    failed(bench.line("door"), "cannot turn")
    bench.parts.door.cut_wire()
    failed(bench.line("door"), "does not answer", "wires")


def test_a_door_is_not_moved_when_the_technician_says_so(bench: Bench) -> None:
    wants_a_hand(bench.lines(move_door=False)["door"], "--no-door")
    assert bench.parts.door.told == []


def test_while_the_fire_contact_is_active_the_door_is_left_alone(bench: Bench) -> None:
    assert bench.parts.fire is not None
    bench.parts.fire.ring()
    found = bench.lines()
    failed(found["fire contact"], "cut wire")
    wants_a_hand(found["door"], "fire contact")
    assert "secure" not in bench.parts.door.told


def test_beams_that_do_not_answer_or_see_people_where_nobody_went(bench: Bench) -> None:
    sensor = bench.parts.sensor
    assert sensor is not None
    sensor.cross()  # before the check: of no interest
    assert bench.line("pass sensor").ok is True
    sensor.cut_wire()
    failed(bench.line("pass sensor"), "do not answer", "wires")
    wants_a_hand(self_test.pass_sensor(2), "2 crossing(s)", "align")


def test_what_is_not_wired_is_said_and_fails_nothing(bench: Bench) -> None:
    bench.parts.sensor = bench.parts.fire = None
    found = bench.lines()
    assert (found["pass sensor"].ok, found["fire contact"].ok, found["door"].ok) == (True, True, True)
    assert "none is wired" in found["pass sensor"].words


def test_hardware_that_cannot_be_opened_is_one_line_and_the_rest_goes_on(bench: Bench) -> None:
    found = bench.having(hardware=DeviceError("no pin factory; is this a Raspberry Pi?")).lines()
    failed(found["hardware"], "no pin factory")
    assert found["clock"].ok is True


# -- network and time --------------------------------------------------------------------------------------


def test_no_broker(bench: Bench) -> None:
    bench.reachable = False
    found = bench.lines()
    failed(found["broker"], "cut", "hall.local:8883")
    wants_a_hand(found["clock"], "broker line right first")


def test_a_slow_broker(bench: Bench) -> None:
    bench.round_trip_ms = self_test.ROUND_TRIP_MS_MAX + 1
    wants_a_hand(bench.line("broker"), "slow")


@pytest.mark.parametrize("skew_ms", [-90_000, 90_000, -400 * DAY_MS])
def test_a_clock_that_is_far_off(bench: Bench, skew_ms: int) -> None:
    bench.says = lambda now_ms: (time_notice(now_ms - skew_ms),)
    failed(bench.line("clock"), "behind" if skew_ms < 0 else "ahead of", "timedatectl")
    assert bench.line("clock").measured == {"skew-ms": skew_ms}


def test_a_clock_that_is_a_little_off_wants_a_hand_beyond_what_the_way_costs(bench: Bench) -> None:
    bench.says = lambda now_ms: (time_notice(now_ms - 2_900),)
    assert bench.line("clock").ok is True
    bench.says = lambda now_ms: (time_notice(now_ms - 3_100),)
    wants_a_hand(bench.line("clock"), "3.1 s ahead of the hall")


def test_only_the_halls_own_word_about_the_time_is_taken(bench: Bench) -> None:
    def forged(now_ms: int) -> tuple[bytes, ...]:
        return b"nonsense", time_notice(now_ms, by=DESK), time_notice(now_ms, by=REGISTRAR)

    bench.says = forged
    wants_a_hand(bench.line("clock"), "no time from the hall")
    bench.says = lambda now_ms: (*forged(now_ms), time_notice(now_ms - 90_000))
    failed(bench.line("clock"), "90.0 s")


def test_offline_nobody_is_asked(bench: Bench) -> None:
    bench.reachable = False
    found = bench.lines(ask_hall=False)
    wants_a_hand(found["broker"], "--offline")
    wants_a_hand(found["clock"], "--offline")


@pytest.mark.broker
def test_over_a_real_broker_the_way_is_measured_and_the_halls_time_is_heard(
    bench: Bench, start_broker: BrokerFactory, hall_keys: HallKeys
) -> None:
    broker = start_broker("nats")
    broker.start([GATE])
    now_ms = SystemClock().wall_ms()
    with client(broker.port, hall_keys.credentials("ingest")) as fleet:
        fleet.subscribe(topics.ingest_filter(HALL))
        folder = bench.folder

        class Link(MqttLink):
            def start(self, inbox: Callable[[LinkEvent], None]) -> None:
                def hear(event: LinkEvent) -> None:
                    inbox(event)
                    if isinstance(event, LinkUp):
                        fleet.publish(topics.broadcast(HALL, topics.All.TIME), time_notice(now_ms))

                super().start(hear)

        address = BrokerAddress(
            "127.0.0.1", broker.port, folder / "ca.crt", folder / "identity.crt", folder / "identity.key"
        )
        bench.tools = replace(
            bench.tools,
            clock=SystemClock(),
            link=lambda: Link(address, bench.subject.identity.subscriptions),
            hall_within_ms=20_000,
        )
        found = bench.lines()
        assert found["broker"].ok is True, found["broker"].line()
        assert 0 <= found["broker"].measured["round-trip-ms"] <= found["broker"].measured["connected-ms"]
        assert found["clock"].ok is not None
        assert fleet.received == []


def test_a_broker_that_is_not_there_is_a_reason_in_words(bench: Bench) -> None:
    folder, port = bench.folder, free_port()
    address = BrokerAddress(
        "127.0.0.1", port, folder / "ca.crt", folder / "identity.crt", folder / "identity.key"
    )
    bench.tools = replace(
        bench.tools, clock=SystemClock(), link=lambda: MqttLink(address, ["t"]), hall_within_ms=20_000
    )
    failed(bench.line("broker"), "refused")


# -- the machine -------------------------------------------------------------------------------------------


def machine(bench: Bench, blocks: int) -> Machine:
    real = os.statvfs(bench.folder)
    fields = list(real)
    fields[1], fields[4] = 4096, blocks  # f_frsize, f_bavail
    return Machine(bench.folder / "state", lambda _: os.statvfs_result(fields), bench.folder / "system")


def test_a_full_disk(bench: Bench) -> None:
    enough = self_test.FREE_KB_MIN // 4
    bench.tools = replace(bench.tools, computer=machine(bench, enough))
    assert bench.line("disk").ok is True
    bench.tools = replace(bench.tools, computer=machine(bench, enough - 1))
    failed(bench.line("disk"), "199 MB free", "at least 200 MB")


def test_a_disk_that_cannot_be_written(bench: Bench) -> None:
    bench.tools = replace(bench.tools, computer=Machine(bench.folder / "gone"))
    failed(bench.line("disk"), "cannot be written", "replace")


def test_a_slow_card(bench: Bench) -> None:
    wants_a_hand(self_test.disk_keeps(10**6, self_test.WRITE_MS_MAX + 1), "worn")


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
    reissue(lifetime=timedelta(days=self_test.RENEWAL_DAYS, hours=1))
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
    finding = self_test.certificate_lasts("identity.crt", 10 * DAY_MS, 100 * DAY_MS, 7 * DAY_MS)
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
    assert checks.tools_of(check_folder(bench.folder, "gate")).computer.write_ms() >= 0
