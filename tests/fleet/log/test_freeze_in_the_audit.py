"""The audit says what devices attest and who lifted a freeze, from the leaves alone; ingest keeps the same
for the pages."""

from pathlib import Path

import pytest
from sqlalchemy import select

from fleet.db import reading
from fleet.recount import recount
from fleet.tables import attestations, records
from tests.fleet.log.conftest import SITTING, Sitting, freeze
from wire.ids import DeviceId
from wire.records import SittingChanged
from wire.updates import Attestation, Override

pytestmark = pytest.mark.slow
A, B = b"a" * 32, b"b" * 32


def word(*rows: tuple[str, bytes | None, bytes | None]) -> Attestation:
    return Attestation(SITTING, 5, 9, 0, False, rows)


def test_what_devices_attest_stands_in_the_audit_and_beside_the_log(sitting: Sitting, tmp_path: Path) -> None:
    hall = sitting.hall
    freeze(hall)
    hall.act(
        Override(SITTING, DeviceId("gate-1"), "minh", "linh", "It hangs", 5),
        SittingChanged(SITTING, "closed", 3, 1, 2),
    )
    hall.turns()
    one, two = hall.register("keypad-8"), hall.register("gate-9", "gate")
    hall.link.deliver("keypad-8", one.say(word(("firmware", A, B))), one.say(word(("firmware", A, A))))
    hall.link.deliver("gate-9", two.say(word(("firmware", A, A), ("models", A, B))))
    hall.turns()
    with reading(hall.engine) as connection:
        verdicts = connection.execute(
            select(records.c.verdict).where(records.c.kind.in_(("attestation/1", "override/1")))
        ).scalars()
        assert list(verdicts) == ["ok"] * 4
        kept = {row.device: row for row in connection.execute(select(attestations))}
    assert kept["keypad-8"].unchanged, "its newest word"
    assert not kept["gate-9"].unchanged
    sitting.export(tmp_path / "hall.log")
    report = recount(tmp_path / "hall.log", sitting.pins)
    assert report.exit_code == 0
    lifted = next(line for line in report.lines() if "lifted the freeze" in line)
    assert lifted.startswith("Sitting s1: minh and linh lifted the freeze of gate-1 (It hangs), leaf ")
    said = next(line for line in report.lines() if "attest" in line)
    leaf = kept["gate-9"].leaf_index
    assert said == (
        "Sitting s1: 1 of 2 devices that spoke attest that nothing changed. "
        f"Changed: gate-9 (models), leaf {leaf}."
    )


def test_an_override_said_by_a_device_is_none(sitting: Sitting, tmp_path: Path) -> None:
    hall = sitting.hall
    freeze(hall)
    one = hall.register("keypad-8")
    hall.link.deliver("keypad-8", one.say(Override(SITTING, None, "minh", "linh", "I say so", 5)))
    hall.turns()
    with reading(hall.engine) as connection:
        query = select(records.c.verdict).where(records.c.kind == "override/1")
        assert connection.execute(query).scalars().all() == ["wrong-role"]
    sitting.export(tmp_path / "hall.log")
    report = recount(tmp_path / "hall.log", sitting.pins)
    assert not any("lifted" in line for line in report.lines())
