"""A rollout of the real fleet over devices of a balena on this machine: every turn that one takes."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from fleet.db import database_url, open_engine, writing
from fleet.tables import overrides, sittings
from provisioning.backends.errors import NoSuchRelease, Unreachable
from provisioning.backends.follower import BATCH, Follower, Means
from provisioning.backends.following import AWAY_AFTER_MS, BEFORE_TAG
from provisioning.backends.ports import FleetBackend
from provisioning.errors import ConfigError
from tests.fleet.hall_under_test import hasty, made, ok
from tests.fleet.rollout.floor import OLD, QUICK, Floor, target
from tests.provisioning.backends.balena_fake import BalenaFake, Reply
from tests.provisioning.backends.connected import Connect
from tests.provisioning.places.fleet_calls import FleetCalls

pytestmark = pytest.mark.slow

NEW = target("firmware/keypad-4", version="1.1.0")
OLD_COMMIT, NEW_COMMIT = "1" * 40, "2" * 40
OLD_ID, NEW_ID = 21, 22
NAME = "fw-4"


@dataclass
class Balena:
    """The hall and its balena, moved by hand. backends: how often the follower connected."""

    floor: Floor
    fake: BalenaFake
    connect: Connect
    lines: list[str] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    backends: int = 0

    def follower(self, calls: Any = None) -> Follower:
        means = Means(self._connect, lambda: self.floor.hall.clock.now_ms, self._sleep, self.lines.append)
        return Follower(calls or FleetCalls(self.floor.hall.client("technician")), means, NAME)

    def _connect(self) -> FleetBackend:
        self.backends += 1
        return self.connect().backend

    def _sleep(self, seconds: float) -> None:
        """Meanwhile time passes, the fleet ticks, and supervisors do as they are told."""
        self.slept.append(seconds)
        self.step(int(seconds * 1000))

    def step(self, ms: int = 500) -> None:
        self.floor.hall.clock.step(ms)
        self.floor.hall.alive(*self.floor.held)
        self.floor.executor.tick()
        self.obey()

    def obey(self, *but: str) -> None:
        for row in self.fake.tables["device"]:
            if row["is_online"] and row["is_pinned_on__release"] and row["device_name"] not in but:
                row["is_running__release"] = row["is_pinned_on__release"]

    def stand(self, number: int) -> list[str]:
        names = self.floor.stand(number)
        technician = self.floor.hall.client("technician")
        for name in names:
            ok(technician.put(f"/api/devices/{name}/backend", json={"backend": "balena"}))
            self.fake.add_device(name)
        return names

    def begin(self, *percents: int, **plan: Any) -> None:
        waves = [{"name": f"wave {at}", "percent": percent} for at, percent in enumerate(percents)]
        given = {"waves": waves, **QUICK, **plan}
        body = {"name": NAME, "target": self.floor.hall.targets[0].path, "plan": given, "dry_run": False}
        ok(self.floor.staff.post("/api/rollouts", json=body), 201)
        self.do("start")
        self.floor.executor.tick()

    def do(self, verb: str) -> None:
        ok(self.floor.staff.post(f"/api/rollouts/{NAME}/{verb}", json={}))

    def states(self) -> dict[str, tuple[str, str]]:
        rows = ok(self.floor.staff.get(f"/api/rollouts/{NAME}/devices"))
        return {row["device"]: (row["state"], row["cause"]) for row in rows}

    def pins(self) -> dict[str, int | None]:
        return {row["device_name"]: row["is_pinned_on__release"] for row in self.fake.tables["device"]}

    def open_sitting(self) -> None:
        with writing(self.floor.hall.engine) as connection:
            values = {"title": "x", "state": "open", "quorum_num": 1, "quorum_den": 2, "created_ms": 1}
            connection.execute(sittings.insert().values(sitting="s1", **values))

    def lift(self, device: str) -> None:
        until_ms = self.floor.hall.clock.now_ms + 3_600_000
        with writing(self.floor.hall.engine) as connection:
            values = {"reason": "x", "first": "a", "second": "b", "state": "lifted", "minutes": 60}
            connection.execute(
                overrides.insert().values(
                    id=1, sitting="s1", device=device, asked_ms=1, until_ms=until_ms, **values
                )
            )


@pytest.fixture
def at(fake: BalenaFake, connect: Connect, tmp_path: Path) -> Iterator[Balena]:
    with made(hasty(open_engine(database_url(tmp_path, {})))) as hall:
        hall.targets.append(NEW)
        yield Balena(Floor(hall), fake, connect)


class Killed(Exception):
    """In the middle of its work."""


class Dying:
    """A hall or a backend whose caller is killed as soon as it has changed something."""

    def __init__(self, real: Any, deaths: list[str]) -> None:
        self._real, self._deaths = real, deaths

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def set_tags(self, *words: Any) -> int:
        self._real.set_tags(*words)
        raise self._dies("set_tags")

    def pin_to_release(self, release: str, devices: list[Any]) -> Any:
        found = self._real.pin_to_release(release, devices)
        if devices:
            raise self._dies("pin")
        return found

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        found = self._real.call(method, path, body)
        if method != "GET":
            raise self._dies((body or {})["state"])
        return found

    def _dies(self, what: str) -> Killed:
        self._deaths.append(what)
        return Killed(what)


def until(at: Balena, state: str) -> list[str]:
    """Followers die until every device is there: what each of them died of."""
    deaths: list[str] = []
    for _ in range(20):
        means = Means(
            lambda: Dying(at.connect().backend, deaths), lambda: at.floor.hall.clock.now_ms, at._sleep, str
        )
        with suppress(Killed):
            Follower(Dying(FleetCalls(at.floor.hall.client("technician")), deaths), means, NAME).round()
            at.obey()  # once nobody has died, so that no step is skipped
        at.floor.hall.clock.step(500)
        if {found for found, _ in at.states().values()} == {state}:
            break
    return deaths


def test_wave_by_wave_to_the_release_that_the_officers_signed(at: Balena) -> None:
    names = at.stand(4)
    at.begin(50, 50)
    first = at.follower()
    first.round()
    assert sorted(at.pins().values(), key=str) == [NEW_ID, NEW_ID, None, None], "the first wave alone"
    assert set(at.states().values()) == {("working", ""), ("waiting", "")}
    assert first.follow() == "done"
    assert at.states() == dict.fromkeys(names, ("soaked", ""))
    assert set(at.pins().values()) == {NEW_ID}
    assert at.lines[-1] == "fw-4 is done: 4 soaked"
    tags = {row["value"] for row in at.fake.tables["device_tag"] if row["tag_key"] == BEFORE_TAG}
    assert tags == {f"fw-4 {OLD_COMMIT}"}


def test_a_follower_that_is_killed_is_taken_over_by_any_other(at: Balena) -> None:
    """Each one is killed right after the first thing that it changed, before it knows that it did."""
    names = at.stand(2)
    at.begin(100, gate={"soak_s": 600, "deadline_s": 3600})
    deaths = until(at, "committed")
    assert at.states() == dict.fromkeys(names, ("committed", ""))
    at.do("abort")
    at.floor.executor.tick()
    deaths += until(at, "returned")
    assert set(at.pins().values()) == {OLD_ID}
    assert deaths == ["set_tags", "pin", *["working"] * 2, *["committed"] * 2, "pin", *["returned"] * 2]


def test_abort_brings_everybody_back_to_what_each_ran_before(at: Balena) -> None:
    names = at.stand(3)
    at.fake.device(names[2])["is_running__release"] = 24
    at.fake.tables["release"].append({**at.fake.tables["release"][0], "id": 24, "commit": "4" * 40})
    at.begin(100, gate={"soak_s": 600, "deadline_s": 3600})
    at.follower().round()
    at.obey()
    at.follower().round()
    assert set(at.states().values()) == {("committed", "")}
    at.do("abort")
    at.floor.executor.tick()
    assert at.follower().follow() == "aborted"
    assert at.pins() == {names[0]: OLD_ID, names[1]: OLD_ID, names[2]: 24}
    assert {state for state, _ in at.states().values()} == {"returned"}


def test_pause_stops_who_is_on_its_way_and_resume_sets_it_going(at: Balena) -> None:
    names = at.stand(2)
    at.begin(100, gate={"soak_s": 0, "deadline_s": 3600})
    at.follower().round()
    assert set(at.pins().values()) == {NEW_ID}
    at.do("pause")
    at.follower().round()
    assert set(at.pins().values()) == {OLD_ID}, "pinned to what they run"
    at.do("resume")
    at.floor.executor.tick()
    assert at.follower().follow() == "done"
    assert at.states() == dict.fromkeys(names, ("soaked", ""))


def test_in_a_sitting_nothing_moves_but_who_was_freed(at: Balena) -> None:
    names = at.stand(3)
    at.begin(100, gate={"soak_s": 0, "deadline_s": 3600})
    follower = at.follower()
    follower.round()
    at.open_sitting()
    at.floor.executor.tick()
    follower.round()
    assert set(at.pins().values()) == {OLD_ID}
    assert "sitting s1 is open, nothing is changed" in at.lines[-1]
    before = len(at.fake.asked)
    for _ in range(5):
        at.floor.hall.clock.step(500)
        at.floor.executor.tick()
        follower.round()
    assert len(at.fake.asked) - before <= 4, "one look at balena, and no more while nothing changes"
    at.lift(names[1])
    for _ in range(3):
        at.step()
        follower.round()
    assert at.pins() == {names[0]: OLD_ID, names[1]: NEW_ID, names[2]: OLD_ID}


def test_who_is_offline_is_told_and_never_pinned_and_can_be_tried_again(at: Balena) -> None:
    names = at.stand(3)
    dark = at.fake.device(names[0])
    dark.update(is_online=False, overall_status="disconnected")
    at.begin(100, gate={"soak_s": 0, "deadline_s": 3600})
    follower = at.follower()
    for _ in range(12):
        follower.round()
        at.step(AWAY_AFTER_MS // 6)
    assert at.states()[names[0]] == ("failed", "silent")
    assert dark["is_pinned_on__release"] is None
    assert follower.follow() == "done"
    dark.update(is_online=True, overall_status="operational")
    at.do("retry")
    at.floor.executor.tick()
    assert follower.follow() == "done"
    assert set(at.states().values()) == {("soaked", "")}


def test_a_supervisor_that_gives_up_fails_its_device_after_two_looks(at: Balena) -> None:
    names = at.stand(2)
    at.begin(100, gate={"soak_s": 600, "deadline_s": 3600, "bad_ppm": 900_000, "good_ppm": 500_000})
    follower = at.follower()
    follower.round()
    at.obey(names[0])
    at.floor.hall.clock.step(61_000)
    gave_up = json.dumps({"status": "Idle", "update_failed": True, "update_pending": True}).encode()
    at.fake.say("/supervisor/", *[Reply(200, gave_up)] * 2)
    follower.round()
    assert at.states()[names[0]] == ("working", "")
    follower.round()
    assert at.states()[names[0]] == ("failed", "update-failed")
    follower.round()
    assert at.pins()[names[0]] == OLD_ID, "it does not try on behind everybody's back"


def test_fifty_at_a_time_and_an_abort_is_heard_in_between(at: Balena) -> None:
    at.stand(2 * BATCH + 20)
    at.begin(100, gate={"soak_s": 600, "deadline_s": 3600})
    calls = FleetCalls(at.floor.hall.client("technician"))

    class Hearing:
        """Somebody stops it while the first fifty are pinned."""

        looks = 0

        def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
            if path == f"/api/rollouts/{NAME}":
                self.looks += 1
                if self.looks == 2:
                    at.do("pause")
            return calls.call(method, path, body)

    follower = at.follower(Hearing())
    follower.round()
    assert [line for line in at.lines if "pinned" in line] == [
        f"install: {BATCH} devices pinned to {NEW_COMMIT[:12]}",
        f"hold: {BATCH} devices pinned to {OLD_COMMIT[:12]}",
    ]


def test_what_passes_is_waited_for_and_said(at: Balena) -> None:
    names = at.stand(1)
    at.begin(100, gate={"soak_s": 0, "deadline_s": 3600})
    at.fake.say("/v7/", Reply(429, b"no", {"Retry-After": "300"}), Reply(200, b"<html>Sign in</html>"))
    assert at.follower().follow() == "done"
    assert at.slept[0] == 300
    assert at.backends == 3, "a backend that stumbled is asked anew"
    assert "it goes on by itself" in at.lines[0]
    assert at.states() == {names[0]: ("soaked", "")}


def test_a_release_that_balena_has_not_and_a_component_that_it_cannot_carry_are_said(at: Balena) -> None:
    at.stand(1)
    at.floor.hall.targets[:] = [target("firmware/keypad-4", version="7.7.7")]
    at.begin(100)
    with pytest.raises(NoSuchRelease, match="the version that the officers signed"):
        at.follower().follow()
    assert set(at.pins().values()) == {None}


def test_rollouts_of_anything_but_firmware_are_refused(at: Balena) -> None:
    (name,) = at.stand(1)
    ok(at.floor.hall.client("technician").put(f"/api/devices/{name}/backend", json={"backend": "native"}))
    at.floor.facts[name] = {"hardware": "keypad-zero2w", "config": OLD.reported()}
    at.floor.report([name])
    at.floor.hall.targets[:] = [target("config/keypad-4", version="1.1.0")]
    at.begin(100)
    with pytest.raises(ConfigError, match="programs alone"):
        at.follower().follow()


def test_devices_of_another_balena_fleet_are_counted_and_left(at: Balena) -> None:
    names = at.stand(2)
    at.fake.device(names[0])["belongs_to__application"] = 8
    at.begin(100)
    at.follower().round()
    assert at.pins() == {names[0]: None, names[1]: NEW_ID}
    assert "1 are in no fleet that is followed here" in at.lines[-1]


def test_a_release_before_that_is_gone_is_told_and_others_go_back(at: Balena) -> None:
    names = at.stand(2)
    at.fake.device(names[0])["is_running__release"] = 25
    at.fake.tables["release"].append({**at.fake.tables["release"][0], "id": 25, "commit": "5" * 40})
    at.begin(100, gate={"soak_s": 600, "deadline_s": 3600})
    at.follower().round()
    at.obey()
    at.follower().round()
    at.fake.tables["release"][-1]["is_invalidated"] = True
    at.do("abort")
    at.floor.executor.tick()
    assert at.follower().follow() == "aborted"
    assert at.states()[names[0]][0] == "failed"
    assert at.states()[names[1]][0] == "returned"
    assert any("cannot be pinned" in line for line in at.lines)


def test_a_hall_that_is_away_at_the_start_is_waited_for(at: Balena) -> None:
    at.stand(1)
    at.begin(100)
    at.fake.say("/v7/", *[Reply(503, b"")] * 3)
    follower = at.follower()
    with pytest.raises(Unreachable):
        follower.round()
    assert follower.follow() == "done"
