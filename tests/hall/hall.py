"""A whole hall from one seed: gates, keypads, people, a chair, a broker, the fleet, and what goes wrong."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from sqlalchemy import select

from edge.ballot_keypad.keys.press import Button
from edge.device.config import Trust
from fleet.db import Connection
from fleet.desk.office import Act, Office
from fleet.devices import store as devices
from fleet.devices.registry import desire, revoke
from fleet.people import store as people
from fleet.places.swap import swap
from fleet.sittings import acts as sittings
from fleet.sittings import store as sitting_store
from fleet.sittings.store import Place, Sitting
from fleet.tables import questions as question_table
from fleet.votes import acts as votes
from fleet.votes import store as vote_store
from fleet.votes.rules import Question, Step
from tests.hall import faults
from tests.hall.device import Device
from tests.hall.fleet import Fleet
from tests.hall.invariants import Truth
from tests.hall.network import HostileBroker
from tests.hall.world import World
from wire.ids import DeviceId, MemberRef, SittingId
from wire.records import DeviceRegistered, DeviceRevoked

OFFICER: Final = "chair"
SITTING: Final = SittingId("sitting-1")
CALM_BEFORE_MS: Final = 15_000.0
CALM_AFTER_MS: Final = 75_000.0
FAULT_EVERY_MS: Final = 3_000.0
TICK_MS: Final = 2_000.0
SPARES: Final = 2
PATIENCE_MS: Final = 30_000.0
RENEW_MS: Final = 60_000.0
LAST: Final = "last-question"
_CHOICES: Final = (Button.YES, Button.NO, Button.ABSTAIN)


@dataclass(frozen=True, slots=True)
class Report:
    """What a run came to."""

    seed: int
    simulated_s: float
    actions: int
    packets: int
    leaves: int
    refused: int
    receipts: int
    starts: int
    questions: int
    ballots_counted: int


class Hall:
    """gates and keypads: how many. Everything is scheduled at once; `run` lets it happen."""

    def __init__(self, seed: int, gates: int = 2, keypads: int = 5) -> None:
        self.world = World(seed)
        self.broker = HostileBroker(self.world)
        self.fleet = Fleet(self.world, self.broker, self._fleet_done)
        desk, store = self.fleet.desk_signer.public_key, self.fleet.store_signer.public_key
        trust = Trust(desk, store, desk)
        names = [(f"gate-{n}", "gate") for n in range(1, gates + 1)]
        names += [(f"keypad-{n}", "keypad") for n in range(1, keypads + 1)]
        names += [(f"spare-{n}", "keypad") for n in range(1, SPARES + 1)]
        self.devices: dict[str, Device] = {
            name: Device(self.world, self.broker, name, role, trust, self._device_done)
            for name, role in names
        }
        self.members = {
            name: MemberRef(self.world.rng.randbytes(16))
            for name, device in self.devices.items()
            if name.startswith("keypad-")
        }
        """By the keypad that speaks for them."""
        self.spares = [device for name, device in self.devices.items() if name.startswith("spare-")]
        self.swaps: list[tuple[Device, Device]] = []
        """(dead, spare that stands in for it)"""
        self.truth = Truth(self.world, self.fleet, self.devices)
        self.revoked: Device | None = None
        self.backup = self.fleet.backup()
        self.restores = 0
        self._question = 0
        self._turbulent = True
        self._adjourned = False

    def close(self) -> None:
        self.fleet.close()

    def any_device(self) -> Device:
        return self.world.rng.choice(list(self.devices.values()))

    def first_keypads(self) -> list[Device]:
        """Those of the first day that members still sit at."""
        return [self.devices[name] for name in self.members if name.startswith("keypad-")]

    @property
    def out(self) -> list[Device]:
        """Of whom nothing is believed any more."""
        dead = [device for device, _ in self.swaps]
        return dead if self.revoked is None or self.revoked in dead else [*dead, self.revoked]

    # -- what happens ------------------------------------------------------------------------------------

    def run(self, minutes: float) -> Report:
        """Raises HallFault. minutes: of turbulence, between a calm beginning and a healed end."""
        world = self.world
        self.fleet.boot()
        for device in self.devices.values():
            world.after(world.between(0, 5_000), device.boot)
        self.fleet.do("devices are registered", self._register)
        self.fleet.do("the sitting opens", self._open_sitting)
        self.backup = self.fleet.backup()
        self._every(TICK_MS, self._tick)
        self._every(RENEW_MS, self._renew)
        self._every(3_000.0, self._chair)
        self._every(900.0, self._somebody_presses)
        self._every(2_500.0, self._somebody_walks)
        world.run_until(CALM_BEFORE_MS)
        self._every(FAULT_EVERY_MS, self._fault)
        world.run_until(CALM_BEFORE_MS + minutes * 60_000)
        self._turbulent = False
        faults.heal(self)
        world.run_until(world.now_ms + CALM_AFTER_MS)
        self._last_vote()
        return self._examine()

    def _every(self, mean_ms: float, what: Callable[[], None]) -> None:
        """Again and again, at random moments."""

        def happen() -> None:
            if not self._adjourned:
                what()
                self._every(mean_ms, what)

        self.world.after(self.world.between(0.2 * mean_ms, 1.8 * mean_ms), happen)

    def _fault(self) -> None:
        if self._turbulent:
            self.world.rng.choice(faults.FAULTS)(self)

    def _device_done(self, device: Device) -> None:
        self.truth.after_device(device)

    def _fleet_done(self) -> None:
        self.truth.after_fleet()

    # -- officers ------------------------------------------------------------------------------------------

    def _register(self, office: Office) -> None:
        with office.act(OFFICER, "device.registered", "all") as act:
            for device in self.devices.values():
                self._register_one(act, device)
            for name, member in self.members.items():
                people.put(act.connection, member, f"Delegate {name}", "", act.now_ms)

    def _register_one(self, act: Act, device: Device) -> None:
        key = device.signer.public_key
        act.record(DeviceRegistered(device.name, device.role, int(key.alg), key.raw))
        devices.add(act.connection, device.name, device.role, key, None, "", device.name, act.now_ms)
        desire(act, {device.name: {}})

    def _open_sitting(self, office: Office) -> None:
        places = [Place(member, DeviceId(name), name) for name, member in self.members.items()]
        sittings.prepare(office, OFFICER, Sitting(SITTING, "A sitting", "prepared", 1, 2, 0), places)
        sittings.open_sitting(office, OFFICER, SITTING)

    def revoke(self, device: Device) -> None:
        """The officer revokes; the broker follows the registry within two seconds."""
        if self.fleet.do(
            f"{device.name} is revoked", lambda office: revoke(office, OFFICER, device.name, "stolen")
        ):
            self.revoked = device
            self.world.after(self.world.between(250, 2_000), device.ban)

    def swap(self, dead: Device) -> None:
        """A spare takes over seat and member; the broker follows as after a revocation."""
        spare = self.spares[0]
        if self._swapped(dead, spare):
            self.spares.remove(spare)
            self.swaps.append((dead, spare))
            self.members[spare.name] = self.members.pop(dead.name)
            self.world.after(self.world.between(250, 2_000), dead.ban)

    def _swapped(self, dead: Device, spare: Device) -> bool:
        return self.fleet.do(
            f"{spare.name} stands in for {dead.name}",
            lambda office: swap(office, OFFICER, dead.name, spare.name, "dead"),
        )

    def restore(self) -> None:
        """From an old backup; the officer repeats the revocation and the swaps that it does not know of."""
        self.restores += 1
        self.world.say("the fleet is restored from an old backup")
        self.fleet.restore(self.backup)
        stolen = self.revoked
        if stolen is not None:
            self.world.after(0, lambda: self._revoke_again(stolen))
        for dead, spare in self.swaps:
            self.world.after(0, partial(self._swap_again, dead, spare))

    def _revoke_again(self, device: Device) -> None:
        if not self.fleet.do("revoked again", lambda o: revoke(o, OFFICER, device.name, "stolen")):
            self.world.after(500, lambda: self._revoke_again(device))

    def _swap_again(self, dead: Device, spare: Device) -> None:
        if not self._swapped(dead, spare):
            self.world.after(500, partial(self._swap_again, dead, spare))

    def _chair(self) -> None:
        """Whatever the state of the store says is next, tried now and then."""
        rng = self.world.rng
        running = self.fleet.quietly(_running)
        if running is None:
            self._question += 1
            name = f"question-{self._question}"
            asked = Question(name, SITTING, "Shall it be?", rng.random() < 0.7, 1, 2, "prepared", 0, False)
            if self.fleet.do(f"{name} is prepared", lambda o: votes.prepare(o, OFFICER, asked)):
                self._step(name, Step.OPEN)
        elif running.state == "held":
            self._step(running.question, rng.choice((Step.RESUME, Step.CLOSE)))
        elif running.state == "open":
            chance = rng.random()
            if chance < 0.3:
                self._at_the_last_moment(running.question, Step.HOLD if chance < 0.08 else Step.CLOSE)

    def _at_the_last_moment(self, question: str, step: Step) -> None:
        """Half the hall presses OK in the very moment in which the chair holds or closes."""
        for name in self.members:
            if self.world.chance(0.5):
                device = self.devices[name]
                device.press(self.world.rng.choice(_CHOICES))
                self.world.after(self.world.between(40, 400), partial(device.press, Button.OK))
        self.world.after(200, lambda: self._step(question, step))

    def _step(self, question: str, step: Step) -> None:
        def act(office: Office) -> None:
            votes.step(office, OFFICER, question, step, accept_missing=True)

        self.fleet.do(f"{question}: {step}", act)

    def _tick(self) -> None:
        self.fleet.quietly(votes.complete)

    def _renew(self) -> None:
        def renew(office: Office) -> None:
            with office.keep() as connection:
                office.desk.renew(connection)

        self.fleet.quietly(renew)

    # -- delegates -----------------------------------------------------------------------------------------

    def _somebody_presses(self) -> None:
        device = self.devices[self.world.rng.choice(list(self.members))]
        device.press(self.world.rng.choice(_CHOICES))
        last = Button.OK if self.world.chance(0.85) else Button.CLEAR
        self.world.after(self.world.between(100, 2_000), lambda: device.press(last))

    def _somebody_walks(self) -> None:
        gates = [device for device in self.devices.values() if device.role == "gate"]
        self.world.rng.choice(gates).walk(self.world.rng.choice(list(self.members.values())))

    def _last_vote(self) -> None:
        """After all of it, a question as on any other day: everybody votes, everybody is told, all are
        counted."""
        world = self.world
        self._adjourned = True
        deadline_ms = world.now_ms + PATIENCE_MS
        while (running := self.fleet.quietly(_running)) is not None:
            if world.now_ms > deadline_ms:
                raise world.fault(f"{running.question} is {running.word} and gets no result")
            if running.state != "closed":
                self._step(running.question, Step.CLOSE)
            world.run_until(world.now_ms + TICK_MS)
            self._tick()
        asked = Question(LAST, SITTING, "Shall it be over?", False, 1, 2, "prepared", 0, False)
        self.fleet.do(f"{LAST} is prepared", lambda o: votes.prepare(o, OFFICER, asked))
        self._step(LAST, Step.OPEN)
        world.run_until(world.now_ms + 10_000)
        voters = [self.devices[name] for name in self.members if self.devices[name] not in self.out]
        for button in (Button.YES, Button.OK):
            for device in voters:
                device.press(button)
            world.run_until(world.now_ms + 200)
        world.run_until(world.now_ms + 10_000)
        for device in voters:
            if device.look()["state"] != "recorded":
                raise world.fault(
                    f"after all of it {device.name} cannot vote: it shows {device.look()['screen']}"
                )
        self._step(LAST, Step.CLOSE)
        world.run_until(world.now_ms + TICK_MS)
        self._tick()
        counted = self.truth.counted(LAST) or {}
        if set(counted) != {self.members[device.name] for device in voters}:
            raise world.fault(f"the last vote counts {len(counted)} of {len(voters)} ballots")

    # -- at the end ------------------------------------------------------------------------------------------

    def _examine(self) -> Report:
        """Liveness: what was durable at a device is in the log, and the recount is the log's."""
        life = self.truth.life
        self.truth.reread()
        for device in self.devices.values():
            if device not in self.out:
                self._drained(device)
        for device in self.out:
            self._silenced(device)
        self._same_tree()
        counted = self._recounted()
        return Report(
            seed=self.world.seed,
            simulated_s=self.world.now_ms / 1000,
            actions=self.world.actions,
            packets=self.broker.carried,
            leaves=len(life.leaves),
            refused=sum(leaf.verdict != "ok" for leaf in life.leaves),
            receipts=self.truth.receipts,
            starts=self.fleet.starts + sum(device.starts for device in self.devices.values()),
            questions=len(counted),
            ballots_counted=sum(counted.values()),
        )

    def _drained(self, device: Device) -> None:
        runtime = device.runtime
        if runtime is None:
            raise self.world.fault(f"{device.name} has not come back")
        outbox = runtime.outbox
        if outbox.marked_seq != outbox.last_seq:
            raise self.world.fault(
                f"{device.name} still has {outbox.last_seq - outbox.marked_seq} of {outbox.last_seq} records "
                f"to send after {CALM_AFTER_MS / 1000:.0f} s of peace"
            )
        place = (str(device.name), bytes(outbox.epoch))
        if self.truth.life.chains.get(place, []) != self.truth.said[place]:
            raise self.world.fault(f"the log does not hold all that {device.name} said")

    def _silenced(self, device: Device) -> None:
        since = None
        for leaf in self.truth.life.leaves:
            if isinstance(leaf.record.body, DeviceRevoked) and leaf.record.body.device == device.name:
                since = leaf.position
            elif since is not None and leaf.record.device == device.name and leaf.verdict == "ok":
                raise self.world.fault(f"leaf {leaf.position} of revoked {device.name} was accepted")
        if since is None:
            raise self.world.fault(f"{device.name} was revoked, and the log does not say so")

    def _same_tree(self) -> None:
        ledger = self.fleet.ledger
        if ledger is None:
            raise self.world.fault("ingest has not come back")
        tree = ledger.state.frontier
        if (tree.size, tree.root()) != (self.truth.life.tree.size, self.truth.life.tree.root()):
            raise self.world.fault("the fleet's tree is not that of the leaves")

    def _recounted(self) -> dict[str, int]:
        """Ballots by question; the frozen results agree with the log."""
        with self.fleet.office.look() as connection:
            results = _results(connection)
            sitting = sitting_store.find(connection, SITTING)
        if sitting is None or sitting.state != "open":
            raise self.world.fault("the sitting is not open any more")
        for question, frozen in results.items():
            counted = self.truth.counted(question)
            if counted is None:
                raise self.world.fault(f"{question} has a result; the log has no close")
            for choice in ("yes", "no", "abstain"):
                if frozen[choice] != sum(each == choice for each in counted.values()):
                    raise self.world.fault(f"{question}: {frozen[choice]} {choice}, counted anew {counted}")
        return {
            question: sum(found[c] for c in ("yes", "no", "abstain")) for question, found in results.items()
        }


def _running(office: Office) -> Question | None:
    with office.look() as connection:
        return vote_store.running(connection)


def _results(connection: Connection) -> dict[str, dict[str, int]]:
    c = question_table.c
    query = select(c.question, c.result).where(c.result.is_not(None)).order_by(c.question)
    return {row.question: json.loads(row.result) for row in connection.execute(query)}


def run(seed: int, minutes: float, *, gates: int = 2, keypads: int = 5) -> Report:
    """One hall of one seed. Raises HallFault."""
    hall = Hall(seed, gates, keypads)
    try:
        return hall.run(minutes)
    finally:
        hall.close()
