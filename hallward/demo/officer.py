"""An officer of the congress at their own machine: each command of theirs is a process of its own, gets the
passphrase through a descriptor, and is answered by somebody who reads the fingerprint before they type."""

import os
import re
import secrets
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final

from hallward.demo.children import ProcessDied

_ASKED: Final = re.compile(r"([0-9A-Z]{4})-[0-9A-Z]{4}-[0-9A-Z]{4}[^\n]*: $")
_SYLLABLES: Final = (
    "ba",
    "chi",
    "da",
    "hoa",
    "ke",
    "lan",
    "may",
    "nui",
    "ong",
    "qua",
    "sen",
    "tre",
    "vui",
    "xuan",
)
_WORDS: Final = 8
PATIENCE_S: Final = 120.0
_CHUNK: Final = 65536


class Officer:
    """name: as in the charter. folder: what they keep, theirs alone; the passphrase is in no file."""

    def __init__(self, name: str, root: Path) -> None:
        self.name = name
        self.folder = root / name
        self.laptop = root / f"{name}-laptop"
        self.passphrase = " ".join(
            f"{secrets.choice(_SYLLABLES)}{secrets.randbelow(10_000)}" for _ in range(_WORDS)
        )

    def do(self, group: str, verb: str, *words: str | Path, ends: Sequence[int] = (0,)) -> str:
        """`hallward GROUP VERB WORDS`; what it printed. Where it asks, they type the first block of the
        fingerprint in front of them. ends: exit codes that are as they should be.

        Raises ProcessDied with its last sentence.
        """
        process = spawn([group, verb, *map(str, words)], self.passphrase, subprocess.PIPE)
        overdue = threading.Timer(PATIENCE_S, process.kill)
        overdue.start()
        try:
            said = _conversation(process)
        finally:
            overdue.cancel()
        if process.returncode not in ends:
            lines = said.strip().splitlines()
            raise ProcessDied(lines[-1] if lines else f"`{group} {verb}` said nothing", process.returncode)
        return said


def spawn(words: Sequence[str], passphrase: str, output: int | IO[bytes]) -> subprocess.Popen[bytes]:
    """`hallward WORDS --passphrase-fd N` in a session of its own, the passphrase waiting in a pipe. It ends
    with the thread that called."""
    reading, writing = os.pipe()
    try:
        os.write(writing, passphrase.encode() + b"\n")  # a pipe holds far more than a passphrase may have
        os.close(writing)
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "hallward.demo.tied", str(os.getpid())),
                *(*words, "--passphrase-fd", str(reading)),
            ],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=(reading,),
            start_new_session=True,
        )
    finally:
        os.close(reading)


def _conversation(process: "subprocess.Popen[bytes]") -> str:
    """All that it says, answered where it asks; it has ended when this returns."""
    with process as running:
        if running.stdin is None or running.stdout is None:
            raise ProcessDied("a command without a terminal cannot be answered", 1)
        said, answered = b"", 0
        while chunk := os.read(running.stdout.fileno(), _CHUNK):
            said += chunk
            asked = _ASKED.search(said[answered:].decode(errors="replace"))
            if asked is not None:
                answered = len(said)
                running.stdin.write(asked[1].encode() + b"\n")
                running.stdin.flush()
    return said.decode(errors="replace")
