"""A self-test ends, whatever its parts do, and says nothing while presses are secret."""

import threading
from collections.abc import Callable

import pytest

from edge.device.errors import DeviceError, StoreError
from edge.device.findings import Finding
from edge.device.runtime import DeviceRuntime
from edge.device.self_test import PART_MS, Part, SelfTestCourse, aside, at_once, row_of
from tests.edge.device.conftest import Recorder
from tests.servers.waiting import wait_until
from wire.down import CommandMessage
from wire.self_test import DETAIL_BYTES_MAX, SelfTest

GOOD = at_once("disk", lambda: (Finding("disk", True, "812 MB free"),))


class Unit(Recorder):
    """A firmware with nothing but a self-test. obstacle, silent: what a test makes the case."""

    def on_start(self) -> None:
        self.commands = frozenset({"self-test"})
        self.obstacle, self.silent = "", False
        self.course = SelfTestCourse(self.runtime, lambda: self.obstacle, lambda: self.silent)
        self.course.parts = (GOOD,)

    def on_command(self, command: CommandMessage) -> None:
        self.course.asked(command)

    def on_tick(self) -> None:
        self.course.tick()


class Bench:
    def __init__(self, device, fleet) -> None:
        self.device, self.fleet = device, fleet
        device.start(Unit)
        self.unit: Unit = device.firmware
        self.runtime: DeviceRuntime = device.runtime

    def ask(self, number: int = 1, **arguments: object) -> bytes:
        identifier = bytes([number]) * 16
        self.fleet.say(CommandMessage(identifier, "self-test", dict(arguments)), "keypad-01")
        self.device.settle()
        return identifier

    @property
    def said(self) -> list[SelfTest]:
        return [record.body for record in self.fleet.records if record.body.kind == SelfTest.kind]


@pytest.fixture
def bench(device, fleet) -> Bench:
    return Bench(device, fleet)


def test_what_was_found_is_one_signed_record_that_names_its_command(bench: Bench) -> None:
    bench.unit.course.parts = (
        GOOD,
        at_once("door", lambda: (Finding("pass sensor", None, "2 crossings", "align the beams"),)),
        at_once("clock", lambda: (Finding("clock", False, "90.0 s behind the hall"),)),
    )
    command = bench.ask()
    (said,) = bench.said
    assert said.command == command
    assert said.rows == (
        ("disk", True, "812 MB free"),
        ("pass-sensor", True, "attention: 2 crossings — align the beams"),
        ("clock", False, "90.0 s behind the hall"),
    )
    assert not said.passed


def test_a_part_that_hangs_has_failed_and_the_others_are_tested(bench: Bench) -> None:
    hangs = threading.Event()
    given_up: list[str] = []
    camera = aside(
        bench.runtime, "camera", lambda: (hangs.wait(30), ())[1], give_up=lambda: given_up.append("camera")
    )
    bench.unit.course.parts = (camera, GOOD)
    bench.ask()
    assert bench.said == []
    bench.device.pass_ms(PART_MS)
    (said,) = bench.said
    assert said.rows == (("camera", False, "no answer in 10 s"), ("disk", True, "812 MB free"))
    assert given_up == ["camera"]
    bench.ask(2)
    assert bench.said[1].rows[0] == (
        "camera", False, "hangs since an earlier self-test — switch the unit off and on",
    )  # fmt: skip
    hangs.set()


def test_an_answer_that_comes_too_late_is_not_taken_for_the_next_parts(bench: Bench) -> None:
    late: list[Callable[[tuple[Finding, ...]], None]] = []
    bench.unit.course.parts = (Part("camera", late.append), Part("door", late.append), GOOD)
    bench.ask()
    bench.device.pass_ms(PART_MS)
    late[0]((Finding("camera", True, "in order after all"),))
    assert bench.said == []
    late[1]((Finding("door", True, "released, secured, released"),))
    bench.device.settle()
    (said,) = bench.said
    assert [row[:2] for row in said.rows] == [("camera", False), ("door", True), ("disk", True)]


def test_what_is_slow_runs_beside_the_loop_and_comes_back_through_it(bench: Bench) -> None:
    threads: list[str] = []

    def measure() -> tuple[Finding, ...]:
        threads.append(threading.current_thread().name)
        return (Finding("hall", True, "answers"),)

    bench.unit.course.parts = (aside(bench.runtime, "hall", measure),)
    bench.ask()

    def has_answered() -> bool:
        bench.device.settle()
        return bool(bench.said)

    wait_until(has_answered, "the part to come back")
    assert threads == ["self-test hall"]


def test_a_part_that_breaks_is_a_line_and_not_the_end_of_the_device(bench: Bench) -> None:
    def broken() -> tuple[Finding, ...]:
        raise DeviceError("the wires do not answer")

    def unforeseen() -> tuple[Finding, ...]:
        raise ZeroDivisionError

    bench.unit.course.parts = (at_once("keys", broken), at_once("disk", unforeseen))
    bench.ask()
    assert bench.said[0].rows == (
        ("keys", False, "the wires do not answer"),
        ("disk", False, "failed in an unforeseen way (ZeroDivisionError)"),
    )


def test_of_two_words_about_one_part_the_bad_one_stands(bench: Bench) -> None:
    def two() -> tuple[Finding, ...]:
        return Finding("tones", False, "pin 12 cannot be used"), Finding("tones", True, "has sounded")

    bench.unit.course.parts = (at_once("display", two),)
    bench.ask()
    assert bench.said[0].rows == (("tones", False, "pin 12 cannot be used"),)


def test_a_unit_that_is_needed_is_not_tested_and_says_why(bench: Bench) -> None:
    bench.unit.obstacle = "a sitting is open"
    command = bench.ask()
    assert bench.said == [SelfTest(command, (("self-test", False, "not done: a sitting is open"),))]


def test_a_test_ends_when_the_unit_is_needed_and_its_part_is_told(bench: Bench) -> None:
    given_up: list[str] = []
    bench.unit.course.parts = (
        Part("door", lambda _: None, give_up=lambda: given_up.append("door")),
        GOOD,
    )
    bench.ask()
    bench.unit.obstacle = "a sitting is open"
    bench.device.pass_ms(500)
    assert given_up == ["door"]
    assert bench.said[0].rows == (("self-test", False, "not done: a sitting is open"),)
    assert not bench.unit.course.is_running


def test_while_a_secret_question_is_open_not_even_a_refusal_leaves_the_unit(bench: Bench) -> None:
    bench.unit.obstacle, bench.unit.silent = "a secret question is under way", True
    commands = [bench.ask(number) for number in range(1, 12)]
    bench.device.pass_ms(60_000)
    assert bench.said == []
    assert bench.fleet.records == []
    bench.unit.obstacle, bench.unit.silent = "", False
    bench.device.pass_ms(500)
    assert [said.command for said in bench.said] == commands[-8:]
    assert {said.rows[0][2] for said in bench.said} == {"not done: a secret question is under way"}


def test_what_was_measured_as_a_secret_question_opened_is_forgotten(bench: Bench) -> None:
    late: list[Callable[[tuple[Finding, ...]], None]] = []
    bench.unit.course.parts = (Part("disk", late.append),)
    bench.ask()
    bench.unit.obstacle, bench.unit.silent = "a secret question is under way", True
    late[0]((Finding("disk", True, "811 MB free"),))
    bench.device.settle()
    assert bench.fleet.records == []
    bench.unit.obstacle, bench.unit.silent = "", False
    bench.device.pass_ms(500)
    assert bench.said[0].rows == (("self-test", False, "not done: a secret question is under way"),)


def test_one_test_at_a_time(bench: Bench) -> None:
    late: list[Callable[[tuple[Finding, ...]], None]] = []
    bench.unit.course.parts = (Part("door", late.append),)
    bench.ask(1)
    bench.ask(2)
    assert bench.said[0].rows == (("self-test", False, "not done: another self-test is under way here"),)
    late[0]((Finding("door", True, "in order"),))
    bench.device.settle()
    assert bench.said[1].passed


def test_a_disk_that_keeps_nothing_ends_no_device(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    def full(*_: object) -> None:
        raise StoreError("the disk is full")

    bench.runtime.append = full  # type: ignore[method-assign]
    bench.ask()
    assert "the self-test was not stored" in caplog.text


def test_a_command_met_again_after_a_restart_is_not_carried_out_again(bench: Bench) -> None:
    bench.ask()
    bench.device.kill()
    bench.device.start(Unit)
    bench.fleet.say(CommandMessage(b"\x01" * 16, "self-test", {}), "keypad-01")
    bench.device.settle()
    assert len(bench.said) == 1


def test_a_long_detail_is_cut_where_a_letter_ends() -> None:
    name, passed, detail = row_of(Finding("identity.crt", False, "đ" * 100, "provision this device again"))
    assert (name, passed) == ("identity-crt", False)
    assert detail.endswith("đ…")
    assert len(detail.encode()) <= DETAIL_BYTES_MAX
