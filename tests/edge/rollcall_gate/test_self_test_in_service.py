"""A running gate tests itself, and neither steals a frame from its eyes nor bolts a door onto anybody."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge.device.self_test import SelfTestCourse
from edge.rollcall_gate.app import organs_of
from edge.rollcall_gate.errors import CameraError
from edge.rollcall_gate.eyes.lookout import Lookout
from edge.rollcall_gate.eyes.track import EVERYWHERE
from edge.rollcall_gate.senses import Senses
from edge.rollcall_gate.trial import in_service
from edge.rollcall_gate.trial.in_service import CrossingsSeen, Lane, LentDoor, ShownFrames
from tests.edge.rollcall_gate.check_bench import GOOD, Bench, Film, film
from tests.edge.rollcall_gate.rig import Rig
from tests.servers.credentials import HallKeys
from tests.servers.waiting import wait_until
from wire.down import CommandMessage
from wire.ids import MemberRef
from wire.self_test import SelfTest

COMMAND = b"c" * 16
LAN = MemberRef(b"lan".ljust(16, b"."))


class NoPipeline:
    """Nobody is looked at outside a sitting: whoever asks this has broken that promise."""


class InService:
    """A gate that runs: its loop is `turn`, its senses' thread too. `at_pause` happens while a part waits."""

    def __init__(self, folder: Path, keys: HallKeys, camera: Film | None = None) -> None:
        self.rig = Rig()
        self.moves: list[str] = []
        self._note_moves()
        bench = Bench(folder, keys)
        organs = replace(organs_of(self.rig.simulated.hardware), camera=camera or film(GOOD))
        self.senses = Senses(
            organs,
            Lookout(NoPipeline(), EVERYWHERE),  # type: ignore[arg-type]  # it is never asked
            self.rig.gate,
            self.rig.runtime.post,
            lambda: None,
        )
        self.at_pause: list[Callable[[], None]] = []
        gate, runtime = self.rig.gate, self.rig.runtime
        self.lane = Lane(
            ShownFrames(self.senses),
            LentDoor(runtime, gate.doorway, self.rig.door),
            CrossingsSeen(gate.doorway),
            self.rig.fire,
        )
        tools = replace(bench.tools, pause=self._pause)
        gate.self_test.parts = in_service.parts_of(
            bench.subject, tools, runtime, self.lane, lambda: bytes(32)
        )
        self.course: SelfTestCourse = gate.self_test

    def only(self, *names: str) -> "InService":
        self.course.parts = [part for part in self.course.parts if part.name in names]
        return self

    def turn(self) -> None:
        """The loop once, after a look of the senses."""
        self.senses.round()
        inbox = self.rig.runtime._inbox
        while not inbox.empty():
            self.rig.runtime.handle(inbox.get())
        self.rig.wait(10)

    def ask(self) -> "InService":
        self.turn()
        self.rig.say(CommandMessage(COMMAND, "self-test", {}))
        return self

    def rows(self) -> dict[str, tuple[bool, str]]:
        def has_ended() -> bool:
            self.turn()
            return bool(self.said)

        wait_until(has_ended, "the self-test to end")
        return {part: (passed, detail) for part, passed, detail in self.said[-1].rows}

    @property
    def said(self) -> list[SelfTest]:
        return [r.body for r in self.rig.records() if isinstance(r.body, SelfTest)]

    def _pause(self, ms: int) -> None:
        if ms >= 500 and self.at_pause:
            self.at_pause.pop(0)()

    def _note_moves(self) -> None:
        door = self.rig.door
        release, secure = door.release, door.secure

        def released() -> None:
            self.moves.append("release")
            release()

        def secured() -> bool:
            taken = secure()
            self.moves.append("secure" if taken else "refused")
            return taken

        door.release, door.secure = released, secured  # type: ignore[method-assign]


@pytest.fixture
def gate(tmp_path: Path, hall_keys: HallKeys) -> Iterator[InService]:
    found = InService(tmp_path, hall_keys)
    yield found
    found.senses.close()


def test_a_running_gate_has_a_line_for_every_part(gate: InService) -> None:
    found = gate.ask().rows()
    assert [part for part, (passed, _) in found.items() if not passed] == []
    assert list(found) == [
        "networks", "attack-thresholds", "sealing-key-print", "identity-crt", "ca-crt", "disk",
        "temperature", "camera", "light", "sharpness", "empty-scene", "attack-detector", "fire-contact",
        "door", "pass-sensor", "broker", "clock",
    ]  # fmt: skip


def test_the_bolt_goes_out_and_in_and_is_secured_again_afterwards(gate: InService) -> None:
    found = gate.only("lane").ask().rows()
    assert found["door"] == (True, "released, secured, released; you should have heard it twice")
    for _ in range(3):
        gate.turn()
    assert gate.moves == ["release", "secure", "release", "secure"]
    assert gate.rig.door.locked
    assert gate.rig.alarms() == []


def test_a_door_that_somebody_opens_during_the_test_is_not_secured_onto_them(gate: InService) -> None:
    gate.at_pause = [lambda: (gate.rig.door.push(), None)[1]]
    found = gate.only("lane").ask().rows()
    assert found["door"][0] is False
    for _ in range(5):
        gate.turn()
    assert "secure" not in gate.moves
    assert not gate.rig.door.locked
    gate.rig.door.let_go()
    for _ in range(10):
        gate.turn()
    assert gate.rig.door.locked, "as any door that falls shut"


def test_a_fire_during_the_test_keeps_the_door_released(gate: InService) -> None:
    def ring() -> None:
        gate.rig.fire.ring()
        wait_until(lambda: not gate.rig.gate.doorway.is_lent, "the loop to hear of the fire")

    gate.at_pause = [ring]
    found = gate.only("lane").ask().rows()
    assert found["door"][0] is False
    for _ in range(5):
        gate.turn()
    assert "secure" not in gate.moves
    assert not gate.rig.door.locked


def test_a_door_that_is_not_at_rest_is_left_alone(gate: InService) -> None:
    gate.rig.door.force()
    gate.only("lane").ask()
    found = gate.rows()
    assert found["door"] == (True, "attention: not moved: it is not shut and secured just now")
    assert gate.moves == ["release"], "what the gate does with a door that was forced"


def test_during_a_sitting_nothing_is_tested(gate: InService) -> None:
    gate.rig.open_sitting()
    gate.ask()
    assert gate.said[0].rows == (("self-test", False, "not done: a sitting is open"),)
    assert gate.moves == []


def test_a_sitting_that_opens_ends_the_test_and_the_gate_admits(gate: InService) -> None:
    def opens() -> None:
        gate.rig.runtime.post(gate.rig.open_sitting)
        wait_until(lambda: gate.said, "the test to end")

    gate.at_pause = [opens]
    found = gate.only("lane").ask().rows()
    assert found == {"self-test": (False, "not done: a sitting is open")}
    wait_until(lambda: gate.turn() or gate.rig.door.locked, "the door to be secured again")
    gate.rig.badge(LAN)
    assert gate.rig.go_through()
    assert [passage.method for passage in gate.rig.passages()] == ["badge"]


def test_people_seen_by_the_beams_are_counted_once_and_said(gate: InService) -> None:
    def comes() -> None:
        gate.rig.sensor.cross()
        wait_until(lambda: gate.rig.gate.doorway.crossings, "the beams to be read")

    gate.at_pause = [comes]
    passed, detail = gate.only("lane").ask().rows()["pass-sensor"]
    assert passed
    assert detail.startswith("attention: 1 crossing(s)")
    assert gate.rig.alarms() == ["door-forced"], "the gate itself has seen them, too"


def test_beams_that_do_not_answer_are_said(gate: InService) -> None:
    gate.rig.sensor.cut_wire()
    found = gate.only("lane").ask().rows()
    assert found["pass-sensor"][0] is False
    assert "do not answer" in found["pass-sensor"][1]


def test_a_camera_that_breaks_says_so_through_the_senses(tmp_path: Path, hall_keys: HallKeys) -> None:
    gate = InService(tmp_path, hall_keys, Film(GOOD, then=CameraError("its cable is out")))
    found = gate.only("camera").ask().rows()
    assert found["camera"][0] is False
    assert "its cable is out" in found["camera"][1]
    assert gate.senses.viewer is None, "nobody is shown anything any more"
    gate.senses.close()
