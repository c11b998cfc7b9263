"""The course of a self-test in a running device: part after part, each within its time, then one record.

The loop begins each part and never waits for one: what may take long or hang runs on a thread of its own, and
a part that does not come back in time is a failed part, like any other. While something is under way for
which the unit is needed, nothing is tested; while a secret question is open, not even that is said.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from edge.device.errors import StoreError
from edge.device.findings import Finding
from edge.device.runtime import DeviceRuntime
from wire.down import CommandMessage
from wire.errors import HallError
from wire.self_test import DETAIL_BYTES_MAX, EACH_KEY, SELF_TEST, SelfTest

PART_MS: Final = 10_000
UNSAID_MAX: Final = 8
"""Refusals that wait for the end of a secret question; a technician who asks on is told no more than that."""
_log: Final = logging.getLogger("hallward.device")

Found = Iterable[Finding]
Done = Callable[[Found], None]
Row = tuple[str, bool, str]


@dataclass(frozen=True, slots=True)
class Part:
    """begin: in the loop's thread, returns soon; calls what it is given once, in that thread, with what was
    found. give_up: told when that is not waited for any more. with_person: only when somebody is there for
    it."""

    name: str
    begin: Callable[[Done], None]
    limit_ms: int = PART_MS
    give_up: Callable[[], None] = lambda: None
    with_person: bool = False


def at_once(name: str, measure: Callable[[], Found]) -> Part:
    """A part that the loop itself does: it is quick, or belongs to the loop."""
    return Part(name, lambda done: done(measured(name, measure)))


def aside(
    runtime: DeviceRuntime, name: str, measure: Callable[[], Found], *, limit_ms: int = PART_MS,
    give_up: Callable[[], None] = lambda: None,
) -> Part:  # fmt: skip
    """A part on a thread of its own. One that hangs stays where it is, and is not begun a second time."""
    running = threading.Event()

    def run(done: Done) -> None:
        found = measured(name, measure)
        running.clear()
        runtime.post(lambda: done(found))

    def begin(done: Done) -> None:
        if running.is_set():
            done((Finding(name, False, "hangs since an earlier self-test", "switch the unit off and on"),))
            return
        running.set()
        threading.Thread(target=run, args=(done,), name=f"self-test {name}", daemon=True).start()

    return Part(name, begin, limit_ms, give_up)


def measured(name: str, measure: Callable[[], Found]) -> tuple[Finding, ...]:
    """What was found. A part that fails in a way nobody foresaw has failed, and the test goes on."""
    try:
        return tuple(measure())
    except HallError as err:
        return (Finding(name, False, err.diagnostics()),)
    except Exception as err:  # noqa: BLE001  # the technician gets a line for it, the log the rest
        _log.error("the self-test of %s failed in an unforeseen way", name, exc_info=err)
        return (Finding(name, False, f"failed in an unforeseen way ({type(err).__name__})"),)


def row_of(finding: Finding) -> Row:
    """A finding as the log keeps it. Attention passes, and says so: it lets people vote or pass."""
    name = "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in finding.name.lower()).split())
    words = finding.words + (f" — {finding.advice}" if finding.advice else "")
    if finding.ok is None:
        words = f"attention: {words}"
    return name, finding.ok is not False, _cut(words)


def _cut(words: str) -> str:
    if len(words.encode()) <= DETAIL_BYTES_MAX:
        return words
    return words.encode()[: DETAIL_BYTES_MAX - 3].decode(errors="ignore") + "…"


@dataclass(slots=True)
class _Run:
    """One test under way. number: of the part begun last, so that a late answer is told from a fresh one."""

    command: bytes
    left: list[Part]
    rows: dict[str, Row]
    part: Part | None = None
    number: int = 0
    deadline_ms: int = 0


class SelfTestCourse:
    """Called by the loop only. obstacle: why the unit cannot be tested just now, in words; empty: it can.
    is_silent: nothing that might tell of presses may leave the unit."""

    def __init__(
        self, runtime: DeviceRuntime, obstacle: Callable[[], str], is_silent: Callable[[], bool]
    ) -> None:
        self.parts: Sequence[Part] = ()
        """Set by whoever builds the device, before its first command."""
        self._runtime = runtime
        self._obstacle = obstacle
        self._is_silent = is_silent
        self._run: _Run | None = None
        self._unsaid: list[tuple[bytes, str]] = []

    @property
    def is_running(self) -> bool:
        return self._run is not None

    def asked(self, command: CommandMessage) -> None:
        """Begin, or say why not: at once, or once it may be said."""
        why = "another self-test is under way here" if self._run else self._obstacle()
        if why or not self.parts:
            self._refuse(command.id, why or "this unit was started without parts to test")
            return
        has_person = command.arguments.get(EACH_KEY) is True
        parts = [part for part in self.parts if has_person or not part.with_person]
        _log.info("self-test: %d parts", len(parts))
        self._run = _Run(command.id, parts, {})
        self._next(self._run)

    def tick(self) -> None:
        """Time has passed, or the unit is needed."""
        if self._unsaid and not self._is_silent():
            unsaid, self._unsaid = self._unsaid, []
            for command, why in unsaid:
                self._refuse(command, why)
        run = self._run
        if run is None:
            return
        if why := self._obstacle():
            self._leave(run)
            self._run = None
            self._refuse(run.command, why)
        elif run.part is not None and self._runtime.clock.monotonic_ms() >= run.deadline_ms:
            self._leave(run)
            silent = Finding(run.part.name, False, f"no answer in {run.part.limit_ms // 1_000} s")
            self._found(run, run.number, (silent,))

    def _next(self, run: _Run) -> None:
        if not run.left:
            self._finish(run)
            return
        run.part = run.left.pop(0)
        run.number += 1
        run.deadline_ms = self._runtime.clock.monotonic_ms() + run.part.limit_ms
        run.part.begin(partial(self._found, run, run.number))

    def _found(self, run: _Run, number: int, found: Found) -> None:
        if run is not self._run or number != run.number or run.part is None:
            return  # too late: it has failed already, or the test was broken off
        run.part = None
        for row in map(row_of, found):
            kept = run.rows.get(row[0])
            if kept is None or kept[1]:  # of two words about one part, the bad one stands
                run.rows[row[0]] = row
        self._next(run)

    def _leave(self, run: _Run) -> None:
        if run.part is not None:
            run.part.give_up()

    def _finish(self, run: _Run) -> None:
        self._run = None
        if why := self._obstacle():
            self._refuse(run.command, why)
        else:
            self._say(SelfTest(run.command, tuple(run.rows.values())))

    def _refuse(self, command: bytes, why: str) -> None:
        if self._is_silent():
            self._unsaid = [*self._unsaid, (command, why)][-UNSAID_MAX:]
        else:
            self._say(SelfTest(command, ((SELF_TEST, False, _cut(f"not done: {why}")),)))

    def _say(self, body: SelfTest) -> None:
        failed = [part for part, passed, _ in body.rows if not passed]
        _log.info("self-test: %s", f"failed: {', '.join(failed)}" if failed else "all in order")
        try:
            self._runtime.append(body)
        except StoreError as err:
            _log.error("the self-test was not stored: %s", err.diagnostics())
