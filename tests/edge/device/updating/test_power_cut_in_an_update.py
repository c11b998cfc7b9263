"""A power cut at every durable step of an update, each step once, none left out: what starts afterwards is
whole and either the old one or the new one, and the update ends as it would have ended.

Durable steps are: every transaction of the outbox (before, within, after), every file unpacked, every rename,
every link, every piece fetched, and every count of the launcher.
"""

import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from edge.device.adapters.simulated_link import SimulatedBroker
from edge.device.adapters.sqlite_outbox import SqliteOutboxStore
from edge.device.ports import OutboxStore
from tests.edge.conftest import Device, Fleet, HandClock
from tests.edge.device.updating.unit import Crash, Unit, about, release
from tests.edge.power_cut import PowerCut

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Course:
    """begin: before the power is cut; then what is cut; ends in a release of the counter `ends`."""

    name: str
    prepare: Callable[[Unit], None]
    begin: Callable[[Unit], None]
    allowed: tuple[int, ...]
    ends: int


def nothing(unit: Unit) -> None:
    """It is as it was made."""


def one_is_held(unit: Unit) -> None:
    unit.says("install", 1)
    unit.run()
    assert unit.counter == 1
    unit.release.data, unit.release.about = release(unit.component, 2), about(unit.component, 2)


def two_are_held(unit: Unit) -> None:
    one_is_held(unit)
    unit.says("install", 2, rollout="r2")
    unit.run()
    assert unit.counter == 2


def install(unit: Unit) -> None:
    unit.says("install", 2, rollout="r2")


def install_first(unit: Unit) -> None:
    unit.says("install", 1)


def install_unwell(unit: Unit) -> None:
    unit.faults.unwell = 2
    install(unit)


def install_crashing(unit: Unit) -> None:
    unit.faults.crashes = 2
    install(unit)


def install_refused(unit: Unit) -> None:
    unit.faults.self_test = "golden-outputs"
    install(unit)


def install_disagreeing(unit: Unit) -> None:
    unit.faults.shadow = "disagrees"
    install(unit)


def go_back(unit: Unit) -> None:
    unit.says("back", 3, rollout="r2")


COURSES = {
    course.name: course
    for course in (
        Course("first", nothing, install_first, (0, 1), 1),
        Course("install", one_is_held, install, (1, 2), 2),
        Course("unwell", one_is_held, install_unwell, (1, 2), 1),
        Course("crashes", one_is_held, install_crashing, (1, 2), 1),
        Course("refused", one_is_held, install_refused, (1,), 1),
        Course("disagrees", one_is_held, install_disagreeing, (1,), 1),
        Course("back", two_are_held, go_back, (1, 2), 1),
    )
}
CASES = [
    (component, name)
    for component in ("firmware", "models")
    for name in COURSES
    if (component, name) != ("firmware", "disagrees")  # a keypad has no shadow run
]


class Counting:
    """Counts durable steps, and blows at one of them."""

    def __init__(self, at: int | None = None) -> None:
        self.at, self.count, self.names = at, 0, []

    def __call__(self, name: str) -> None:
        self.count += 1
        self.names.append(name)
        if self.count == self.at:
            raise PowerCut


class OnMemory(Device):
    """Its outbox is in memory, where a transaction costs nothing."""

    folder: Path


class OnSqlite(OnMemory):
    """Its outbox is the real one. A power cut leaves what its files hold at that moment: they are copied
    while the connection is still open in the middle of its transaction."""

    def store(self) -> OutboxStore:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._store = SqliteOutboxStore(self.folder / "outbox.db", self._connect)
        return self._store

    def _connect(self, path: Path) -> sqlite3.Connection:
        found = sqlite3.connect(path, isolation_level=None, factory=Fused)
        found.step = self.disk.step
        return found

    def kill(self) -> None:
        super().kill()
        after = self.folder.with_name(f"{self.folder.name}+")
        shutil.copytree(self.folder, after)
        self._store.close()
        self.folder = after


class Fused(sqlite3.Connection):
    step: Callable[[str], None]

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        if sql in ("BEGIN IMMEDIATE", "COMMIT") and hasattr(self, "step"):
            self.step(sql)
        done = super().execute(sql, *values)
        if sql == "COMMIT" and hasattr(self, "step"):
            self.step("committed")
        return done


def made(tmp: Path, component: str, course: Course, kind: type[OnMemory] = OnMemory) -> Unit:
    broker, clock = SimulatedBroker(), HandClock()
    fleet = Fleet(broker, clock)
    fleet.join()
    device = kind(fleet, broker, clock, "keypad")
    device.folder = tmp / "outbox"
    unit = Unit(tmp, device, fleet, component)
    unit.start()
    course.prepare(unit)
    return unit


def uncut(tmp: Path, component: str, course: Course, kind: type[OnMemory]) -> tuple[Unit, Counting]:
    unit = made(tmp, component, course, kind)
    counting = Counting()
    unit.step = counting
    course.begin(unit)
    unit.run()
    assert unit.is_done
    unit.assert_whole(course.ends)
    return unit, counting


def cut(unit: Unit, course: Course, at: int) -> bool:
    """False: it was over before."""
    unit.step = Counting(at)
    try:
        course.begin(unit)
        unit.run()
    except PowerCut:
        unit.device.kill()
        unit.step = lambda _: None
        return True
    return False


def come_back(unit: Unit) -> None:
    """The first start after the cut, and those that a crash brings."""
    unit.restart()
    unit.repeat()
    unit.run()


def cuts(
    tmp: Path, component: str, course: Course, count: int, kind: type[OnMemory]
) -> Iterator[tuple[int, Unit]]:
    for at in range(1, count + 1):
        unit = made(tmp / f"cut-{at}", component, course, kind)
        assert cut(unit, course, at)
        yield at, unit


@pytest.mark.parametrize(("component", "name"), CASES)
def test_after_a_cut_at_any_step_it_is_whole_old_or_new_and_ends_alike(
    tmp_path: Path, component: str, name: str
) -> None:
    all_cuts(tmp_path, component, COURSES[name], OnMemory)


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: SQLite waits for the disk at each of thousands of commits."""
    memory = Path("/dev/shm")  # noqa: S108  # a folder of its own is made there
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory, prefix="hallward-") as name:
        yield Path(name)


@pytest.mark.parametrize("component", ["firmware", "models"])
def test_the_same_over_the_outbox_that_a_device_has(quick: Path, component: str) -> None:
    """What SQLite makes durable is its own promise; that we keep to its transactions is ours."""
    all_cuts(quick, component, COURSES["install"], OnSqlite)


def all_cuts(tmp_path: Path, component: str, course: Course, kind: type[OnMemory]) -> None:
    reference, counting = uncut(tmp_path / "uncut", component, course, kind)
    bricked, half = 0, 0
    for at, unit in cuts(tmp_path, component, course, counting.count, kind):
        unit.assert_whole(*course.allowed)
        try:
            come_back(unit)
        except Crash:
            bricked += 1
            continue
        assert unit.is_done, f"cut {at} before {counting.names[at - 1]}"
        unit.assert_whole(course.ends)
        assert unit.said == reference.said, f"cut {at} before {counting.names[at - 1]}"
        half += (unit.update / "launch.json").exists()
    assert (bricked, half) == (0, 0)
    assert counting.count >= least(component, course)
    what = f"{component} {course.name} {kind.__name__}"
    sys.stdout.write(
        f"\n{what}: cut at each of {counting.count} steps: {bricked} bricked, {half} half-installed\n"
    )


def least(component: str, course: Course) -> int:
    """So many there must be, by what an update is made of: an enumeration that lost some would go unnoticed.

    Each change of state is one transaction of three steps; a whole update unpacks each file and the index,
    fills a slot in two steps and renames one link in three, and arms the launcher in three.
    """
    from edge.device.update import UNDECIDED
    from tests.edge.device.updating.unit import FILES

    staged = len(FILES[component]) + 2
    transactions = {"refused": 6, "disagrees": 7, "back": 3}.get(course.name, len(UNDECIDED) + 2)
    switches = {"refused": 0, "disagrees": 0, "back": 1, "unwell": 2, "crashes": 2}.get(course.name, 1)
    return 3 * transactions + (0 if course.name == "back" else staged) + 3 * switches
