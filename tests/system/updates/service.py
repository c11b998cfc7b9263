"""What systemd does for a device: its launcher is started, and again whenever it ended."""

import sys
from collections.abc import Callable
from pathlib import Path

from tests.system.processes import Processes


class Service:
    """Devices under one manager. `tend` starts whoever has ended; it is called while a test waits."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self._words: dict[str, tuple[str, Path]] = {}
        self.starts: dict[str, int] = {}

    def begin(self, name: str, role: str, folder: Path) -> None:
        self._words[name] = (role, folder)
        self._start(name)

    def end(self, name: str) -> None:
        """For good."""
        del self._words[name]
        self._processes.stop(name)

    def kill(self, name: str) -> None:
        """kill -9, as a power cut would; it comes back as one does after it."""
        self._processes.kill(name)
        self._start(name)

    def tend(self) -> None:
        for name in self._words:
            if self._processes.ended(name) is not None:
                self._start(name)

    def tending(self, condition: Callable[[], object]) -> Callable[[], object]:
        """The condition, looked at by somebody who tends meanwhile."""

        def both() -> object:
            self.tend()
            return condition()

        return both

    def _start(self, name: str) -> None:
        role, folder = self._words[name]
        self.starts[name] = self.starts.get(name, 0) + 1
        self._processes.start(name, [role, str(folder)], program=(sys.executable, "-m", "edge.device.launch"))
