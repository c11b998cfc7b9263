"""Thousands of keypads updated over one modelled Wi-Fi (bench/wifi.py): by the fleet's own planner, and all
at once. And a bad release: how long from the failure that was one too many to the stop.

The planner is the real one (fleet/rollout/rules), asked each half second as the fleet's executor asks it;
devices are modelled, with the steps and waits of a keypad.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from bench.rows import Row, at_most, percentile, told
from bench.wifi import Air, Assumptions, Downloads
from fleet.rollout.rules import sprt, verbs
from fleet.rollout.rules.advance import advance
from fleet.rollout.rules.causes import common_factor
from fleet.rollout.rules.shape import (
    Backend,
    Course,
    Decision,
    Device,
    DeviceState,
    GateRules,
    Given,
    Observation,
    Plan,
    RolloutState,
    Standing,
    Target,
    Wave,
)
from fleet.rollout.rules.waves import assign
from wire.ids import DeviceId, HallId
from wire.updates import About, Held

TICK_S: Final = 0.5
"""Of the fleet's executor."""
SEATS_A_ROW: Final = 40
FULL_BYTES: Final = 12_000_000
DELTA_BYTES: Final = 1_000_000
NO_DELTA_SHARE: Final = 10
"""One in so many holds a version that no delta pays for."""
STEPS_S: Final = (("compares hashes", 4.0), ("tests itself", 10.0), ("restarts", 25.0), ("is on trial", 20.0))
"""After the fetch, of a keypad on a Pi Zero 2 W; alike in every night."""
HEARD_EVERY_S: Final = 30
WORD_S: Final = 0.5
"""From a device's word to the fleet's tables."""
OFF: Final = 7
"""Keypads that lie switched off in a drawer all night."""
ABORT_BUDGET_S: Final = 5.0
NIGHT_S: Final = 8 * 3600
OLD, NEW = Held(bytes(32), 1), Held(bytes([1]) * 32, 2)


def place_of(number: int, keypads: int, access_points: int) -> int:
    """The access point of a keypad: neighbouring rows share one."""
    rows = -(-keypads // SEATS_A_ROW)
    return number // SEATS_A_ROW * access_points // rows


def planned_for(keypads: int, access_points: int) -> Plan:
    """The plan that is measured: one of each row, a quarter, the rest; slots behind each access point."""
    behind: dict[str, tuple[str, ...]] = {}
    for number in range(0, keypads, SEATS_A_ROW):
        place = f"ap-{place_of(number, keypads, access_points)}"
        behind[place] = (*behind.get(place, ()), f"r{number // SEATS_A_ROW}")
    waves = (Wave("canary", per_row=1), Wave("a quarter", percent=25), Wave("the rest"))
    return Plan(waves, behind, 6, 500, None, GateRules(soak_s=120, deadline_s=900))


@dataclass(slots=True)
class Night:
    """What came of it. done_s: when each keypad had it; sent: bytes over the air."""

    name: str
    done_s: list[float] = field(default_factory=list)
    sent: float = 0.0
    retries: int = 0
    busiest: int = 0
    took_s: float = 0.0


def all_at_once(air: Air, name: str, resumes: bool, length: Callable[[int], int]) -> Night:
    """Everybody is told at the same moment, and tries until it is there or the night is over."""
    night, downloads, now_s = Night(name), Downloads(air, resumes), 0.0
    for client in range(OFF, air.clients):
        downloads.begin(client, length(client), 0.0)
    after_s = sum(seconds for _, seconds in STEPS_S)
    while not downloads.is_idle and now_s < NIGHT_S:
        now_s += TICK_S
        night.done_s += [now_s + after_s] * len(downloads.step(now_s, TICK_S))
    return _counted(night, downloads)


def _counted(night: Night, downloads: Downloads) -> Night:
    night.sent, night.retries, night.busiest = downloads.bytes_sent, downloads.retries, downloads.busiest
    return night


def full(_: int) -> int:
    return FULL_BYTES


def delta_if_it_pays(client: int) -> int:
    return FULL_BYTES if client % NO_DELTA_SHARE == 0 else DELTA_BYTES


class PlannedNight:
    """The real planner over modelled keypads. is_bad: of a client that the release does not work on."""

    def __init__(self, air: Air, plan: Plan, is_bad: Callable[[int], bool] = lambda _: False) -> None:
        self._plan, self._is_bad = plan, is_bad
        self._downloads = Downloads(air, resumes=True)
        self._names = [DeviceId(f"keypad-{n:04}") for n in range(air.clients)]
        self._number = {name: n for n, name in enumerate(self._names)}
        self._target = Target(
            "firmware/night", FULL_BYTES, NEW.sha256, About("firmware", "2", 2, 0, ("k",), {}, "", None, {})
        )
        devices = [self._device(n) for n in range(air.clients)]
        planned, _ = assign(plan, "night", devices, each_ms=2_000)
        self.courses = {one.device: Course(one, DeviceState.WAITING) for one in planned}
        self.seen = {one.device: self._unheard(one) for one in devices}
        self._standing = verbs.start(Standing(RolloutState.DRAFT)).standing
        self._orders: dict[int, Given] = {}
        self._later: dict[int, list[Callable[[], None]]] = {}
        self._tick = 0
        self.night = Night("planned waves and slots, resumed, delta where it pays")
        self.words = ""
        self.touched: set[int] = set()
        self.stopped_s = self.last_order_s = self.over_the_line_s = self.all_back_s = 0.0
        self.slowest_advance_s = 0.0

    def _device(self, number: int) -> Device:
        row = f"r{number // SEATS_A_ROW}"
        name, held = self._names[number], {"firmware": OLD}
        return Device(name, "keypad", HallId("hall"), row, "", Backend.NATIVE, True, 0, "k", "", held)

    def _unheard(self, device: Device) -> Observation:
        number = self._number[device.device]
        facts = {"row": device.row, "panel": "v2" if self._is_bad(number) else "v1", "hardware": "zero2w"}
        return Observation(device.device, None, OLD, facts=facts)

    @property
    def now_s(self) -> float:
        return self._tick * TICK_S

    def run(self) -> "PlannedNight":
        while self.now_s < NIGHT_S:
            self._hear()
            began_s = time.perf_counter()
            decision = self._decide()
            self.slowest_advance_s = max(self.slowest_advance_s, time.perf_counter() - began_s)
            self.night.took_s += time.perf_counter() - began_s
            self._carry_out(decision)
            if decision.standing.state in (RolloutState.DONE, RolloutState.ABORTED):
                break
            self._tick += 1
            for work in self._later.pop(self._tick, ()):
                work()
            for client in self._downloads.step(self.now_s, TICK_S):
                self._fetched(int(client))
        _counted(self.night, self._downloads)
        return self

    def _hear(self) -> None:
        """Signs of life, spread over their period."""
        period = int(HEARD_EVERY_S / TICK_S)
        for number in range(OFF + self._tick % period, len(self._names), period):
            self._word(number)

    def _word(self, number: int, **changes: object) -> None:
        name, now_ms = self._names[number], int(self.now_s * 1000)
        self.seen[name] = replace(self.seen[name], seen_ms=now_ms, **changes)  # type: ignore[arg-type]

    def _decide(self) -> Decision:
        standing = replace(self._standing, next_generation=self._standing.generation + 1)
        courses, now_ms = list(self.courses.values()), int(self.now_s * 1000)
        return advance(self._plan, self._target, standing, courses, self.seen, now_ms, 0)

    def _carry_out(self, decision: Decision) -> None:
        if decision.standing.state is RolloutState.ABORTING and not self.stopped_s:
            self.stopped_s, self.words = self.now_s, decision.words.en
        self._standing = decision.standing
        self.courses.update({one.planned.device: one for one in decision.courses})
        for order in decision.orders:
            number = self._number[order.device]
            self._orders[number] = order
            if order.act == "install":
                self.touched.add(number)
                self.last_order_s = self.now_s
            self._at(WORD_S, partial(self._obey, number, order))
        if decision.standing.state is RolloutState.ABORTED:
            self.all_back_s = self.now_s

    def _at(self, after_s: float, work: Callable[[], None]) -> None:
        self._later.setdefault(self._tick + max(1, round(after_s / TICK_S)), []).append(work)

    # -- a keypad --------------------------------------------------------------------------------------------

    def _obey(self, number: int, order: Given) -> None:
        if number < OFF or self._orders.get(number) is not order:
            return
        if order.act == "install":
            self._downloads.begin(number, delta_if_it_pays(number), self.now_s)
            self._at(WORD_S, lambda: self._word(number, status="applying: fetches"))
        else:
            self._downloads.stop(number)
            back_s = WORD_S if self.seen[self._names[number]].held is OLD else 30.0
            self._at(back_s, lambda: self._ends(number, order, "returned", "withdrawn", OLD))

    def _fetched(self, number: int) -> None:
        order, after_s = self._orders[number], WORD_S
        for does, seconds in STEPS_S:
            self._at(after_s, partial(self._does, number, order, does))
            after_s += seconds
        if self._is_bad(number):
            self._at(after_s, lambda: self._ends(number, order, "returned", "trial-unwell", OLD))
        else:
            self._at(after_s, lambda: self._ends(number, order, "committed", "", NEW))

    def _does(self, number: int, order: Given, does: str) -> None:
        if self._orders[number] is order:
            self._word(number, status=f"applying: {does}")

    def _ends(self, number: int, order: Given, step: str, cause: str, held: Held) -> None:
        if self._orders[number] is not order:
            return
        self._word(number, status="ok", step=step, cause=cause, held=held, generation=order.generation)
        if step == "committed":
            self.night.done_s.append(self.now_s)
        elif cause == "trial-unwell" and not self.over_the_line_s and self._is_over_the_line():
            self.over_the_line_s = self.now_s - WORD_S  # when the keypad itself knew

    def _is_over_the_line(self) -> bool:
        """Reckoned beside the planner, from what the keypads know: one failure more than the test bears."""
        failed: Counter[int] = Counter()
        begun: Counter[int] = Counter()
        for name, course in self.courses.items():
            if course.generation:
                has_fallen = self.seen[name].cause == "trial-unwell"
                failed[course.planned.wave] += has_fallen
                begun[course.planned.wave] += not has_fallen
        bounds = sprt.limits(self._plan.gate)
        ratios = (n * bounds.failure + begun[wave] * bounds.success for wave, n in failed.items())
        return any(ratio >= bounds.stop for ratio in ratios)


# -- the bench ---------------------------------------------------------------------------------------------


def measure(keypads: int, seed: int = 7) -> list[Row]:
    """keypads: at least 80. Prints assumptions and curves; the rows are of the same run."""
    access_points = Assumptions().access_points
    air = Air([place_of(n, keypads, access_points) for n in range(keypads)], seed)
    plan = planned_for(keypads, access_points)
    good = PlannedNight(air, plan).run()
    nights = [
        good.night,
        all_at_once(air, "all at once, full, from the start after each break", False, full),
        all_at_once(air, "all at once, but resumed, and delta where it pays", True, delta_if_it_pays),
    ]
    bad = PlannedNight(air, plan, lambda n: n * 7919 % 10 < 3).run()
    print("\n".join(_said(air, nights, bad)))
    head = f"{keypads} keypads"
    rows = [row for night in nights for row in _rows(head, night, keypads - OFF)]
    rows.append(told(f"{head}: planner, slowest of its steps", good.slowest_advance_s * 1000, "ms"))
    reacted_s = max(bad.stopped_s, bad.last_order_s) - bad.over_the_line_s
    if not bad.stopped_s or not bad.over_the_line_s:
        reacted_s = NIGHT_S
    return [
        *rows,
        at_most(
            f"{head}: bad release, one failure too many to stopped and last order",
            reacted_s,
            "s",
            ABORT_BUDGET_S,
        ),
        told(f"{head}: bad release, from its start to the stop", bad.stopped_s, "s"),
        told(f"{head}: bad release, keypads that were ordered to take it", len(bad.touched), ""),
        told(
            f"{head}: bad release, from the stop until everybody is back", bad.all_back_s - bad.stopped_s, "s"
        ),
    ]


def _rows(head: str, night: Night, count: int) -> list[Row]:
    rows = [told(f"{head}, {night.name}: bytes over the air", night.sent / 1e6, "MB")]
    rows.append(told(f"{head}, {night.name}: broken and tried again", night.retries, ""))
    for percent in (50, 95, 100):
        reached_s = _reached_s(night, count, percent)
        if reached_s is not None:
            rows.append(told(f"{head}, {night.name}: {percent} % have it", reached_s, "s"))
    if len(night.done_s) < count:
        rows.append(
            told(f"{head}, {night.name}: had it in the morning", 100 * len(night.done_s) / count, "%")
        )
    return rows


def _reached_s(night: Night, count: int, percent: int) -> float | None:
    """When so many percent of those that are on had it; None: not in this night."""
    padded = night.done_s + [float("inf")] * (count - len(night.done_s))
    reached_s = percentile(padded, percent)
    return None if reached_s == float("inf") else reached_s


def _said(air: Air, nights: Sequence[Night], bad: PlannedNight) -> list[str]:
    lines = [f"assumed, of {air.clients} keypads on the same air in every night ({OFF} are off all night):"]
    lines += air.assumed.words()
    lines.append(
        f"  release {FULL_BYTES / 1e6:g} MB, delta {DELTA_BYTES / 1e6:g} MB for all but one in "
        f"{NO_DELTA_SHARE}; every download is from the hall's own server"
    )
    lines.append("  after it: " + ", ".join(f"{does} {seconds:g} s" for does, seconds in STEPS_S))
    for night in nights:
        lines += [
            "",
            f"{night.name} (at most {night.busiest} fetch at a time behind one access point)",
            *curve(night, air.clients),
        ]
    factor = common_factor(list(bad.courses.values()), bad.seen, planned_for(air.clients, 1))
    return [*lines, "", f"bad release: {bad.words}", f"  {factor.en}", ""]


def curve(night: Night, clients: int, columns: int = 60) -> list[str]:
    """Share that has it over time, a line for each twelfth of the time that it took."""
    last_s = max(night.done_s, default=0.0)
    lines = []
    for part in range(1, 13):
        until_s = last_s * part / 12
        done = sum(at_s <= until_s for at_s in night.done_s)
        bar = "█" * round(columns * done / clients)
        lines.append(f"  {until_s / 60:7.1f} min {100 * done / clients:5.1f} % {bar}".rstrip())
    return lines
