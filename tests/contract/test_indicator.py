"""One suite for every adapter of Indicator, three lamps or one mixed one: the colour that was said last."""

from collections.abc import Iterator
from typing import ClassVar, Protocol

import pytest

from edge.rollcall_gate.adapters.gpiozero_indicator import GpiozeroIndicator
from edge.rollcall_gate.adapters.simulated_panel import SimulatedIndicator
from edge.rollcall_gate.display.panel import Colour
from edge.rollcall_gate.errors import DoorError
from edge.rollcall_gate.ports import Indicator
from tests.contract.header_pins import Header, MockHeader, open_header

RED_PIN, AMBER_PIN, GREEN_PIN = 5, 6, 13


class Rig(Protocol):
    indicator: Indicator

    @property
    def colour(self) -> Colour: ...


class ThreeLamps:
    amber_pin: int | None = AMBER_PIN
    mixed: ClassVar = {
        frozenset(): Colour.OFF,
        frozenset({RED_PIN}): Colour.RED,
        frozenset({AMBER_PIN}): Colour.AMBER,
        frozenset({GREEN_PIN}): Colour.GREEN,
    }

    def __init__(self, header: Header | None = None) -> None:
        self.header = header or open_header()
        self.indicator = GpiozeroIndicator(
            red_pin_bcm=RED_PIN,
            green_pin_bcm=GREEN_PIN,
            amber_pin_bcm=self.amber_pin,
            pin_factory=self.header.factory,
        )

    @property
    def colour(self) -> Colour:
        return self.mixed[frozenset(pin for pin in (RED_PIN, AMBER_PIN, GREEN_PIN) if self.is_lit(pin))]

    def is_lit(self, number: int) -> bool:
        return self.header.drives(number) is True


class MixedLamp(ThreeLamps):
    amber_pin = None
    mixed: ClassVar = {
        frozenset(): Colour.OFF,
        frozenset({RED_PIN}): Colour.RED,
        frozenset({RED_PIN, GREEN_PIN}): Colour.AMBER,
        frozenset({GREEN_PIN}): Colour.GREEN,
    }


class SimulatedRig:
    def __init__(self) -> None:
        self.indicator = SimulatedIndicator()

    @property
    def colour(self) -> Colour:
        return self.indicator.colour


@pytest.fixture(params=[ThreeLamps, MixedLamp, SimulatedRig], ids=["three", "mixed", "simulated"])
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    made = request.param()
    yield made
    made.indicator.close()


def test_it_is_dark_at_first(rig: Rig) -> None:
    assert rig.colour is Colour.OFF


@pytest.mark.parametrize("before", Colour)
@pytest.mark.parametrize("colour", Colour)
def test_it_shows_the_colour_that_was_said_last_whatever_stood_before(
    rig: Rig, before: Colour, colour: Colour
) -> None:
    rig.indicator.show(before)
    rig.indicator.show(colour)
    assert rig.colour is colour


def test_giving_it_back_leaves_it_dark(rig: Rig) -> None:
    rig.indicator.show(Colour.RED)
    rig.indicator.close()
    assert rig.colour is Colour.OFF


@pytest.mark.parametrize("lamps", [ThreeLamps, MixedLamp])
def test_saying_a_colour_again_does_not_make_it_flicker(lamps: type[ThreeLamps]) -> None:
    header = MockHeader()  # which remembers what it drove
    rig = lamps(header)
    rig.indicator.show(Colour.AMBER)
    pins = [header.factory.pin(pin) for pin in (RED_PIN, AMBER_PIN, GREEN_PIN)]
    for pin in pins:
        pin.clear_states()
    for _ in range(50):
        rig.indicator.show(Colour.AMBER)
    assert [len(pin.states) for pin in pins] == [1, 1, 1]
    rig.indicator.close()


def test_a_lamp_that_fails_is_said_once_and_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    rig = ThreeLamps()
    rig.indicator.close()
    for colour in (Colour.RED, Colour.GREEN, Colour.RED):
        rig.indicator.show(colour)
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "check its wires" in caplog.text


def test_pins_that_cannot_be_had_are_a_door_error_and_give_back_those_that_were() -> None:
    factory = open_header().factory
    with pytest.raises(DoorError, match="lamp pins") as refused:
        GpiozeroIndicator(red_pin_bcm=RED_PIN, green_pin_bcm=99, pin_factory=factory)
    GpiozeroIndicator(red_pin_bcm=RED_PIN, green_pin_bcm=GREEN_PIN, pin_factory=factory).close()
    assert refused  # kept until here: it is not the collector of garbage that gave them back
