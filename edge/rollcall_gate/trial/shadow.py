"""Candidate networks beside those in force, on live frames, on a thread of their own.

The lane is never held up: a frame is left at the door of this thread, the newest one only, and thrown away
when it is busy. Both sets are loaded here a second time, so that no interpreter is waited for. A frame is
forgotten once both have looked at it; what remains is counts.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from edge.device.errors import UpdateRefused
from edge.device.parts import GaugeReader
from edge.rollcall_gate.eyes.pipeline import Pipeline
from edge.rollcall_gate.frames import Frame
from edge.rollcall_gate.trial.agreement import Glance, Pair, Rules, Tally, glance
from edge.rollcall_gate.who.presentation import PadThresholds

CLOSING_S: Final = 1.0
"""The loop waits so long at most for the look that is under way."""
_NICE: Final = 10
_WORDS: Final = {
    "disagrees": "the new networks see something else than those in force",
    "latency": "the new networks take longer for a frame than is allowed",
    "hot": "this device gets hotter with the new networks than is allowed",
    "unseen": "too few people came by to compare the new networks on: let somebody walk through a few times "
    "while it looks, then retry",
}
_log: Final = logging.getLogger("hallward.gate")


@dataclass(frozen=True, slots=True)
class Eyes:
    """One set of networks, and the attack detector's thresholds for it at this gate."""

    pipeline: Pipeline
    pad: PadThresholds


@dataclass(frozen=True, slots=True)
class Sides:
    """Those in force, and the candidates."""

    before: Eyes
    after: Eyes


class ShadowRun:
    """Implements Shadow. `offer` takes a frame, from any thread; `look` is one look, `start` repeats it.

    spent_s: processor time of the calling thread. now_ms: monotonic.
    """

    def __init__(
        self,
        sides: Sides,
        rules: Rules,
        gauges: GaugeReader,
        now_ms: Callable[[], int],
        *,
        on_close: Callable[[], None] = lambda: None,
        spent_s: Callable[[], float] = time.thread_time,
    ) -> None:
        self._sides = sides
        self._rules = rules
        self._gauges = gauges
        self._now_ms = now_ms
        self._on_close = on_close
        self._spent_s = spent_s
        self._began_ms = now_ms()
        self._offered = 0
        self._looks = 0
        self._tally = Tally()
        self._failed: UpdateRefused | None = None
        self._newest: Frame | None = None
        self._busy = False
        self._turn = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="shadow", daemon=True)

    def start(self) -> None:
        """Look at what is offered, until `close`."""
        self._thread.start()

    def offer(self, frame: Frame) -> None:
        """Never waits longer than it takes to put it down. Every so many-th is taken; while a look is under
        way none is."""
        with self._turn:
            self._offered += 1
            if self._busy or self._closed or self._offered % self._rules.every:
                return
            self._newest = frame
            self._turn.notify()

    def look(self, frame: Frame) -> None:
        """Both sets at one frame, one of them first in turns: caches favour the second. Raises ModelError."""
        self._looks += 1
        if self._looks % 2:
            before, before_s = self._glance(frame, self._sides.before)
            after, after_s = self._glance(frame, self._sides.after)
        else:
            after, after_s = self._glance(frame, self._sides.after)
            before, before_s = self._glance(frame, self._sides.before)
        temperature_mc = self._gauges.read().temperature_mc
        with self._turn:
            self._tally.add(Pair(before, after), (before_s, after_s), temperature_mc, self._rules)

    def readings(self) -> Mapping[str, int] | None:
        """As of Shadow."""
        with self._turn:
            if self._failed is not None:
                raise self._failed
            late = self._now_ms() - self._began_ms >= self._rules.deadline_ms
            over = late or self._tally.frames >= self._rules.frames
            cause, found = self._tally.cause(self._rules, over=over), self._tally.readings()
        if cause:
            raise UpdateRefused(cause, f"{_WORDS[cause]}: {_told(found)}", found)
        return found if over else None

    def close(self) -> None:
        """Stop looking; nothing of what was seen remains."""
        self._on_close()
        with self._turn:
            self._closed, self._newest = True, None
            self._turn.notify()
        if self._thread.is_alive():
            self._thread.join(CLOSING_S)
        self._tally.last = None

    def _glance(self, frame: Frame, eyes: Eyes) -> tuple[Glance, float]:
        began_s = self._spent_s()
        seen = glance(eyes.pipeline, frame, eyes.pad)
        return seen, self._spent_s() - began_s

    def _run(self) -> None:
        with suppress(OSError):  # where it is forbidden, the lane goes no less than the shadow run
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
        while (frame := self._next()) is not None:
            began_ms = self._now_ms()
            try:
                self.look(frame)
            except Exception as err:  # noqa: BLE001  # whatever it is, it is the candidates': the gate goes on
                _log.error("the shadow run of new networks failed", exc_info=err)
                with self._turn:
                    what = f"the new networks failed at a frame: {err}"
                    self._failed = UpdateRefused("trial-crashed", what, self._tally.readings())
                return
            self._rest(self._now_ms() - began_ms)

    def _next(self) -> Frame | None:
        """None: closed."""
        with self._turn:
            self._busy = False
            self._turn.wait_for(lambda: self._newest is not None or self._closed)
            frame, self._newest = self._newest, None
            self._busy = True
            return None if self._closed else frame

    def _rest(self, ms: int) -> None:
        """As long as the look took: half of one processor at most is used."""
        with self._turn:
            self._turn.wait_for(lambda: self._closed, ms / 1000)


def _told(readings: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {value}" for name, value in readings.items())
