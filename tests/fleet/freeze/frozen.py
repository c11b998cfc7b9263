"""A hall whose devices say what they run, and whose sitting is open."""

import hashlib
import json
from typing import Any

from sqlalchemy import delete, insert, select

from fleet.db import reading, writing
from fleet.freeze import override, store
from fleet.ingest import store as ingest
from fleet.tables import births, downlink
from tests.fleet.hall_under_test import HALL, HallUnderTest, TestClient, members_of, ok
from wire.down import DownMessage, FreezeNotice, parse_down
from wire.envelope import Purpose, verify
from wire.ids import DESK, DeviceId, Epoch, SittingId
from wire.records import GENESIS, Record, Stamp
from wire.updates import Attestation

SITTING = SittingId("s1")


def held(what: str, counter: int) -> str:
    """A component as a device reports it."""
    return f"{hashlib.sha256(what.encode()).hexdigest()} {counter}"


KEYPAD = {"firmware": held("keypad 4", 4), "environment": "0011223344556677"}
GATE = {"firmware": held("gate 4", 4), "models": held("models 2", 2)}


class FrozenHall:
    """Three keypads and a gate in service; keypad-3 is a spare. Linh is of the secretariat, Minh of the
    staff."""

    def __init__(self, hall: HallUnderTest) -> None:
        self.hall = hall
        technician = hall.client("technician")
        self.technician = technician
        for number in range(1, 4):
            hall.register(technician, f"keypad-{number}")
        hall.register(technician, "gate-1", "gate")
        self.linh = hall.client("secretariat", account="linh")
        self.minh = hall.client("staff", account="minh")
        self.members = members_of(hall, self.linh, ["Lan", "Minh"])
        roll = [
            {"member": member, "device": f"keypad-{number}", "seat": f"A{number}"}
            for number, member in enumerate(self.members, start=1)
        ]
        body = {"sitting": SITTING, "title": "Phiên một", "quorum_num": 1, "quorum_den": 2, "roll": roll}
        ok(self.linh.post("/api/sittings", json=body), 201)

    def born(self, name: str, holds: dict[str, str]) -> None:
        """The device connects and says what it runs, besides its twin's keys."""
        row = {
            "device": name,
            "epoch": bytes(8),
            "boot": 1,
            "last_seq": 0,
            "software": "test",
            "twin_generation": 0,
            "reported": json.dumps({**holds, "seat": "ok"}),
            "received_ms": self.hall.clock.now_ms,
        }
        with writing(self.hall.engine) as connection:
            connection.execute(delete(births).where(births.c.device == name))
            connection.execute(insert(births), [row])

    def open(self) -> "FrozenHall":
        for name in ("keypad-1", "keypad-2"):
            self.born(name, KEYPAD)
        self.born("gate-1", GATE)
        self.hall.alive("keypad-1", "keypad-2", "gate-1")
        ok(self.linh.post(f"/api/sittings/{SITTING}/open", json={}))
        return self

    def close(self) -> None:
        ok(self.linh.post(f"/api/sittings/{SITTING}/close", json={}))

    def wish(self, device: str | None = "keypad-3", **changes: Any) -> dict[str, Any]:
        return {"sitting": SITTING, "device": device, "reason": "It hangs", "minutes": 30, **changes}

    def lift(self, device: str | None = "keypad-3", minutes: int = 30) -> dict[str, Any]:
        """Minh asks, Linh agrees."""
        asked = ok(self.minh.post("/api/freeze/overrides", json=self.wish(device, minutes=minutes)), 201)
        done: dict[str, Any] = ok(self.linh.post(f"/api/freeze/overrides/{asked['id']}/agree", json={}))
        return done

    def states(self) -> list[str]:
        """How far each wish to lift it has come, in order."""
        with self.hall.office.look() as connection:
            return [row.state for row in store.of_sitting(connection, SITTING)]

    def step(self, ms: int) -> None:
        """Time passes, and the ticker looks."""
        self.hall.clock.step(ms)
        with self.hall.office.keep() as connection:
            self.hall.office.desk.renew(connection)
        override.follow(self.hall.office)

    def told(self, audience: str) -> DownMessage | None:
        """The freeze notice that this audience hears."""
        with reading(self.hall.engine) as connection:
            query = select(downlink.c.envelope).where(
                downlink.c.audience == audience, downlink.c.kind == FreezeNotice.kind
            )
            envelope = connection.execute(query).scalar_one_or_none()
        if envelope is None:
            return None
        verified = verify(envelope, Purpose.DOWN, DESK, self.hall.office.desk.signer.public_key)
        return parse_down(verified, HALL, DeviceId(audience), 0)

    def attest(
        self, device: str, leaf: int, *rows: tuple[str, bytes | None, bytes | None], **more: Any
    ) -> None:
        """The device's own word is a leaf."""
        values: dict[str, Any] = {"from_ms": 5, "to_ms": 9, "boots": 0, "lifted": False, **more}
        body = Attestation(SITTING, rows=rows or (("firmware", b"f" * 32, b"f" * 32),), **values)
        record = Record(
            self.hall.office.desk.congress, HALL, DeviceId(device), Epoch(bytes(8)), 1, GENESIS,
            Stamp(1, 1, self.hall.clock.now_ms, 0), body,
        )  # fmt: skip
        with writing(self.hall.engine) as connection:
            ingest.write_attestation(connection, leaf, record, self.hall.clock.now_ms)

    def report(self, browser: TestClient | None = None) -> dict[str, Any]:
        found: dict[str, Any] = ok((browser or self.linh).get(f"/api/sittings/{SITTING}/attestation"))
        return found
