"""Follows a rollout for the devices that balena carries: looks at both sides, does what following.py says.

A round looks at the hall first, pins fifty devices at most, and looks again: whoever pauses, aborts or opens
a sitting is heard before the next fifty.
"""

from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol
from urllib.parse import quote

from provisioning.backends import following
from provisioning.backends.errors import (
    BackendError,
    BadAnswer,
    DeviceOffline,
    NoSuchRelease,
    RateLimited,
    Unreachable,
    UpdateLocked,
)
from provisioning.backends.following import Act, Course, Frozen, Pin, Report, Sight
from provisioning.backends.ports import FleetBackend, UnitState
from provisioning.errors import ConfigError, FleetRefused
from wire.ids import DeviceId

BATCH: Final = 50
"""Devices pinned in one call."""
ASKED_MAX: Final = 5
"""Supervisors asked in one round: each is a call through balena to the device."""
ASKED_AFTER_MS: Final = 60_000
EVERY_S: Final = 10.0
PAUSE_S_MAX: Final = 600.0
OVER: Final = ("done", "aborted")
AT_WORK: Final = ("ordered", "working", "returning", "committed")
_ORDER: Final = (Act.HOLD, Act.BACK, Act.INSTALL)
_MEANWHILE: Final = ("other-generation", "wrong-state", "not-followed")
"""The fleet moved on between our look and our word: the next round sees it."""


class Calls(Protocol):
    """The hall's fleet, signed in. Raises FleetRefused."""

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any: ...


@dataclass(frozen=True, slots=True)
class Means:
    """connect: a backend that knows nothing yet. now_ms: Unix ms. say: one line for people."""

    connect: Callable[[], FleetBackend]
    now_ms: Callable[[], int]
    sleep: Callable[[float], None]
    say: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Look:
    """What the hall says now."""

    state: str
    words: str
    courses: tuple[Course, ...]
    frozen: Frozen


class Follower:
    """One rollout, one fleet of balena."""

    def __init__(self, hall: Calls, means: Means, rollout: str) -> None:
        self._hall = hall
        self._means = means
        self._rollout = rollout
        self._backend = means.connect()
        self._target: str | None = None
        self._before: dict[DeviceId, str] | None = None
        self._tags: dict[DeviceId, str] = {}
        self._gone: set[str] = set()
        self._gave_up: set[tuple[DeviceId, int]] = set()
        self._asked: deque[DeviceId] = deque()
        self._settled: _Look | None = None
        self._last_line = ""

    def follow(self, every_s: float = EVERY_S) -> str:
        """Until the rollout is over: its last state. What passes by itself is said and waited for; raises
        ConfigError, FleetRefused and BackendError for what does not."""
        pause_s = every_s
        while True:
            try:
                state, is_still = self.round()
                pause_s = every_s
            except (BackendError, FleetRefused) as err:
                if not _passes(err):
                    raise
                self._say(f"{err.what}; it goes on by itself")
                self._backend = self._means.connect()
                asked_s = err.retry_after_s or 0.0 if isinstance(err, RateLimited) else 0.0
                pause_s = max(asked_s, min(2 * pause_s, PAUSE_S_MAX))
            else:
                if state in OVER and is_still:
                    return state
            self._means.sleep(pause_s)

    def round(self) -> tuple[str, bool]:
        """(state of the rollout, whether there was nothing to do). May be repeated."""
        look = self._look()
        if look == self._settled or not look.courses:
            self._say_where(look, {})
            return look.state, True
        units = self._units(look)
        pinned = 0
        while batch := self._batch(look, units):
            self._pin(batch, units)
            pinned += len(batch)
            look = self._look()
        told = self._tell(look, units)
        is_still = not pinned and not told
        has_work = any(course.state in AT_WORK for course in look.courses)
        self._settled = look if is_still and not has_work else None
        self._say_where(look, units)
        return look.state, is_still

    # -- looks ----------------------------------------------------------------------------------------------

    def _look(self) -> _Look:
        path = f"/api/rollouts/{quote(self._rollout, safe='')}"
        rollout = self._hall.call("GET", path)
        frozen = following.frozen_of(self._hall.call("GET", "/api/freeze"), self._means.now_ms())
        courses = following.courses_of(self._hall.call("GET", f"{path}/devices"))
        try:
            state, words = str(rollout["state"]), str(rollout["words"])
            component, version = str(rollout["component"]), str(rollout["version"])
        except (TypeError, KeyError):
            raise BadAnswer("the address does not answer as our fleet does: check --hall") from None
        if component != "firmware":
            raise ConfigError(
                f"{self._rollout} is of {component}: balena carries programs alone, rollouts of firmware; "
                "let these devices fetch it from the hall (their backend: native)"
            )
        if self._target is None:
            self._target = self._named(version)
        return _Look(state, words, tuple(courses), frozen)

    def _named(self, version: str) -> str:
        """The release's full name; nobody is pinned."""
        try:
            commit = self._backend.pin_to_release(version, [])
        except NoSuchRelease as err:
            raise NoSuchRelease(
                f"{err.what}. A rollout is followed to the release whose version, or commit, is the version "
                "that the officers signed"
            ) from err
        if commit is None:
            raise BadAnswer("balena names no release: check --host")
        return commit

    def _units(self, look: _Look) -> dict[DeviceId, UnitState]:
        """Those that both sides know, each name once."""
        states = self._backend.states()
        count = Counter(state.device for state in states)
        wanted = {course.device for course in look.courses}
        units = {
            state.device: state for state in states if state.device in wanted and count[state.device] == 1
        }
        if self._before is None and units:
            tags = self._backend.tags()
            self._tags = {
                device: of[following.BEFORE_TAG] for device, of in tags.items() if following.BEFORE_TAG in of
            }
            self._before = following.before_of(self._rollout, tags)
        return units

    def _sight(self, look: _Look) -> Sight:
        before = {d: commit for d, commit in (self._before or {}).items() if commit not in self._gone}
        return Sight(self._target or "", look.frozen, before, self._means.now_ms())

    # -- acts -----------------------------------------------------------------------------------------------

    def _decisions(self, look: _Look, units: Mapping[DeviceId, UnitState]) -> list[Pin | Report]:
        sight = self._sight(look)
        found = (
            following.decide(course, units[course.device], sight)
            for course in look.courses
            if course.device in units
        )
        return [one for one in found if one is not None]

    def _batch(self, look: _Look, units: Mapping[DeviceId, UnitState]) -> list[Pin]:
        """The most urgent that go in one call."""
        pins = [one for one in self._decisions(look, units) if isinstance(one, Pin)]
        pins = [one for one in pins if one.commit not in self._gone]
        if not pins:
            return []
        first = min(pins, key=lambda pin: _ORDER.index(pin.act))
        return [pin for pin in pins if (pin.act, pin.commit) == (first.act, first.commit)][:BATCH]

    def _pin(self, batch: Sequence[Pin], units: dict[DeviceId, UnitState]) -> None:
        act, commit = batch[0].act, batch[0].commit
        devices = [pin.device for pin in batch]
        if act is Act.INSTALL:
            self._write_down(devices, units)
        try:
            self._backend.pin_to_release(commit, devices)
        except NoSuchRelease as err:
            if act is Act.INSTALL:
                raise
            self._gone.add(commit)
            self._means.say(f"{err.what}: {len(devices)} devices cannot be pinned to it")
            return
        for device in devices:
            units[device] = replace(units[device], pinned=commit)
        self._means.say(f"{act}: {len(devices)} devices pinned to {commit[:12]}")

    def _write_down(self, devices: Sequence[DeviceId], units: Mapping[DeviceId, UnitState]) -> None:
        """What runs, before it is replaced."""
        runs = {device: units[device].release for device in devices}
        values = {
            device: following.tag_of(self._rollout, release)
            for device, release in runs.items()
            if release is not None and release != self._target
        }
        new = {device: value for device, value in values.items() if self._tags.get(device) != value}
        if new:
            self._backend.set_tags(following.BEFORE_TAG, new)
        self._tags |= new
        self._before = (self._before or {}) | {device: runs[device] or "" for device in values}

    def _tell(self, look: _Look, units: Mapping[DeviceId, UnitState]) -> int:
        """How much the hall was told."""
        reports = [one for one in self._decisions(look, units) if isinstance(one, Report)]
        told = {report.device for report in reports}
        reports += self._supervisors(
            [course for course in look.courses if course.device in units and course.device not in told], units
        )
        for report in reports:
            path = f"/api/rollouts/{quote(self._rollout, safe='')}/devices/{quote(report.device, safe='')}"
            try:
                self._hall.call("POST", path, report.body())
            except FleetRefused as err:
                if err.reason not in _MEANWHILE:
                    raise
        return len(reports)

    def _supervisors(self, courses: Sequence[Course], units: Mapping[DeviceId, UnitState]) -> list[Report]:
        """Of those that take their time, a few in each round, in turn. One that failed is asked once more:
        its supervisor may have tried again."""
        late_ms = self._means.now_ms() - ASKED_AFTER_MS
        slow = {
            course.device: course
            for course in courses
            if course.state == "working"
            and (course.ordered_ms or 0) <= late_ms
            and units[course.device].online
            and units[course.device].release != self._target
        }
        self._asked.extend(device for device in slow if device not in self._asked)
        found = []
        for _ in range(min(ASKED_MAX, len(self._asked))):
            device = self._asked.popleft()
            if device in slow and (report := self._supervisor(slow[device], units[device])) is not None:
                found.append(report)
        return found

    def _supervisor(self, course: Course, unit: UnitState) -> Report | None:
        key = (course.device, course.generation)
        try:
            report = following.asked(course, unit, self._backend.supervisor(course.device))
        except UpdateLocked:
            self._means.say(f"{course.device} holds its update lock: it is waited for")
            return None
        except DeviceOffline:
            return None
        if report is None:
            self._gave_up.discard(key)
            return None
        if key in self._gave_up:
            return report
        self._gave_up.add(key)
        return None

    # -- words ----------------------------------------------------------------------------------------------

    def _say_where(self, look: _Look, units: Mapping[DeviceId, UnitState]) -> None:
        count = Counter(course.state for course in look.courses)
        states = ", ".join(f"{number} {state}" for state, number in sorted(count.items()))
        states = states or "no device of it is under balena"
        held = f"; sitting {look.frozen.sitting} is open, nothing is changed" if look.frozen.sitting else ""
        elsewhere = len(look.courses) - len(units) if units else 0
        other = f"; {elsewhere} are in no fleet that is followed here" if elsewhere else ""
        begins = "; start it, then this goes on" if look.state == "draft" else ""
        self._say(f"{self._rollout} is {look.state}: {states}{other}{held}{begins}")

    def _say(self, line: str) -> None:
        if line != self._last_line:
            self._last_line = line
            self._means.say(line)


def _passes(err: BackendError | FleetRefused) -> bool:
    """By itself, or by somebody's hand at the other end."""
    if isinstance(err, FleetRefused):
        return err.status in (0, 429) or err.status >= 500
    return isinstance(err, RateLimited | Unreachable | BadAnswer)
