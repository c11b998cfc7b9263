"""Withdrawn at another desk, or straight at the fleet: this desk's copy goes, and nothing older is sent."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.enrol.adapters.key_file import KEY_FILE
from edge.enrol.adapters.sealed_shelf import STATION_FILE
from edge.enrol.consent import consent_texts
from edge.enrol.ports import Ledger
from edge.enrol.sending import withdrew_since
from fleet.accounts.rules import Role
from fleet.people import store as people
from tests.edge.enrol.desk_under_test import DeskUnderTest, ok
from tests.edge.enrol.test_station_folder import kept
from tests.fleet.hall_under_test import members_of

pytestmark = pytest.mark.slow


@pytest.fixture
def member(desk: DeskUnderTest) -> str:
    return members_of(desk.hall, desk.hall.client(Role.SECRETARIAT), ["Nguyễn Thị Đào"])[0]


@pytest.fixture
def other_desk(desk: DeskUnderTest, tmp_path: Path) -> Iterator[DeskUnderTest]:
    """With this one's key."""
    second = tmp_path / "second"
    second.mkdir()
    for name in (KEY_FILE, STATION_FILE):
        shutil.copy(desk.folder / name, second / name)
    other = DeskUnderTest(second, desk.hall, desk.pipeline)
    yield other
    other.stop()


def withdraw_at_fleet(desk: DeskUnderTest, member: str) -> None:
    office = desk.hall.client(Role.SECRETARIAT)
    ok(office.request("DELETE", f"/api/members/{member}/consent", json={"channel": "paper"}))


def consent_at_fleet(desk: DeskUnderTest, member: str) -> None:
    text = consent_texts()["vi"]
    body = {"text_version": text.version, "text_sha256": text.sha256, "language": "vi"}
    office = desk.hall.client(Role.SECRETARIAT)
    answer = office.post(
        f"/api/members/{member}/consent", json={**body, "channel": "paper", "station": "desk-2"}
    )
    assert answer.status_code == 201


def in_force(desk: DeskUnderTest, member: str) -> bool:
    told = desk.hall.client(Role.SECRETARIAT).get(f"/api/members/{member}/consent").json()
    return bool(told["in_force"])


def count(desk: DeskUnderTest) -> int:
    with desk.hall.office.look() as connection:
        return len(people.references(connection))


def sealed_files(desk: DeskUnderTest) -> list[Path]:
    return list((desk.folder / "sealed").iterdir())


@pytest.mark.parametrize("role", [Role.SECRETARIAT, Role.TECHNICIAN])
@pytest.mark.parametrize("where", ["desk", "fleet", "fleet-altogether", "fleet-and-consented-again"])
def test_the_copy_of_who_withdrew_elsewhere_goes_at_the_next_sign_in_and_is_said(
    desk: DeskUnderTest, other_desk: DeskUnderTest, member: str, photographs: Path, where: str, role: Role
) -> None:
    desk.sign_in()
    desk.enrol(member, photographs / "obama/obama_1.jpg")
    if where == "desk":
        other_desk.sign_in()
        ok(other_desk.browser.post("/api/withdrawals", json={"member": member, "channel": "desk"}))
    elif where == "fleet-altogether":
        assert desk.hall.client(Role.SECRETARIAT).delete(f"/api/members/{member}").status_code == 200
    else:
        withdraw_at_fleet(desk, member)
    if where == "fleet-and-consented-again":
        consent_at_fleet(desk, member)
    state = desk.sign_in(role)
    assert "1 withdrew elsewhere" in state["said"][1]
    assert (state["kept"], state["waiting"]) == (0, 0)
    assert sealed_files(desk) == []
    assert count(desk) == 0
    assert in_force(desk, member) is (where == "fleet-and-consented-again")


def test_nobody_who_stays_is_erased(desk: DeskUnderTest, member: str, photographs: Path) -> None:
    desk.sign_in()
    desk.enrol(member, photographs / "obama/obama_1.jpg")
    state = desk.sign_in()
    assert state["kept"] == 1
    assert "said" not in state


@pytest.mark.parametrize("pulled_at", ["first", "upload"])
def test_what_waits_is_not_sent_after_a_withdrawal_that_is_later(
    desk: DeskUnderTest, member: str, photographs: Path, pulled_at: str
) -> None:
    desk.sign_in()
    desk.agreed(member)
    ok(desk.show(photographs / "obama/obama_1.jpg"))
    request = desk.cable.request

    def until(method: str, url: str, **options: object) -> object:
        desk.cable.pulled = pulled_at == "first" or (method, url) == ("POST", "/api/references")
        return request(method, url, **options)  # type: ignore[arg-type]

    desk.cable.request = until  # type: ignore[method-assign,assignment]
    assert ok(desk.finish())["waiting"] == 1
    desk.cable.request = request  # type: ignore[method-assign]
    desk.cable.pulled = False
    withdraw_at_fleet(desk, member)
    told = ok(desk.press("/api/waiting/send"))
    assert "1 withdrew elsewhere" in told["said"][1]
    assert (told["kept"], told["waiting"]) == (0, 0)
    assert count(desk) == 0
    assert not in_force(desk, member)


def test_who_withdrew_and_comes_back_is_enrolled_and_stays_so(
    desk: DeskUnderTest, member: str, photographs: Path
) -> None:
    withdraw_at_fleet(desk, member)
    desk.sign_in()
    desk.enrol(member, photographs / "obama/obama_1.jpg")
    assert desk.sign_in()["kept"] == 1
    assert in_force(desk, member)
    assert count(desk) == 1


def test_who_withdrew_here_and_comes_back_while_the_fleet_is_down_is_enrolled_when_it_is_up(
    desk: DeskUnderTest, member: str, photographs: Path
) -> None:
    desk.sign_in()
    desk.enrol(member, photographs / "obama/obama_1.jpg")
    desk.cable.pulled = True
    ok(desk.browser.post("/api/withdrawals", json={"member": member, "channel": "desk"}))
    desk.agreed(member)
    ok(desk.show(photographs / "obama/obama_2.jpg"))
    assert ok(desk.finish())["waiting"] == 2
    desk.cable.pulled = False
    state = desk.sign_in()
    assert (state["kept"], state["waiting"]) == (1, 0)
    assert desk.sign_in()["kept"] == 1
    assert in_force(desk, member)
    assert count(desk) == 1


@pytest.mark.parametrize(
    ("then", "now", "withdrew"),
    [
        (Ledger(True, 0), Ledger(True, 0), False),
        (Ledger(True, 0), Ledger(False, 1), True),
        (Ledger(True, 0), Ledger(True, 1), True),
        (Ledger(False, 1), Ledger(True, 1), False),
        (Ledger(False, 1), Ledger(False, 1), False),
        (None, Ledger(False, 0), False),
        (None, Ledger(True, 1), False),
        (None, Ledger(False, 1), True),
    ],
)
def test_of_a_consent_and_a_withdrawal_the_later_one_counts(
    then: Ledger | None, now: Ledger, withdrew: bool
) -> None:
    one = kept()
    one = type(one)(one.member, one.references, one.step, one.consent, then)
    assert withdrew_since(one, now) is withdrew
