"""Somebody with a device's folder who does not give up: sends its records, and comes back when thrown out."""

import threading
import time
from collections.abc import Sequence
from typing import Final

from tests.servers.mqtt_client import TestClient
from tests.system.hall import SystemHall

PAUSE_S: Final = 0.01
ACK_S: Final = 0.1


class Hammer:
    """envelopes: of the device, in order. Each connection says the next ones that nobody said yet, one after
    the other; without a connection it knocks again at once. Times are of time.monotonic."""

    def __init__(self, hall: SystemHall, name: str, envelopes: Sequence[bytes]) -> None:
        self.entered_s: list[float] = []
        self.refused_s: list[float] = []
        self.left_s: list[float] = []
        self.said = 0
        self._hall, self._credentials, self._topic = hall, hall.credentials(name), hall.up(name)
        self._envelopes = envelopes
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"hammer-{name}")
        self._thread.start()

    @property
    def is_in(self) -> bool:
        return len(self.entered_s) > len(self.left_s)

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(30)
        assert not self._thread.is_alive(), "the hammer does not stop"

    def _run(self) -> None:
        while not self._stop.is_set():
            knocking = TestClient()
            try:
                self._knock(knocking)
            except (AssertionError, RuntimeError, ValueError):
                self.refused_s.append(time.monotonic())
            finally:
                knocking.close()

    def _knock(self, knocking: TestClient) -> None:
        port, authority = self._hall.config.broker_port, self._credentials.authority
        if not knocking.connect(port, self._credentials, authority=authority):
            self.refused_s.append(time.monotonic())
            return
        self.entered_s.append(time.monotonic())
        try:
            while not (self._stop.wait(PAUSE_S) or knocking.disconnected):
                knocking.publish(self._topic, self._envelopes[self.said], timeout_s=ACK_S)
                self.said = min(self.said + 1, len(self._envelopes) - 1)
        finally:
            self.left_s.append(time.monotonic())
