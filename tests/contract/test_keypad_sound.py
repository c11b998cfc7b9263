"""Tones and prompts, real and simulated: what is heard, what is never heard, and that nobody waits for it."""

import stat
import threading
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any, Protocol

import pytest
from gpiozero import PinSetInput
from gpiozero.pins.mock import MockFactory, MockPWMPin

from edge.ballot_keypad.adapters.command_prompts import CommandPrompts, missing_recordings
from edge.ballot_keypad.adapters.gpiozero_tones import GpiozeroTones
from edge.ballot_keypad.adapters.silence import NoPrompts, NoTones
from edge.ballot_keypad.adapters.simulated_sound import SimulatedPrompts, SimulatedTones
from edge.ballot_keypad.errors import PromptsError, TonesError
from edge.ballot_keypad.ports import Prompts, Tones
from edge.ballot_keypad.sound.prompts import SPOKEN, Audio, Prompt, may_say
from edge.ballot_keypad.sound.tones import NOTES, Tone
from tests.servers.waiting import wait_until

PIN = 12
PATIENCE_S = 10


class BuzzerPin(MockPWMPin):
    broken = False
    tried = threading.Event()

    def _set_state(self, value: float) -> None:
        if self.broken and value:
            self.tried.set()
            raise PinSetInput("simulated broken wire")
        super()._set_state(value)


class Heard(Protocol):
    tones: Tones

    def heard(self, tone: Tone) -> bool: ...


class BuzzerRig:
    """No time passes: each rest is noted with what sounds in it, and is over unless `hold` is set."""

    def __init__(self) -> None:
        self.factory = MockFactory(pin_class=BuzzerPin)
        self.pin: Any = self.factory.pin(PIN)
        self.notes: list[tuple[int, int]] = []
        self.changed = threading.Condition()
        self.hold = False
        self.tones = GpiozeroTones(pin_bcm=PIN, pin_factory=self.factory, rest=self._rest)

    def _rest(self, newer: threading.Event, seconds: float) -> bool:
        with self.changed:
            hertz = round(self.pin.frequency) if self.pin.state else 0
            self.notes.append((hertz, round(seconds * 1_000)))
            self.changed.notify_all()
        return newer.wait(PATIENCE_S) if self.hold else newer.is_set()

    def heard(self, tone: Tone) -> bool:
        return self.wait_for(list(NOTES[tone]))

    def wait_for(self, notes: list[tuple[int, int]]) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: self.notes[-len(notes) :] == notes, timeout=PATIENCE_S)


class SimulatedRig:
    def __init__(self) -> None:
        self.tones = SimulatedTones()

    def heard(self, tone: Tone) -> bool:
        return self.tones.played[-1] is tone


@pytest.fixture(params=[BuzzerRig, SimulatedRig], ids=["gpiozero", "simulated"])
def rig(request: pytest.FixtureRequest) -> Iterator[Heard]:
    made = request.param()
    yield made
    made.tones.close()


@pytest.mark.parametrize("tone", Tone)
def test_a_tone_is_heard_to_its_end(rig: Heard, tone: Tone) -> None:
    rig.tones.play(tone)
    assert rig.heard(tone)


def test_a_newer_tone_takes_the_place_of_one_that_is_still_on() -> None:
    rig = BuzzerRig()
    rig.hold = True
    rig.tones.play(Tone.ATTENTION)
    assert rig.wait_for([NOTES[Tone.ATTENTION][0]])
    rig.tones.play(Tone.RECORDED)
    assert rig.wait_for([NOTES[Tone.RECORDED][0]])
    rig.tones.close()
    assert len(rig.notes) == 2
    assert not rig.pin.state


def test_a_buzzer_that_fails_is_said_once_and_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    rig = BuzzerRig()
    rig.pin.broken = True
    for _ in range(3):
        rig.pin.tried.clear()
        rig.tones.play(Tone.RECORDED)
        assert rig.pin.tried.wait(PATIENCE_S)
    rig.pin.broken = False
    rig.tones.close()
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_a_pin_that_cannot_be_had_is_named() -> None:
    with pytest.raises(TonesError, match="tone_pin 99") as caught:
        GpiozeroTones(pin_bcm=99, pin_factory=MockFactory(pin_class=BuzzerPin))
    assert caught.value.code == "tones"


def test_tones_are_told_apart_by_rhythm_or_direction_and_are_short() -> None:
    assert set(NOTES) == set(Tone)
    for one, other in combinations(Tone, 2):
        assert len(NOTES[one]) != len(NOTES[other]) or [ms for _, ms in NOTES[one]] != [
            ms for _, ms in NOTES[other]
        ]
    recorded, refused = (
        [hertz for hertz, _ in NOTES[tone] if hertz] for tone in (Tone.RECORDED, Tone.REFUSED)
    )
    assert recorded == sorted(set(recorded))
    assert max(refused) < min(recorded)
    assert all(sum(ms for _, ms in notes) <= 600 for notes in NOTES.values())


def test_no_key_has_a_tone_of_its_own() -> None:
    """There is one for all of them, and no way to ask for another."""
    assert set(Tone) == {Tone.PRESSED, Tone.REFUSED, Tone.RECORDED, Tone.ATTENTION}


class Player:
    """An `aplay` of ours: it writes down what it is to play, and plays as long as a file says."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "played"
        self.program = folder / "player"
        self.lasts = folder / "lasts"
        self.log.touch()
        self.program.write_text(
            f'#!/bin/sh\necho "$@" >> "{self.log}"\nwhile [ -e "{self.lasts}" ]; do sleep 0.01; done\n'
            f'[ ! -e "{folder}/fails" ]\n'
        )
        self.program.chmod(self.program.stat().st_mode | stat.S_IXUSR)
        for language in ("vi", "en"):
            (folder / language).mkdir()
            for prompt in Prompt:
                (folder / language / f"{prompt.value}.wav").touch()
        self.folder = folder

    @property
    def played(self) -> list[list[str]]:
        return [line.split() for line in self.log.read_text().splitlines()]

    def prompts(self, language: str = "vi+en", audio: Audio = Audio.SPEAKER) -> CommandPrompts:
        return CommandPrompts(self.folder, language, audio, device="hw:0", player=str(self.program))

    def wait_for(self, count: int) -> None:
        wait_until(lambda: len(self.played) >= count, f"{count} prompts")


@pytest.fixture
def player(tmp_path: Path) -> Player:
    return Player(tmp_path)


def test_a_prompt_is_played_in_vietnamese_and_then_in_english(player: Player) -> None:
    prompts = player.prompts()
    prompts.say(Prompt.RECORDED, is_secret=True)
    player.wait_for(1)
    prompts.close()
    files = [str(player.folder / language / "recorded.wav") for language in ("vi", "en")]
    assert player.played == [["-q", "-D", "hw:0", *files]]


def test_a_newer_prompt_ends_the_one_before(player: Player) -> None:
    player.lasts.touch()
    prompts = player.prompts("vi")
    prompts.say(Prompt.STORED, is_secret=False)
    player.wait_for(1)
    prompts.say(Prompt.RECORDED, is_secret=False)
    player.wait_for(2)
    prompts.close()
    assert [Path(words[-1]).stem for words in player.played] == ["stored", "recorded"]


@pytest.mark.parametrize("prompt", [prompt for prompt in Prompt if SPOKEN[prompt].tells])
def test_a_speaker_never_tells_a_secret_choice(prompt: Prompt) -> None:
    assert not may_say(prompt, Audio.SPEAKER, is_secret=True)
    assert may_say(prompt, Audio.SPEAKER, is_secret=False)
    assert may_say(prompt, Audio.HEADPHONES, is_secret=True)


def test_what_depends_on_a_key_tells_and_the_rest_is_heard_by_all() -> None:
    assert set(SPOKEN) == set(Prompt)
    telling = {prompt for prompt in Prompt if prompt.value.startswith(("chose-", "digit-"))}
    assert telling <= {prompt for prompt in Prompt if SPOKEN[prompt].tells}
    assert may_say(Prompt.RECORDED, Audio.SPEAKER, is_secret=True)
    assert not any(may_say(prompt, Audio.OFF, is_secret=False) for prompt in Prompt)


@pytest.mark.parametrize("make", ["command", "simulated", "silent"])
def test_no_adapter_says_a_secret_choice_aloud(make: str, player: Player) -> None:
    made: dict[str, Prompts] = {"simulated": SimulatedPrompts(), "silent": NoPrompts()}
    prompts = player.prompts() if make == "command" else made[make]
    prompts.say(Prompt.CHOSE_YES, is_secret=True)
    prompts.say(Prompt.RECORDED, is_secret=True)
    if isinstance(prompts, CommandPrompts):
        player.wait_for(1)
    prompts.close()
    said = [Path(words[-1]).stem for words in player.played]
    said += [each.value for each in getattr(prompts, "said", [])]
    assert said == ([] if make == "silent" else ["recorded"])


def test_a_player_that_fails_is_said_once_without_the_prompt(
    player: Player, caplog: pytest.LogCaptureFixture
) -> None:
    (player.folder / "fails").touch()
    prompts = player.prompts(audio=Audio.HEADPHONES)
    for count, prompt in enumerate((Prompt.CHOSE_NO, Prompt.CHOSE_YES), 1):
        prompts.say(prompt, is_secret=True)
        player.wait_for(count)
        wait_until(lambda: bool(caplog.records), "the complaint")
    prompts.close()
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "chose" not in caplog.text


def test_a_missing_recording_and_a_missing_player_are_named_before_anybody_needs_them(player: Player) -> None:
    (player.folder / "en" / "held.wav").unlink()
    assert missing_recordings(player.folder, "vi") == []
    with pytest.raises(PromptsError, match=r"1 recordings are missing, the first is en/held\.wav"):
        player.prompts()
    with pytest.raises(PromptsError, match="apt install alsa-utils") as caught:
        CommandPrompts(player.folder, "vi", Audio.SPEAKER, player="aplay-that-is-not-there")
    assert caught.value.code == "prompts"


def test_silence_is_silent() -> None:
    NoTones().play(Tone.RECORDED)
    NoTones().close()
