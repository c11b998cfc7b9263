"""The congress is over: everybody is forgotten, the key that opened them destroyed, and a record says so."""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from edge.device.adapters.sealing_key import load_sealing_key
from edge.device.errors import DeviceError
from edge.rollcall_gate.adapters import sealing_key
from edge.rollcall_gate.adapters.sealing_key import replace_sealing_key
from edge.rollcall_gate.who.decide import Sample
from edge.rollcall_gate.who.sealing import SealBroken, unwrap_content_key
from tests.edge.power_cut import PowerCut, fuse
from tests.edge.rollcall_gate.rig import CONGRESS, GATE, SEALING_KEY, Rig, delta_of, lane_page, page_of
from tests.edge.rollcall_gate.synthetic import EMBEDDER, at_angle, member
from wire.down import Forget
from wire.records import Deletion

ROWS = [(member(1), 0, at_angle(0)), (member(1), 1, at_angle(5)), (member(2), 0, at_angle(90))]
GUESTS = [(member(1), 1, "Ánh", "B-12"), (member(2), 2, "Bình", "")]


def filled(rig: Rig) -> Rig:
    rig.open_sitting()
    rig.say(page_of(ROWS, EMBEDDER), generation=10)
    rig.say(delta_of(10, [(member(3), 0, at_angle(180))], EMBEDDER), generation=11)
    rig.say(lane_page(GUESTS), generation=12)
    return rig


@pytest.fixture
def rig() -> Rig:
    return filled(Rig())


def public(key: X25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def holds_nobody(rig: Rig) -> bool:
    holdings = rig.gate._holdings
    roster, lane = holdings.roster, holdings.lane
    kept = (roster.gallery.members, roster.base.members, roster.arriving.found, roster.changes.found)
    return not any(map(len, kept)) and lane.lane_key is None and not lane.sealed and not lane.by_serial


# -- at the gate ----------------------------------------------------------------------------------------


def test_everybody_is_gone_from_memory_and_one_record_says_how_many_and_the_new_key(rig: Rig) -> None:
    rig.say(page_of(ROWS[:1], EMBEDDER, page=0, pages=2), generation=13)  # half arrived
    rig.forget(13)
    assert holds_nobody(rig)
    assert rig.runtime.holds["references"] == "0/0"
    (new_key,) = rig.sealing_keys[1:]
    assert rig.deletions() == [Deletion("congress", None, 4, 13, public(new_key))]
    assert public(new_key) != public(SEALING_KEY)


def test_nobody_is_known_by_face_pin_or_name_any_more_and_a_badge_is(rig: Rig) -> None:
    rig.forget(12)
    rig.walk(*[Sample(at_angle(0), track=1)] * 3)
    assert rig.seen["decision"] == "NoMatch"
    rig.pin(member(1))
    assert rig.seen["decision"] == "WrongPin"
    rig.badge(member(1))
    assert rig.display.lines == ("Please walk in.",)


def test_who_is_being_looked_at_or_greeted_is_forgotten_too(rig: Rig) -> None:
    rig.walk(*[Sample(at_angle(0), track=1)] * 2)
    rig.keys("1E12")
    rig.forget(12)
    assert not rig.gate.looks
    assert rig.gate._reception.entry.is_empty
    other = filled(Rig())
    other.badge(member(1))
    assert other.display.lines[0] == "Welcome, Ánh."
    other.forget(12)
    other.wait(100)
    assert other.display.lines == ("Please walk in.",)
    assert other.go_through()


def test_what_was_sealed_to_the_old_key_is_never_taken_again(rig: Rig) -> None:
    rig.forget(12)
    rig.say(page_of(ROWS, EMBEDDER), generation=10)
    rig.say(delta_of(10, ROWS, EMBEDDER), generation=11)
    rig.say(lane_page(GUESTS), generation=12)
    assert holds_nobody(rig)
    assert rig.alarms() == []
    rig.say(page_of(ROWS, EMBEDDER), generation=20)
    rig.say(lane_page(GUESTS), generation=21)
    assert holds_nobody(rig)
    assert sorted(rig.alarms()) == ["lane-list-refused", "references-refused"]


def test_the_next_congress_is_sealed_to_the_new_key(rig: Rig) -> None:
    rig.forget(12)
    key = rig.sealing_keys[-1]
    rig.say(page_of(ROWS, EMBEDDER, sealed_to=key), generation=20)
    rig.say(lane_page(GUESTS, sealed_to=key), generation=21)
    rig.walk(*[Sample(at_angle(0), track=1)] * 3)
    assert rig.display.lines[0] == "Welcome, Ánh."


def test_the_same_word_again_does_nothing(rig: Rig) -> None:
    rig.forget(12)
    rig.forget(12)
    rig.forget(5)
    assert len(rig.deletions()) == 1
    assert len(rig.sealing_keys) == 2


def test_nor_does_it_after_a_restart_whether_the_fleet_or_the_disk_repeats_it(rig: Rig) -> None:
    rig.say(Forget(12), generation=90)
    again = rig.restarted()  # a kept message is delivered anew at the start
    again.say(Forget(12), generation=90)
    again.say(Forget(12), generation=91)
    assert len(again.deletions()) == 1
    assert again.sealing_keys == [SEALING_KEY]


def test_a_later_word_forgets_again(rig: Rig) -> None:
    rig.forget(12)
    rig.say(page_of(ROWS, EMBEDDER, sealed_to=rig.sealing_keys[-1]), generation=20)
    rig.forget(20)
    assert [d.references for d in rig.deletions()] == [4, 3]
    assert holds_nobody(rig)


def test_a_gate_that_held_nobody_says_that() -> None:
    rig = Rig()
    rig.forget(7)
    assert [(d.references, d.generation) for d in rig.deletions()] == [(0, 7)]


def test_on_a_full_disk_it_is_done_at_once_and_said_when_there_is_room(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.disk.full = True
    with caplog.at_level(logging.ERROR):
        rig.forget(12)
        assert holds_nobody(rig)
        for _ in range(20):
            rig.wait(500)
    assert caplog.text.count("a deletion was not stored") == 1
    assert rig.deletions() == []
    rig.disk.full = False
    rig.wait(500)
    assert [(d.references, d.sealing_key) for d in rig.deletions()] == [(4, public(rig.sealing_keys[-1]))]
    rig.wait(500)
    assert len(rig.restarted().deletions()) == 1


def test_a_power_cut_before_there_was_room_makes_it_be_done_again(rig: Rig) -> None:
    rig.disk.full = True
    rig.forget(12)
    rig.disk.full = False
    again = rig.restarted()
    again.forget(12)
    assert [(d.references, d.sealing_key) for d in again.deletions()] == [(0, public(again.sealing_keys[-1]))]


def test_a_key_that_cannot_be_destroyed_is_no_deletion_and_all_is_gone_from_memory(rig: Rig) -> None:
    def stuck() -> X25519PrivateKey:
        raise DeviceError("sealing.key cannot be replaced (Read-only file system)")

    rig.gate._holdings._new_key = stuck
    rig.forget(12)
    assert holds_nobody(rig)
    assert rig.deletions() == []
    assert rig.alarms() == ["key-not-destroyed"]
    rig.say(page_of(ROWS, EMBEDDER), generation=10)
    assert holds_nobody(rig), "the key still opens them, but they are not to be held"
    again = rig.restarted()
    again.forget(12)
    assert [d.scope for d in again.deletions()] == ["congress"]


def test_nothing_of_what_is_forgotten_was_logged(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        rig.forget(12)
    for word in ("Ánh", "Bình", member(1).hex(), SEALING_KEY.private_bytes_raw().hex()):
        assert word not in caplog.text


# -- the key as a file ----------------------------------------------------------------------------------


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "sealing.key"
    path.write_bytes(SEALING_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)
    return path


def test_there_is_a_new_key_of_the_owner_alone_and_nothing_beside_it(key_file: Path) -> None:
    made = replace_sealing_key(key_file)
    assert public(load_sealing_key(key_file)) == public(made) != public(SEALING_KEY)
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert list(key_file.parent.iterdir()) == [key_file]


def test_the_old_bytes_are_overwritten_where_they_lay(key_file: Path) -> None:
    old = key_file.read_bytes()
    with key_file.open("rb") as still_open:
        replace_sealing_key(key_file)
        left = still_open.read()
    assert left == bytes(len(old))


def test_what_was_wrapped_to_the_old_key_does_not_open_with_the_new(key_file: Path) -> None:
    wrapped = page_of(ROWS, EMBEDDER).wrapped_key
    with pytest.raises(SealBroken):
        unwrap_content_key(wrapped, replace_sealing_key(key_file), congress=CONGRESS, gate=GATE)


def test_what_a_cut_left_unfinished_is_no_hindrance(key_file: Path) -> None:
    key_file.with_name(".sealing.key.new").write_bytes(b"half a k")
    assert public(replace_sealing_key(key_file)) == public(load_sealing_key(key_file))
    assert list(key_file.parent.iterdir()) == [key_file]


def test_a_file_that_is_not_there_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="cannot be replaced") as caught:
        replace_sealing_key(tmp_path / "sealing.key")
    assert "start the gate again" in caught.value.diagnostics()


def test_a_disk_without_room_keeps_the_old_key(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    before = key_file.read_bytes()
    monkeypatch.setattr(sealing_key.os, "fsync", full)
    with pytest.raises(DeviceError, match="No space left"):
        replace_sealing_key(key_file)
    assert key_file.read_bytes() == before


# -- a power cut at every durable step ------------------------------------------------------------------


@dataclass
class Cut(Rig):
    """A gate whose key is a file; `burn` is called at each durable step of disk and key."""

    path: Path = Path()
    burn: Callable[[str], None] = lambda _: None

    def _new_key(self) -> X25519PrivateKey:
        self.burn("before the key")
        made = replace_sealing_key(self.path)
        self.burn("after the key")
        self.sealing_keys.append(made)
        return made


def cut_at(step: int, key_file: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Rig, bool]:
    """Forget, with the power cut at this step; then start again, and the fleet repeats itself."""
    gate = Cut(path=key_file)
    filled(gate)
    burn, was_cut = fuse(step), False
    with monkeypatch.context() as cutting:
        real = os.fsync
        cutting.setattr(sealing_key.os, "fsync", lambda fd: (burn("fsync"), real(fd))[1])
        gate.burn = gate.disk.step = burn
        try:
            gate.say(Forget(12), generation=90)
        except PowerCut:
            was_cut = True
    gate.disk.step = lambda _: None
    again = Cut(disk=gate.disk, clock=gate.clock, path=key_file, sealing_key=load_sealing_key(key_file))
    again.say(page_of(ROWS, EMBEDDER), generation=10)  # a stolen broker replays what it has
    again.say(Forget(12), generation=90)
    return again, was_cut


def test_wherever_the_power_is_cut_the_key_is_destroyed_and_it_is_said_in_the_end(
    key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = key_file.read_bytes()
    for step in range(1, 40):
        key_file.write_bytes(original)
        again, was_cut = cut_at(step, key_file, monkeypatch)
        assert public(load_sealing_key(key_file)) != public(SEALING_KEY), step
        assert holds_nobody(again), step
        said = again.deletions()
        assert 1 <= len(said) <= 2, step
        assert said[-1].sealing_key == public(load_sealing_key(key_file)), step
        if not was_cut:
            assert len(said) == 1
            break
    assert step > 8, "the power was cut at every step"
