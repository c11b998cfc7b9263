"""A real gate of a real hall, the people before it, and the station that enrolled them."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from edge.device.adapters.device_folder import read_folder
from edge.enrol.adapters.key_file import KEY_FILE
from edge.enrol.upload import wrap_for_gates
from hallward.demo.hands import Hands, NoAnswer
from hallward.demo.people import cast
from models.places import package_folder, photograph_folder
from tests.models.gate_models import ready_cache
from tests.system.hall import CONGRESS, SITTING, SystemHall
from wire.envelope import Purpose, verify
from wire.ids import DeviceId
from wire.records import Alarm, Deletion, Passage, parse_record

Body = TypeVar("Body", Alarm, Passage, Deletion)
GATE_START_S: Final = 90.0
"""Four networks and their libraries, on two busy cores."""
LISTS_S: Final = 20.0
Look = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """member: pseudonym, hex. probe: a photograph that nobody enrolled; None for people without a face."""

    name: str
    member: str
    probe: Path | None = None


@dataclass(frozen=True, slots=True)
class Badge:
    member: str
    serial: int
    text: str
    pin: str


class Station:
    """The enrolment station of a hall: three people by face, by the product's own command. `wrap` for each
    gate."""

    def __init__(self, hall: SystemHall) -> None:
        self._hall = hall
        self.folder = hall.folder / "station"
        people = cast(photograph_folder(ready_cache()), 3)
        rows = [{"name": f"Faced {delegate.name}", "consent": True} for delegate in people.delegates]
        answered = hall.api.post("/api/members", {"members": rows})
        self.people = tuple(
            Person(row["name"], row["member"], delegate.probe)
            for row, delegate in zip(answered, people.delegates, strict=True)
        )
        self.strangers = people.strangers
        shots = hall.folder / "to-enrol"
        for person, delegate in zip(self.people, people.delegates, strict=True):
            (shots / person.member).mkdir(parents=True)
            for number, photograph in enumerate(delegate.enrolled):
                (shots / person.member / f"{number}{photograph.suffix}").symlink_to(photograph)
        words = ["enrol", str(shots), "--congress", CONGRESS, "--models", str(package_folder(ready_cache()))]
        done = subprocess.run(
            [sys.executable, "-m", "hallward", *words, "--station", str(self.folder)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        self._rows: list[dict[str, Any]] = json.loads(done.stdout)["references"]
        self.embedder = {key: self._rows[0][key] for key in ("model_sha256", "runtime")}
        self.send()

    def bodies(self, *members: str) -> list[dict[str, Any]]:
        """Sealed references as they go to the fleet; of everybody when nobody is named."""
        rows = [row for row in self._rows if not members or row["member"] in members]
        return [{key: row[key] for key in ("member", "index", "sealed")} for row in rows]

    def send(self, *members: str) -> None:
        """References to the fleet, not yet to the gates."""
        self._hall.api.post("/api/references", {**self.embedder, "references": self.bodies(*members)})

    def wrap(self, *gates: str) -> None:
        """The content key to these gates, and whatever they do not have yet."""
        found = self._hall.api.get("/api/references")["gates"]
        keys = {DeviceId(g["device"]): bytes.fromhex(g["sealing_key"]) for g in found if g["device"] in gates}
        wrapped = wrap_for_gates((self.folder / KEY_FILE).read_bytes(), keys, congress=CONGRESS)
        self._hall.api.put("/api/references/keys", {"keys": [each.body() for each in wrapped]})
        self.publish()

    def publish(self) -> None:
        self._hall.asked("/api/references/publish", {})


class SystemGate:
    """A gate of its own, provisioned at once. `start` it; its hands stand for everybody before it."""

    def __init__(
        self,
        hall: SystemHall,
        name: str,
        *,
        cable: bool = False,
        models: Path | None = None,
        firmware: Mapping[str, Any] | None = None,
    ) -> None:
        self._hall = hall
        self.name = name
        folder = models if models is not None else package_folder(ready_cache())
        table = {"models": str(folder), **(firmware or {})}
        self.cable = hall.provision(name, "gate", cable=cable, firmware=table)
        self._hands = Hands(hall.device(name))

    # -- its process -----------------------------------------------------------------------------------------

    def start(self, references: int = 0) -> None:
        """Until it knows the sitting, so many people by face, and everybody's badge number and PIN."""
        listed = len(self._hall.api.get("/api/members"))
        self.begin()
        self.until(
            lambda now: (now["sitting"], now["references"], now["lane"]) == (SITTING, references, listed),
            f"the gate learns of the sitting, of {references} faces and of {listed} people",
            GATE_START_S,
        )

    def begin(self) -> None:
        """Its process, and no more."""
        self._hall.processes.start(self.name, ["gate", "run", str(self._hall.device(self.name))])

    def kill(self) -> None:
        self._hall.processes.kill(self.name)

    def stop(self) -> int:
        return self._hall.processes.stop(self.name)

    def until_refuses_to_start(self) -> tuple[int, str]:
        """Its exit status, and its last line. (The runtime of the networks may have said one before.)"""
        since = len(self.said())
        self.begin()
        ended = self._hall.processes.ended
        self._hall.until(lambda: ended(self.name) is not None, f"{self.name} gives up", GATE_START_S)
        status = self.stop()
        said = self.said()[since:]
        assert "Traceback" not in said, said
        return status, said.strip().splitlines()[-1]

    @property
    def pid(self) -> int:
        return self._hall.processes.pid(self.name)

    def said(self) -> str:
        """Its log."""
        return self._hall.processes.said(self.name)

    # -- the people before it --------------------------------------------------------------------------------

    def look(self) -> Look:
        try:
            return self._hands.do("look")
        except NoAnswer:
            return {}

    def do(self, action: str, **details: Any) -> dict[str, Any]:
        found = self._hands.do(action, **details)
        assert "error" not in found, found
        return found

    def until(self, true: Callable[[Look], object], what: str, timeout_s: float = LISTS_S) -> Look:
        seen: list[Look] = []

        def holds() -> bool:
            seen.append(self.look())
            return bool(seen[-1]) and bool(true(seen[-1]))

        try:
            self._hall.until(holds, f"{self.name}: {what}", timeout_s)
        except AssertionError as late:
            raise AssertionError(f"{late}\nit shows {seen[-1]}\n{self.said()[-3000:]}") from None
        return seen[-1]

    def until_state(self, *states: str) -> Look:
        return self.until(lambda now: now["state"] in states, f"is {' or '.join(states)}")

    def decides_on(
        self, action: str, *, meanwhile: Callable[[], None] = lambda: None, **details: Any
    ) -> Look:
        """Do it, and this while it is considered; what the gate shows once it has decided."""
        before = self.look()["decisions"]
        self.do(action, **details)
        meanwhile()
        return self.until(lambda now: now["decisions"] > before, f"decides on a {action}")

    def walk(self, photograph: Path, meanwhile: Callable[[], None] = lambda: None) -> Look:
        return self.decides_on("walk", meanwhile=meanwhile, photos=[str(photograph.resolve())])

    def badge(self, text: str) -> Look:
        return self.decides_on("badge", text=text)

    def pin(self, badge: Badge) -> Look:
        return self.decides_on("keys", keys=f"{badge.serial}E{badge.pin}E")

    def go_through(self) -> Look:
        """The admitted one: the passage is durable, the door secured behind them."""
        before = self.until_state("released")["last_seq"]
        assert self.do("push") == {"passed": True}
        return self.until(
            lambda now: now["last_seq"] > before and now["state"] == "secured", "somebody walks through"
        )

    def come_in(self, by: Look, member: str, method: str) -> None:
        """by: what it decided. This person, this way, and through."""
        assert (by["decision"], by["member"], by["method"]) == ("Admitted", member, method), by
        self.go_through()

    def refuses(self, photograph: Path) -> None:
        """A face that is not to be admitted, as yet or any more."""
        seen = self.walk(photograph)
        assert seen["decision"] != "Admitted", seen
        assert (seen["state"], seen["door_open"], seen["view"]) == ("secured", False, "badge-lane"), seen

    # -- what the log holds of it ----------------------------------------------------------------------------

    def leaves(self, kind: type[Body]) -> list[Body]:
        """Accepted records of this kind, opened, in log order."""
        key = read_folder(self._hall.device(self.name), "gate").identity.signer.public_key
        rows = self._hall.rows(
            "SELECT envelope FROM records WHERE device = :device AND kind = :kind AND verdict = 'ok' "
            "ORDER BY leaf_index",
            device=self.name,
            kind=kind.kind,
        )
        bodies = [parse_record(verify(bytes(e), Purpose.RECORD, self.name, key)).body for (e,) in rows]
        return [body for body in bodies if isinstance(body, kind)]

    def passages(self) -> list[tuple[str, str]]:
        """(member, method) of each, in log order."""
        return [(body.member.hex(), body.method) for body in self.leaves(Passage)]

    def alarms(self) -> list[str]:
        return [body.code for body in self.leaves(Alarm)]

    def until_alarmed(self, code: str, times: int = 1) -> None:
        self._hall.until(lambda: self.alarms().count(code) >= times, f"{code} is a leaf of {self.name}")
        assert self.alarms().count(code) == times, self.alarms()

    def until_drained(self) -> None:
        """Everything it said is in the log, once and in order, and it knows."""
        self.until(lambda now: now["marked_seq"] == now["last_seq"], "has receipts for all", 60.0)
        last = self.look()["last_seq"]
        assert [seq for seq, *_ in self._hall.stored(self.name)] == [*range(1, last + 1)]


def issue_badges(hall: SystemHall, *members: str) -> list[Badge]:
    rows = hall.api.post("/api/badges", {"members": list(members)})
    return [Badge(row["member"], row["serial"], row["text"], row["pin"]) for row in rows]


def add_people(hall: SystemHall, count: int, name: str = "Guest") -> list[Person]:
    """Members without a face, by badge or PIN."""
    rows = [{"name": f"{name} {number:03}"} for number in range(1, count + 1)]
    answered = hall.api.post("/api/members", {"members": rows})
    return [Person(row["name"], row["member"]) for row in answered]


def stays(gate: SystemGate, pid: int) -> None:
    """It is the same process, and has said nothing that it did not mean."""
    assert gate.pid == pid
    assert "Traceback" not in gate.said(), gate.said()[-3000:]
