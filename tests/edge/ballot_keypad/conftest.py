"""A keypad on the simulated device, and the desk that asks its questions."""

from collections.abc import Callable

import pytest

from edge.ballot_keypad.adapters.simulated_keys import SimulatedKeys
from edge.ballot_keypad.adapters.simulated_screen import SimulatedScreen
from edge.ballot_keypad.config import KeypadConfig
from edge.ballot_keypad.keypad import Keypad
from edge.ballot_keypad.keys.press import BOUNCE_MS, Button
from edge.device.runtime import DeviceRuntime
from wire.down import BallotNotice, Twin
from wire.ids import QuestionId, SittingId

MEMBER = b"m" * 16


class Seat:
    """One delegate's place: presses buttons, reads the screen; its device can be killed."""

    def __init__(self, device, fleet) -> None:
        self.device = device
        self.fleet = fleet

    def start(self, **how: object) -> "Seat":
        self.device.start(self._build, **how)
        return self

    def _build(self, runtime: DeviceRuntime) -> Keypad:
        self.keys = SimulatedKeys(runtime.clock.monotonic_ms)
        self.glass = SimulatedScreen()
        self.keypad = Keypad(runtime, KeypadConfig(BOUNCE_MS, {}), self.keys, self.glass)
        return self.keypad

    def restart(self, **how: object) -> "Seat":
        self.device.kill()
        return self.start(**how)

    def press(self, *names: str) -> "Seat":
        for name in names:
            self.device.clock.pass_ms(100)
            self.keys.push(Button(name))
            self.device.settle()
        return self

    def bind(self, member: bytes | None = MEMBER) -> "Seat":
        self.fleet.say(Twin({"seat": "A-12", "member": member}), "keypad-01")
        self.device.settle()
        return self

    def ask(self, state: str = "open", question: str = "q1", *, revote: bool = True, **how: object) -> "Seat":
        notice = BallotNotice(SittingId("s1"), QuestionId(question), state, "Thông qua? / Adopt?", revote)
        self.fleet.say(notice, **how)
        self.device.settle()
        return self

    @property
    def state(self) -> str:
        return self.keypad.look()["state"]

    @property
    def screen(self) -> str:
        return " | ".join(self.glass.lines)

    @property
    def votes(self) -> list[str]:
        """Choices as the fleet stored them, in order."""
        return [r.body.choice for r in self.fleet.records if r.body.kind == "open-ballot/1"]


@pytest.fixture
def seat(device, fleet) -> Seat:
    return Seat(device, fleet)


@pytest.fixture
def voting_seat(seat: Seat) -> Callable[..., Seat]:
    def make(**how: object) -> Seat:
        return seat.start().bind().ask(**how)

    return make
