"""One suite for every adapter of Sounder, and the rhythms by which people tell its sounds apart."""

import threading
from collections.abc import Iterator
from itertools import combinations
from typing import Any, Protocol

import pytest
from gpiozero import PinSetInput

from edge.rollcall_gate.adapters.gpiozero_sounder import GpiozeroSounder
from edge.rollcall_gate.adapters.simulated_panel import SimulatedSounder
from edge.rollcall_gate.display.panel import Sound
from edge.rollcall_gate.display.sounds import PATTERNS
from edge.rollcall_gate.errors import DoorError
from edge.rollcall_gate.ports import Sounder
from tests.contract.header_pins import Header, MockHeader, ToldPin, open_header

BUZZER_PIN = 12
AUDIBLE = [sound for sound in Sound if sound is not Sound.SILENCE]
PATIENCE_S = 10


class BuzzerPin(ToldPin):
    """Tells when it falls, and when something was tried while its wire was broken."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.fell, self.tried, self.broken = threading.Event(), threading.Event(), False
        super().__init__(*args, **kwargs)

    def _set_state(self, value: bool) -> None:
        if self.broken:
            if not value:
                self.tried.set()
            raise PinSetInput("simulated broken wire")
        super()._set_state(value)
        if not value:
            self.fell.set()


class Rig(Protocol):
    sounder: Sounder

    def heard(self, sound: Sound) -> bool: ...


class BuzzerRig:
    """No time passes: each rest is noted with what the pin does in it, and is over unless `hold` is set."""

    def __init__(self, header: Header | None = None) -> None:
        self.header = header or open_header()
        self.rests: list[tuple[bool, int]] = []
        self.changed = threading.Condition()
        self.hold = False
        self.sounder = GpiozeroSounder(pin_bcm=BUZZER_PIN, pin_factory=self.header.factory, rest=self._rest)

    def _rest(self, newer: threading.Event, seconds: float) -> bool:
        with self.changed:
            self.rests.append((self.sounding, round(seconds * 1_000)))
            self.changed.notify_all()
        return newer.wait(PATIENCE_S) if self.hold else newer.is_set()

    @property
    def sounding(self) -> bool:
        return self.header.drives(BUZZER_PIN) is True

    def heard(self, sound: Sound) -> bool:
        return self.wait_for([rest for on, off in PATTERNS[sound] for rest in ((True, on), (False, off))])

    def wait_for(self, rests: list[tuple[bool, int]]) -> bool:
        with self.changed:
            return self.changed.wait_for(
                lambda: not rests or self.rests[-len(rests) :] == rests, timeout=PATIENCE_S
            )


class SimulatedRig:
    def __init__(self) -> None:
        self.sounder = SimulatedSounder()

    def heard(self, sound: Sound) -> bool:
        return self.sounder.played[-1] is sound


@pytest.fixture(params=[BuzzerRig, SimulatedRig], ids=["gpiozero", "simulated"])
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    made = request.param()
    yield made
    made.sounder.close()


@pytest.mark.parametrize("sound", Sound)
def test_a_sound_is_heard_to_its_end(rig: Rig, sound: Sound) -> None:
    rig.sounder.play(sound)
    assert rig.heard(sound)


def test_one_after_the_other_is_heard_each_time(rig: Rig) -> None:
    for sound in (Sound.WELCOME, Sound.REFUSED, Sound.WELCOME):
        rig.sounder.play(sound)
        assert rig.heard(sound)


def test_a_newer_sound_takes_the_place_of_one_that_is_still_on() -> None:
    rig = BuzzerRig()
    rig.hold = True
    rig.sounder.play(Sound.ALARM)
    assert rig.wait_for([(True, PATTERNS[Sound.ALARM][0][0])])
    rig.sounder.play(Sound.WELCOME)
    assert rig.wait_for([(True, PATTERNS[Sound.WELCOME][0][0])])
    rig.sounder.close()
    assert len(rig.rests) == 2
    assert not rig.sounding


def test_silence_ends_a_sound_that_is_still_on() -> None:
    header = MockHeader(BuzzerPin)
    rig, pin = BuzzerRig(header), header.factory.pin(BUZZER_PIN)
    rig.hold = True
    rig.sounder.play(Sound.ALARM)
    assert rig.wait_for([(True, PATTERNS[Sound.ALARM][0][0])])
    pin.fell.clear()
    rig.sounder.play(Sound.SILENCE)
    assert pin.fell.wait(PATIENCE_S)
    rig.sounder.close()
    assert len(rig.rests) == 1


def test_giving_it_back_in_the_middle_of_an_alarm_silences_it_at_once() -> None:
    rig = BuzzerRig()
    rig.hold = True
    rig.sounder.play(Sound.ALARM)
    assert rig.wait_for([(True, PATTERNS[Sound.ALARM][0][0])])
    assert rig.sounding
    rig.sounder.close()
    assert not rig.sounding
    assert not rig.sounder._player._thread.is_alive()
    assert len(rig.rests) == 1


def test_a_buzzer_that_fails_is_said_once_and_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    header = MockHeader(BuzzerPin)
    rig, pin = BuzzerRig(header), header.factory.pin(BUZZER_PIN)
    for _ in range(3):
        pin.tried.clear()
        pin.broken = True
        rig.sounder.play(Sound.WELCOME)
        assert pin.tried.wait(PATIENCE_S)
    pin.broken = False
    rig.sounder.close()
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "check its wires" in caplog.text


def test_a_pin_that_cannot_be_had_is_a_door_error_that_names_it() -> None:
    with pytest.raises(DoorError, match="buzzer pin 99"):
        GpiozeroSounder(pin_bcm=99, pin_factory=open_header().factory)


@pytest.mark.parametrize("sound", AUDIBLE)
def test_a_sound_is_short(sound: Sound) -> None:
    total_ms = sum(on + off for on, off in PATTERNS[sound])
    assert 0 < total_ms <= (3_000 if sound is Sound.ALARM else 1_000)
    assert all(on >= 100 for on, _ in PATTERNS[sound])


def test_every_sound_has_a_pattern_and_silence_has_none() -> None:
    assert set(PATTERNS) == set(Sound)
    assert PATTERNS[Sound.SILENCE] == ()


@pytest.mark.parametrize(("one", "other"), list(combinations(AUDIBLE, 2)))
def test_two_sounds_differ_in_the_number_of_their_beats_or_by_twice_the_length_of_one(
    one: Sound, other: Sound
) -> None:
    beats = [[on for on, _ in PATTERNS[sound]] for sound in (one, other)]
    assert len(beats[0]) != len(beats[1]) or any(
        max(pair) >= 2 * min(pair) for pair in zip(*beats, strict=True)
    )
