"""Prompts from recordings, played by the system's own player (`aplay` of alsa-utils)."""

import logging
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Final

from edge.ballot_keypad.errors import PromptsError
from edge.ballot_keypad.sound.prompts import Audio, Prompt, languages, may_say

PLAYER: Final = "aplay"
_GLANCE_S: Final = 0.05
_log: Final = logging.getLogger("hallward.keypad")


class CommandPrompts:
    """Implements Prompts. The player is started and ended on a thread of its own; `say` only says which.

    folder: holds `{language}/{prompt}.wav`. device: as `aplay -L` names it. A recording that is missing, or
    a player that fails, is said once in the log, without saying which prompt it was: that could tell a
    choice.
    """

    def __init__(
        self, folder: Path, language: str, audio: Audio, *, device: str = "default", player: str = PLAYER
    ) -> None:
        """Raises PromptsError when there is no player, or a recording is missing."""
        program = shutil.which(player)
        if program is None:
            raise PromptsError(f"{player} is not installed: apt install alsa-utils")
        missing = missing_recordings(folder, language)
        if missing:
            raise PromptsError(f"{folder}: {len(missing)} recordings are missing, the first is {missing[0]}")
        self._words = [program, "-q", "-D", device]
        self._folder = folder
        self._languages = languages(language)
        self._audio = audio
        self._wanted: Prompt | None = None
        self._newer = threading.Event()
        self._ends = False
        self._failed = False
        self._thread = threading.Thread(target=self._run, name="prompts", daemon=True)
        self._thread.start()

    def say(self, prompt: Prompt, *, is_secret: bool) -> None:
        if may_say(prompt, self._audio, is_secret=is_secret):
            self._wanted = prompt
            self._newer.set()

    def close(self) -> None:
        self._ends = True
        self._newer.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            self._newer.wait()
            self._newer.clear()
            wanted = self._wanted  # it stays: one that comes at this very moment is taken up twice, and said
            if self._ends or wanted is None:
                return
            try:
                failed = self._play(wanted)
            except OSError:
                failed = True
            if failed and not self._failed:
                _log.error(
                    "the player of the prompts fails; check audio_device, and the sound with speaker-test"
                )
            self._failed = failed

    def _play(self, prompt: Prompt) -> bool:
        """Until it ends or a newer one is wanted. Whether the player failed."""
        files = [str(self._folder / language / f"{prompt.value}.wav") for language in self._languages]
        with subprocess.Popen(
            [*self._words, *files],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as player:
            while player.poll() is None:
                if self._newer.wait(_GLANCE_S):
                    player.kill()  # what it was saying is no longer so
                    player.wait()
                    return False
            return player.returncode != 0


def missing_recordings(folder: Path, language: str) -> list[str]:
    """Names below the folder, in the order of the table."""
    wanted = [f"{each}/{prompt.value}.wav" for each in languages(language) for prompt in Prompt]
    return [name for name in wanted if not (folder / name).is_file()]
