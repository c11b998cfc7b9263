"""A firmware as a real process on a folder, and the hands and eyes of whoever stands before it."""

import json
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.servers.waiting import wait_until


@dataclass
class Process:
    """program: `edge.ballot_keypad` or `edge.rollcall_gate`."""

    folder: Path
    program: str = "edge.ballot_keypad"
    process: subprocess.Popen[bytes] | None = None
    said: list[bytes] = field(default_factory=list)

    def start(self) -> None:
        words = [sys.executable, "-m", self.program, "run", str(self.folder)]
        self.process = subprocess.Popen(words, stderr=subprocess.PIPE)

    def end(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=60)
        self.said.append(said)
        assert b"Traceback" not in said, said.decode()
        return self.process.returncode

    def wish(self, **wish: str) -> dict[str, Any]:
        """Empty while nobody listens."""
        try:
            with socket.socket(socket.AF_UNIX) as caller:
                caller.settimeout(10)
                caller.connect(str(self.folder / "state" / "hands.sock"))
                caller.sendall(json.dumps(wish).encode() + b"\n")
                found: dict[str, Any] = json.loads(caller.makefile().readline() or "{}")
                return found
        except (OSError, ValueError):
            return {}

    def reads(self, state: str) -> dict[str, Any]:
        """What stands there once it is this state."""
        seen: list[dict[str, Any]] = [{}]

        def is_there() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, self.process.communicate()[1].decode()
            seen[0] = self.wish(do="look")
            return seen[0].get("state") == state

        wait_until(is_there, f"the state {state}")
        return seen[0]
