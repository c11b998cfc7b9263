"""The audit of an exported log: what holds, what does not, and that every fault is named and nothing
crashes it.
"""

import io
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ballot.hall_log.format import encode_leaf, parse_leaf
from ballot.hall_log.replay import Place
from fleet.config import FleetConfig
from fleet.db import writing
from fleet.errors import ConfigError
from fleet.ingest import life, store
from fleet.log.commands import run_audit
from fleet.recount import Pins, Report, recount, recount_bytes
from tests.fleet.ingest.simulated_hall import Hall, make_signer
from tests.fleet.log.conftest import Sitting, freeze, hold_sitting, opened
from wire import cbor
from wire.errors import BadSchema
from wire.ids import DESK, STORE

pytestmark = pytest.mark.slow

KEYS = (make_signer(DESK).public_key, make_signer(STORE).public_key)


@pytest.fixture
def exported(sitting: Sitting, tmp_path: Path) -> bytes:
    freeze(sitting.hall)
    return sitting.export(tmp_path / "hall.log")


def audit(data: bytes) -> Report:
    return recount_bytes(data, KEYS)


def changed(data: bytes, change: Callable[[list[object]], None]) -> bytes:
    """The file with its items changed: header first, closing last."""
    items = [value for _, value in cbor.decode_sequence(data)]
    change(items)
    return b"".join(cbor.encode(item) for item in items)


def faults(report: Report) -> str:
    return "\n".join(str(fault) for fault in report.faults)


def test_an_honest_log_is_complete_under_pinned_keys(
    sitting: Sitting, exported: bytes, tmp_path: Path
) -> None:
    report = recount(tmp_path / "hall.log", sitting.pins)
    assert faults(report) == ""
    assert report.exit_code == 0
    (counted,) = report.results
    assert (counted.result.yes, counted.result.no, counted.result.abstain, counted.present) == (2, 1, 0, 2)
    assert report.attended == {"s1": 3}
    assert report.refusals == 1


@pytest.mark.postgres
def test_an_honest_log_out_of_postgresql_is_complete_too(
    postgres_url: str, config: FleetConfig, tmp_path: Path
) -> None:
    for engine in opened(postgres_url, tmp_path):
        hall = Hall(engine)
        hold_sitting(hall)
        freeze(hall)
        assert faults(audit(Sitting(hall, config).export(tmp_path / "hall.log"))) == ""


def test_without_pinned_keys_it_is_consistent_only_and_does_not_exit_zero(
    exported: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_audit(tmp_path / "hall.log") == 3
    assert "INTERNALLY CONSISTENT ONLY" in capsys.readouterr().out


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stderr", "says"), [(Terminal, True), (io.StringIO, False)])
def test_a_long_audit_shows_on_a_terminal_how_far_it_is(
    exported: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    stderr: type[io.StringIO],
    says: bool,
) -> None:
    monkeypatch.setattr("fleet.recount.PROGRESS_LEAVES", 1)
    screen = stderr()
    monkeypatch.setattr("sys.stderr", screen)
    run_audit(tmp_path / "hall.log")
    assert ("3 leaves checked" in screen.getvalue()) is says
    assert screen.getvalue().endswith("\x1b[K" if says else "")


def test_a_forger_with_keys_of_their_own_is_found_by_the_pins(exported: bytes, tmp_path: Path) -> None:
    other = make_signer("desk", "other").public_key.raw.hex()
    report = recount(tmp_path / "hall.log", Pins(other, KEYS[1].raw.hex()))
    assert "the file names another key of the desk" in faults(report)
    assert report.exit_code == 1


def test_the_same_log_is_exported_again_byte_for_byte(
    sitting: Sitting, exported: bytes, tmp_path: Path
) -> None:
    assert sitting.export(tmp_path / "again.log") == exported


@pytest.mark.parametrize("lie", [{"yes": 3}, {"no": 0}, {"abstain": 1}, {"present": 3}, {"summoned": 2}])
def test_a_result_that_the_log_does_not_bear_out_is_named(
    sitting: Sitting, tmp_path: Path, lie: dict[str, int]
) -> None:
    freeze(sitting.hall, **lie)
    report = audit(sitting.export(tmp_path / "hall.log"))
    (name, value) = next(iter(lie.items()))
    assert f"question q1: {name} is" in faults(report)
    assert f"the fleet says {value}" in faults(report)


def test_a_ballot_left_out_of_the_result_is_named_by_its_leaf(exported: bytes) -> None:
    def leave_out(items: list[object]) -> None:
        items[-1][2][0][9].pop(0)  # type: ignore[index]  # the first result's choices

    assert "this ballot counts, but the fleet's result lacks it" in faults(
        audit(changed(exported, leave_out))
    )


def test_every_single_leaf_that_is_damaged_is_named(exported: bytes) -> None:
    size = audit(exported).leaves
    for index in range(size):

        def damage(items: list[object], index: int = index) -> None:
            leaf = items[1 + index]
            leaf[1] = leaf[1][:-1] + bytes([leaf[1][-1] ^ 1])  # type: ignore[index]  # its signature's last byte

        report = audit(changed(exported, damage))
        assert index in [fault.leaf for fault in report.faults]
        assert "the leaves do not lead to the root" in faults(report)


def test_two_damaged_leaves_are_both_named(exported: bytes) -> None:
    def damage(items: list[object]) -> None:
        for index in (7, 12):
            items[1 + index][1] = b"nonsense"  # type: ignore[index]

    assert {7, 12} <= {fault.leaf for fault in audit(changed(exported, damage)).faults}


def test_every_single_leaf_that_is_left_out_is_noticed(exported: bytes) -> None:
    for index in range(audit(exported).leaves):
        report = audit(changed(exported, lambda items, index=index: items.pop(1 + index)))  # type: ignore[misc]
        assert report.exit_code == 1
        assert f"the file holds {report.leaves}" in faults(report)


def test_two_leaves_that_changed_places_are_noticed(exported: bytes) -> None:
    def swap(items: list[object]) -> None:
        items[10], items[11] = items[11], items[10]

    assert "stands in the file as leaf" in faults(audit(changed(exported, swap)))


def test_a_hole_in_a_devices_chain_names_device_epoch_and_seq(sitting: Sitting, exported: bytes) -> None:
    rows = sitting.hall.leaves()
    hole = next(row.leaf_index for row in rows if row.device == "keypad-1" and row.seq == 2)
    behind = next(row for row in rows if row.device == "keypad-1" and row.seq == 3)
    report = audit(changed(exported, lambda items: items.pop(1 + hole)))  # type: ignore[arg-type, return-value]
    place = Place("keypad-1", behind.epoch.hex(), 3)
    assert [fault.what for fault in report.faults if fault.place == place and "missing" in fault.what] == [
        "follows seq 1 of its epoch: seq 2 is missing"
    ]


@pytest.mark.parametrize(("device", "lie"), [("gate-1", "ok"), ("keypad-1", "wrong-role")])
def test_a_verdict_that_the_rules_do_not_give_is_named(
    sitting: Sitting, exported: bytes, device: str, lie: str
) -> None:
    index = next(
        row.leaf_index
        for row in sitting.hall.leaves()
        if row.device == device and row.kind.startswith("open")
    )

    def claim(items: list[object]) -> None:
        items[1 + index][2] = lie  # type: ignore[index]

    assert f"the file says {lie!r}" in faults(audit(changed(exported, claim)))


def test_a_refusal_that_is_missing_or_stands_alone_is_named(sitting: Sitting, exported: bytes) -> None:
    index = next(row.leaf_index for row in sitting.hall.leaves() if row.kind == "refusal/1")
    without = changed(exported, lambda items: items.pop(1 + index))  # type: ignore[arg-type, return-value]
    alone = changed(exported, lambda items: items.pop(index))  # type: ignore[arg-type, return-value]
    assert "but no such refusal follows" in faults(audit(without))
    assert "of a record that does not stand before it" in faults(audit(alone))


def test_a_cut_file_says_where_it_ends(exported: bytes) -> None:
    report = audit(exported[: len(exported) // 2])
    assert "the file is damaged behind byte" in faults(report)
    assert "lacks its closing item" in faults(report)
    assert report.leaves > 5


def test_a_file_of_nothing_is_no_log() -> None:
    assert "does not begin with the header" in faults(audit(b""))


def test_a_file_that_cannot_be_read_is_the_operators_to_correct(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        recount(tmp_path / "nowhere", None)
    (tmp_path / "empty").touch()
    with pytest.raises(ConfigError, match="--store must be an Ed25519 public key"):
        recount(tmp_path / "empty", Pins(KEYS[0].raw.hex(), "12"))


def test_a_restored_store_goes_on_in_the_same_log(sitting: Sitting, exported: bytes, tmp_path: Path) -> None:
    hall = sitting.hall
    with writing(hall.engine) as connection:
        values = life.next_life(store.read_settings(connection), hall.random)
        store.write_settings(connection, values)
    hall.start()
    report = audit(sitting.export(tmp_path / "restored.log"))
    assert faults(report) == ""
    assert hall.leaves()[-1].kind == "store/1"


@pytest.mark.slow
def test_no_single_byte_of_the_file_can_be_changed_unnoticed(exported: bytes) -> None:
    chosen = random.Random(7)
    for at in chosen.sample(range(len(exported)), 150):
        damaged = exported[:at] + bytes([exported[at] ^ (1 << chosen.randrange(8))]) + exported[at + 1 :]
        assert audit(damaged).exit_code == 1, f"byte {at}"


@given(st.binary(max_size=300))
def test_any_bytes_end_in_a_report(data: bytes) -> None:
    assert audit(data).exit_code == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.data())
def test_any_shuffle_of_the_items_ends_in_a_report(exported: bytes, data: st.DataObject) -> None:
    items = [value for _, value in cbor.decode_sequence(exported)]
    shuffled = data.draw(st.permutations(items))
    report = audit(b"".join(cbor.encode(item) for item in shuffled))
    assert report.exit_code == (0 if shuffled == items else 1)


def test_a_leaf_item_is_read_as_it_is_written() -> None:
    item = parse_leaf([3, b"bytes", "ok"])
    assert cbor.decode(encode_leaf(item), 100) == [3, b"bytes", "ok"]
    with pytest.raises(BadSchema):
        parse_leaf([3, b"bytes"])
