"""kill -9 at the desk, between two things that it does: nothing sealed lies about, the desk knows its key,
and no consent stays in force for nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge.enrol.adapters.sealed_shelf import SealedShelf, erase_station
from edge.enrol.consent import Channel
from fleet.accounts.rules import Role
from fleet.people import store as people
from tests.edge.enrol.desk_under_test import DeskUnderTest, ok
from tests.edge.enrol.test_station_folder import CONGRESS, MEMBER, kept, reopened
from wire.ids import MemberRef

pytestmark = pytest.mark.slow


class Killed(BaseException):
    """Nothing in the program catches it: what lies on the disk is what a kill leaves."""


@pytest.fixture
def member(desk: DeskUnderTest) -> str:
    """Somebody who has said nothing about their face yet."""
    rows = [{"name": "Nguyễn Thị Đào"}]
    answer = desk.hall.client(Role.SECRETARIAT).post("/api/members", json={"members": rows})
    return str(answer.json()[0]["member"])


@contextmanager
def killed(desk: DeskUnderTest, method: str, path: str, *, answered: bool) -> Iterator[None]:
    """Within it, at this request: before it leaves, or as its answer arrives. The desk is started again."""
    request = desk.cable.request

    def until(asked: str, url: str, **options: object) -> object:
        at = (asked, url) == (method, path)
        if at and not answered:
            raise Killed
        answer = request(asked, url, **options)  # type: ignore[arg-type]
        if at:
            raise Killed
        return answer

    desk.cable.request = until  # type: ignore[method-assign,assignment]
    with pytest.raises(Killed):
        yield
    desk.cable.request = request  # type: ignore[method-assign]
    desk.cable.cookies.clear()
    desk.stop()
    desk.start()


def at_the_desk(desk: DeskUnderTest, member: str, photograph: Path) -> None:
    desk.sign_in()
    desk.agreed(member)
    ok(desk.show(photograph))


def count(desk: DeskUnderTest) -> int:
    with desk.hall.office.look() as connection:
        return len(people.references(connection))


def in_force(desk: DeskUnderTest, member: str) -> bool:
    told = desk.hall.client(Role.SECRETARIAT).get(f"/api/members/{member}/consent").json()
    return bool(told["in_force"])


def write_is_cut_off(shelf: SealedShelf, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    def cut(_part: Path, _target: Path) -> Path:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", cut)
        with pytest.raises(Killed):
            shelf.put(kept())
    (left,) = (folder / "sealed").iterdir()
    assert b"references" in left.read_bytes()
    return left


@pytest.mark.parametrize("how", ["opened", "withdrawn", "destroyed"])
def test_sealed_references_of_a_write_that_was_cut_off_are_overwritten_and_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    shelf = SealedShelf(tmp_path, CONGRESS)
    left = write_is_cut_off(shelf, tmp_path, monkeypatch)
    with left.open("rb") as held:
        if how == "withdrawn":
            shelf.remove(MEMBER)
        shelf.close()
        if how == "opened":
            SealedShelf(tmp_path, CONGRESS).close()
        if how == "destroyed":
            (tmp_path / ".content.key.new").write_bytes(b"k" * 32)
            assert erase_station(tmp_path) == 0
            assert list(tmp_path.iterdir()) == []
        assert set(held.read()) == {0}
    assert not left.exists()


@pytest.mark.parametrize("suffix", [".json", ".gone"])
def test_an_erasure_that_was_cut_off_is_finished_at_the_next_start(tmp_path: Path, suffix: str) -> None:
    shelf = SealedShelf(tmp_path, CONGRESS)
    shelf.put(kept())
    shelf.note_withdrawal(MEMBER, Channel.DESK)
    path = tmp_path / "sealed" / f"{MEMBER.hex()}{suffix}"
    path.write_bytes(bytes(path.stat().st_size))
    shelf = reopened(shelf, tmp_path)
    assert not path.exists()
    shelf.close()


def test_killed_between_the_note_of_a_withdrawal_and_the_erasure_the_copy_goes_at_the_next_start(
    tmp_path: Path,
) -> None:
    shelf = SealedShelf(tmp_path, CONGRESS)
    shelf.put(kept())
    shelf.note_withdrawal(MEMBER, Channel.PAPER)
    shelf = reopened(shelf, tmp_path)
    assert (shelf.all(), shelf.withdrawals()) == ([], {MEMBER: Channel.PAPER})
    anew = kept()
    shelf.put(anew)
    shelf = reopened(shelf, tmp_path)
    assert shelf.all() == [anew], "they have consented again since"
    shelf.close()


@pytest.mark.parametrize("answered", [False, True], ids=["before-the-fleet-heard", "as-its-answer-came"])
def test_killed_while_it_gives_its_key_away_the_desk_does_not_take_it_for_somebody_elses(
    desk: DeskUnderTest, member: str, photographs: Path, answered: bool
) -> None:
    at_the_desk(desk, member, photographs / "obama/obama_1.jpg")
    with killed(desk, "PUT", "/api/references/keys", answered=answered):
        desk.counter.finish()
    assert desk.shelf.gates() == {}
    desk.read_off = False  # the key was read off the gate once, and that was noted
    desk.stop()
    desk.start()
    assert desk.sign_in()["waiting"] == 0
    assert count(desk) == 1
    assert set(desk.shelf.gates()) == {"gate-1"}
    assert desk.shelf.intended() == {}


def test_a_key_that_may_not_have_arrived_is_given_again(
    desk: DeskUnderTest, member: str, photographs: Path
) -> None:
    """The gate got a new sealing key, and the station was killed before it could wrap to it."""
    at_the_desk(desk, member, photographs / "obama/obama_1.jpg")
    ok(desk.finish())
    desk.shelf.intend_gates(desk.shelf.gates())
    asked: list[str] = []
    request = desk.cable.request

    def noted(method: str, url: str, **options: object) -> object:
        asked.append(url)
        return request(method, url, **options)  # type: ignore[arg-type]

    desk.cable.request = noted  # type: ignore[method-assign,assignment]
    desk.enrol(member, photographs / "obama/obama_2.jpg")
    assert asked.count("/api/references/keys") == 1
    assert desk.shelf.intended() == {}


def test_killed_after_the_consent_was_told_and_then_taken_back_it_is_withdrawn_at_the_fleet(
    desk: DeskUnderTest, member: str, photographs: Path
) -> None:
    at_the_desk(desk, member, photographs / "obama/obama_1.jpg")
    with killed(desk, "POST", f"/api/members/{member}/consent", answered=True):
        desk.counter.finish()
    assert in_force(desk, member)
    desk.sign_in(Role.USHER)  # who may not send
    desk.agreed(member)
    ok(desk.press("/api/visit/consent", "DELETE"))
    assert desk.shelf.find(MemberRef(bytes.fromhex(member))) is None
    desk.sign_in()
    assert not in_force(desk, member)
    assert count(desk) == 0


def test_killed_after_the_consent_was_told_the_references_go_at_the_next_sign_in(
    desk: DeskUnderTest, member: str, photographs: Path
) -> None:
    at_the_desk(desk, member, photographs / "obama/obama_1.jpg")
    with killed(desk, "POST", f"/api/members/{member}/consent", answered=True):
        desk.counter.finish()
    assert desk.sign_in()["waiting"] == 0
    assert count(desk) == 1
    assert in_force(desk, member)


def test_killed_within_a_withdrawal_it_is_finished_at_the_next_start(
    desk: DeskUnderTest, member: str, photographs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_the_desk(desk, member, photographs / "obama/obama_1.jpg")
    ok(desk.finish())

    def killed_here(_shelf: SealedShelf, _member: MemberRef) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(SealedShelf, "remove", killed_here)
        with pytest.raises(Killed):
            desk.counter.withdraw(MemberRef(bytes.fromhex(member)), Channel.DESK)
    desk.stop()
    desk.start()
    assert desk.shelf.all() == []
    assert desk.sign_in()["waiting"] == 0
    assert not in_force(desk, member)
    assert count(desk) == 0
