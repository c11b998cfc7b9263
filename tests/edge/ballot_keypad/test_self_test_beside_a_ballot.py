"""A keypad tests itself for a technician, and never while somebody might be about to vote."""

from pathlib import Path

import pytest

from edge.ballot_keypad.errors import TonesError
from edge.ballot_keypad.keys.press import Button, KeyStuck
from edge.ballot_keypad.self_test import KEYS_MS, Fittings, parts_of
from edge.ballot_keypad.showing import IDENTIFY_MS
from edge.device.adapters.machine import Machine
from edge.device.adapters.simulated_link import SimulatedLink
from edge.device.measuring import Tools
from tests.servers.waiting import wait_until
from wire.down import CommandMessage
from wire.self_test import SelfTest

COMMAND = b"c" * 16


class Deaf(SimulatedLink):
    """A link of its own for the question to the hall, which nobody answers."""

    round_trip_ms = 4


class Bench:
    """A seat whose keypad can test itself; `folder` holds no certificates unless a test puts them there."""

    def __init__(self, seat, folder: Path) -> None:
        self.seat, self.folder = seat.start().bind(), folder
        self.faults: tuple[TonesError, ...] = ()
        self.has_sealing_key = True
        self.fit()

    def fit(self) -> "Bench":
        seat = self.seat
        fittings = Fittings(
            simulated=True, faults=self.faults, has_tones=True, asks_pin=True,
            has_sealing_key=self.has_sealing_key, election=None,
        )  # fmt: skip
        tools = Tools(
            seat.device.clock,
            lambda _: None,
            Machine(self.folder, system=self.folder),
            lambda: Deaf(seat.device._broker, seat.device.identity.subscriptions),
            hall_within_ms=0,
        )
        keypad = seat.keypad
        keypad.self_test.parts = parts_of(
            keypad, seat.device.runtime, self.folder, tools, fittings, keypad.key_round
        )
        return self

    def ask(self, **arguments: object) -> "Bench":
        self.seat.fleet.say(CommandMessage(COMMAND, "self-test", dict(arguments)), "keypad-01")
        self.seat.device.settle()
        return self

    @property
    def said(self) -> list[SelfTest]:
        return [r.body for r in self.seat.fleet.records if r.body.kind == SelfTest.kind]

    def rows(self) -> dict[str, tuple[bool, str]]:
        """Of the test that is under way, once it has ended."""

        def has_ended() -> bool:
            self.seat.device.settle()
            return bool(self.said)

        wait_until(has_ended, "the self-test to end")
        return {part: (passed, detail) for part, passed, detail in self.said[-1].rows}


@pytest.fixture
def bench(seat, tmp_path: Path) -> Bench:
    return Bench(seat, tmp_path)


def test_every_part_has_its_line_and_nobody_needs_to_be_there(bench: Bench) -> None:
    found = bench.ask().rows()
    assert list(found) == [
        "outbox", "display", "tones", "keys", "sealing-key", "charter", "identity-crt", "ca-crt", "disk",
        "temperature", "broker", "clock",
    ]  # fmt: skip
    failed = {part for part, (passed, _) in found.items() if not passed}
    assert failed == {"identity-crt", "ca-crt"}, "the only ones that this folder lacks"
    assert "no secret questions" in found["charter"][1]
    assert "written, read back and deleted" in found["outbox"][1]
    assert "keypad-01" in bench.seat.screen, "whoever looks for the unit sees which one it is"
    assert bench.seat.device.runtime.outbox.value("self-test") is None


def test_a_dark_display_and_a_key_that_sticks_are_said(bench: Bench) -> None:
    bench.seat.glass.unplug()
    bench.seat.keypad.pressed(KeyStuck(Button.NO))
    found = bench.ask().rows()
    assert found["display"] == (False, "does not answer — look at its cable, then swap the unit")
    assert found["keys"][0] is False
    assert "no" in found["keys"][1]


def test_a_key_that_was_stuck_and_is_pressed_again_is_a_key(bench: Bench) -> None:
    bench.seat.keypad.pressed(KeyStuck(Button.NO))
    bench.seat.press("no")
    assert bench.ask().rows()["keys"][0] is True


def test_what_did_not_answer_when_it_was_opened_and_a_missing_key_are_said(bench: Bench) -> None:
    bench.faults, bench.has_sealing_key = (TonesError("tone_pin 12 cannot be used"),), False
    found = bench.fit().ask().rows()
    assert found["tones"][0] is False
    assert "tone_pin 12" in found["tones"][1]
    assert found["sealing-key"] == (
        False, "is missing: no PIN can be asked here — provision this unit again",
    )  # fmt: skip


@pytest.mark.parametrize("state", ["prepared", "open", "held"])
def test_while_a_question_is_under_way_nothing_is_tested(bench: Bench, state: str) -> None:
    bench.seat.ask(state)
    bench.ask()
    assert bench.said[0].rows == (("self-test", False, "not done: a question is under way"),)


def test_once_the_question_is_over_it_is_tested_again(bench: Bench) -> None:
    bench.seat.ask("open")
    bench.seat.ask("closed")
    assert "outbox" in bench.ask().rows()


def test_with_somebody_there_each_key_is_pressed_once_and_none_of_them_votes(bench: Bench) -> None:
    bench.ask(keys=True)
    wait_until(lambda: bench.seat.device.settle() or bench.seat.keypad.key_round.is_under_way, "the keys")
    bench.seat.device.pass_ms(500)
    assert "Test: press each key once" in bench.seat.screen
    *others, last = [button.value for button in Button]
    bench.seat.press(*others)
    assert "Còn lại: 9" in bench.seat.screen
    bench.seat.press(last)
    assert bench.rows()["each-key"] == (True, "all 20 keys were pressed and understood")
    assert bench.seat.votes == []
    assert bench.seat.device.runtime.counters.own["keys"] == 0


def test_a_key_that_nobody_pressed_or_that_is_dead_fails_and_the_unit_goes_on(bench: Bench) -> None:
    bench.ask(keys=True)
    wait_until(lambda: bench.seat.device.settle() or bench.seat.keypad.key_round.is_under_way, "the keys")
    bench.seat.press("yes", "no")
    bench.seat.device.pass_ms(KEYS_MS)
    assert bench.rows()["each-key"] == (False, "no answer in 90 s")
    bench.seat.ask("open").press("yes", "ok")
    assert bench.seat.votes == ["yes"]


def test_a_question_that_comes_while_keys_are_tried_takes_them_back_at_once(bench: Bench) -> None:
    bench.ask(keys=True)
    wait_until(lambda: bench.seat.device.settle() or bench.seat.keypad.key_round.is_under_way, "the keys")
    bench.seat.press("no")
    bench.seat.ask("open")
    assert bench.said[0].rows == (("self-test", False, "not done: a question is under way"),)
    bench.seat.device.pass_ms(IDENTIFY_MS)
    bench.seat.press("yes", "ok")
    assert bench.seat.votes == ["yes"]
