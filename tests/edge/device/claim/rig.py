"""A machine that is nobody's yet, in this process: its folder, a face and a finger, and the time."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from edge.device.adapters.claim_folder import ClaimFolder
from edge.device.adapters.desk_tls import DeskConnection
from edge.device.adapters.discovery import SimulatedDiscovery
from edge.device.adapters.seed_file import read_seed
from edge.device.adapters.system_clock import SystemClock
from edge.device.claim.pages import Page
from edge.device.claim.run import TELLING_MS, Claiming, Surroundings
from edge.device.claim.speaking import Means, Speaking
from edge.device.claim.table import State
from edge.device.config import DeskAddress, DeviceConfig
from edge.device.parts import Unsupervised
from edge.device.ports import Clock
from tests.servers.waiting import wait_until


@dataclass
class Person:
    """Implements Presence: someone who reads, and presses the button. would_press: when a page asks."""

    would_press: bool = False
    seen: list[Page] = field(default_factory=list)
    called: int = 0
    is_closed: bool = False
    press: Callable[[], None] = lambda: None
    """The finger."""

    def start(self, on_press: Callable[[], None]) -> None:
        self.press = on_press

    def show(self, page: Page) -> None:
        if self.seen and page == self.seen[-1]:
            return
        self.seen.append(page)
        if page.is_wanted and self.would_press:
            self.press()

    def attention(self) -> None:
        self.called += 1

    def close(self) -> None:
        self.is_closed = True

    @property
    def page(self) -> Page:
        return self.seen[-1]

    def reads(self, state: State) -> None:
        wait_until(lambda: self.seen and self.page.state is state, f"the page {state}, not {self.seen[-1:]}")


class QuickClock:
    """Time that flies: a wait of seconds is over after as many milliseconds."""

    def __init__(self) -> None:
        self._clock = SystemClock()
        self.wall = self._clock.wall_ms

    def monotonic_ms(self) -> int:
        return self._clock.monotonic_ms() * 100

    def wall_ms(self) -> int:
        return self.wall()


@dataclass
class Machine:
    """One start of one folder. step: as of ClaimFolder."""

    folder: Path
    discovery: SimulatedDiscovery = field(default_factory=SimulatedDiscovery)
    person: Person = field(default_factory=Person)
    clock: Clock = field(default_factory=QuickClock)
    step: Callable[[str], None] = lambda _: None
    check_parts: Callable[[DeviceConfig], object] = lambda _: None
    role: str = "keypad"
    telling_ms: int = 100 * TELLING_MS
    """Of a clock that flies: as long as a device gives it."""

    def claiming(self) -> Claiming:
        seed = read_seed(self.folder, self.role)
        home = ClaimFolder(self.folder, seed, self.step)

        def connect(desk: DeskAddress) -> DeskConnection:
            return DeskConnection(desk.host, desk.port, self.folder)

        means = Means(seed, home, self.discovery, connect, self.clock, "hallward 0.1.0", self.check_parts)
        around = Surroundings(
            self.person,
            self.clock,
            lambda: 0.0,
            Unsupervised(),
            ("OK", "OK"),
            tick_ms=5,
            unfit_ms=5,
            telling_ms=self.telling_ms,
        )
        return Claiming(Speaking(means), around)

    def __enter__(self) -> "Machine":
        self._claiming = self.claiming()
        self._done: list[bool] = []
        self._thread = threading.Thread(target=lambda: self._done.append(self._claiming.run()))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._claiming.stop()
        self._thread.join(timeout=60)
        assert not self._thread.is_alive()

    @property
    def is_device(self) -> bool:
        return self._done == [True]
