"""A throw-away hall of the product's own: `fleet init`, devices registered by the desk, `fleet serve`."""

import secrets
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import func, select

from bench.errors import BenchError
from bench.identities import CONGRESS, HALL, Identities, Identity
from bench.keypads import Keypad
from bench.mqtt_client import Address
from bench.processes import Child, cpu_s, python, wait_until
from fleet.api.commands import init
from fleet.config import FleetConfig, load_signer
from fleet.db import URL_VARIABLE, Engine, database_url, open_engine, reading, writing
from fleet.desk import store as desk_store
from fleet.desk.clock import SystemClock
from fleet.desk.desk import Desk
from fleet.desk.office import Office
from fleet.devices import certificates
from fleet.devices import store as devices
from fleet.devices.registry import desire
from fleet.ingest.store import write_births
from fleet.tables import births, log_head
from provisioning.authority.folder import AuthorityFolder
from provisioning.device_folder import DeviceCard
from provisioning.hall import HallCard, Trust
from wire.ids import DESK, STORE, DeviceId
from wire.keys import PublicKey
from wire.records import DeviceRegistered

READY_S: Final = 60.0
ACCOUNT: Final = "bench"
PLACE: Final = "bench"


class Hall:
    """One hall that runs. Made by `running_hall`."""

    def __init__(
        self, data: Path, identities: Identities, keypads: Sequence[Identity], url: str | None
    ) -> None:
        self.data = data
        self.authority_file = identities.authority_file
        self._environment = {URL_VARIABLE: url} if url else {}
        self._keypads = keypads
        self._log = data.parent / "fleet.log"
        self.address, self.api = Address("127.0.0.1", _free_port()), Address("127.0.0.1", _free_port())
        config = FleetConfig(
            data,
            HALL,
            CONGRESS,
            api_host=self.api.host,
            api_port=self.api.port,
            broker_host=self.address.host,
            broker_port=self.address.port,
        )
        init(config, say=lambda _: None, environment=self._environment)
        self.store_key: PublicKey = load_signer(data, STORE).public_key
        trust = Trust(load_signer(data, DESK).public_key.raw, self.store_key.raw)
        self.authority: AuthorityFolder = identities.authority(
            HallCard(HALL, CONGRESS, self.address.host, self.address.port, trust)
        )
        self.authority.write_fleet_tls(data / "tls", ())
        self._engine: Engine = open_engine(database_url(data, self._environment))
        self._register([_card(identity) for identity in keypads])
        self.fleet = Child(
            "the fleet",
            python("hallward", "fleet", "serve", "--data", str(data)),
            self._log,
            self._environment,
        )

    def wait(self) -> None:
        """Until the hall is up and every registration is a leaf. Raises BenchError."""
        wait_until(self._ready, READY_S, "the hall to be up", self.fleet)

    def fleet_log(self) -> str:
        """What the fleet's processes have printed so far."""
        return self._log.read_text(errors="replace")

    def hear_everybody(self) -> None:
        """As if every keypad had said its birth just now."""
        now_ms = SystemClock().wall_ms()
        rows = [
            {
                "device": keypad.device,
                "received_ms": now_ms,
                "epoch": keypad.epoch,
                "last_seq": 0,
                "boot": 1,
                "software": "bench",
                "twin_generation": 0,
                "reported": "{}",
            }
            for keypad in self.keypads()
        ]
        with writing(self._engine) as connection:
            write_births(connection, rows)

    def close(self) -> None:
        self.fleet.stop()
        self._engine.dispose()

    def keypads(self) -> list[Keypad]:
        """Everybody registered, each with a new epoch."""
        return [Keypad(identity) for identity in self._keypads]

    def leaves(self) -> int:
        with reading(self._engine) as connection:
            return int(connection.execute(select(func.coalesce(func.max(log_head.c.size), 0))).scalar_one())

    def broker_pid(self) -> int:
        return self._pid(self.data / "broker" / "broker.pid")

    def ingest_pid(self) -> int:
        return self._pid(self.data / "run" / "ingest.pid")

    def api_pid(self) -> int:
        return self._pid(self.data / "run" / "api.pid")

    def ingest_cpu_s(self) -> float:
        """CPU time of all ingest processes so far."""
        return cpu_s(self.ingest_pid())

    def register(self, card: DeviceCard) -> None:
        """One more device, while the hall runs. Back when the registration is a leaf."""
        self._register([card])
        wait_until(self._nothing_waits, READY_S, f"{card.device} to be registered", self.fleet)

    def said(self, device: DeviceId) -> bool:
        """Whether ingest has heard the device's birth."""
        with reading(self._engine) as connection:
            return (
                connection.execute(select(births.c.device).where(births.c.device == device)).first()
                is not None
            )

    def _register(self, cards: Sequence[DeviceCard]) -> None:
        """As the route does it, but all in one act: what is measured is the hall, not its building."""
        clock = SystemClock()
        with writing(self._engine) as connection:
            boot = desk_store.next_boot(connection)
        desk = Desk(load_signer(self.data, DESK), CONGRESS, HALL, boot, clock)
        office = Office(self._engine, desk, clock, secrets.token_bytes)
        with office.act(ACCOUNT, "device.registered", HALL) as act:
            for card in cards:
                device = certificates.read(card.certificate, None, act.now_ms)
                act.record(DeviceRegistered(card.device, card.role, int(device.key.alg), device.key.raw))
                devices.add(
                    act.connection,
                    card.device,
                    card.role,
                    device.key,
                    card.sealing_key,
                    device.pem,
                    PLACE,
                    act.now_ms,
                )
            desire(act, {card.device: {} for card in cards})

    def _ready(self) -> bool:
        return self._nothing_waits() and all(_answers(address) for address in (self.address, self.api))

    def _nothing_waits(self) -> bool:
        with reading(self._engine) as connection:
            return not desk_store.waiting(connection)

    def _pid(self, file: Path) -> int:
        try:
            return int(file.read_text().split()[0])
        except (OSError, ValueError, IndexError):
            self.fleet.must_be_alive()
            raise BenchError(f"{file} names no process") from None


@contextmanager
def running_hall(identities: Identities, count: int, url: str | None = None) -> Iterator[Hall]:
    """A hall of `count` keypads in a temporary folder, stopped and removed at the end.

    url: of its database; None: SQLite in its folder.
    """
    folder = Path(tempfile.mkdtemp(prefix="hallward-bench-"))
    try:
        hall = Hall(folder / "data", identities, identities.keypads(count), url)
        try:
            hall.wait()
            yield hall
        except BenchError:
            print(f"the fleet's last words: {hall.fleet.last_words()}", file=sys.stderr)
            raise
        finally:
            hall.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _card(identity: Identity) -> DeviceCard:
    return DeviceCard(identity.device, "keypad", identity.certificate, None)


def _answers(address: Address) -> bool:
    try:
        with socket.create_connection((address.host, address.port), timeout=1):
            return True
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
