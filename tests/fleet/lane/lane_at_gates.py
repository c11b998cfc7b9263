"""What gates hear of the lane: read from the desk's outgoing messages, verified as a gate would."""

from collections.abc import Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import select

from fleet.db import reading
from fleet.tables import downlink
from tests.fleet.hall_under_test import CONGRESS, HALL, HallUnderTest, TestClient, ok
from wire.down import CommandMessage, DownMessage, LaneList, parse_down
from wire.envelope import Purpose, verify
from wire.ids import DESK, DeviceId
from wire.lane import Greeting, open_greeting, unwrap_lane_key


def gate_with_key(hall: HallUnderTest, browser: TestClient, name: str) -> X25519PrivateKey:
    """Register a gate that can open what is sealed to it; its private key."""
    key = X25519PrivateKey.generate()
    device = hall.provisioned(name, "gate")
    body = {
        "role": "gate",
        "place": f"place of {name}",
        "certificate": device.certificate,
        "sealing_key": key.public_key().public_bytes_raw().hex(),
    }
    ok(browser.post("/api/devices", json=body), 201)
    hall.devices[name] = device
    return key


def heard(hall: HallUnderTest, gate: str, kind: str) -> list[DownMessage]:
    """The messages of this kind in force for this gate, in the order in which they are said."""
    with reading(hall.engine) as connection:
        query = select(downlink.c.envelope).where(downlink.c.audience == gate, downlink.c.kind == kind)
        envelopes = connection.execute(query.order_by(downlink.c.id)).scalars().all()
    return [
        parse_down(
            verify(envelope, Purpose.DOWN, DESK, hall.office.desk.signer.public_key),
            HALL,
            DeviceId(gate),
            hall.clock.now_ms,
        )
        for envelope in envelopes
    ]


def pages(hall: HallUnderTest, gate: str) -> list[LaneList]:
    return [
        message.body for message in heard(hall, gate, LaneList.kind) if isinstance(message.body, LaneList)
    ]


def commands(hall: HallUnderTest, gate: str) -> list[CommandMessage]:
    found = heard(hall, gate, CommandMessage.kind)
    return [message.body for message in found if isinstance(message.body, CommandMessage)]


def opened(hall: HallUnderTest, gate: str, key: X25519PrivateKey) -> dict[str, tuple[int, Greeting]]:
    """member -> (serial, greeting), as this gate opens its list."""
    found: dict[str, tuple[int, Greeting]] = {}
    for page in pages(hall, gate):
        lane_key = unwrap_lane_key(page.wrapped_key, key, congress=CONGRESS, gate=DeviceId(gate))
        for member, serial, sealed in page.rows:
            greeting = open_greeting(sealed, lane_key, congress=CONGRESS, member=member, serial=serial)
            found[member.hex()] = (serial, greeting)
    return found


def sitting_of(browser: TestClient, roll: Sequence[dict[str, Any]], name: str = "s1") -> None:
    """Prepare and open a sitting with this roll."""
    body = {"sitting": name, "title": "First", "quorum_num": 1, "quorum_den": 2, "roll": list(roll)}
    ok(browser.post("/api/sittings", json=body), 201)
    ok(browser.post(f"/api/sittings/{name}/open", json={}))
