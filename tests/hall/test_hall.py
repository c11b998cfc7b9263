"""Every promise of delivery and counting, in whole halls whose every misfortune comes from one number."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hall import faults
from tests.hall.faults import FAULTS, storm
from tests.hall.hall import Hall, run
from tests.hall.world import HallFault

MINUTES = 1.5
FEW, MANY = range(1, 4), range(4, 31)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """The product says each fault once in words; thirty halls of it would bury the one that matters."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("seed", FEW)
def test_a_hall_keeps_every_promise_and_heals(seed: int) -> None:
    report = run(seed, MINUTES)
    assert report.leaves > 50
    assert report.receipts > 50
    assert report.ballots_counted >= 4


@pytest.mark.slow
@pytest.mark.parametrize("seed", MANY)
def test_many_halls_keep_every_promise_and_heal(seed: int) -> None:
    run(seed, MINUTES)


@pytest.mark.slow
@pytest.mark.parametrize("fault", sorted({fault.__name__ for fault in FAULTS}))
def test_a_hall_survives_one_fault_again_and_again(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.hall.faults.FAULTS", (getattr(faults, fault),))
    run(40, MINUTES)


@pytest.mark.slow
def test_one_seed_is_one_hall() -> None:
    """The same seed gives the same trace in another process, whose sets and dicts hash differently."""
    traces = [_trace(hash_seed) for hash_seed in ("1", "2")]
    assert "officer: last-question: close" in traces[0]
    assert traces[0] == traces[1]


def _trace(hash_seed: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.hall", "7", "--minutes", "0.5"],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.rpartition("\n\n")[0]


class TestTheInvariantsSee:
    """A hall that never fails proves nothing unless its examiners would see a failure."""

    @pytest.fixture
    def hall(self) -> Iterator[Hall]:
        hall = Hall(3)
        yield hall
        hall.close()

    def test_a_record_that_vanishes_from_a_device(self, hall: Hall) -> None:
        def forget() -> None:
            rows = hall.devices["gate-1"].disk.rows
            rows.pop(max(rows))
            hall.devices["gate-1"].cut()

        hall.world.after(20_000, forget)
        with pytest.raises(HallFault, match="gate-1 has lost records"):
            hall.run(0.2)

    def test_a_leaf_that_vanishes_from_the_log(self, hall: Hall) -> None:
        hall.world.after(
            20_000, lambda: hall.fleet.tamper("DELETE FROM records WHERE leaf_index = (SELECT MAX(leaf_index)"
                                              " FROM records)")
        )  # fmt: skip
        with pytest.raises(HallFault, match=r"make hall SEED=3"):
            hall.run(0.2)

    def test_a_receipt_before_its_commit(self, hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("fleet.ingest.ledger.store.append_leaves", lambda *_: None)
        with pytest.raises(HallFault, match="leaves"):
            hall.run(0.2)

    def test_a_mark_without_the_record(self, hall: Hall) -> None:
        def believe() -> None:
            device = hall.devices["gate-1"]
            assert device.runtime is not None
            device.runtime.outbox._marked_seq = device.runtime.outbox.last_seq + 1

        hall.world.after(20_000, believe)
        with pytest.raises(HallFault, match="believes"):
            hall.run(0.2)

    def test_a_network_that_never_delivers(self, hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
        """Liveness: a fault that healing forgets is a fault found."""
        monkeypatch.setattr("tests.hall.faults.FAULTS", (storm,))
        monkeypatch.setattr(hall.broker, "fates", lambda _: [])
        with pytest.raises(HallFault, match=r"to send|cannot vote"):
            hall.run(0.2)
