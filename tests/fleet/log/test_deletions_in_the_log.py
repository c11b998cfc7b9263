"""A gate's word that it destroyed references is a leaf that the audit accepts and reads out; a keypad's is
refused."""

from pathlib import Path

from fleet.recount import Report, recount
from tests.fleet.log.conftest import Sitting, member
from wire.records import Deletion


def audited(sitting: Sitting, path: Path) -> Report:
    sitting.export(path)
    return recount(path, sitting.pins)


def test_deletions_of_gates_are_read_out_of_a_log_without_fault(sitting: Sitting, tmp_path: Path) -> None:
    gate = sitting.hall.register("gate-2", "gate")
    words = [
        Deletion("member", member(1), 3, 7, None),
        Deletion("member", member(1), 0, 8, None),
        Deletion("member", member(2), 0, 8, None),
        Deletion("congress", None, 5997, 9, b"n" * 32),
    ]
    sitting.hall.link.deliver("gate-2", *(gate.say(word) for word in words))
    sitting.hall.turns()
    report = audited(sitting, tmp_path / "hall.log")
    assert (report.faults, report.exit_code) == ((), 0)
    assert [leaf.body for leaf in report.deletions] == words
    lines = list(report.lines())
    assert "References of 2 members who withdrew: destroyed, by the word of gates." in lines
    leaf = report.deletions[-1].index
    assert f"Gate gate-2: destroyed all its references (5997), leaf {leaf}." in lines


def test_a_keypads_word_that_it_destroyed_references_is_refused_and_not_read_out(
    sitting: Sitting, tmp_path: Path
) -> None:
    before = audited(sitting, tmp_path / "before.log").refusals
    keypad = sitting.hall.register("keypad-9")
    sitting.hall.link.deliver("keypad-9", keypad.say(Deletion("congress", None, 9, 9, b"n" * 32)))
    sitting.hall.turns()
    report = audited(sitting, tmp_path / "hall.log")
    assert (report.faults, report.refusals, report.deletions) == ((), before + 1, ())
