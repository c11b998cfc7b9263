"""What the desk has just said is a leaf a moment later: an export waits for it, though not for ever."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from fleet.export import PATIENCE_S, Patience, export
from tests.fleet.log.conftest import Sitting
from wire import cbor
from wire.records import Alarm


class Waiting:
    """A wait that lasts as long as it says on the test's clock, and during which something may happen."""

    def __init__(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        self.now_s, self._meanwhile = 0.0, meanwhile

    def wait(self, seconds: float) -> None:
        self.now_s += seconds
        self._meanwhile()

    def patience(self) -> Patience:
        return Patience(lambda: self.now_s, self.wait)


def leaves_of(path: Path) -> int:
    return sum(1 for _ in cbor.decode_sequence(path.read_bytes())) - 2


def test_what_waits_for_its_leaf_is_waited_for(
    sitting: Sitting, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, known = tmp_path / "hall.log", len(sitting.hall.leaves())
    sitting.hall.act(Alarm("one", "said"), Alarm("two", "said"))
    waiting = Waiting(sitting.hall.turns)
    with caplog.at_level(logging.WARNING):
        count = export(sitting.hall.engine, sitting.config, path, waiting.patience())
    assert (count, leaves_of(path)) == (known + 2, known + 2)
    assert 0 < waiting.now_s < PATIENCE_S
    assert caplog.text == ""


def test_nothing_is_waited_for_where_nothing_waits(sitting: Sitting, tmp_path: Path) -> None:
    waiting = Waiting()
    export(sitting.hall.engine, sitting.config, tmp_path / "hall.log", waiting.patience())
    assert waiting.now_s == 0


def test_while_ingest_stands_still_the_log_is_written_and_what_it_lacks_is_said(
    sitting: Sitting, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, known = tmp_path / "hall.log", len(sitting.hall.leaves())
    sitting.hall.act(Alarm("one", "said"), Alarm("two", "said"))
    waiting = Waiting()
    with caplog.at_level(logging.WARNING):
        count = export(sitting.hall.engine, sitting.config, path, waiting.patience())
    assert (count, leaves_of(path)) == (known, known)
    assert PATIENCE_S <= waiting.now_s < PATIENCE_S + 1
    assert "lacks 2 records of the desk" in caplog.text


def test_a_desk_that_goes_on_talking_keeps_no_export_waiting(
    sitting: Sitting, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sitting.hall.act(Alarm("one", "said"))

    def meanwhile() -> None:
        sitting.hall.turns()
        sitting.hall.act(Alarm("more", "said"))

    waiting = Waiting(meanwhile)
    with caplog.at_level(logging.WARNING):
        export(sitting.hall.engine, sitting.config, tmp_path / "hall.log", waiting.patience())
    assert waiting.now_s < 1
    assert caplog.text == ""
