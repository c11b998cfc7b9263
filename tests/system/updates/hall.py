"""A hall whose devices are updated: officers and their folder, the listener, devices under a service
manager."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from fleet.__main__ import main as fleet
from fleet.updates.keys import DIRECTOR, IMAGE_ONLINE, load_key
from provisioning.updates import update_root, update_service
from release import sources
from release.bundle import tar_bundle
from tests.release.making import about, add_files, make_release, officers_of
from tests.servers.ports import free_port
from tests.system.hall import HOST, RECOVERY_S, SystemHall
from tests.system.updates.service import Service
from tests.system.wall import now
from wire.ids import DeviceId
from wire.keys import PublicKey
from wire.updates import About

ROOT: Final = Path(__file__).parents[3]
HARDWARE: Final = {"keypad": "keypad-zero2w", "gate": "gate-pi5"}
QUICK: Final = {"soak_s": 1, "deadline_s": 90}
"""Of a plan whose devices are watched for a second."""
OVER_S: Final = 120.0
SOURCE: Final = 'SOFTWARE: Final = "hallward 0.1.0"'


class UpdatingHall(SystemHall):
    """`release` puts something into the officers' folder and the fleet; `rollout` brings it to devices."""

    def __init__(self, kind: str, keypads: int = 3) -> None:
        super().__init__(kind, keypads)
        self.config = replace(self.config, updates_host=HOST, updates_port=free_port())
        self.officers = officers_of(3)
        self.folder_of_officers = self.folder / "release"
        self.service = Service(self.processes)
        self._counters: dict[str, int] = {}

    def _provision_hall(self, keys: Mapping[DeviceId, PublicKey]) -> None:
        super()._provision_hall(keys)
        assert fleet(["updates", "keys", "--data", str(self.data)]) == 0
        self.roots = make_release(
            self.folder_of_officers,
            officers=self.officers,
            online=load_key(self.data, IMAGE_ONLINE).public_key,
            director=load_key(self.data, DIRECTOR).public_key,
            now=now(),
        )
        image, director = (
            update_root(root, "the officers") for root in (self.roots.image, self.roots.director)
        )
        self.updates = update_service(HOST, self.config.updates_port, image, director)
        self._take_in("--root-sha256", image.sha256)

    def _take_in(self, *words: str) -> None:
        assert (
            fleet(["updates", "import", str(self.folder_of_officers), "--data", str(self.data), *words]) == 0
        )

    def start_keypad(self, name: str) -> None:
        self.service.begin(name, "keypad", self.device(name))

    def until(self, condition: Callable[[], object], what: str, timeout_s: float = RECOVERY_S) -> None:
        super().until(self.service.tending(condition), what, timeout_s)

    def until_answers(self) -> None:
        self.until(self._answers, "the fleet answers")

    # -- officers ------------------------------------------------------------------------------------------

    def release(self, path: str, files: Mapping[str, bytes], role: str, **changes: Any) -> About:
        """Signed by two of three, and taken in by the fleet."""
        component = path.partition("/")[0]
        counter = self._counters[component] = self._counters.get(component, 0) + 1
        said = about(path, counter, hardware=(HARDWARE[role],), **changes)
        content = tar_bundle(component, said.version, counter, files)
        add_files(self.folder_of_officers, self.officers[:2], [(path, content, said)], now())
        self._take_in()
        return said

    # -- rollouts ------------------------------------------------------------------------------------------

    def rollout(self, name: str, target: str, waves: list[dict[str, Any]], **gate: int) -> None:
        """Made and started, once every keypad has said what it runs: who has not is in no plan."""
        self.until(lambda: all(map(self.reported, self.keypads)), "every keypad has said what it runs")
        plan = {"waves": waves, "spacing_ms": 0, "gate": {**QUICK, **gate}}
        self.api.post("/api/rollouts", {"name": name, "target": target, "plan": plan, "dry_run": False})
        self.api.post(f"/api/rollouts/{name}/start")

    def shown(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.api.get(f"/api/rollouts/{name}")
        return found

    def until_rollout(self, name: str, state: str, timeout_s: float = OVER_S) -> dict[str, Any]:
        try:
            self.until(lambda: self.shown(name)["state"] == state, f"{name} is {state}", timeout_s)
        except AssertionError as late:
            raise AssertionError(
                f"{late}\n{json.dumps(self.shown(name), indent=1)}\n{self.courses(name)}"
            ) from None
        return self.shown(name)

    def courses(self, name: str) -> dict[str, dict[str, Any]]:
        return {row["device"]: row for row in self.api.get(f"/api/rollouts/{name}/devices")}

    def reported(self, device: str) -> dict[str, Any]:
        """What its last birth says."""
        rows = self.rows("SELECT software, reported FROM births WHERE device = :device", device=device)
        return {"software": rows[0][0], **json.loads(rows[0][1])} if rows else {}


def firmware_of_this_tree(version: str) -> dict[str, bytes]:
    """What is being tested, under another version: the birth names it."""
    files = sources.firmware(ROOT, ("edge", "wire", "ballot", "durable"))
    start = files["edge/device/start.py"].decode()
    assert SOURCE in start
    return {**files, "edge/device/start.py": start.replace(SOURCE, SOURCE.replace("0.1.0", version)).encode()}
