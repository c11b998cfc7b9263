"""A keypad of the crowd: the product's firmware, runtime and outbox on a disk, stepped by one loop for many,
and the person who sits at it."""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edge.ballot_keypad.adapters.simulated_keys import SimulatedKeys
from edge.ballot_keypad.adapters.simulated_screen import SimulatedScreen
from edge.ballot_keypad.config import keypad_config
from edge.ballot_keypad.election import election_of
from edge.ballot_keypad.keypad import Keypad
from edge.ballot_keypad.keys.press import Button
from edge.device.adapters.device_folder import read_folder
from edge.device.adapters.system_clock import SystemClock
from edge.device.adapters.system_gauges import SystemGauges
from edge.device.events import Call
from edge.device.parts import Parts
from edge.device.ports import LinkEvent
from edge.device.runtime import DeviceRuntime
from hallward.demo.voter import Voter
from tests.system.secret_election.light_link import LightLink

THINK_S: Final = (0.3, 2.5)
OFF_S: Final = (0.5, 4.0)


class SteppedRuntime(DeviceRuntime):
    """What other threads would post is done at once: here there is one thread."""

    def post(self, what: Callable[[], None]) -> None:
        self.handle(Call(what))


@dataclass(slots=True)
class On:
    """What is there while there is power."""

    runtime: SteppedRuntime
    keypad: Keypad
    keys: SimulatedKeys
    link: LightLink
    due_s: float = 0.0


class LightUnit:
    """dies: when they leave a ballot with its code on the screen, the unit never starts again."""

    def __init__(
        self, folder: Path, voter: Voter, rng: random.Random, turns: asyncio.Semaphore, *, dies: bool = False
    ) -> None:
        self.name = folder.name
        self.voter = voter
        self.starts = 0
        self.faults: list[str] = []
        self._folder, self._rng, self._turns, self._dies = folder, rng, turns, dies
        self._on: On | None = None
        self._act_s = float("inf")
        self._boot_s = 0.0

    # -- power -------------------------------------------------------------------------------------------

    def boot(self) -> None:
        folder = read_folder(self._folder, "keypad")
        config = folder.identity.config
        link = LightLink(
            self._folder, config, tuple(folder.identity.subscriptions), self._rng.random, self._turns
        )
        parts = Parts(
            folder.identity, folder.open_outbox(), link, SystemClock(), SystemGauges(folder.state),
            self._rng.random, "hallward crowd",
        )  # fmt: skip
        runtime = SteppedRuntime(parts)
        keys = SimulatedKeys(runtime.clock.monotonic_ms)
        wiring = keypad_config(config.firmware, str(self._folder), simulated=True)
        keypad = Keypad(runtime, wiring, keys, SimulatedScreen(), election=election_of(folder))
        self.starts += 1
        on = self._on = On(runtime, keypad, keys, link)
        runtime.begin(keypad)
        start = self.starts
        link.start(lambda event: self._event(start, event))
        on.due_s = time.monotonic()

    def cut(self, *, for_good: bool = False) -> None:
        """The power goes, now: nothing is said to anybody."""
        on, self._on = self._on, None
        if on is not None:
            on.link.close()
            on.runtime.outbox.close()
        self._boot_s = float("inf") if for_good else time.monotonic() + self._rng.uniform(*OFF_S)

    @property
    def is_on(self) -> bool:
        return self._on is not None

    def _event(self, start: int, event: LinkEvent) -> None:
        if start == self.starts and self._on is not None:
            self._on.runtime.handle(event)
            self._on.due_s = 0.0

    # -- time --------------------------------------------------------------------------------------------

    def begin_to_vote(self, within_s: float) -> None:
        """The person looks at the screen from some moment on."""
        self._act_s = time.monotonic() + self._rng.uniform(0.0, within_s)

    def turn(self, now_s: float) -> None:
        """Do what is due."""
        if self._on is None:
            if now_s >= self._boot_s:
                self.boot()
            return
        if now_s >= self._on.due_s:
            runtime = self._on.runtime
            wait_ms = runtime.tick() - runtime.clock.monotonic_ms()
            self._on.due_s = now_s + max(0, wait_ms) / 1000
        if now_s >= self._act_s:
            self._act(self._on)
            self._act_s = now_s + self._rng.uniform(*THINK_S)

    def _act(self, on: On) -> None:
        was_leaving, look = self.voter.is_leaving, on.keypad.look()
        for key in self.voter.presses(look):
            on.keys.push(Button(key))
        if was_leaving and look["state"] == "code":
            self.cut(for_good=self._dies)
        on.due_s = 0.0

    def report(self) -> dict[str, Any]:
        look = {} if self._on is None else self._on.keypad.look()
        return {
            "name": self.name,
            "on": self.is_on,
            "connected": look.get("connected", False),
            "kind": look.get("kind", ""),
            "state": look.get("state", ""),
            "screen": look.get("screen", []),
            "seen": sorted(self.voter.seen),
            "codes": self.voter.codes,
            "cast": self.voter.cast,
            "starts": self.starts,
        }
