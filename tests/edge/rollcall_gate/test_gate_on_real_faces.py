"""The gate as it runs, senses and loop on their threads, on photographs: enrolled by some, met by others.

Only the network is simulated; outbox, keys, hands socket, signatures, seals and networks are the real ones.
"""

import json
import os
import socket
import stat
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from edge.device.adapters.device_folder import DeviceFolder, read_folder
from edge.device.adapters.simulated_link import SimulatedBroker, SimulatedLink
from edge.device.adapters.system_clock import SystemClock
from edge.device.parts import Parts
from edge.device.runtime import DeviceRuntime
from edge.enrol.enrolment import Person, enrol
from edge.rollcall_gate import app
from edge.rollcall_gate.__main__ import main
from edge.rollcall_gate.adapters.hardware import Simulated
from edge.rollcall_gate.adapters.recorded_camera import photographs_in
from edge.rollcall_gate.app import build
from edge.rollcall_gate.display.screen import View, panel
from edge.rollcall_gate.errors import DoorError, ModelError
from edge.rollcall_gate.eyes.pipeline import Pipeline
from edge.rollcall_gate.eyes.vision import SUMS
from edge.rollcall_gate.who.sealing import wrap_content_key
from models.networks import NETWORKS
from tests.edge.rollcall_gate.gate_folder import provisioned
from tests.edge.rollcall_gate.rig import (
    CONGRESS,
    CONTENT_KEY,
    DESK,
    GATE,
    HALL,
    REGISTRAR,
    SEALING_KEY,
    SITTING,
    NoGauges,
)
from wire import topics
from wire.down import DownMessage, References, SittingNotice, encode_down
from wire.envelope import Purpose, seal, verify
from wire.fields import Body
from wire.ids import MemberRef
from wire.records import Passage, parse_record
from wire.up import Badge, badge_text, encode_up

pytestmark = pytest.mark.slow

PATIENCE_S = 10.0


@pytest.fixture
def folder(tmp_path: Path, gate_models) -> Path:
    return provisioned(tmp_path, gate_models.embedder.parent)


class Hall:
    """A running gate, the fleet that speaks to it, and the person before it."""

    def __init__(self, folder: DeviceFolder) -> None:
        self.folder = folder
        self.broker = SimulatedBroker()
        self.outbox = folder.open_outbox()
        link = SimulatedLink(self.broker, folder.identity.subscriptions)
        parts = Parts(folder.identity, self.outbox, link, SystemClock(), NoGauges(), lambda: 0.5, "test")
        self.runtime = DeviceRuntime(parts)
        self.gate = build(folder, self.runtime)
        self.thread = threading.Thread(target=self.runtime.run, args=(self.gate,))
        self.thread.start()
        self.generation = 0
        self.until(lambda: bool(self.broker.links), "the gate is not on the network")

    def say(self, body: Body, audience: str = GATE) -> None:
        self.generation += 1
        now_ms = SystemClock().wall_ms()
        message = DownMessage(HALL, audience, self.generation, now_ms, now_ms + 60_000, body)
        self.broker.publish(
            topics.down(HALL, GATE, topics.Down.CMD), seal(encode_down(message), Purpose.DOWN, DESK)
        )

    def hands(self, **wish: Any) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX) as hand:
            hand.connect(str(self.folder.hands_socket))
            hand.sendall(json.dumps(wish).encode() + b"\n")
            return json.loads(hand.makefile().readline())

    def until(self, condition: Callable[[], bool], otherwise: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, otherwise
            time.sleep(0.01)

    def until_seen(self, key: str, value: object) -> dict[str, Any]:
        self.until(
            lambda: self.hands(do="look")[key] == value, f"{key} is not {value}: {self.hands(do='look')}"
        )
        return self.hands(do="look")

    def passages(self) -> list[Passage]:
        key = self.folder.identity.signer.public_key
        envelopes = [payload for topic, payload in self.broker.published if topic.endswith("/up/rec")]
        bodies = [parse_record(verify(e, Purpose.RECORD, GATE, key)).body for e in dict.fromkeys(envelopes)]
        return [body for body in bodies if isinstance(body, Passage)]

    def close(self) -> None:
        self.runtime.stop()
        self.thread.join(PATIENCE_S)
        assert not self.thread.is_alive()


@pytest.fixture
def hall(folder: Path) -> Iterator[Hall]:
    running = Hall(read_folder(folder, "gate"))
    yield running
    running.close()


def enrol_all_but_one(hall: Hall, pipeline: Pipeline, photographs: Path) -> dict[str, tuple[MemberRef, Path]]:
    """Everybody with several photographs, by all but the last; returns that one, by name."""
    probes, people = {}, []
    for number, folder in enumerate(sorted(p for p in photographs.iterdir() if p.is_dir()), start=1):
        *enrolled, probe = photographs_in(folder)
        if enrolled:
            member = MemberRef(bytes([number]) * 16)
            people.append(Person(member, enrolled))
            probes[folder.name] = (member, probe)
    done = enrol(
        people, pipeline=pipeline, congress=CONGRESS, content_key=CONTENT_KEY, random_bytes=os.urandom
    )
    rows = tuple((s.member, s.index, s.sealed) for result in done for s in result.sealed)
    public = SEALING_KEY.public_key().public_bytes_raw()
    wrapped = wrap_content_key(CONTENT_KEY, public, congress=CONGRESS, gate=GATE)
    embedder = pipeline.embedder
    hall.say(References(embedder.model_sha256, embedder.runtime, wrapped, 0, 1, rows))
    hall.until_seen("references", len(people))
    return probes


def test_people_walk_in_by_face_strangers_by_badge_and_each_is_recorded_once(
    hall: Hall, pipeline: Pipeline, photographs: Path
) -> None:
    probes = enrol_all_but_one(hall, pipeline, photographs)
    assert set(probes) == {"ardern", "macron", "obama"}
    hall.say(SittingNotice(SITTING, "open"), "all")
    expected = []
    for count, (member, probe) in enumerate(probes.values(), start=1):
        hall.until_seen("state", "secured")
        assert hall.hands(do="walk", photos=[str(probe)]) == {"standing": 1}
        seen = hall.until_seen("state", "released")
        assert (seen["member"], seen["method"]) == (member.hex(), "face")
        assert hall.hands(do="push") == {"passed": True}
        hall.until_seen("last_seq", count)
        expected.append(Passage(SITTING, member, "in", "face"))

    hall.hands(do="walk", photos=[str(photographs / "sunak" / "sunak.jpg")])
    seen = hall.until_seen("view", "badge-lane")
    assert (seen["decision"], seen["member"]) == ("NoMatch", None)
    assert hall.hands(do="push") == {"passed": False}
    badge = Badge(CONGRESS, MemberRef(b"s" * 16), 1, SystemClock().wall_ms() + 10**6)
    hall.hands(do="badge", text=badge_text(seal(encode_up(badge), Purpose.BADGE, REGISTRAR)))
    hall.until_seen("state", "released")
    assert hall.hands(do="push") == {"passed": True}
    hall.until_seen("last_seq", 4)
    expected.append(Passage(SITTING, MemberRef(b"s" * 16), "in", "badge"))
    hall.until(lambda: len(hall.passages()) == 4, "not all records were sent")
    assert hall.passages() == expected


def test_no_picture_and_no_embedding_is_written_down(
    hall: Hall, pipeline: Pipeline, photographs: Path
) -> None:
    probes = enrol_all_but_one(hall, pipeline, photographs)
    hall.say(SittingNotice(SITTING, "open"), "all")
    hall.hands(do="walk", photos=[str(probes["obama"][1])])
    hall.until_seen("state", "released")
    written = [path for path in hall.folder.state.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in written) < 300_000
    assert {path.name.split("-")[0] for path in written} <= {"outbox.db", "outbox.lock", "sealing.key"}
    gallery = hall.gate._holdings.roster.gallery.matrix
    content = b"".join(path.read_bytes() for path in written)
    assert all(row.astype("<f4").tobytes()[:16] not in content for row in gallery)


def test_the_hands_are_the_owners_alone_and_answer_nonsense_in_words(hall: Hall) -> None:
    assert stat.S_IMODE(hall.folder.hands_socket.stat().st_mode) == 0o600
    assert "one of walk" in hall.hands(do="dance")["error"]
    assert "list of paths" in hall.hands(do="walk", photos="x")["error"]
    assert "cannot be read" in hall.hands(do="walk", photos=["/nowhere.jpg"])["error"]
    assert hall.hands(do="look")["view"] == "no-sitting"


def test_check_says_that_a_gate_is_ready_and_which_key_references_are_sealed_to(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(folder), "--offline"]) == 1  # its certificates are empty files
    said = capsys.readouterr().out
    failed = [line for line in said.splitlines() if line.startswith("FAILED")]
    assert all(".crt" in line for line in failed), failed
    assert "in order" in said
    assert f"sealing key {SEALING_KEY.public_key().public_bytes_raw().hex()}" in said
    loaded = dict(line.split()[1:] for line in said.splitlines() if line.startswith("network "))
    assert loaded == {network.name: network.int8_sha256 for network in NETWORKS}
    assert "no network tells" not in said


def test_check_says_when_nothing_tells_a_person_from_a_picture(
    folder: Path, gate_models, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "package").mkdir()
    for file in (gate_models.detector, gate_models.landmarks, gate_models.embedder):
        (tmp_path / "package" / file.name).symlink_to(file)
    sums = (gate_models.embedder.parent / SUMS).read_text("ascii").splitlines(keepends=True)
    named = "".join(line for line in sums if "pad.tflite" not in line)
    (tmp_path / "package" / SUMS).write_text(named, "ascii")
    source = folder / "device.toml"
    text = source.read_text("utf-8").replace(str(gate_models.embedder.parent), "package")
    source.write_text(text, "utf-8")
    main(["check", str(folder), "--offline"])
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in said if line.startswith("network ")] == [
        "detector",
        "landmarks",
        "embedder",
    ]
    assert "no network tells a person from a picture here: pad.tflite is not in the models folder" in said


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("[gate]\n", "[gate]\nprobes_min = 0\n"), ("gate.probes_min", "1 to 10")),
        (("[gate]\n", "[gate]\nmatch_min_permille = 100\n"), ("gate.match_min_permille", "200 to 900")),
        (("[gate]\n", "[gate]\nlock_pin_bcm = 27\n"), ("gate.reed_pin_bcm", "another pin")),
        (("[gate]\n", '[gate]\ndirection = "up"\n'), ("gate.direction", "in, out")),
        (("[gate]\n", "[gate]\ncamera = 1\n"), ("gate.camera", "picamera2")),
        (("models = ", "model = "), ("gate.model",)),
        (("hands = true", "hands = 1"), ("simulated.hands", "true or false")),
    ],
)
def test_a_wrong_field_is_one_sentence_with_file_field_and_range(
    folder: Path, capsys: pytest.CaptureFixture[str], change: tuple[str, str], words: tuple[str, ...]
) -> None:
    source = folder / "device.toml"
    source.write_text(source.read_text("utf-8").replace(*change), "utf-8")
    assert main(["check", str(folder)]) == 78
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert all(word in said for word in ("device.toml", *words))


def test_models_that_are_not_there_are_named_with_what_to_type(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = folder / "device.toml"
    source.write_text(source.read_text("utf-8").split("[gate]")[0] + '[gate]\nmodels = "none"\n', "utf-8")
    assert main(["check", str(folder)]) == 78
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert all(words in said for words in ("gate.models", "detector.tflite", "the folder int8"))
    assert "`hallward models all`" in said


def test_a_sealing_key_that_others_may_read_or_that_is_none_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "state" / "sealing.key"
    path.chmod(0o644)
    assert main(["check", str(folder)]) == 78
    assert "600" in capsys.readouterr().err
    path.write_bytes((folder / "identity.key").read_bytes())
    path.chmod(0o600)
    assert main(["check", str(folder)]) == 78
    assert "X25519" in capsys.readouterr().err
    path.unlink()
    assert main(["run", str(folder)]) == 78
    assert "missing" in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore::gpiozero.exc.GPIOZeroWarning")
def test_a_gate_without_hands_on_a_machine_without_pins_refuses_to_start(folder: Path) -> None:
    source = folder / "device.toml"
    source.write_text(source.read_text("utf-8").replace("hands = true", "hands = false"), "utf-8")
    device = read_folder(folder, "gate")
    runtime: Any = SimpleNamespace(clock=SystemClock())
    with pytest.raises(DoorError, match="pins 17, 27 cannot be used"):
        build(device, runtime)


def test_frames_of_another_process_are_of_the_same_clock_as_the_gates_hardware(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The runtime's clock begins with its start; a capture process stamps its frames since the machine's."""
    source = folder / "device.toml"
    source.write_text(source.read_text("utf-8").replace("hands = true", "hands = false"), "utf-8")
    given: list[Callable[[], int]] = []

    def opened(_: object, __: object, now_ms: Callable[[], int]) -> None:
        given.append(now_ms)
        raise DoorError("seen enough")

    monkeypatch.setattr(app, "open_hardware", opened)
    runtime: Any = SimpleNamespace(clock=SimpleNamespace(monotonic_ms=lambda: 5))
    with pytest.raises(DoorError, match="seen enough"):
        build(read_folder(folder, "gate"), runtime)
    assert abs(given[0]() - time.monotonic_ns() // 1_000_000) < 1_000


def test_who_waits_reads_that_the_gate_starts_while_its_networks_are_loaded(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing when it could not: a display that says so for ever would be believed."""
    made, shown = [], []

    def simulated(now_ms: Callable[[], int]) -> Simulated:
        made.append(Simulated.of(now_ms))
        return made[-1]

    def loading(*_: object, **__: object) -> None:
        shown.append(made[0].display.panel)
        raise ModelError("seen enough")

    monkeypatch.setattr(app, "Simulated", SimpleNamespace(of=simulated))
    monkeypatch.setattr(app, "open_pipeline", loading)
    runtime: Any = SimpleNamespace(clock=SystemClock())
    with pytest.raises(ModelError, match="seen enough"):
        build(read_folder(folder, "gate"), runtime)
    assert shown == [panel(View.STARTING, "en")]  # as device.toml of this gate has it
    assert made[0].display.panel is None
