"""The loop of a claim: the table, the page, the button and the supervisor, until the folder is a device's.

The loop never waits for the network: one thread speaks with the desk, one word at a time, while this one
shows the page, hears the button and tells the supervisor that it lives. The process may be killed at any
moment: all that counts is in the folder before it is said.
"""

import logging
import queue
import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from edge.device.backoff import decorrelated
from edge.device.claim.pages import Page, Situation, Words, page_of
from edge.device.claim.ports import Presence
from edge.device.claim.speaking import Speaking
from edge.device.claim.table import WAITS, Effect, Event, State, Wait, step
from edge.device.errors import ConfigError, DeviceError
from edge.device.freshness import ALIVE, READY, STOPPING
from edge.device.parts import Supervisor
from edge.device.ports import Clock, Random

TICK_MS: Final = 200
"""Pages blink and buttons are looked at by it."""
SETTLED: Final = frozenset({State.WAITING, State.PLACED, State.PRESSED})
"""A desk has answered: what failed before is over, and its waits begin anew."""
UNFIT_MS: Final = 10_000
TELLING_MS: Final = 5_000
_log: Final = logging.getLogger("hallward.claim")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """button: what the device's own is called. tick_ms: between two looks at page and clock. unfit_ms: how
    long it is said that the button does not answer. telling_ms: how long `installed` may take before the
    device begins its work without it."""

    presence: Presence
    clock: Clock
    jitter: Random
    supervisor: Supervisor
    button: Words
    tick_ms: int = TICK_MS
    unfit_ms: int = UNFIT_MS
    telling_ms: int = TELLING_MS


@dataclass(frozen=True, slots=True)
class _Stop:
    """Somebody wants this process to end."""


@dataclass(frozen=True, slots=True)
class _Done:
    """An effect was carried out. number: which; an answer to any but the latest is about what is over."""

    number: int
    event: Event | None
    situation: Situation


@dataclass(frozen=True, slots=True)
class _Broken:
    """The other thread ended by a mistake of ours: so does the process, which is started again."""

    error: BaseException


class Claiming:
    """One claim, from the first look for a desk to the folder."""

    def __init__(self, speaking: Speaking, around: Surroundings) -> None:
        self._speaking = speaking
        self._around = around
        self._inbox: queue.Queue[Event | _Done | _Stop | _Broken] = queue.Queue()
        self._work: queue.Queue[tuple[int, Effect] | None] = queue.Queue()
        self._state = State.LOOKING
        self._situation = speaking.situation
        self._asked = 0
        self._is_stopped = False
        self._is_busy = False
        self._due_ms = 0
        self._waited_ms: dict[State, int] = {}
        self._alive_ms = 0
        self._page = page_of(self._state, self._situation, around.button)

    @property
    def page(self) -> Page:
        """Of now. From any thread."""
        return self._page

    def stop(self) -> None:
        """From any thread, or a signal."""
        self._is_stopped = True
        self._inbox.put(_Stop())

    def run(self) -> bool:
        """True once the folder is a device's; False when it was stopped, even if the folder is one by then.
        Raises DeviceError when the button does not answer, ConfigError when there is none."""
        presence, supervisor = self._around.presence, self._around.supervisor
        try:
            self._listen()
            threading.Thread(target=self._speak, name="desk", daemon=True).start()
            supervisor.say(READY)
            self._carry_out((Effect.FIND,))
            self._loop()
        finally:
            self._work.put(None)
            presence.close()
        if self._is_stopped:
            supervisor.say(STOPPING)
            return False
        supervisor.say(ALIVE)  # the device has the whole of the supervisor's patience to be built in
        return True

    def _listen(self) -> None:
        """To the button. One that does not answer is said on the display before the process ends for it, and
        is started again."""
        try:
            self._around.presence.start(lambda: self._inbox.put(Event.BUTTON))
        except (DeviceError, ConfigError) as err:
            self._page = page_of(
                State.UNFIT, replace(self._situation, detail=err.diagnostics()), self._around.button
            )
            self._around.presence.show(self._page)
            with suppress(queue.Empty):
                self._inbox.get(timeout=self._around.unfit_ms / 1000)
            raise

    def _loop(self) -> None:
        """Until the folder is a device's, or somebody wants it to end."""
        self._settle()
        while self._state is not State.DONE or (self._is_busy and self._now_ms() < self._due_ms):
            self._around.presence.show(self._page)
            self._beat()
            try:
                event = self._inbox.get(timeout=self._around.tick_ms / 1000)
            except queue.Empty:
                event = Event.TIMEOUT
            if isinstance(event, _Stop):
                return
            if isinstance(event, _Broken):
                raise event.error
            self._take(event)
        self._around.presence.show(self._page)

    def _take(self, event: Event | _Done) -> None:
        if isinstance(event, _Done):
            if event.number != self._asked:
                return
            self._is_busy, self._situation = False, event.situation
            if event.event is not None:
                self._step(event.event)
        elif event is not Event.TIMEOUT or self._is_due:
            self._step(event)

    def _step(self, event: Event) -> None:
        before = self._state
        after = step(before, event)
        self._state = after.state
        if after.state is not before:
            _log.info("%s: %s -> %s %s", event, before, after.state, self._situation.detail)
            if after.state in SETTLED:
                self._waited_ms.clear()
        self._settle()
        self._carry_out(after.effects)

    def _settle(self) -> None:
        """The page of this state, and when its wait is over."""
        self._page = page_of(self._state, self._situation, self._around.button)
        telling_ms = self._around.telling_ms
        wait = WAITS.get(self._state, Wait(telling_ms, telling_ms))
        waited_ms = decorrelated(
            self._waited_ms.get(self._state, 0), wait.base_ms, wait.cap_ms, self._around.jitter()
        )
        self._waited_ms[self._state] = waited_ms
        self._due_ms = self._now_ms() + waited_ms

    def _carry_out(self, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            if effect is Effect.ATTENTION:
                self._around.presence.attention()
                continue
            self._asked += 1
            self._is_busy = True
            self._work.put((self._asked, effect))

    def _speak(self) -> None:
        """The other thread."""
        try:
            while (wanted := self._work.get()) is not None:
                number, effect = wanted
                event = self._speaking.do(effect)
                self._inbox.put(_Done(number, event, self._speaking.situation))
        except BaseException as err:  # noqa: BLE001  # raised again by the loop
            self._inbox.put(_Broken(err))
        finally:
            self._speaking.close()

    def _beat(self) -> None:
        beat_ms, now_ms = self._around.supervisor.watchdog_ms, self._now_ms()
        if beat_ms is not None and now_ms - self._alive_ms >= beat_ms:
            self._alive_ms = now_ms
            self._around.supervisor.say(ALIVE)

    @property
    def _is_due(self) -> bool:
        return not self._is_busy and self._state in WAITS and self._now_ms() >= self._due_ms

    def _now_ms(self) -> int:
        return self._around.clock.monotonic_ms()
