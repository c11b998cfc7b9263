"""Buttons, wired or simulated: every edge is told, with its button and its time, and closing ends it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from gpiozero.pins.mock import MockFactory

from edge.ballot_keypad.adapters.gpiozero_keys import GpiozeroKeys
from edge.ballot_keypad.adapters.simulated_keys import SimulatedKeys
from edge.ballot_keypad.ports import Keys
from edge.ballot_keypad.press import Button, Contacts, Edge, step
from edge.device.errors import DeviceError

PINS = {Button.YES: 5, Button.NO: 6, Button.ABSTAIN: 13, Button.OK: 19, Button.CLEAR: 26}


@dataclass
class Bench:
    keys: Keys
    push: Callable[[Button], None]


class Time:
    now_ms = 0

    def read(self) -> int:
        return self.now_ms


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture(params=["simulated", "gpiozero"])
def bench(request: pytest.FixtureRequest, time: Time) -> Iterator[Bench]:
    if request.param == "simulated":
        simulated = SimulatedKeys(time.read)
        yield Bench(simulated, simulated.push)
        return
    factory = MockFactory()

    def push(button: Button) -> None:
        pin = factory.pin(PINS[button])
        for _ in range(2):
            pin.drive_low()
            pin.drive_high()

    yield Bench(GpiozeroKeys(PINS, time.read, factory), push)
    factory.reset()


def test_every_push_is_one_press_of_the_right_button_for_all_its_bounces(bench: Bench, time: Time) -> None:
    edges: list[Edge] = []
    bench.keys.start(edges.append)
    for button in (*Button, Button.YES):
        time.now_ms += 100
        bench.push(button)
    bench.keys.close()
    assert len(edges) > 2 * 6
    contacts, presses = Contacts(), []
    for edge in edges:
        contacts, press = step(contacts, edge)
        presses += [press] if press else []
    assert presses == [*Button, Button.YES]
    assert {edge.at_ms for edge in edges} == set(range(100, 700, 100))


def test_nothing_is_told_after_closing(bench: Bench) -> None:
    edges: list[Edge] = []
    bench.keys.start(edges.append)
    bench.keys.close()
    bench.push(Button.YES)
    assert edges == []


def test_a_pin_that_is_not_there_is_said_in_words() -> None:
    keys = GpiozeroKeys({Button.YES: 99}, lambda: 0, MockFactory())
    with pytest.raises(DeviceError, match="the buttons do not answer"):
        keys.start(lambda _: None)
