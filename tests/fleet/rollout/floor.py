"""A hall whose devices obey orders as the test lets them: they read their twin, and say in births and records
what came of it."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlalchemy import delete, func, insert, select

from fleet.db import writing
from fleet.devices.rules import UPDATE, twin_of
from fleet.rollout.execute import Executor
from fleet.rollout.rules.shape import Target
from fleet.tables import births, devices, health, places, twins, update_outcomes
from tests.fleet.hall_under_test import HallUnderTest, ok
from wire.updates import About, Held, Order, parse_order

OLD = Held(hashlib.sha256(b"old").digest(), 3)
QUICK = {"gate": {"soak_s": 0, "deadline_s": 60}, "spacing_ms": 0, "per_access_point": 1000}
"""Nothing to wait for."""


def target(path: str = "firmware/keypad-4", *, counter: int = 4, **changed: Any) -> Target:
    fields = {
        "component": path.partition("/")[0],
        "version": f"{counter}.0",
        "counter": counter,
        "minimum": 0,
        "hardware": ("keypad-zero2w",),
        "requires": {},
        "environment": "",
        "embedder": None,
        "measured": {},
    }
    return Target(path, 1000, hashlib.sha256(path.encode()).digest(), About(**{**fields, **changed}))


@dataclass(slots=True)
class Floor:
    hall: HallUnderTest
    executor: Executor = field(init=False)
    held: dict[str, Held] = field(default_factory=dict)
    obeyed: dict[str, int] = field(default_factory=dict)
    """Generation of the last order that each device carried out."""
    facts: dict[str, Mapping[str, str]] = field(default_factory=dict)
    staff: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.staff = self.hall.client("staff")
        self.executor = Executor(self.hall.office, lambda: self.hall.targets)

    def stand(
        self, number: int, *, rows: int = 4, hardware: str = "keypad-zero2w", role: str = "keypad"
    ) -> list[str]:
        """So many devices in the registry, at places in rows, that have reported what they hold."""
        names = [f"{role}-{each}" for each in range(number)]
        with writing(self.hall.engine) as connection:
            common = {
                "role": role, "alg": -8, "public_key": bytes(32), "certificate": "", "place": "here",
                "state": "active", "registered_ms": 1,
            }  # fmt: skip
            connection.execute(
                insert(devices),
                [{"device": name, "generation": at, **common} for at, name in enumerate(names)],
            )
            spot = {"role": role, "label": "x", "x": 1, "y": 1, "changed_ms": 1}
            connection.execute(
                insert(places),
                [
                    {"place": f"p-{name}", "device": name, "row": f"r{at % rows}", "seat": f"s{at}", **spot}
                    for at, name in enumerate(names)
                ],
            )
        self.facts |= {name: {"hardware": hardware} for name in names}
        self.held |= dict.fromkeys(names, OLD)
        self.report(names)
        return names

    def report(self, names: Iterable[str], status: str = "") -> None:
        """Births and health of these devices arrive now."""
        names = list(names)
        now_ms = self.hall.clock.now_ms
        with writing(self.hall.engine) as connection:
            for table in (births, health):
                connection.execute(delete(table).where(table.c.device.in_(names)))
            connection.execute(
                insert(births),
                [
                    {
                        "device": name, "received_ms": now_ms, "epoch": bytes(8), "last_seq": 1, "boot": 1,
                        "software": "1", "twin_generation": 1,
                        "reported": json.dumps(
                            {**self.facts[name], "firmware": self.held[name].reported()}
                            | ({UPDATE: status} if status else {})
                        ),
                    }
                    for name in names
                ],
            )  # fmt: skip
            connection.execute(
                insert(health),
                [
                    {"device": name, "last_seen_ms": now_ms, "clock_skew_ms": 0, "readings": "{}"}
                    for name in names
                ],
            )

    def order(self, name: str) -> Order | None:
        """What its twin says."""
        return self.orders().get(name)

    def orders(self) -> dict[str, Order]:
        with self.hall.office.look() as connection:
            rows = connection.execute(select(twins.c.device, twins.c.desired).order_by(twins.c.device)).all()
        values = {device: twin_of(text).get(UPDATE) for device, text in rows}
        return {name: parse_order(value) for name, value in values.items() if isinstance(value, bytes)}

    def say(
        self, name: str, order: Order, step: str, cause: str = "", after: bytes | None = None, **readings: int
    ) -> None:
        """A record `update/1` of it becomes a leaf."""
        with writing(self.hall.engine) as connection:
            leaf = connection.execute(select(func.count()).select_from(update_outcomes)).scalar_one()
            connection.execute(
                insert(update_outcomes).values(
                    leaf_index=leaf, device=name, rollout=order.rollout, generation=order.generation,
                    component=order.component, before_sha256=None, after_sha256=after, step=step, cause=cause,
                    readings=json.dumps({key.replace("_", "-"): value for key, value in readings.items()}),
                    wall_ms=self.hall.clock.now_ms, received_ms=self.hall.clock.now_ms,
                )
            )  # fmt: skip

    def obey(
        self,
        found: Target,
        *,
        failing: Mapping[str, str] | None = None,
        but: Iterable[str] = (),
        unborn: Iterable[str] = (),
    ) -> None:
        """Every device carries out a new order at once; those in `failing` refuse for that cause; births of
        those in `unborn` are lost."""
        for name, order in self.orders().items():
            if name in but or order.generation <= self.obeyed.get(name, 0) or order.act == "hold":
                continue
            self.obeyed[name] = order.generation
            if order.act == "back":
                self.held[name] = OLD
                self.say(name, order, "returned")
            elif failing and name in failing:
                self.say(name, order, "returned", failing[name])
            else:
                self.held[name] = Held(found.sha256, found.about.counter)
                self.say(name, order, "committed", after=found.sha256)
            if name not in unborn:
                self.report([name], "ok")

    def watched(self, ms: int) -> None:
        """Time that passes under the executor's eyes, in which no device says anything."""
        for left_ms in range(ms, 0, -20_000):
            self.executor.tick()
            self.hall.clock.step(min(20_000, left_ms))

    def run(self, found: Target, name: str, ticks: int = 40, **given: Any) -> dict[str, Any]:
        """Ticks of half a second until the rollout rests; what the API then says of it."""
        shown: dict[str, Any] = {}
        for _ in range(ticks):
            self.executor.tick()
            self.obey(found, **given)
            self.hall.clock.step(500)
            self.hall.alive(*(name for name in self.held if name not in given.get("but", ())))
            shown = ok(self.staff.get(f"/api/rollouts/{name}"))
            if shown["state"] in ("done", "aborted"):
                break
        return shown
