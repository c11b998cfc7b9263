"""A whole small sitting in a real store, with its result frozen, and its exported log."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from sqlalchemy import insert

from fleet.config import FleetConfig
from fleet.db import Engine, database_url, open_engine, upgrade, writing
from fleet.export import export
from fleet.recount import Pins
from fleet.tables import questions, sittings
from tests.fleet.ingest.simulated_hall import CONGRESS, HALL, Device, Hall, make_signer
from wire.ids import DESK, STORE, DeviceId, MemberRef, QuestionId, SittingId
from wire.records import (
    Alarm,
    OpenBallot,
    Passage,
    QuestionChanged,
    RollPage,
    SittingChanged,
)
from wire.signers import Ed25519Signer

SITTING, QUESTION = SittingId("s1"), QuestionId("q1")


def member(number: int) -> MemberRef:
    return MemberRef(bytes([number]) * 16)


def ballot(number: int, choice: str) -> OpenBallot:
    return OpenBallot(SITTING, QUESTION, member(number), choice)


def question(state: str) -> QuestionChanged:
    return QuestionChanged(SITTING, QUESTION, state, "Shall we?", True, 1, 2)


@dataclass
class Sitting:
    """The store, and where its keys are."""

    hall: Hall
    config: FleetConfig

    @property
    def pins(self) -> Pins:
        return Pins(self.hall.desk_signer.public_key.raw.hex(), self.hall.store.public_key.raw.hex())

    def export(self, path: Path) -> bytes:
        export(self.hall.engine, self.config, path)
        return path.read_bytes()


def write_keys(data: Path) -> None:
    (data / "keys").mkdir(parents=True)
    for office in (DESK, STORE):
        signer = make_signer(office)
        assert isinstance(signer, Ed25519Signer)
        key = ed25519.Ed25519PrivateKey.from_private_bytes(signer._secret[:32])
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (data / "keys" / f"{office}.key").write_bytes(pem)


def hold_sitting(hall: Hall) -> list[Device]:
    """Three keypads and a gate; three enter, one of them leaves; a revote, a late ballot, a record of a
    wrong role.
    """
    keypads = [hall.register(f"keypad-{number}") for number in (1, 2, 3)]
    gate = hall.register("gate-1", "gate")
    rows = tuple((member(number), DeviceId(f"keypad-{number}")) for number in (1, 2, 3))
    hall.act(RollPage(SITTING, 0, 1, rows), SittingChanged(SITTING, "open", 3, 1, 2))
    hall.turns()
    for number, direction in ((1, "in"), (2, "in"), (3, "in"), (3, "out")):
        hall.link.deliver("gate-1", gate.say(Passage(SITTING, member(number), direction, "face")))
    hall.turns()
    hall.act(question("prepared"), question("open"))
    hall.turns()
    for number, choice in ((1, "yes"), (2, "no"), (1, "no"), (1, "yes"), (3, "yes")):
        keypad = keypads[number - 1]
        hall.link.deliver(keypad.name, keypad.say(ballot(number, choice)))
    hall.link.deliver("gate-1", gate.say(ballot(3, "no")), gate.say(Alarm("door", "left open")))
    hall.turns()
    hall.act(question("closed"))
    hall.turns()
    hall.link.deliver("keypad-2", keypads[1].say(ballot(2, "yes")))
    hall.turns()
    return keypads


def freeze(hall: Hall, **changes: object) -> None:
    """The result as the API freezes it; `changes` make it a lie."""
    by_kind = {(row.device, row.seq): row.leaf_index for row in hall.leaves()}
    counted = [(1, "yes", "keypad-1", 3), (2, "no", "keypad-2", 1), (3, "yes", "keypad-3", 1)]
    assert hall.desk is not None
    result = {
        "yes": 2,
        "no": 1,
        "abstain": 0,
        "present": 2,
        "summoned": 3,
        "opened_leaf": by_kind[DESK, 8],
        "closed_leaf": by_kind[DESK, 9],
        "choices": [
            {"member": member(number).hex(), "choice": choice, "leaf": by_kind[device, seq], "device": device}
            for number, choice, device, seq in counted
        ],
        **changes,
    }
    with writing(hall.engine) as connection:
        connection.execute(
            insert(sittings).values(
                sitting=SITTING, title="First", state="open", quorum_num=1, quorum_den=2, created_ms=1
            )
        )
        connection.execute(
            insert(questions).values(
                question=QUESTION,
                sitting=SITTING,
                text="Shall we?",
                revote=True,
                majority_num=1,
                majority_den=2,
                state="closed",
                changed_ms=1,
                result=json.dumps(result),
            )
        )


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    yield from opened(f"sqlite:///{tmp_path / 'hall.db'}", tmp_path)


def opened(url: str, data: Path) -> Iterator[Engine]:
    engine = open_engine(database_url(data, {"HALLWARD_DATABASE_URL": url}))
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def config(tmp_path: Path) -> FleetConfig:
    write_keys(tmp_path / "data")
    return FleetConfig(tmp_path / "data", HALL, CONGRESS)


@pytest.fixture
def sitting(engine: Engine, config: FleetConfig) -> Sitting:
    hall = Hall(engine)
    hold_sitting(hall)
    return Sitting(hall, config)
