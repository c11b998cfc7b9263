"""Withdrawal: deleted here, at the fleet and at the gates, and each gate's own word is shown as it comes."""

import errno
import io
import os
import re
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import get_args

import httpx
import pytest

from edge.enrol.__main__ import main
from edge.enrol.adapters.fleet_api import FleetApi
from edge.enrol.ports import GateProof, GateState
from edge.enrol.words import PAGE
from fleet.accounts.rules import Role
from fleet.desk import store as desk_store
from fleet.people import store as people
from tests.edge.enrol.desk_under_test import DeskUnderTest, ok
from tests.fleet.hall_under_test import members_of
from tests.servers.ports import free_port
from wire.down import ReferencesDelta
from wire.ids import DeviceId, MemberRef
from wire.records import Deletion

pytestmark = pytest.mark.slow


@pytest.fixture
def enrolled(desk: DeskUnderTest, photographs: Path) -> str:
    member = members_of(desk.hall, desk.hall.client(Role.SECRETARIAT), ["Nguyễn Thị Đào"])[0]
    desk.sign_in()
    desk.enrol(member, photographs / "obama/obama_1.jpg", photographs / "obama/obama_2.jpg")
    return member


def gate_answers(desk: DeskUnderTest, member: str) -> None:
    """gate-1 signs that it has forgotten this member."""
    with desk.hall.office.look() as connection:
        generation = desk_store.generations(connection, (ReferencesDelta.kind,))["gate-1"]
    desk.hall.append(("gate-1", Deletion("member", MemberRef(bytes.fromhex(member)), 2, generation, None)))


def test_the_page_shows_that_a_gate_is_waited_for_and_then_its_word(
    desk: DeskUnderTest, enrolled: str
) -> None:
    told = ok(desk.browser.post("/api/withdrawals", json={"member": enrolled, "channel": "desk"}))
    assert (told["kept"], told["waiting"]) == (0, 0)
    assert list((desk.folder / "sealed").iterdir()) == []
    with desk.hall.office.look() as connection:
        assert people.references(connection) == []
    (waits,) = ok(desk.browser.get(f"/api/withdrawals/{enrolled}"))
    assert waits == {"gate": "gate-1", "state": "waiting", "leaf": None}
    gate_answers(desk, enrolled)
    (done,) = ok(desk.browser.get(f"/api/withdrawals/{enrolled}"))
    assert (done["gate"], done["state"]) == ("gate-1", "deleted")
    assert done["leaf"] > 0


def test_who_has_withdrawn_is_no_duplicate_of_themselves_under_another_entry(
    desk: DeskUnderTest, enrolled: str, photographs: Path
) -> None:
    other = members_of(desk.hall, desk.hall.client(Role.SECRETARIAT), ["Trần Văn Bình"])[0]
    ok(desk.browser.post("/api/withdrawals", json={"member": enrolled, "channel": "desk"}))
    assert desk.enrol(other, photographs / "obama/obama_3.jpg")["kept"] == 1


def test_somebody_without_a_reference_may_withdraw_too(desk: DeskUnderTest) -> None:
    member = members_of(desk.hall, desk.hall.client(Role.SECRETARIAT), ["Lê Thị Cúc"])[0]
    desk.sign_in()
    for _ in range(2):
        told = ok(desk.browser.post("/api/withdrawals", json={"member": member, "channel": "paper"}))
        assert told["waiting"] == 0
        assert ok(desk.browser.get(f"/api/withdrawals/{'ab' * 16}")) == []


def test_a_sealed_copy_is_overwritten_before_its_name_goes(desk: DeskUnderTest, enrolled: str) -> None:
    path = desk.folder / "sealed" / f"{enrolled}.json"
    with path.open("rb") as held:
        assert b"references" in held.read()
        ok(desk.browser.post("/api/withdrawals", json={"member": enrolled, "channel": "desk"}))
        held.seek(0)
        assert set(held.read()) == {0}


def test_the_command_withdraws_and_waits_for_the_gates(
    desk: DeskUnderTest,
    enrolled: str,
    fleet_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = [
        "withdraw",
        str(desk.folder),
        "--member",
        enrolled,
        "--account",
        "secretariat",
        "--fleet",
        fleet_url,
    ]
    assert main(words) == 78
    assert "in use" in capsys.readouterr().err
    desk.stop()
    monkeypatch.setattr("sys.stdin", io.StringIO("four plain words here\n"))
    assert main([*words, "--wait", "0"]) == 1
    assert "gate-1: waiting" in capsys.readouterr().out
    assert list((desk.folder / "sealed").iterdir()) == []
    gate_answers(desk, enrolled)
    monkeypatch.setattr("sys.stdin", io.StringIO("four plain words here\n"))
    assert main(words) == 0
    assert "gate-1: deleted, line" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("states", "status", "said"),
    [
        (("deleted", "superseded"), 0, "gate-2: superseded by something later"),
        (("deleted", "waiting"), 1, "gate-2: waiting"),
        (("deleted", "revoked"), 1, "gate-2: revoked, cannot answer any more; tell the secretariat"),
        (("revoked", "superseded"), 1, "gate-2: superseded"),
    ],
)
def test_the_command_is_done_when_it_is_settled_at_every_gate(
    desk: DeskUnderTest,
    enrolled: str,
    fleet_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    states: tuple[GateState, ...],
    status: int,
    said: str,
) -> None:
    desk.stop()
    proofs = [GateProof(DeviceId(f"gate-{at}"), state, 7) for at, state in enumerate(states, 1)]
    monkeypatch.setattr(FleetApi, "proofs", lambda _fleet, _member: proofs)
    monkeypatch.setattr("sys.stdin", io.StringIO("four plain words here\n"))
    words = ["withdraw", str(desk.folder), "--member", enrolled, "--account", "secretariat", "--wait", "0"]
    assert main([*words, "--fleet", fleet_url]) == status
    assert said in capsys.readouterr().out


def test_whatever_a_gate_has_come_to_is_understood_and_has_words_on_the_page() -> None:
    states = [*get_args(GateState), "something new"]
    gates = [{"gate": f"gate-{at}", "state": state, "leaf": None} for at, state in enumerate(states)]
    answer = httpx.Response(200, json={"member": "ab" * 16, "withdrawn_ms": 1, "gates": gates})
    client = httpx.Client(transport=httpx.MockTransport(lambda _request: answer), base_url="http://fleet")
    with closing(FleetApi(client)) as fleet:
        told = [proof.state for proof in fleet.proofs(MemberRef(b"m" * 16))]
    assert told == [*get_args(GateState), "waiting"]
    script = (files("edge.enrol") / "static" / "desk.js").read_text()
    looks = re.search(r"PROOFS = \{(.*)\};", script)
    assert looks is not None
    assert set(re.findall(r"(\w+): \[", looks[1])) == set(get_args(GateState))
    assert {f"gate-{state}" for state in get_args(GateState)} <= PAGE.keys()


def test_the_command_deletes_here_even_when_the_fleet_is_down(
    desk: DeskUnderTest, enrolled: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.stop()
    monkeypatch.setattr("sys.stdin", io.StringIO("four plain words here\n"))
    words = ["withdraw", str(desk.folder), "--member", enrolled, "--account", "secretariat"]
    assert main([*words, "--fleet", f"http://127.0.0.1:{free_port()}"]) == 1
    assert "deleted here" in capsys.readouterr().err
    assert [path.suffix for path in (desk.folder / "sealed").iterdir()] == [".gone"]
    desk.start()
    assert desk.sign_in()["waiting"] == 0
    with desk.hall.office.look() as connection:
        assert people.references(connection) == []


def test_a_withdrawal_at_the_terminal_says_what_is_wrong_with_its_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["withdraw", str(tmp_path), "--account", "a", "--member"]
    assert main([*words, "abc", "--fleet", "http://127.0.0.1:1"]) == 78
    assert "32 hexadecimal digits" in capsys.readouterr().err
    assert main([*words, "ab" * 16, "--fleet", "http://127.0.0.1:1"]) == 78
    assert "no enrolment station" in capsys.readouterr().err


def test_on_a_full_disk_the_command_deletes_the_copy_all_the_same(
    desk: DeskUnderTest, enrolled: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    desk.stop()
    monkeypatch.setattr("sys.stdin", io.StringIO("four plain words here\n"))
    monkeypatch.setattr(os, "fsync", full)
    words = ["withdraw", str(desk.folder), "--member", enrolled, "--account", "secretariat"]
    assert main([*words, "--fleet", f"http://127.0.0.1:{free_port()}"]) != 0
    assert "the disk is full" in capsys.readouterr().err
    assert list((desk.folder / "sealed").iterdir()) == []
