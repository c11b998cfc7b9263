"""A hall over the API with a whole secret question: officers with real keys, units whose entries a played
ingest judges by the board, witnesses. What ingest is in the real hall is played by `append`."""

import base64
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from sqlalchemy import func, insert, select, update

from ballot.board.verdicts import Accept, Pending, Refuse, Verdict
from ballot.board.work import Performer
from ballot.documents.bodies import Close, Disposition, Result, Share, Tally
from ballot.documents.body import DocumentBody
from fleet.app import create_app
from fleet.db import Engine, reading, writing
from fleet.desk.desk import Desk
from fleet.desk.office import Office
from fleet.desk.store import CHARTER, set_setting
from fleet.secret.desk import SecretDesk
from fleet.secret.following import SecretLog
from fleet.secret.witnessing import OFFER_MS
from fleet.tables import desk_queue, documents, log_head, metadata, records, session_keys
from provisioning.authority import issuing
from tests.ballot.board.election import (
    CHARTER as PINNED,
)
from tests.ballot.board.election import (
    CONGRESS,
    GROUP,
    HALL,
    SIGNERS,
    STORE_ID,
    TRUSTEES,
    WITNESSES,
    Election,
    signed,
    signer,
)
from tests.fleet.hall_under_test import CHEAP, START_MS, HallUnderTest, members_of, ok
from wire.board import Abandoned, Prepared, Ready
from wire.checkpoint import Checkpoint, cosignature, origin, sign_checkpoint
from wire.envelope import Purpose, claimed_signer, seal
from wire.fields import Body
from wire.ids import DESK, STORE, ContestId, Epoch
from wire.merkle import Tree, leaf_hash
from wire.records import GENESIS, Record, Stamp, StoreBegun, encode_record, record_hash
from wire.signers import Ed25519Signer
from wire.voting import BallotRefusal, Beacon

SITTING, QUESTION = "s1", "q1"
NAMES = ("Lan", "Minh", "Nga", "Oanh", "Phúc", "Quý")


@dataclass(slots=True)
class SecretHall(HallUnderTest):
    """The hall of congress c1: the one that the officers of tests/ballot/board belong to."""

    secret: SecretDesk = field(init=False)
    store_chain: tuple[int, bytes] = (0, GENESIS)

    def __post_init__(self) -> None:
        key = Ed25519Signer(DESK, ed25519.Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\x01"))
        desk = Desk(key, CONGRESS, HALL, 1, self.clock)
        self.office = Office(self.engine, desk, self.clock, self.random)
        with writing(self.engine) as connection:
            desk.begin_epoch(connection, Epoch(self.random(8)))
            set_setting(connection, CHARTER, PINNED.encode().hex())
            set_setting(connection, "store_key", signer("store").public_key.raw.hex())
            set_setting(connection, "store_id", STORE_ID.hex())
        self.app = create_app(
            self.office,
            registrar=signer("registrar"),
            passwords=CHEAP,
            wait=self._wait,
            authority=self.authority.certificate_pem,
        )
        self.secret = self.app.state.secret
        self.say_store(StoreBegun(STORE_ID, None))

    def _append_leaf(self, connection: Any, record: Record, envelope: bytes) -> int:
        leaf = HallUnderTest._append_leaf(self, connection, record, envelope)
        self.sign_head(connection)
        return leaf

    def sign_head(self, connection: Any) -> None:
        hashes = connection.execute(select(records.c.leaf_hash).order_by(records.c.leaf_index)).scalars()
        tree = Tree(hashes)
        point = Checkpoint(origin(CONGRESS, HALL, STORE_ID), tree.size, tree.root())
        connection.execute(update(log_head).values(note=sign_checkpoint(point, signer("store"))))

    def say_store(self, body: Body) -> None:
        seq, prev = self.store_chain
        record = Record(
            CONGRESS, HALL, STORE, Epoch(b"store---"), seq + 1, prev,
            Stamp(1, self.clock.since_ms, self.clock.now_ms, 0), body,
        )  # fmt: skip
        envelope = seal(encode_record(record), Purpose.RECORD, signer("store"))
        self.store_chain = (seq + 1, record_hash(envelope))
        with writing(self.engine) as connection:
            self._append_leaf(connection, record, envelope)

    def say_entry(self, accepted: Accept, envelope: bytes) -> None:
        with writing(self.engine) as connection:
            leaf = int(connection.execute(select(func.count()).select_from(records)).scalar_one())
            connection.execute(
                insert(records).values(
                    leaf_index=leaf,
                    device=claimed_signer(envelope),
                    epoch=b"",
                    seq=leaf,
                    kind=accepted.entry.body.kind,
                    verdict="ok",
                    subject=accepted.entry.contest.hex(),
                    received_ms=self.clock.now_ms,
                    record_hash=record_hash(envelope),
                    leaf_hash=leaf_hash(envelope),
                    envelope=envelope,
                )
            )
            connection.execute(update(log_head).values(size=leaf + 1))
            self.sign_head(connection)


@contextmanager
def secret_hall(engine: Engine) -> Iterator[SecretHall]:
    """A hall on this empty database."""
    metadata.create_all(engine)
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.fromtimestamp(START_MS / 1000, UTC)
    authority = issuing.create_authority(HALL, key, now=now, serial=x509.random_serial_number())
    yield SecretHall(engine, authority)
    engine.dispose()


class Congress:
    """A sitting of voters at keypads, all of them alive, and everybody who signs papers."""

    def __init__(self, hall: SecretHall, voters: int = 4, **question: Any) -> None:
        self.hall = hall
        self.browser = hall.client("secretariat")
        technician = hall.client("technician")
        for number in range(1, voters + 1):
            hall.register(technician, f"keypad-{number}")
        self.members = members_of(hall, self.browser, NAMES[:voters])
        roll = [
            {"member": member, "device": f"keypad-{number}", "seat": f"A{number}"}
            for number, member in enumerate(self.members, start=1)
        ]
        body = {"sitting": SITTING, "title": "Phiên một", "quorum_num": 1, "quorum_den": 2, "roll": roll}
        ok(self.browser.post("/api/sittings", json=body), 201)
        ok(self.browser.post(f"/api/sittings/{SITTING}/open", json={}))
        hall.alive()
        asked = {"question": QUESTION, "text": "Bầu chủ tịch?", "preset": "simple-majority", **question}
        prepared = ok(self.browser.post(f"/api/sittings/{SITTING}/secret-questions", json=asked), 201)
        self.contest = ContestId(bytes.fromhex(prepared["contest"]))
        self.log = SecretLog(hall.office)
        self.performer = Performer(GROUP)
        self.election = Election(voters_n=voters, contest=self.contest)
        self.election.offer = self.offer  # type: ignore[method-assign]  # entries go through the hall's log
        self.follow()
        for number in range(1, voters + 1):
            self.say_key(number)

    # -- units ---------------------------------------------------------------------------------------------

    def say_key(self, number: int, key: bytes | None = None, device: str | None = None) -> None:
        """A unit answers the notice with its session key."""
        row = {
            "contest": self.contest,
            "device": device or f"keypad-{number}",
            "key": key or self.election.units[number - 1].raw_key,
            "received_ms": self.hall.clock.now_ms,
        }
        with writing(self.hall.engine) as connection:
            connection.execute(insert(session_keys).values(**row))

    def offer(self, envelope: bytes) -> Verdict:
        """As ingest does: judge, then a leaf and, behind a commitment, a beacon; or a signed refusal."""
        with reading(self.hall.engine) as connection, self.log.seen(connection) as seen:
            found = seen.board.judge_cheap(envelope)
            if isinstance(found, Pending):
                found = seen.board.judge_again(found, self.performer(found.work))
        if isinstance(found, Accept):
            self.hall.say_entry(found, envelope)
            if isinstance(found.entry.body, Ready | Prepared | Abandoned):
                self.hall.say_store(Beacon(self.contest, self.hall.random(32)))
        elif isinstance(found, Refuse):
            self.hall.say_store(
                BallotRefusal(self.contest, found.entry.voter, found.entry_hash, found.body_hash, found.code)
            )
        self.follow()
        return found

    def follow(self) -> None:
        """What the desk has signed becomes leaves; the units see where the board is."""
        self.hall.append()
        with reading(self.hall.engine) as connection, self.log.seen(connection) as seen:
            self.election.board = seen.board

    def vote(self, *choices: Sequence[int]) -> None:
        for unit, choice in zip(self.election.units, choices, strict=False):
            assert isinstance(unit.vote(choice), Accept)

    # -- officers ------------------------------------------------------------------------------------------

    def hand_in(self, body: DocumentBody, names: Iterable[str] | None = None) -> httpx.Response:
        names = SIGNERS[type(body)] if names is None else names
        return self.upload(signed(body, names))

    def upload(self, data: bytes) -> httpx.Response:
        answer = self.browser.post("/api/documents", json={"document": base64.b64encode(data).decode()})
        self.hall.append()
        return answer

    def roll_made(self) -> None:
        ok(self.hand_in(self.election.record), 201)
        ok(self.hand_in(self.election.rows.roll(CONGRESS), ("comm-1", "comm-2")), 201)
        ok(self.hand_in(self.election.rows), 201)

    def ready_to_open(self) -> "Congress":
        self.roll_made()
        assert ok(self.hand_in(self.election.manifest), 201)["waiting"] is None
        return self

    def opened(self) -> "Congress":
        self.ready_to_open()
        ok(self.step("open"))
        return self

    def step(self, which: str, **body: bool) -> httpx.Response:
        answer = self.browser.post(self.path(f"/{which}"), json=body)
        self.follow()
        return answer

    def witness(self, *names: str) -> Checkpoint:
        """These witnesses (all, when none is named) come by once."""
        point = Checkpoint("", 0, b"")
        for name in names or WITNESSES:
            offer = ok(self.hall.client().get("/api/log/checkpoint?since=0"))
            line = cosignature(offer["note"], name, signer(name), self.hall.clock.now_ms // 1000)
            answer = self.hall.client().post("/api/log/cosignatures", json={"name": name, "line": line})
            assert answer.status_code == 204, answer.text
            origin_of, size, root = offer["note"].split("\n")[:3]
            point = Checkpoint(origin_of, int(size), base64.b64decode(root))
        return point

    def close_body(self) -> Close:
        """What the chair signs, on what the desk offers."""
        draft = ok(self.browser.get(self.path("/close-draft")))
        return Close(
            CONGRESS, HALL, self.contest, draft["size"], base64.b64decode(draft["root"]),
            self.hall.clock.now_ms,
        )  # fmt: skip

    def closed(self) -> "Congress":
        """By the chair, and witnesses have seen it."""
        self.witness()
        ok(self.hand_in(self.close_body()), 201)
        self.follow()
        self.witness()
        return self

    def ended(self, *without: int) -> "Congress":
        for number, unit in enumerate(self.election.units, start=1):
            if number not in without:
                assert isinstance(unit.end(), Accept)
        self.witness()
        return self

    def tally_body(self, point: Checkpoint | None = None) -> Tally:
        self.follow()
        point = point or self.witness()
        found = self.election_found()
        return found.tally(point.size, point.root)  # type: ignore[no-any-return]

    def election_found(self) -> Any:
        from ballot.tally.count import electing

        found = electing(GROUP, self.election.board.contests[self.contest])
        assert found is not None
        return found

    def tallied(self, *, witnessed: bool = True) -> Tally:
        """In the log; witnesses have seen it there, without which nobody gives a share."""
        tally = self.tally_body()
        assert ok(self.hand_in(tally), 201)["waiting"] is None
        self.follow()
        if witnessed:
            self.hall.clock.step(OFFER_MS)
            self.witness()
        return tally

    def share(self, tally: Tally, number: int) -> httpx.Response:
        body: Share = self.election.share(tally, number)
        answer = self.hand_in(body, (TRUSTEES[number - 1],))
        self.follow()
        return answer

    def result_body(self) -> Result:
        told = ok(self.browser.get(self.path("/result")))
        return Result(
            CONGRESS, HALL, self.contest, bytes.fromhex(told["manifest"]), bytes.fromhex(told["tally"]),
            tuple(told["counts"]), bytes.fromhex(told["facts_bytes"]), None, told["outcome_text"],
            bytes.fromhex(told["root"]), told["size"],
        )  # fmt: skip

    # -- looking -------------------------------------------------------------------------------------------

    def path(self, tail: str = "") -> str:
        return f"/api/contests/{self.contest.hex()}{tail}"

    def seen(self) -> dict[str, Any]:
        found: dict[str, Any] = ok(self.browser.get(self.path()))
        return found


def dispose(congress: Congress, number: int, reason: str = "mất điện") -> Disposition:
    voter = congress.election.units[number - 1].voter
    return Disposition(CONGRESS, congress.contest, ((voter, reason),))


def kept(hall: SecretHall) -> tuple[int, int]:
    """How many papers and desk records there are."""
    with reading(hall.engine) as connection:
        return (
            connection.execute(select(func.count()).select_from(documents)).scalar_one(),
            connection.execute(select(func.count()).select_from(desk_queue)).scalar_one(),
        )
