"""Two prompts one upon the other, as a key and what came of it: the second is said to its end."""

import threading
from pathlib import Path

from edge.ballot_keypad.adapters.command_prompts import CommandPrompts
from edge.ballot_keypad.sound.prompts import Audio, Prompt
from tests.servers.waiting import wait_until


class Hurried(threading.Event):
    """While the first prompt is taken up, the second one is said."""

    def __init__(self, prompts: CommandPrompts) -> None:
        super().__init__()
        self._prompts: list[CommandPrompts] = [prompts]

    def clear(self) -> None:
        super().clear()
        if self._prompts:
            self._prompts.pop().say(Prompt.RECORDED, is_secret=False)


def test_the_second_is_said_to_its_end_whenever_it_comes(tmp_path: Path) -> None:
    said, player = tmp_path / "said", tmp_path / "player"
    player.write_text(f'#!/bin/sh\nfor last; do :; done\nsleep 0.1\nbasename "$last" .wav >> "{said}"\n')
    player.chmod(0o755)
    (tmp_path / "vi").mkdir()
    for prompt in Prompt:
        (tmp_path / "vi" / f"{prompt.value}.wav").touch()
    prompts = CommandPrompts(tmp_path, "vi", Audio.SPEAKER, player=str(player))
    rests, prompts._newer = prompts._newer, Hurried(prompts)
    prompts.say(Prompt.STORED, is_secret=False)
    rests.set()
    wait_until(lambda: said.exists() and said.read_text().split() == ["recorded"], "it was said to its end")
    prompts.close()
