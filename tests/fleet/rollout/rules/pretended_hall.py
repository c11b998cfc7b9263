"""A hall of devices that obey orders as a device does (edge/device/update.py), for tests of the rollout's
rules, and an executor that does nothing but what the rules decide."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from fleet.rollout.rules import verbs
from fleet.rollout.rules.advance import advance
from fleet.rollout.rules.shape import (
    Backend,
    Course,
    Decision,
    Device,
    DeviceState,
    Freeze,
    Given,
    Observation,
    Plan,
    RolloutState,
    Standing,
    Target,
)
from fleet.rollout.rules.slots import DAY_MIN, access_point_of, is_open
from fleet.rollout.rules.waves import assign
from wire.ids import DeviceId, HallId
from wire.updates import About, Held

HALL: Final = HallId("hall")
OLD: Final = Held(hashlib.sha256(b"old").digest(), 1)
NEW: Final = Held(hashlib.sha256(b"new").digest(), 2)
BEGAN_MS: Final = 1_800_000_000_000 // 86_400_000 * 86_400_000
"""A midnight."""


def target(component: str = "firmware", **changes: object) -> Target:
    about = About(component, "2.0", 2, 0, ("keypad-zero2w",), {}, "", None, {})
    return Target(f"{component}/two", 1_000_000, NEW.sha256, replace(about, **changes))  # type: ignore[arg-type]


def device(name: str, row: str = "A", **changes: object) -> Device:
    made = Device(
        DeviceId(name),
        "keypad",
        HALL,
        row,
        "1",
        Backend.NATIVE,
        True,
        BEGAN_MS,
        "keypad-zero2w",
        "",
        {"firmware": OLD},
    )
    return replace(made, **changes)  # type: ignore[arg-type]


@dataclass(slots=True)
class Unit:
    """fate: `well`, `refuses` (for `cause`), `unwell` (goes back by itself), `slow` (never done), `hot`
    (commits with bad readings), `unseen` (commits, and nobody walked by), `liar` (says under an old
    generation that it committed, and does nothing), `boasts` (says so under its own, and keeps the old one),
    `stuck` (takes it, and does not go back), `pretends` (the same, and says that it went back)."""

    device: Device
    fate: str = "well"
    facts: Mapping[str, str] = field(default_factory=dict)
    is_on: bool = True
    seen_ms: int | None = None
    held: Held = OLD
    twin: Given | None = None
    taken: Given | None = None
    phase: str = "idle"
    left_ms: int = 0
    said: tuple[int, str, str] | None = None
    readings: dict[str, int] = field(default_factory=dict)
    status: str = "ok"
    cause: str = "self-test"

    def observation(self) -> Observation:
        generation, step, cause = self.said or (None, None, "")
        facts = {"row": self.device.row, **self.facts}
        return Observation(
            self.device.device,
            self.seen_ms,
            self.held,
            step,
            cause,
            self.status,
            self.readings,
            facts,
            generation,
        )

    def pass_time(self, now_ms: int, passed_ms: int, is_frozen: bool) -> None:
        if not self.is_on:
            return
        self.seen_ms = now_ms
        if self.twin is not None and self.twin != self.taken:
            self._take(self.twin)
        if self.phase == "idle" or is_frozen or self.taken is None or self.taken.act == "hold":
            return
        if self.phase == "fetch" and now_ms > self.taken.not_after_ms:
            self._end("refused", "late")
            return
        self.left_ms -= passed_ms
        if self.left_ms <= 0 and self.fate != "slow":
            self._next()

    def _take(self, given: Given) -> None:
        self.taken = given
        if given.act == "hold":
            return
        if self.fate == "liar":
            self.said = (
                max(0, given.generation - 1),
                "committed" if given.act == "install" else "returned",
                "",
            )
            if given.act == "back":
                self._end("returned", "")
        elif given.act == "back" and self.fate == "stuck":
            self._end("refused", "older")
        elif given.act == "back" and self.fate == "pretends":
            self._end("returned", "withdrawn")
        elif given.act == "back":
            self.held = OLD
            self._end("returned", "withdrawn")
        elif self.held == NEW:
            self._end("committed", "")
        elif self.phase == "idle":
            self.phase, self.left_ms, self.status = "fetch", 20_000, "applying: fetches"

    def _next(self) -> None:
        if self.phase == "fetch":
            self.phase, self.left_ms, self.status = "test", 20_000, "applying: tests itself"
        elif self.fate == "refuses":
            self._end("refused", self.cause)
        elif self.fate == "unwell":
            self._end("returned", "trial-crashed")
        elif self.fate == "boasts":
            self._end("committed", "")
        else:
            if self.fate == "hot":
                self.readings = {"temperature-rise-mc": 25_000}
            self.readings = {"frames": 3, "agree-ppm": 1_000_000} if self.fate == "unseen" else self.readings
            self.held = NEW
            self._end("committed", "")

    def _end(self, step: str, cause: str) -> None:
        assert self.taken is not None
        self.said, self.phase = (self.taken.generation, step, cause), "idle"
        self.status = "ok" if step != "refused" else f"rejected: {cause}"


class Hall:
    """units and the rollout's rows, in step. Broken promises are asserted as orders are given."""

    def __init__(self, plan: Plan, units: Iterable[Unit], name: str = "night") -> None:
        self.plan, self.target = plan, target()
        self.units = {unit.device.device: unit for unit in units}
        planned, _ = assign(plan, name, [unit.device for unit in self.units.values()])
        self.courses = {one.device: Course(one, DeviceState.WAITING) for one in planned}
        self.standing, self.words = Standing(RolloutState.DRAFT), ""
        self.now_ms, self.freeze = BEGAN_MS, Freeze()
        self.given: list[Given] = []
        self.came_back_with_an_order: set[DeviceId] = set()
        for unit in self.units.values():
            unit.seen_ms = self.now_ms if unit.is_on else None

    # -- the executor ----------------------------------------------------------------------------------------

    @property
    def local_min(self) -> int:
        return self.now_ms // 60_000 % DAY_MIN

    def observations(self) -> dict[DeviceId, Observation]:
        return {device: unit.observation() for device, unit in self.units.items()}

    def decide(self) -> Decision:
        return advance(
            self.plan,
            self.target,
            replace(self.standing, next_generation=self.standing.generation + 1),
            list(self.courses.values()),
            self.observations(),
            self.now_ms,
            self.local_min,
            self.freeze,
        )

    def tick(self) -> Decision:
        before = self.standing.state
        decision = self.decide()
        assert self.decide() == decision, "the same input, another decision"
        self._check(decision, before)
        self.carry_out(decision)
        again = self.decide()
        assert not {(one.device, one.act) for one in again.orders} & {
            (one.device, one.act) for one in decision.orders
        }, "a second order for what was decided"
        return decision

    def carry_out(self, decision: Decision) -> None:
        self.standing, self.words = decision.standing, decision.words.en
        assert bool(decision.words.vi) == bool(decision.words.en)
        self.courses.update({one.planned.device: one for one in decision.courses})
        for order in decision.orders:
            self.given.append(order)
            self.units[order.device].twin = order

    def start(self) -> None:
        self.carry_out(verbs.start(replace(self.standing, next_generation=self.standing.generation + 1)))

    def resume(self) -> None:
        standing = replace(self.standing, next_generation=self.standing.generation + 1)
        self.carry_out(verbs.resume(standing, list(self.courses.values()), self.now_ms))

    def _check(self, decision: Decision, before: RolloutState) -> None:
        for order in decision.orders:
            assert before in (RolloutState.RUNNING, RolloutState.ABORTING)
            assert not self.freeze.sitting or order.device in self.freeze.overridden
            if order.act == "install":
                assert decision.standing.state is RolloutState.RUNNING
                assert is_open(self.plan.window, self.local_min)
                assert order.not_after_ms > self.now_ms
                assert is_open(self.plan.window, (order.not_after_ms - 1) // 60_000 % DAY_MIN)
                assert self.courses[order.device].generation < order.generation

    # -- the world -------------------------------------------------------------------------------------------

    def pass_time(self, passed_ms: int) -> None:
        self.now_ms += passed_ms
        for name, unit in self.units.items():
            unit.pass_time(
                self.now_ms, passed_ms, bool(self.freeze.sitting) and name not in self.freeze.overridden
            )
        over = {place: n for place, n in self.fetching().items() if n > self.plan.per_access_point}
        assert not over, f"too many fetch at once: {over}"

    def fetching(self) -> Counter[str]:
        """By access point; those not counted that came back after a freeze with an order from before it."""
        return Counter(
            access_point_of(self.plan, unit.device.row)
            for name, unit in self.units.items()
            if unit.is_on
            and unit.phase == "fetch"
            and unit.taken is not None
            and unit.taken.act == "install"
            and name not in self.came_back_with_an_order
        )

    def freeze_now(self, *overridden: DeviceId) -> None:
        self.freeze = Freeze("morning", frozenset(overridden))

    def thaw(self) -> None:
        self.freeze = Freeze()
        self.came_back_with_an_order |= {name for name, unit in self.units.items() if not unit.is_on}

    def run(self, seconds: int, step_ms: int = 5_000) -> None:
        """Until it has ended, or for so long. Shut hours pass at once."""
        until_ms = self.now_ms + seconds * 1000
        while self.now_ms < until_ms:
            self.tick()
            if self.standing.state in (RolloutState.DONE, RolloutState.ABORTED, RolloutState.PAUSED):
                return
            self.pass_on(step_ms)

    def pass_on(self, step_ms: int) -> None:
        """So much time; outside of the window, all until it opens."""
        self.pass_time(step_ms)
        window = self.plan.window
        if window is not None and not is_open(window, self.local_min):
            self.tick()
            self.pass_time((window.begins_min - self.local_min) % DAY_MIN * 60_000 - self.now_ms % 60_000)

    def states(self) -> Counter[str]:
        return Counter(str(one.state) for one in self.courses.values())

    def on_new(self) -> set[DeviceId]:
        return {name for name, unit in self.units.items() if unit.held == NEW}
