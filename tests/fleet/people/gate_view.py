"""What a gate holds of what it was told: base and delta out of the downlink, verified, put together as
SPEC §6.2 says."""

import base64
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from fleet.db import reading
from fleet.tables import downlink
from tests.fleet.hall_under_test import HALL, HallUnderTest, TestClient, ok
from wire.down import DownMessage, References, ReferencesDelta, parse_down
from wire.envelope import Purpose, verify
from wire.ids import DESK, DeviceId

MODEL = "ab" * 32
CONSENT = {
    "text_version": "2026-1",
    "text_sha256": "cd" * 32,
    "language": "vi",
    "channel": "desk",
    "station": "enrol-1",
}


@dataclass(frozen=True)
class AtGate:
    """base, delta: generations, 0 for none."""

    base: int
    delta: int
    base_pages: list[References]
    delta_pages: list[ReferencesDelta]

    @property
    def delta_rows(self) -> list[tuple[str, int, bytes]]:
        return [
            (member.hex(), index, sealed) for page in self.delta_pages for member, index, sealed in page.rows
        ]

    @property
    def held(self) -> dict[str, dict[int, bytes]]:
        """member -> index -> sealed"""
        assert all(page.base == self.base for page in self.delta_pages), "a delta on another base"
        named = {row[0] for row in self.delta_rows}
        rows = [(m.hex(), i, sealed) for page in self.base_pages for m, i, sealed in page.rows]
        found: dict[str, dict[int, bytes]] = {}
        for member, index, sealed in [*(row for row in rows if row[0] not in named), *self.delta_rows]:
            if sealed:
                found.setdefault(member, {})[index] = sealed
        return found


def messages(hall: HallUnderTest, gate: str, kind: str) -> list[DownMessage]:
    """In the order of their pages, verified."""
    with reading(hall.engine) as connection:
        query = select(downlink.c.envelope).where(downlink.c.audience == gate, downlink.c.kind == kind)
        envelopes = connection.execute(query.order_by(downlink.c.page)).scalars().all()
    key = hall.office.desk.signer.public_key
    return [
        parse_down(verify(envelope, Purpose.DOWN, DESK, key), HALL, DeviceId(gate), hall.clock.now_ms)
        for envelope in envelopes
    ]


def at_gate(hall: HallUnderTest, gate: str = "gate-1") -> AtGate:
    base, delta = (messages(hall, gate, kind) for kind in (References.kind, ReferencesDelta.kind))
    for told in (base, delta):
        assert len({message.generation for message in told}) <= 1
        assert [message.body.page for message in told] == list(range(len(told)))  # type: ignore[attr-defined]
        assert {message.body.pages for message in told} <= {len(told)}  # type: ignore[attr-defined]
    return AtGate(
        base[0].generation if base else 0,
        delta[0].generation if delta else 0,
        [message.body for message in base if isinstance(message.body, References)],
        [message.body for message in delta if isinstance(message.body, ReferencesDelta)],
    )


def last_id(hall: HallUnderTest) -> int:
    with reading(hall.engine) as connection:
        return int(connection.execute(select(func.max(downlink.c.id))).scalar_one() or 0)


def upload(who: list[str], model: str = MODEL, sealed: bytes = b"sealed", each: int = 3) -> dict[str, Any]:
    rows = [
        {"member": member, "index": index, "sealed": base64.b64encode(sealed).decode()}
        for member in who
        for index in range(each)
    ]
    return {"model_sha256": model, "runtime": "litert 2", "references": rows}


def enrol(chair: TestClient, who: list[str], **how: Any) -> None:
    """Upload these members' references and publish."""
    body = upload(who, **how)
    rows = body["references"]
    for at in range(0, len(rows), 480):
        ok(chair.post("/api/references", json={**body, "references": rows[at : at + 480]}), 201)
    ok(chair.post("/api/references/publish", json={}))


def give_key(chair: TestClient, gate: str, wrapped: bytes = b"wrapped key") -> None:
    key = {"device": gate, "wrapped": base64.b64encode(wrapped).decode()}
    ok(chair.put("/api/references/keys", json={"keys": [key]}))
