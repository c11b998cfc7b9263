"""A fleet whose clock, randomness and devices the test holds. Ingest is played by `append`: desk records
become leaves."""

import hashlib
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from fastapi import FastAPI
from sqlalchemy import event, func, insert, select, update

from ballot.hall_log.leaf import subject_of
from fleet.accounts import store as accounts
from fleet.accounts.passwords import Passwords
from fleet.accounts.rules import Role
from fleet.app import create_app
from fleet.db import Engine, writing
from fleet.desk import store as desk_store
from fleet.desk.desk import Desk
from fleet.desk.office import Office
from fleet.rollout.rules.shape import Target
from fleet.tables import desk_queue, health, log_head, metadata, records
from provisioning.authority import issuing
from wire.envelope import Purpose, seal, verify
from wire.fields import Body
from wire.ids import DESK, CongressId, DeviceId, Epoch, HallId
from wire.keys import Signer
from wire.merkle import leaf_hash
from wire.records import GENESIS, Record, Stamp, encode_record, parse_record, record_hash
from wire.signers import Ed25519Signer

with warnings.catch_warnings():
    # Starlette would like its client on the successor of httpx, which is not among our pinned dependencies.
    warnings.filterwarnings("ignore", message="Using `httpx` with")
    from starlette.testclient import TestClient

CONGRESS, HALL = CongressId("congress-1"), HallId("hall-1")
ORIGIN = "http://testserver"
PASSWORD = "four plain words here"
START_MS = 1_900_000_000_000
CHEAP = Passwords(time_cost=1, memory_kib=8, parallelism=1)


@dataclass(slots=True)
class SteppedClock:
    """Stands still until it is stepped."""

    now_ms: int = START_MS
    since_ms: int = 1000

    def wall_ms(self) -> int:
        return self.now_ms

    def monotonic_ms(self) -> int:
        return self.since_ms

    def step(self, ms: int) -> None:
        self.now_ms += ms
        self.since_ms += ms


@dataclass(slots=True)
class CountedBytes:
    """Random bytes of a test: never the same twice, always the same in every run."""

    drawn: int = 0

    def __call__(self, length: int) -> bytes:
        self.drawn += 1
        return hashlib.shake_256(b"test" + self.drawn.to_bytes(8, "big")).digest(length)


@dataclass(slots=True)
class KnownDevice:
    """The device's own side: its key and its chain."""

    device: DeviceId
    role: str
    signer: Signer
    certificate: str
    seq: int = 0
    prev_hash: bytes = GENESIS


@dataclass(slots=True)
class HallUnderTest:
    engine: Engine
    authority: issuing.Authority
    clock: SteppedClock = field(default_factory=SteppedClock)
    random: CountedBytes = field(default_factory=CountedBytes)
    devices: dict[str, KnownDevice] = field(default_factory=dict)
    office: Office = field(init=False)
    app: FastAPI = field(init=False)
    waited: list[float] = field(default_factory=list)
    ingest_runs: bool = True
    targets: list[Target] = field(default_factory=list)
    """What exists to be installed."""

    def __post_init__(self) -> None:
        desk_key = Ed25519Signer(DESK, ed25519.Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\x01"))
        desk = Desk(desk_key, CONGRESS, HALL, 1, self.clock)
        self.office = Office(self.engine, desk, self.clock, self.random)
        with writing(self.engine) as connection:
            desk.begin_epoch(connection, Epoch(self.random(8)))
        registrar = Ed25519Signer(
            "registrar", ed25519.Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\x02")
        )
        self.app = create_app(
            self.office,
            registrar=registrar,
            passwords=CHEAP,
            wait=self._wait,
            authority=self.authority.certificate_pem,
            targets=lambda: self.targets,
        )

    def _wait(self, seconds: float) -> None:
        """While the API waits, ingest works, and time goes on."""
        self.waited.append(seconds)
        self.clock.step(int(seconds * 1000))
        if self.ingest_runs:
            self.append()

    def client(self, *roles: Role | str, account: str | None = None) -> TestClient:
        """A browser signed in with these roles; without any, one of nobody."""
        browser = TestClient(self.app, base_url=ORIGIN, headers={"origin": ORIGIN})
        if roles:
            name = account or "-".join(sorted(roles))
            held = frozenset(Role(role) for role in roles)
            with writing(self.engine) as connection:
                if accounts.find(connection, name) is None:
                    accounts.add(connection, name, CHEAP.hashed(PASSWORD), held, self.clock.now_ms)
            answer = browser.post("/api/sign-in", json={"account": name, "password": PASSWORD})
            assert answer.status_code == 200, answer.text
        return browser

    # -- devices --------------------------------------------------------------------------------------------

    def provisioned(self, name: str, role: str = "keypad", key: Any = None) -> KnownDevice:
        """A device with a certificate of the hall's authority, not registered yet."""
        own = key or ed25519.Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())
        certificate = issuing.issue_device(
            self.authority,
            DeviceId(name),
            own.public_key(),
            now=datetime.fromtimestamp(self.clock.now_ms / 1000, UTC),
            serial=x509.random_serial_number(),
        )
        pem = issuing.certificate_pem(certificate).decode()
        signer = Ed25519Signer(name, own) if isinstance(own, ed25519.Ed25519PrivateKey) else None
        return KnownDevice(DeviceId(name), role, signer or _none(), pem)

    def register(self, browser: TestClient, name: str, role: str = "keypad") -> KnownDevice:
        device = self.provisioned(name, role)
        body = {"role": role, "place": f"place of {name}", "certificate": device.certificate}
        if role == "gate":
            body["sealing_key"] = "ab" * 32
        ok(browser.post("/api/devices", json=body), 201)
        self.devices[name] = device
        return device

    def alive(self, *names: str) -> None:
        """Health of these devices arrives now (of all, when none is named)."""
        with writing(self.engine) as connection:
            for name in names or tuple(self.devices):
                values = {"last_seen_ms": self.clock.now_ms, "clock_skew_ms": 0, "readings": "{}"}
                changed = connection.execute(update(health).where(health.c.device == name).values(values))
                if not changed.rowcount:
                    connection.execute(insert(health).values(device=name, **values))

    # -- ingest, played -------------------------------------------------------------------------------------

    def append(self, *spoken: tuple[str, Body]) -> None:
        """Desk records that wait become leaves, then these records of devices, in this order."""
        with writing(self.engine) as connection:
            for row in connection.execute(
                select(desk_queue).where(desk_queue.c.leaf_index.is_(None)).order_by(desk_queue.c.seq)
            ).all():
                key = self.office.desk.signer.public_key
                record = parse_record(verify(row.envelope, Purpose.RECORD, DESK, key))
                leaf = self._append_leaf(connection, record, row.envelope)
                connection.execute(
                    update(desk_queue).where(desk_queue.c.seq == row.seq).values(leaf_index=leaf)
                )
            for name, body in spoken:
                device = self.devices[name]
                device.seq += 1
                record = Record(
                    CONGRESS, HALL, device.device, Epoch(bytes(8)), device.seq, device.prev_hash,
                    Stamp(1, self.clock.since_ms, self.clock.now_ms, 0), body,
                )  # fmt: skip
                envelope = seal(encode_record(record), Purpose.RECORD, device.signer)
                device.prev_hash = record_hash(envelope)
                self._append_leaf(connection, record, envelope)

    def _append_leaf(self, connection: Any, record: Record, envelope: bytes) -> int:
        leaf = int(connection.execute(select(func.count()).select_from(records)).scalar_one())
        connection.execute(
            insert(records).values(
                leaf_index=leaf,
                device=record.device,
                epoch=record.epoch,
                seq=record.seq,
                kind=record.body.kind,
                verdict="ok",
                subject=subject_of(record.body),
                received_ms=self.clock.now_ms,
                record_hash=record_hash(envelope),
                leaf_hash=leaf_hash(envelope),
                envelope=envelope,
            )
        )
        connection.execute(log_head.delete())
        connection.execute(
            insert(log_head).values(
                id=1, size=leaf + 1, peaks=b"", note=f"note of {leaf + 1}", issued_ms=self.clock.now_ms
            )
        )
        return leaf

    def desk_bodies(self) -> list[Body]:
        """What the desk has signed for the log, in order, each verified and each following the one before."""
        with writing(self.engine) as connection:
            rows = connection.execute(select(desk_queue).order_by(desk_queue.c.seq)).all()
            epoch = desk_store.epoch(connection)
        bodies, prev_hash = [], GENESIS
        for number, row in enumerate(rows, start=1):
            key = self.office.desk.signer.public_key
            record = parse_record(verify(row.envelope, Purpose.RECORD, DESK, key))
            assert (record.seq, record.prev_hash, record.epoch) == (number, prev_hash, epoch)
            prev_hash = record_hash(row.envelope)
            bodies.append(record.body)
        return bodies


def _none() -> Signer:
    return Ed25519Signer("unused", ed25519.Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\x03"))


def ok(answer: httpx.Response, status: int = 200) -> Any:
    """The JSON of an answer with this status."""
    assert answer.status_code == status, answer.text
    return answer.json()


def refused(answer: httpx.Response, status: int, code: str) -> str:
    """The sentence of a refusal with this status and code."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body["code"] == code, body
    assert body["sentence"].endswith("."), body
    return str(body["sentence"])


def hasty(engine: Engine) -> Engine:
    """Without waiting for the disk: these tests cut no power."""
    if engine.dialect.name == "sqlite":
        event.listen(
            engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF").close()
        )
    return engine


@contextmanager
def made(engine: Engine) -> Iterator[HallUnderTest]:
    """A hall on this empty database."""
    metadata.create_all(engine)
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.fromtimestamp(START_MS / 1000, UTC)
    authority = issuing.create_authority(HALL, key, now=now, serial=x509.random_serial_number())
    yield HallUnderTest(engine, authority)
    engine.dispose()


def members_of(hall: HallUnderTest, browser: TestClient, names: Sequence[str]) -> list[str]:
    """Import these people, who consent; their pseudonyms."""
    rows = [{"name": name, "party": "", "consent": True} for name in names]
    return [row["member"] for row in ok(browser.post("/api/members", json={"members": rows}), 201)]
