"""A hall whose devices are updated by hawkBit clients: released images, rollouts over the API, the executor,
and the listener that clients ask. The test plays a client, or a real one calls."""

import hashlib
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from sqlalchemy import insert

from fleet.config import FleetConfig
from fleet.db import reading, writing
from fleet.ddi import store
from fleet.ddi.rules import Action
from fleet.rollout.execute import Executor
from fleet.tables import devices, sittings
from fleet.updates import catalogue
from fleet.updates.listener import create_listener
from fleet.updates.peer import peer_device
from tests.fleet.hall_under_test import CONGRESS, HALL, HallUnderTest, ok
from tests.fleet.updates.released import NOW_MS, Released
from tests.release.making import File, about
from wire.ids import DeviceId

IMAGE = hashlib.shake_256(b"os image").digest(50_000)
PATH = "os/gate-2.swu"
QUICK: dict[str, Any] = {"gate": {"soak_s": 0, "deadline_s": 120}, "spacing_ms": 0, "per_access_point": 1000}
BASE = f"/{HALL}/controller/v1"


def image(path: str = PATH, counter: int = 2, content: bytes = IMAGE, **changes: Any) -> File:
    return path, content, about(path, counter, **changes)


with warnings.catch_warnings():
    # Starlette would like its client on the successor of httpx, which is not among our pinned dependencies.
    warnings.filterwarnings("ignore", message="Using `httpx` with")
    from starlette.testclient import TestClient


@dataclass(slots=True)
class OsHall:
    hall: HallUnderTest
    released: Released
    executor: Executor = field(init=False)
    app: FastAPI = field(init=False)
    staff: TestClient = field(init=False)

    @classmethod
    def begun(cls, hall: HallUnderTest, tmp_path: Path, *files: File, now_ms: int = NOW_MS) -> "OsHall":
        """The clock is set to that of the release."""
        released = Released.begun(tmp_path, *(files or (image(),)), now_ms=now_ms)
        hall.clock.now_ms = released.now_ms
        released.take_in()
        return cls(hall, released)

    def __post_init__(self) -> None:
        self.staff = self.hall.client("staff")
        self.look_again()
        self.executor = Executor(self.hall.office, lambda: self.hall.targets)
        self.app = create_listener(
            self.config,
            self.hall.engine,
            wall_ms=self.hall.clock.wall_ms,
            monotonic_ms=lambda: time.monotonic_ns() // 1_000_000,
        )

    @property
    def config(self) -> FleetConfig:
        return FleetConfig(self.released.data, HALL, CONGRESS, updates_host="127.0.0.1")

    def look_again(self) -> None:
        self.hall.targets[:] = catalogue.targets(self.released.data)

    def stand(self, *names: str) -> None:
        """Devices in the registry, whose hawkBit clients have not asked yet."""
        with writing(self.hall.engine) as connection:
            for at, name in enumerate(names):
                connection.execute(
                    insert(devices).values(
                        device=name, role="gate", alg=-8, public_key=bytes(32), certificate="", place="door",
                        state="active", registered_ms=1, generation=at, backend="ddi",
                    )
                )  # fmt: skip

    def client(self, name: str = "gate-1", *, peer: str | None = None, token: str = "") -> "Client":
        """peer: whose certificate it shows."""
        self.app.dependency_overrides[peer_device] = _who_says_so
        headers = {"x-peer": peer or name} | ({"authorization": f"TargetToken {token}"} if token else {})
        return Client(TestClient(self.app, base_url="https://hall.test", headers=headers), name)

    def ready(self, *names: str) -> "Client":
        """The first of these devices, once all have said what they are."""
        self.stand(*names)
        clients = [self.client(name) for name in names]
        for client in clients:
            client.identify(hardware="gate-pi5")
        return clients[0]

    # -- people and time -------------------------------------------------------------------------------------

    def roll_out(self, name: str = "os-2", path: str = PATH, **plan: Any) -> None:
        given = {"waves": [{"name": "all"}], **QUICK, **plan}
        body = {"name": name, "target": path, "plan": given, "dry_run": False}
        ok(self.staff.post("/api/rollouts", json=body), 201)
        self.do("start", name)
        self.tick()

    def do(self, what: str, name: str = "os-2") -> None:
        ok(self.staff.post(f"/api/rollouts/{name}/{what}", json={}))

    def tick(self, times: int = 3) -> None:
        for _ in range(times):
            self.executor.tick()
            self.hall.clock.step(500)

    def watched(self, ms: int) -> None:
        """Time that passes under the executor's eyes."""
        for left_ms in range(ms, 0, -20_000):
            self.executor.tick()
            self.hall.clock.step(min(20_000, left_ms))

    def shown(self, name: str = "os-2") -> dict[str, Any]:
        found: dict[str, Any] = ok(self.staff.get(f"/api/rollouts/{name}"))
        return found

    def course(self, device: str = "gate-1", name: str = "os-2") -> tuple[str, str, str]:
        """State, cause, detail."""
        row = self.row(device, name)
        return row["state"], row["cause"], row["detail"]

    def row(self, device: str = "gate-1", name: str = "os-2") -> dict[str, Any]:
        rows = ok(self.staff.get(f"/api/rollouts/{name}/devices"))
        found: dict[str, Any] = next(row for row in rows if row["device"] == device)
        return found

    def freeze(self, *, end: bool = False) -> None:
        """A sitting is opened, or closed again."""
        with writing(self.hall.engine) as connection:
            if end:
                connection.execute(sittings.delete())
                return
            connection.execute(
                insert(sittings).values(
                    sitting="s-1", title="Sitting", state="open", quorum_num=1, quorum_den=2, created_ms=1
                )
            )

    def action(self, device: str = "gate-1") -> Action:
        """Its newest one."""
        with reading(self.hall.engine) as connection:
            found = store.newest(connection, DeviceId(device))
        assert found is not None
        return found

    def known(self, device: str = "gate-1") -> store.Client:
        with reading(self.hall.engine) as connection:
            return store.client(connection, DeviceId(device))


def _who_says_so(request: Request) -> DeviceId:
    return DeviceId(request.headers["x-peer"])


@dataclass(frozen=True, slots=True)
class Client:
    """What a hawkBit client asks and says."""

    http: TestClient
    name: str

    @property
    def base(self) -> str:
        return f"{BASE}/{self.name}"

    def identify(self, mode: str = "merge", **data: str) -> None:
        said = {name.replace("_", "-"): value for name, value in data.items()}
        ok_empty(self.http.put(f"{self.base}/configData", json={"mode": mode, "data": said}))

    def poll(self) -> dict[str, Any]:
        found: dict[str, Any] = ok(self.http.get(self.base))
        return found

    def links(self) -> dict[str, str]:
        """What there is to do: name -> address."""
        return {name: link["href"] for name, link in self.poll().get("_links", {}).items()}

    def deployment(self) -> dict[str, Any]:
        found: dict[str, Any] = ok(self.http.get(self.links()["deploymentBase"]))
        return found

    def fetch(self) -> bytes:
        artifact = self.deployment()["deployment"]["chunks"][0]["artifacts"][0]
        return bytes(self.http.get(artifact["_links"]["download"]["href"]).content)

    def say(
        self,
        action: str | int,
        execution: str,
        finished: str = "none",
        *details: str,
        on: str = "deploymentBase",
    ) -> Any:
        status = {"execution": execution, "result": {"finished": finished}, "details": list(details)}
        return self.http.post(f"{self.base}/{on}/{action}/feedback", json={"id": action, "status": status})


def ok_empty(answer: Any) -> None:
    assert (answer.status_code, answer.content) == (200, b""), answer.text
