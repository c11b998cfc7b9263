"""Slots keep their word: whole or absent, one in force, golden always there."""

import hashlib
from pathlib import Path

import pytest

from edge.device.adapters.slots_folder import SlotsFolder
from edge.device.errors import UpdateRefused
from edge.device.launch import GOLDEN
from edge.device.updating.ports import Slots
from tests.edge.device.updating.unit import release


@pytest.fixture
def slots(tmp_path: Path) -> Slots:
    (tmp_path / "golden").mkdir()
    (tmp_path / "golden" / "detector.tflite").write_bytes(b"golden")
    return SlotsFolder(tmp_path / "slots", "models", tmp_path / "golden")


def archive(tmp_path: Path, counter: int) -> Path:
    path = tmp_path / f"{counter}.tar"
    path.write_bytes(release("models", counter))
    return path


def test_before_anything_golden_is_in_force_and_has_counter_0(slots: Slots) -> None:
    assert (slots.in_force(), slots.spare()) == (GOLDEN, "a")
    held = slots.holds(GOLDEN)
    assert held is not None
    assert held.counter == 0
    assert (slots.folder("a"), slots.holds("a")) == (None, None)


def test_what_is_staged_is_held_by_its_hash_and_in_force_only_after_the_switch(slots, tmp_path) -> None:
    slots.stage(archive(tmp_path, 1), 1)
    held = slots.holds("a")
    assert (held.sha256, held.counter) == (hashlib.sha256(release("models", 1)).digest(), 1)
    assert slots.in_force() == GOLDEN
    slots.switch("a")
    assert (slots.in_force(), slots.spare()) == ("a", "b")


def test_staging_never_touches_the_one_in_force(slots, tmp_path) -> None:
    for counter in (1, 2, 3):
        slots.stage(archive(tmp_path, counter), counter)
        slots.switch(slots.spare())
        slots.stage(archive(tmp_path, counter + 10), counter + 10)
        assert slots.holds(slots.in_force()).counter == counter


def test_golden_can_be_gone_back_to_at_any_time(slots, tmp_path) -> None:
    slots.stage(archive(tmp_path, 1), 1)
    slots.switch("a")
    slots.switch(GOLDEN)
    slots.switch(GOLDEN)
    assert slots.in_force() == GOLDEN
    assert slots.holds("a").counter == 1


def test_a_target_that_is_refused_leaves_no_slot_behind(slots, tmp_path) -> None:
    with pytest.raises(UpdateRefused):
        slots.stage(archive(tmp_path, 1), 2)
    assert slots.folder("a") is None


def test_a_slot_gives_back_the_target_that_it_was_made_of(slots, tmp_path) -> None:
    slots.stage(archive(tmp_path, 1), 1)
    assert slots.archive("a", tmp_path / "again.tar")
    assert (tmp_path / "again.tar").read_bytes() == release("models", 1)
    assert not slots.archive("b", tmp_path / "none.tar")
    assert not slots.archive(GOLDEN, tmp_path / "none.tar")
