"""The registry follows a gate's new sealing key after a congress, and is not led astray by one that lies."""

from dataclasses import dataclass
from typing import ClassVar

import pytest
from sqlalchemy import insert, select

from fleet.db import reading, writing
from fleet.desk import store as desk_store
from fleet.tables import devices
from tests.fleet.ingest.simulated_hall import MEMBER, Device, Hall
from wire.fields import Body, Check
from wire.records import Deletion


def sealing_key(hall: Hall, gate: str) -> bytes:
    with reading(hall.engine) as connection:
        found: bytes = connection.execute(
            select(devices.c.sealing_key).where(devices.c.device == gate)
        ).scalar_one()
    return found


def two_gates(hall: Hall) -> list[Device]:
    """In the log and in the registry, with a sealing key of o's."""
    gates = [hall.register(name, "gate") for name in ("gate-1", "gate-2")]
    with writing(hall.engine) as connection:
        for gate in gates:
            key = gate.signer.public_key
            connection.execute(
                insert(devices).values(
                    device=gate.name, role="gate", alg=int(key.alg), public_key=key.raw,
                    sealing_key=b"o" * 32, certificate="", place="", state="active",
                    registered_ms=1, generation=1,
                )
            )  # fmt: skip
    return gates


def told_to_forget(hall: Hall, gate: str, generation: int) -> None:
    with writing(hall.engine) as connection:
        desk_store.told_to_forget(connection, gate, generation)


def test_the_registry_follows_the_sealing_key_that_a_gate_signs_after_a_congress(hall: Hall) -> None:
    first, second = two_gates(hall)
    told_to_forget(hall, "gate-1", 7)
    hall.link.deliver("gate-1", first.say(Deletion("member", MEMBER, 3, 7, None)))
    hall.turns()
    assert (sealing_key(hall, "gate-1"), sealing_key(hall, "gate-2")) == (b"o" * 32, b"o" * 32)
    hall.link.deliver("gate-1", first.say(Deletion("congress", None, 9, 7, b"n" * 32)))
    hall.turns()
    assert (sealing_key(hall, "gate-1"), sealing_key(hall, "gate-2")) == (b"n" * 32, b"o" * 32)
    assert hall.of(first) == [(1, "ok"), (2, "ok")]
    assert hall.of(second) == []


def test_a_sealing_key_of_a_gate_that_was_not_told_to_forget_so_much_is_not_learned(
    hall: Hall, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = two_gates(hall)
    told_to_forget(hall, "gate-1", 7)
    hall.link.deliver("gate-1", first.say(Deletion("congress", None, 9, 8, b"n" * 32)))
    hall.link.deliver("gate-2", second.say(Deletion("congress", None, 9, 7, b"n" * 32)))
    hall.turns()
    assert (sealing_key(hall, "gate-1"), sealing_key(hall, "gate-2")) == (b"o" * 32, b"o" * 32)
    assert "gate-1 has signed another sealing key" in caplog.text
    assert "gate-2 has signed another sealing key" in caplog.text
    assert hall.of(first) == hall.of(second) == [(1, "ok")], "its word stays in the log"


LOW_ORDER = [
    b"\x01" + bytes(31),
    bytes.fromhex("ec" + "ff" * 30 + "7f"),
    bytes.fromhex("ed" + "ff" * 30 + "7f"),
]


@pytest.mark.parametrize("key", LOW_ORDER, ids=lambda key: key.hex()[:4])
def test_a_sealing_key_to_which_nothing_can_be_sealed_is_not_learned(
    hall: Hall, key: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    first, _ = two_gates(hall)
    told_to_forget(hall, "gate-1", 7)
    hall.link.deliver("gate-1", first.say(Deletion("congress", None, 9, 7, key)))
    hall.turns()
    assert sealing_key(hall, "gate-1") == b"o" * 32
    assert "nothing can be sealed to it" in caplog.text


@dataclass(frozen=True)
class LaxDeletion(Body):
    """As an older or hostile gate would encode it."""

    kind: ClassVar[str] = Deletion.kind
    checks: ClassVar[tuple[Check, ...]] = Deletion.checks
    scope: str
    member: bytes | None
    references: int
    generation: int
    sealing_key: bytes | None


def test_a_sealing_key_of_zeros_is_refused_with_its_record(hall: Hall) -> None:
    first, _ = two_gates(hall)
    told_to_forget(hall, "gate-1", 7)
    hall.link.deliver("gate-1", first.say(LaxDeletion("congress", None, 9, 7, bytes(32))))
    hall.turns()
    assert sealing_key(hall, "gate-1") == b"o" * 32
    assert hall.of(first) == [(1, "bad-schema")]


def test_a_keypad_cannot_say_that_references_were_deleted(hall: Hall) -> None:
    keypad = hall.register("gate-1", "keypad")
    hall.link.deliver("gate-1", keypad.say(Deletion("congress", None, 9, 7, b"n" * 32)))
    hall.turns()
    assert hall.of(keypad) == [(1, "wrong-role")]
