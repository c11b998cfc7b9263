"""A hall with an open question, whose log the real ingest writes: what is refused there is refused here."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519
from sqlalchemy import select, update

from ballot.hall_log.leaf import checked_record
from fleet.db import Connection, reading, writing
from fleet.devices import store as devices
from fleet.ingest.accept import Verified
from fleet.ingest.draft import Now
from fleet.ingest.ledger import Batch, Ledger
from fleet.tables import desk_queue, records
from fleet.votes import acts
from fleet.votes.watch import Watch
from tests.fleet.hall_under_test import CONGRESS, HALL, HallUnderTest, members_of, ok
from tests.fleet.places.floor import Floor, seat_line
from wire.envelope import Purpose, seal, verify
from wire.ids import STORE, DeviceId, Epoch, MemberRef, QuestionId, SittingId
from wire.records import OpenBallot, Record, Stamp, encode_record, record_hash
from wire.signers import Ed25519Signer

SITTING, QUESTION = SittingId("s1"), QuestionId("q1")


class SwapHall:
    """Lan at keypad-1, Minh at keypad-2; keypad-8 and keypad-9 are spares. Votes arrive when the test says
    so."""

    def __init__(self, hall: HallUnderTest, *, revote: bool = False) -> None:
        self.hall, self.floor = hall, Floor(hall)
        hall.ingest_runs = False
        self.chair = hall.client("secretariat")
        self.floor.plan(seat_line(1, "KP-1"), seat_line(2), seat_line(3))
        self.floor.register("keypad-1", place_id="s-1", serial="KP-1")
        self.floor.register("keypad-2", place_id="s-2")
        self.floor.register("keypad-8", serial="KP-8")
        self.floor.register("keypad-9", serial="KP-9")
        self.members = members_of(hall, self.chair, ["Lan", "Minh"])
        roll = [
            {"member": member, "device": f"keypad-{number}", "seat": f"A{number}"}
            for number, member in enumerate(self.members, start=1)
        ]
        body = {"sitting": SITTING, "title": "Phiên một", "quorum_num": 1, "quorum_den": 2, "roll": roll}
        ok(self.chair.post("/api/sittings", json=body), 201)
        hall.alive()
        signer = Ed25519Signer(STORE, ed25519.Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\x04"))
        desk = hall.office.desk.signer.public_key
        self.ledger = Ledger(
            hall.engine, signer, desk, CONGRESS, HALL, hall.random, lambda _key, _words: None
        )
        self.ledger.open(self._now())
        self.watch = Watch(hall.office)
        self.turn()
        self._question(revote=revote)

    def _question(self, *, revote: bool) -> None:
        ok(self.chair.post(f"/api/sittings/{SITTING}/open", json={}))
        self.turn()
        body = {"question": QUESTION, "text": "Thông qua nghị quyết?", "revote": revote}
        ok(self.chair.post(f"/api/sittings/{SITTING}/questions", json=body), 201)
        ok(self.chair.post(f"/api/questions/{QUESTION}/open", json={"accept_missing": True}))
        self.turn()

    def _now(self) -> Now:
        return Now(self.hall.clock.wall_ms(), self.hall.clock.monotonic_ms())

    def say(self, name: str, choice: str, number: int = 1) -> bytes:
        """This keypad signs a vote of the member of that number; where it goes is the test's to say."""
        device = self.hall.devices[name]
        device.seq += 1
        member = MemberRef(bytes.fromhex(self.members[number - 1]))
        record = Record(
            CONGRESS, HALL, device.device, Epoch(bytes(8)), device.seq, device.prev_hash,
            Stamp(1, self.hall.clock.since_ms, self.hall.clock.now_ms, 0),
            OpenBallot(SITTING, QUESTION, member, choice),
        )  # fmt: skip
        envelope = seal(encode_record(record), Purpose.RECORD, device.signer)
        device.prev_hash = record_hash(envelope)
        return envelope

    def turn(self, *arrived: tuple[str, bytes]) -> None:
        """Ingest commits what the desk has waiting, then these records."""
        self.hall.clock.step(10)
        batch = Batch()
        for name, envelope in arrived:
            key = self.hall.devices[name].signer.public_key
            verified = verify(envelope, Purpose.RECORD, DeviceId(name), key)
            batch.records.append(Verified(checked_record(verified, envelope)[0], key))
            batch.envelopes.append(envelope)
        self.ledger.commit(batch, self._now())

    def desk_waits(self) -> list[int]:
        """Hide what the desk has waiting, as if its act were not committed yet."""
        with writing(self.hall.engine) as connection:
            hidden = list(
                connection.execute(
                    select(desk_queue.c.seq).where(desk_queue.c.leaf_index.is_(None))
                ).scalars()
            )
            self._mark(connection, hidden, -1)
        return hidden

    def desk_goes_on(self, hidden: list[int]) -> None:
        with writing(self.hall.engine) as connection:
            self._mark(connection, hidden, None)

    def _mark(self, connection: Connection, seqs: list[int], leaf: int | None) -> None:
        connection.execute(update(desk_queue).where(desk_queue.c.seq.in_(seqs)).values(leaf_index=leaf))

    def swap(self, dead: str = "keypad-1", spare: str = "keypad-9", reason: str = "does not start") -> Any:
        body = {"dead": dead, "spare": spare, "reason": reason}
        return self.floor.technician.post("/api/swap", json=body)

    def twin(self, name: str) -> dict[str, object]:
        with reading(self.hall.engine) as connection:
            return dict(devices.twin(connection, name))

    def verdicts(self, name: str) -> list[str]:
        with reading(self.hall.engine) as connection:
            query = select(records.c.verdict).where(records.c.device == name).order_by(records.c.leaf_index)
            return list(connection.execute(query).scalars())

    def close(self) -> dict[str, Any]:
        ok(self.chair.post(f"/api/questions/{QUESTION}/close", json={"accept_missing": True}), 202)
        self.turn()
        acts.complete(self.hall.office)
        found: dict[str, Any] = ok(self.chair.get(f"/api/questions/{QUESTION}/result"))
        return found
