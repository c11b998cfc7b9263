"""What lies in the station's folder, and what is wrong with it, in sentences."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from edge.device.errors import ConfigError, StoreError
from edge.enrol.adapters.sealed_shelf import SealedShelf, erase_station
from edge.enrol.consent import Channel, Consent
from edge.enrol.opened import references_of
from edge.enrol.ports import Kept, Ledger
from edge.enrol.upload import seal_references
from edge.rollcall_gate.eyes.embed import unit
from edge.rollcall_gate.frames import EmbedderId
from fleet.accounts.rules import Role
from tests.edge.enrol.desk_under_test import DeskUnderTest, ok, refused
from tests.fleet.hall_under_test import PASSWORD, members_of
from wire.ids import CongressId, MemberRef

CONGRESS = CongressId("congress-1")
EMBEDDER = EmbedderId(b"m" * 32, "runtime 1")
MEMBER = MemberRef(b"m" * 16)
CONSENT = Consent("1", "ab" * 32, "vi", Channel.PAPER, "desk-1")


def kept(member: MemberRef = MEMBER, key: bytes = bytes(32)) -> Kept:
    references = seal_references(
        [unit(np.random.default_rng(seed).standard_normal(128, np.float32), EMBEDDER) for seed in (1, 2)],
        congress=CONGRESS,
        member=member,
        content_key=key,
        random_bytes=os.urandom,
    )
    return Kept(member, references, "waiting", CONSENT, Ledger(False, 2))


def reopened(shelf: SealedShelf, folder: Path, congress: CongressId = CONGRESS) -> SealedShelf:
    shelf.close()
    return SealedShelf(folder, congress)


class FullDisk:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self._real = os.fsync

    def now(self) -> None:
        def full(_handle: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        self._monkeypatch.setattr(os, "fsync", full)

    def over(self) -> None:
        self._monkeypatch.setattr(os, "fsync", self._real)


@pytest.fixture
def full_disk_later(monkeypatch: pytest.MonkeyPatch) -> FullDisk:
    return FullDisk(monkeypatch)


def test_what_was_put_is_there_after_a_restart(tmp_path: Path) -> None:
    shelf = SealedShelf(tmp_path, CONGRESS)
    one = kept()
    shelf.put(one)
    shelf.note_withdrawal(MemberRef(b"w" * 16), Channel.DESK)
    shelf.intend_gates({"gate-1": "ab" * 32, "gate-2": "cd" * 32})
    shelf.note_gates({"gate-1": "ab" * 32})
    shelf = reopened(shelf, tmp_path)
    assert shelf.all() == [one]
    assert shelf.withdrawals() == {b"w" * 16: Channel.DESK}
    assert shelf.gates() == {"gate-1": "ab" * 32}
    assert shelf.intended() == {"gate-2": "cd" * 32}
    shelf.remove(MEMBER)
    shelf.withdrawal_told(MemberRef(b"w" * 16))
    shelf = reopened(shelf, tmp_path)
    assert (shelf.all(), shelf.withdrawals()) == ([], {})
    shelf.close()


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "station"
    shelf = SealedShelf(folder, CONGRESS)
    shelf.put(kept())
    shelf.close()
    for path in (folder, folder / "sealed"):
        assert path.stat().st_mode & 0o077 == 0, path
    for path in folder.rglob("*.json"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_the_station_of_another_congress_is_refused(tmp_path: Path) -> None:
    SealedShelf(tmp_path, CONGRESS).close()
    with pytest.raises(ConfigError, match="station of congress congress-1, not of congress-2"):
        SealedShelf(tmp_path, CongressId("congress-2"))


def test_a_fleet_of_another_congress_is_not_signed_in_to(tmp_path: Path, desk: DeskUnderTest) -> None:
    other = DeskUnderTest(tmp_path / "other", desk.hall, desk.pipeline, congress=CongressId("congress-2"))
    told = {"account": other.account(Role.SECRETARIAT), "password": PASSWORD}
    assert "congress-2" in refused(other.browser.post("/api/sign-in", json=told), "other-congress")["en"]
    assert ok(other.browser.get("/api/state"))["account"] is None
    assert not other.cable.cookies
    other.stop()


def test_two_programs_do_not_share_a_folder(tmp_path: Path) -> None:
    shelf = SealedShelf(tmp_path, CONGRESS)
    with pytest.raises(ConfigError, match="in use"):
        SealedShelf(tmp_path, CONGRESS)
    reopened(shelf, tmp_path).close()


def test_the_key_of_another_congress_opens_nothing_and_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"content\.key is not the key"):
        references_of([kept()], congress=CONGRESS, content_key=b"k" * 32, embedder=EMBEDDER)


def test_references_of_another_model_are_left_out(tmp_path: Path) -> None:
    other = EmbedderId(b"o" * 32, "runtime 1")
    assert references_of([kept()], congress=CONGRESS, content_key=bytes(32), embedder=other) == []


@pytest.mark.parametrize("damage", [b"", b"{}", b"[1]", b'{"format": "hallward-station/1"}', b"\xff" * 40])
def test_a_damaged_copy_is_named_and_nothing_is_overwritten(tmp_path: Path, damage: bytes) -> None:
    shelf = SealedShelf(tmp_path, CONGRESS)
    shelf.put(kept())
    path = tmp_path / "sealed" / f"{MEMBER.hex()}.json"
    path.write_bytes(damage)
    shelf.close()
    with pytest.raises(ConfigError, match=f"{MEMBER.hex()}.json is damaged"):
        SealedShelf(tmp_path, CONGRESS)
    assert path.read_bytes() == damage


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        (f"sealed/{MEMBER.hex()}.gone", "withdraw again"),
        (f"sealed/{MEMBER.hex()}.json", "enrol that member again"),
        ("station.json", "--replace-key"),
    ],
)
def test_the_sentence_for_a_damaged_file_says_what_repairs_that_very_kind(
    tmp_path: Path, name: str, remedy: str
) -> None:
    shelf = SealedShelf(tmp_path, CONGRESS)
    shelf.put(kept())
    shelf.note_withdrawal(MemberRef(b"w" * 16), Channel.DESK)
    shelf.close()
    (tmp_path / name).write_bytes(b'{"half')
    with pytest.raises(ConfigError, match=remedy):
        SealedShelf(tmp_path, CONGRESS)


def test_a_write_that_broke_off_leaves_what_was_there(tmp_path: Path) -> None:
    shelf = SealedShelf(tmp_path, CONGRESS)
    before = kept()
    shelf.put(before)
    (tmp_path / "sealed" / f".{MEMBER.hex()}.json.new").write_bytes(b'{"half')
    shelf = reopened(shelf, tmp_path)
    assert shelf.all() == [before]
    shelf.close()


def test_erasing_leaves_an_empty_folder(tmp_path: Path) -> None:
    shelf = SealedShelf(tmp_path, CONGRESS)
    shelf.put(kept())
    shelf.put(kept(MemberRef(b"n" * 16)))
    shelf.close()
    assert erase_station(tmp_path) == 2
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_said_and_what_was_there_stays(tmp_path: Path, full_disk_later: FullDisk) -> None:
    shelf = SealedShelf(tmp_path, CONGRESS)
    before = kept()
    shelf.put(before)
    full_disk_later.now()
    with pytest.raises(StoreError, match="the disk is full"):
        shelf.put(kept())
    assert shelf.all() == [before]
    full_disk_later.over()
    shelf = reopened(shelf, tmp_path)
    assert shelf.all() == [before]
    assert [path.name for path in (tmp_path / "sealed").iterdir()] == [f"{MEMBER.hex()}.json"]
    shelf.close()


def test_on_a_full_disk_nothing_is_sent_and_the_person_may_press_again(
    desk: DeskUnderTest, photographs: Path, full_disk_later: FullDisk
) -> None:
    member = members_of(desk.hall, desk.hall.client(Role.SECRETARIAT), ["Nguyễn Thị Đào"])[0]
    desk.sign_in()
    desk.agreed(member)
    ok(desk.show(photographs / "obama/obama_1.jpg"))
    full_disk_later.now()
    assert "the disk is full" in refused(desk.finish(), "store")["en"]
    assert len(ok(desk.browser.get("/api/state"))["visit"]["looks"]) == 1
    full_disk_later.over()
    assert ok(desk.finish())["kept"] == 1


def test_a_full_disk_keeps_nobody_from_withdrawing(
    desk: DeskUnderTest, photographs: Path, full_disk_later: FullDisk
) -> None:
    member = members_of(desk.hall, desk.hall.client(Role.SECRETARIAT), ["Nguyễn Thị Đào"])[0]
    desk.sign_in()
    desk.enrol(member, photographs / "obama/obama_1.jpg")
    full_disk_later.now()
    told = ok(desk.browser.post("/api/withdrawals", json={"member": member, "channel": "desk"}))
    assert told["waiting"] == 0
    assert list((desk.folder / "sealed").iterdir()) == []
    desk.cable.pulled = True
    refused(desk.browser.post("/api/withdrawals", json={"member": member, "channel": "desk"}), "store")
