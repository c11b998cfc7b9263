"""A hall with officers: real processes at some seats, crowds at the others, a charter pinned everywhere."""

import secrets
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from fleet.config import load_signer
from fleet.db import database_url, open_engine, writing
from fleet.desk import store as desk_store
from fleet.desk.clock import SystemClock
from fleet.desk.desk import Desk
from fleet.desk.office import Office
from fleet.devices import certificates
from fleet.devices import store as devices
from fleet.devices.registry import desire
from fleet.log.commands import run_audit, run_export
from fleet.secret.commands import install_charter
from hallward.demo.api import ApiError
from hallward.demo.congress import Congress
from hallward.demo.witness import WitnessPost
from provisioning.device_folder import DeviceCard, Order, make_device_folder
from tests.system.hall import CONGRESS, HALL, SITTING, START_S, SystemHall
from tests.system.secret_election.crowd_process import CrowdProcess
from tests.system.secret_election.people import Plan
from wire.ids import DESK, DeviceId
from wire.keys import PublicKey
from wire.records import DeviceRegistered

LATE_SEAT: Final = "L1"
_BATCH: Final = 100


class ElectionHall(SystemHall):
    """real: keypads that are processes. crowd: those that share some. extra: processes too, without a seat at
    first. The member at LATE_SEAT has no unit yet."""

    def __init__(
        self,
        kind: str,
        real: Iterable[str],
        crowd: Plan,
        extra: Iterable[str],
        *,
        crowds: int = 1,
        seed: int = 1,
    ) -> None:
        super().__init__(kind, 0)
        self.real, self.crowd, self.extra = tuple(real), crowd, tuple(extra)
        self.congress: Congress
        self.late_member = ""
        self.crowds: list[CrowdProcess] = []
        self._crowds_n, self._seed = crowds, seed
        self._ceremony: threading.Thread | None = None
        self._ceremony_failed: list[Exception] = []
        self.witness: WitnessPost | None = None

    @property
    def with_seats(self) -> tuple[str, ...]:
        return (*self.real, *self.crowd.wishes)

    # -- beginning and end ---------------------------------------------------------------------------------

    def _provision_hall(self, keys: Mapping[DeviceId, PublicKey]) -> None:
        super()._provision_hall(keys)
        self.congress = Congress(self.folder / "officers", CONGRESS)
        self._ceremony = threading.Thread(target=self._hold_ceremony, name="ceremony")
        self._ceremony.start()
        install_charter(self.data, self.congress.charter, say=lambda _: None, environment=self.environment)
        cards = []
        for name in (*self.with_seats, *self.extra):
            order = Order(DeviceId(name), "keypad", hands=True, charter=self.congress.charter.read_bytes())
            cards.append(make_device_folder(self.device(name), order, self.authority))
        self._register(cards)

    def _register(self, cards: Iterable[DeviceCard]) -> None:
        """As the route does it, but all in one act: this is about the election, not the unpacking."""
        clock, engine = SystemClock(), open_engine(database_url(self.data, self.environment))
        with writing(engine) as connection:
            boot = desk_store.next_boot(connection)
        desk = Desk(load_signer(self.data, DESK), CONGRESS, HALL, boot, clock)
        office = Office(engine, desk, clock, secrets.token_bytes)
        with office.act("test", "device.registered", HALL) as act:
            for card in cards:
                unit = certificates.read(card.certificate, None, act.now_ms)
                act.record(DeviceRegistered(card.device, card.role, int(unit.key.alg), unit.key.raw))
                devices.add(
                    act.connection,
                    card.device,
                    card.role,
                    unit.key,
                    card.sealing_key,
                    unit.pem,
                    "",
                    act.now_ms,
                )
            desire(act, {card.device: {} for card in cards})
        engine.dispose()

    def _hold_ceremony(self) -> None:
        try:
            self.congress.hold_ceremony()
        except Exception as err:  # noqa: BLE001  # said in the thread of the test
            self._ceremony_failed.append(err)

    def key_record(self) -> Path:
        """Once the ceremony is done."""
        assert self._ceremony is not None
        self._ceremony.join()
        if self._ceremony_failed:
            raise self._ceremony_failed[0]
        return self.congress.key_record

    def _open_sitting(self) -> None:
        names = (*self.with_seats, LATE_SEAT)
        rows = [{"name": f"Delegate of {name}"} for name in names]
        answered: list[dict[str, Any]] = []
        for at in range(0, len(rows), _BATCH):
            answered += self.api.post("/api/members", {"members": rows[at : at + _BATCH]})
        self.members = {name: row["member"] for name, row in zip(names, answered, strict=True)}
        self.late_member = self.members[LATE_SEAT]
        roll = [
            {"member": m, "device": name, "seat": name}
            for name, m in self.members.items()
            if name != LATE_SEAT
        ]
        late: dict[str, Any] = {"member": self.late_member, "device": None, "seat": LATE_SEAT}
        sitting = {
            "sitting": SITTING,
            "title": "A sitting",
            "quorum_num": 1,
            "quorum_den": 2,
            "roll": [*roll, late],
        }
        self.api.post("/api/sittings", sitting)
        self.api.post(f"/api/sittings/{SITTING}/open")

    def start_units(self) -> None:
        """Everybody who is seated, and the spare ones; back when all are connected."""
        for name in (*self.real, *self.extra):
            self.start_keypad(name)
        names = list(self.crowd.wishes)
        for number in range(self._crowds_n):
            mine = names[number :: self._crowds_n]
            units = {self.device(name): self.crowd.wishes[name] for name in mine}
            log = self.folder / "logs" / f"crowd-{number}.log"
            self.crowds.append(CrowdProcess(log, units, self.crowd.dies, self._seed + number))
        self.until(lambda: all(row["connected"] for row in self.report()), "the crowd connects", 2 * START_S)
        self.until(
            lambda: all(self.look(name).get("connected") for name in (*self.real, *self.extra)),
            "keypads connect", START_S,
        )  # fmt: skip

    def report(self) -> list[dict[str, Any]]:
        """Of all units in crowds."""
        return [row for crowd in self.crowds for row in crowd.report()]

    def stop(self) -> None:
        for crowd in self.crowds:
            crowd.stop()
        if self.witness is not None:
            self.witness.close()
        if self._ceremony is not None:
            self._ceremony.join()
        super().stop()

    # -- the witness ---------------------------------------------------------------------------------------

    def start_witness(self) -> None:
        """It knows the hall by the store's key, from the minutes, and speaks to it through HTTPS alone."""
        log = self.folder / "logs" / "witness.log"
        port, key = self.config.api_port, self.pins.store
        self.witness = WitnessPost(self.congress, HALL, self.data, port, key, log)
        self.witness.start()

    def note_of_witness(self, name: str) -> bytes:
        """For a trustee, who takes it from nobody else."""
        assert self.witness is not None
        return self.witness.note(
            lambda since: self.asked_for(f"/api/log/checkpoint?since={since}"), self.folder / f"{name}.offer"
        )

    def asked_for(self, path: str) -> Any:
        """GET, again while nobody answers."""
        found: list[Any] = []

        def answered() -> bool:
            try:
                found.append(self.api.get(path))
            except ApiError as err:
                if err.status in (0, 503):
                    return False
                raise
            return True

        self.until(answered, f"GET {path}")
        return found[-1]

    # -- the end -------------------------------------------------------------------------------------------

    def export(self, name: str) -> Path:
        path = self.folder / f"{name}.export"
        path.unlink(missing_ok=True)
        assert run_export(self.data, path, self.environment) == 0
        return path

    def audited_election(self, export: Path) -> None:
        assert run_audit(export, self.pins, charter=self.congress.charter) == 0, "the audit names faults"


class Stopwatch:
    """How long each part of an election took."""

    def __init__(self) -> None:
        self._began_s = time.monotonic()
        self._rows: list[tuple[str, float]] = []

    def lap(self, what: str) -> None:
        now_s = time.monotonic()
        self._rows.append((what, now_s - self._began_s))
        print(f"{now_s - self._began_s:8.1f} s  {what}", flush=True)  # noqa: T201  # what it is run for by hand
        self._began_s = now_s

    def since(self, first: str) -> float:
        """From the end of that lap to the end of the last."""
        names = [what for what, _ in self._rows]
        return sum(took_s for _, took_s in self._rows[names.index(first) + 1 :])
