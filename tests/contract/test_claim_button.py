"""One suite for every button that a gate is claimed with."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from edge.device.errors import DeviceError
from edge.rollcall_gate.adapters.claim_buttons import GpiozeroClaimButton, PadEnter, SimulatedClaimButton
from edge.rollcall_gate.adapters.simulated_lane import SimulatedPinPad
from edge.rollcall_gate.ports import ClaimButton
from tests.contract.header_pins import open_header
from tests.servers.waiting import wait_until

PIN = 6


@dataclass
class Pressable:
    button: ClaimButton
    press: Callable[[], None]


def wired() -> Pressable:
    header = open_header()
    button = GpiozeroClaimButton(PIN, header.factory)

    def press() -> None:
        header.drive(PIN, high=False)
        header.drive(PIN, high=True)

    return Pressable(button, press)


def on_the_pad() -> Pressable:
    pad = SimulatedPinPad()
    return Pressable(PadEnter(pad), lambda: pad.press("12E"))


def simulated() -> Pressable:
    button = SimulatedClaimButton()
    return Pressable(button, button.push)


@pytest.fixture(params=[wired, on_the_pad, simulated])
def one(request: pytest.FixtureRequest) -> Pressable:
    made: Callable[[], Pressable] = request.param
    return made()


def test_a_press_is_taken_once(one: Pressable) -> None:
    assert not one.button.take()
    one.press()
    wait_until(one.button.take, "the press")
    assert not one.button.take()
    one.button.close()


def test_other_keys_of_the_pad_are_no_proof_of_presence() -> None:
    pad = SimulatedPinPad()
    pad.press("123C")
    assert not PadEnter(pad).take()


def test_a_pin_that_is_taken_is_named() -> None:
    factory = open_header().factory
    first = GpiozeroClaimButton(PIN, factory)
    with pytest.raises(DeviceError, match="claim_pin_bcm 6"):
        GpiozeroClaimButton(PIN, factory)
    first.close()
