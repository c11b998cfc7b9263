"""A small hall of real processes: fleet with its broker, keypads, and devices of our own that speak a lot."""

import os
import re
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from sqlalchemy import text

from fleet.api.commands import init
from fleet.config import FleetConfig, load_signer
from fleet.db import URL_VARIABLE, database_url, open_engine, reading
from fleet.errors import StoreError
from fleet.log.commands import run_audit, run_export
from fleet.recount import Pins
from hallward.demo.api import Api, ApiError
from hallward.demo.cable import Cable
from hallward.demo.hands import Hands, NoAnswer
from provisioning.adapters.fleet_api import FleetApi
from provisioning.authority.folder import Means
from provisioning.commands import provision_device, provision_hall, revoke
from provisioning.device_folder import Order
from provisioning.hall import HallCard, Trust
from provisioning.updates import UpdateService
from tests.servers.credentials import Credentials
from tests.servers.ports import free_port
from tests.servers.waiting import wait_until
from tests.system.processes import Processes, runs
from tests.system.talker import Talker
from wire import topics
from wire.ids import DESK, STORE, CongressId, DeviceId, HallId
from wire.keys import PublicKey
from wire.topics import Up

HALL: Final = HallId("hall-1")
CONGRESS: Final = CongressId("congress-1")
SITTING: Final = "sitting-1"
HOST: Final = "127.0.0.1"
START_S: Final = 60.0
RECOVERY_S: Final = 45.0
"""How long a hall may take to be well again after a fault, on two busy cores."""
FINGER_S: Final = 0.1
_CODE: Final = re.compile(r"one-time code ([0-9A-Z-]+)")


NO_SEAT: Final = "This seat is not assigned"


class SystemHall:
    """One fleet on one broker. `start` it, then provision devices; `stop` ends every process it started."""

    def __init__(self, kind: str, keypads: int = 3, *, database_url: str | None = None) -> None:
        """database_url: a PostgreSQL instead of a SQLite file."""
        self.kind = kind
        # short: a unix socket's path has 107 bytes at most
        self.folder = Path(tempfile.mkdtemp(prefix="hw-"))
        self.environment = {key: value for key, value in os.environ.items() if key != URL_VARIABLE}
        if database_url is not None:
            self.environment[URL_VARIABLE] = database_url
        self.data = self.folder / "fleet"
        self.keypads = tuple(f"keypad-{number}" for number in range(1, keypads + 1))
        self.members: dict[str, str] = {}
        self.processes = Processes(self.folder / "logs")
        self.config = FleetConfig(
            data=self.data, hall=HALL, congress=CONGRESS, api_port=free_port(), broker_kind=kind,
            broker_port=free_port(), workers=1,
        )  # fmt: skip
        self.api = Api(HOST, self.config.api_port)
        self.password = secrets.token_urlsafe(15)
        self._talkers: list[Talker] = []
        self._cables: list[Cable] = []
        self._questions = 0
        self.sitting = SITTING
        self.updates: UpdateService | None = None
        self._pressed_s: dict[tuple[str, str], float] = {}

    # -- beginning and end ---------------------------------------------------------------------------------

    def start(self) -> None:
        self.found()
        for name in self.keypads:
            self.provision(name, "keypad")
            self.start_keypad(name)
        self._open_sitting()

    def found(self) -> None:
        """The hall's server and its first officer; no device yet."""
        assert init(self.config, say=lambda _: None, environment=self.environment) == 0
        keys = {office: load_signer(self.data, office).public_key for office in (DESK, STORE)}
        self.pins = Pins(keys[DESK].raw.hex(), keys[STORE].raw.hex())
        self._provision_hall(keys)
        self.serve()
        code = _CODE.search(self.fleet_log())
        assert code is not None, self.fleet_log()
        account = {"account": "officer", "password": self.password}
        self.api.post("/api/first-admin", {**account, "code": code[1]})
        self.api.post("/api/sign-in", account)
        roles = ["admin", "technician", "secretariat", "auditor"]
        self.api.call("PATCH", "/api/accounts/officer", {"roles": roles})
        self.api.post("/api/sign-in", account)  # other roles end the sign-ins of before

    def _provision_hall(self, keys: Mapping[DeviceId, PublicKey]) -> None:
        means = Means(now=lambda: datetime.now(UTC), serial=x509.random_serial_number)
        trust = Trust(desk=keys[DESK].raw, store=keys[STORE].raw)
        card = HallCard(HALL, CONGRESS, HOST, self.config.broker_port, trust)
        self.authority = provision_hall(self.folder / "authority", card, means, fleet_tls=self.data / "tls")

    def serve(self) -> None:
        since = len(self.fleet_log())
        self.processes.start("fleet", ["fleet", "serve", "--data", str(self.data)], self.environment)
        self.until(lambda: " is up: " in self.fleet_log()[since:], "the fleet says that it is up", START_S)

    def stop_fleet(self) -> None:
        """SIGTERM to the supervisor, which ends its own."""
        assert self.processes.stop("fleet") == 0

    def credentials(self, name: str) -> Credentials:
        """Of a device: whoever stole its folder has them."""
        folder = self.device(name)
        return Credentials(name, folder / "identity.crt", folder / "identity.key", folder / "ca.crt")

    def up(self, name: str, kind: Up = Up.REC) -> str:
        """A device's own topic."""
        return topics.up(HALL, DeviceId(name), kind)

    def stop(self) -> None:
        for talker in self._talkers:
            talker.stop()
        for cable in self._cables:
            cable.close()
        self.processes.stop_all()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            return bool(self.api.get("/healthz"))
        except ApiError:
            return False

    # -- devices -------------------------------------------------------------------------------------------

    def device(self, name: str) -> Path:
        return self.folder / "devices" / name

    def provision(
        self, name: str, role: str, *, cable: bool = False, firmware: Mapping[str, Any] | None = None
    ) -> Cable | None:
        """A device's folder and its line in the registry; its cable, if it is to have one that can be
        pulled."""
        wire = Cable((HOST, self.config.broker_port)) if cable else None
        if wire is not None:
            self._cables.append(wire)
        fleet = self._technician()
        broker = (HOST, wire.port) if wire is not None else None
        order = Order(DeviceId(name), role, broker=broker, hands=True, firmware=firmware, update=self.updates)
        provision_device(self.authority, self.device(name), order, place=name, fleet=fleet)
        return wire

    def revoke(self, name: str) -> None:
        """By the technician: certificate and registry."""
        revoke(self.authority, DeviceId(name), fleet_tls=self.data / "tls", fleet=self._technician())

    def _technician(self) -> FleetApi:
        self.until(self._answers, "the fleet answers")
        fleet = FleetApi(f"http://{HOST}:{self.config.api_port}")
        fleet.sign_in("officer", self.password)
        return fleet

    def start_keypad(self, name: str) -> None:
        self.processes.start(name, ["keypad", "run", str(self.device(name))])

    def talker(self, name: str, **options: Any) -> Talker:
        """A device in this process: the product's runtime, outbox and link, saying what it is told to."""
        if not self.device(name).exists():
            self.provision(name, "gate")
        talker = Talker(self.device(name), SITTING, **options)
        self._talkers.append(talker)
        return talker

    def look(self, name: str) -> dict[str, Any]:
        """What a person sees at a keypad; empty while it starts."""
        try:
            return Hands(self.device(name)).do("look")
        except NoAnswer:
            return {}

    def press(self, name: str, *buttons: str) -> None:
        """As a person does: no finger is twice on one button within the time that its contact may bounce."""
        for button in buttons:
            free_s = self._pressed_s.get((name, button), 0.0) + FINGER_S
            wait_until(partial(_is_past, free_s), "the finger is up")
            Hands(self.device(name)).do("press", button=button)
            self._pressed_s[name, button] = time.monotonic()

    # -- officers --------------------------------------------------------------------------------------------

    def _open_sitting(self) -> None:
        rows = [{"name": f"Delegate of {name}"} for name in self.keypads]
        answered = self.api.post("/api/members", {"members": rows})
        self.members = {name: row["member"] for name, row in zip(self.keypads, answered, strict=True)}
        self.sit(SITTING)

    def sit(self, name: str) -> None:
        """Open a sitting with everybody at their seat; the one before is closed."""
        roll = [{"member": m, "device": device, "seat": device} for device, m in self.members.items()]
        sitting = {"sitting": name, "title": "A sitting", "quorum_num": 1, "quorum_den": 2, "roll": roll}
        self.api.post("/api/sittings", sitting)
        self.api.post(f"/api/sittings/{name}/open")
        self.sitting = name
        self.until(
            lambda: all(self.look(name).get("connected") for name in self.keypads), "keypads connect", START_S
        )

    @contextmanager
    def seated(self, name: str) -> Iterator[None]:
        """A keypad that came later has the seat of the last delegate for a while; their own falls silent."""
        own = self.keypads[-1]
        # who joins a sitting must have said what it runs
        heard = "SELECT device FROM births WHERE device = :device"
        self.until(lambda: self.rows(heard, device=name), f"the hall has heard of {name}")
        for keypad in (name, own):
            path = f"/api/sittings/{self.sitting}/seats/{keypad}"
            self.api.put(path, {"member": self.members[own], "seat": keypad[-16:]})
            if keypad == name:
                yield

    def open_question(self, *, revote: bool = True) -> str:
        """A new question, open on every keypad that can be reached."""
        self._questions += 1
        name = f"question-{self._questions}"
        words = {"question": name, "text": name, "revote": revote, "majority_num": 1, "majority_den": 2}
        self.asked(f"/api/sittings/{self.sitting}/questions", words)
        self.asked(f"/api/questions/{name}/open", {"accept_missing": True})
        return name

    def close_question(self, name: str) -> dict[str, Any]:
        """Its result, as choices by keypad and what was not counted."""
        self.asked(f"/api/questions/{name}/close", {"accept_missing": True})
        found: list[Any] = []

        def counted() -> bool:
            try:
                found.append(self.api.get(f"/api/questions/{name}/result"))
            except ApiError:
                return False
            return True

        self.until(counted, f"the result of {name}")
        return {
            "choices": {row["device"]: row["choice"] for row in found[-1]["choices"]},
            "uncounted": [(row["device"], row["why"]) for row in found[-1]["uncounted"]],
        }

    def asked(self, path: str, body: Any) -> Any:
        """POST, again while nobody answers or the store cannot, as a person at the page would."""
        answer: list[Any] = []

        def answered() -> bool:
            try:
                answer.append(self.api.post(path, body))
            except ApiError as err:
                if err.status in (0, 503):
                    return False
                raise
            return True

        self.until(answered, f"POST {path}")
        return answer[-1]

    def vote(self, choice: str, keypads: Sequence[str] | None = None) -> None:
        """A whole question as on any other day: the proof that a hall is well."""
        voters = self.keypads if keypads is None else keypads
        question = self.open_question()
        for name in voters:
            self.until_shows(name, "open", says=question)
            self.press(name, choice, "ok")
        for name in voters:
            self.until_shows(name, "recorded")
        assert self.close_question(question)["choices"] == dict.fromkeys(voters, choice)

    # -- what is so ------------------------------------------------------------------------------------------

    def until(self, condition: Callable[[], object], what: str, timeout_s: float = RECOVERY_S) -> None:
        try:
            wait_until(condition, what, timeout_s=timeout_s)
        except AssertionError as late:
            raise AssertionError(f"{late}\n{self.fleet_log()[-3000:]}") from None

    def until_shows(self, name: str, state: str, *, says: str = "", timeout_s: float = RECOVERY_S) -> None:
        """Until the keypad's screen is in this state and says this, and takes presses.

        The question may arrive before the seat, which is said again within seconds; before, a press is void.
        """

        def shows() -> bool:
            seen = self.look(name)
            if seen.get("state") != state or NO_SEAT in seen["screen"]:
                return False
            return not says or says in seen["screen"]

        self.until(shows, f"{name} shows {state} {says}; it shows {self.look(name)}", timeout_s)

    def pid(self, part: str) -> int:
        """Of ingest, api or the broker, as their supervisor noted it; 0 while it is noting another one."""
        folder = self.data / "broker" if part == "broker" else self.data / "run"
        noted = (folder / f"{part}.pid").read_text().split()
        return int(noted[0]) if noted else 0

    def kill(self, part: str) -> int:
        """kill -9; the pid that died. It has gone when this returns."""
        self.until(lambda: runs(self.pid(part)), f"{part} runs")
        pid = self.pid(part)
        os.kill(pid, signal.SIGKILL)
        self.until(lambda: not runs(pid), f"{part} dies")
        return pid

    def signal(self, part: str, number: signal.Signals) -> None:
        os.kill(self.pid(part), number)

    def until_back(self, part: str, dead: int) -> None:
        self.until(lambda: self.pid(part) != dead and runs(self.pid(part)), f"{part} is started again")

    def fleet_log(self) -> str:
        return self.processes.said("fleet")

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """From the fleet's database, as an onlooker."""
        engine = open_engine(database_url(self.data, self.environment))
        try:
            with reading(engine) as connection:
                return [tuple(row) for row in connection.execute(text(sql), values)]
        except StoreError:
            return []
        finally:
            engine.dispose()

    def store_id(self) -> str:
        """Of the store's present life."""
        return str(self.rows("SELECT value FROM settings WHERE name = 'store_id'")[0][0])

    def use_database(self, url: str) -> None:
        """From the next start of the fleet on."""
        self.environment[URL_VARIABLE] = url

    def stored(self, device: str) -> list[tuple[int, bytes, str]]:
        """(seq, SHA-256 of the record, verdict) of every leaf of this device, in log order."""
        query = "SELECT seq, record_hash, verdict FROM records WHERE device = :device ORDER BY leaf_index"
        return [(seq, bytes(digest), verdict) for seq, digest, verdict in self.rows(query, device=device)]

    def drops(self, device: str) -> dict[str, int]:
        """How many bytes in this device's name were dropped, by code."""
        return dict(self.rows("SELECT code, count FROM drops WHERE device = :device", device=device))

    def once(self, words: str, since: int) -> None:
        """The fleet's log has said this exactly once since it had that many characters."""
        said = self.fleet_log()[since:]
        assert said.count(words) == 1, f"{words!r} was said {said.count(words)} times:\n{said}"

    def until_said(self, words: str, since: int) -> None:
        self.until(lambda: words in self.fleet_log()[since:], f"the fleet says {words!r}")

    def until_drained(self, *talkers: Talker) -> None:
        """All they said is in the log, once, in order, byte for byte; and they know it."""
        for talker in talkers:
            self.until(
                partial(_has_all_marked, talker),
                f"{talker.name} gets receipts for all of its {talker.last} records, {talker.marked} so far",
            )
            assert [(seq, digest) for seq, digest, _ in self.stored(talker.name)] == talker.said()

    def audited(self) -> None:
        """Export and audit find no fault: signatures, chains, tree, counts."""
        exported = self.folder / "log.export"
        assert run_export(self.data, exported, self.environment) == 0
        assert run_audit(exported, self.pins) == 0, "the audit names faults"


def _is_past(moment_s: float) -> bool:
    return time.monotonic() >= moment_s


def _has_all_marked(talker: Talker) -> bool:
    return talker.marked == talker.last
