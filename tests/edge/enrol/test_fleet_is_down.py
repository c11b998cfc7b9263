"""The cable to the hall's server is pulled: nothing is lost, nothing is sent twice for nothing."""

from pathlib import Path

import pytest

from fleet.accounts.rules import Role
from fleet.people import store as people
from tests.edge.enrol.desk_under_test import DeskUnderTest, ok, refused
from tests.fleet.hall_under_test import members_of
from wire.ids import MemberRef

pytestmark = pytest.mark.slow


@pytest.fixture
def member(desk: DeskUnderTest) -> str:
    return members_of(desk.hall, desk.hall.client(Role.SECRETARIAT), ["Nguyễn Thị Đào"])[0]


def ledger(desk: DeskUnderTest, member: str) -> list[str]:
    told = desk.hall.client(Role.SECRETARIAT).get(f"/api/members/{member}/consent").json()
    return [row["channel"] for row in told["consents"]]


def count(desk: DeskUnderTest) -> int:
    with desk.hall.office.look() as connection:
        return len(people.references(connection))


def test_references_wait_in_the_folder_and_go_when_the_button_is_pressed(
    desk: DeskUnderTest, member: str, photographs: Path
) -> None:
    desk.sign_in()
    desk.agreed(member)
    ok(desk.show(photographs / "obama/obama_1.jpg"))
    desk.cable.pulled = True
    kept = ok(desk.finish())
    assert (kept["waiting"], kept["kept"], kept["visit"]) == (1, 1, None)
    assert "wait here" in kept["said"][1]
    refused(desk.press("/api/waiting/send"), "fleet-down")
    desk.cable.pulled = False
    assert ok(desk.press("/api/waiting/send"))["waiting"] == 0
    assert count(desk) == 1
    assert ledger(desk, member) == ["import", "desk"]


def test_they_wait_through_a_restart_and_go_at_the_next_sign_in(
    desk: DeskUnderTest, member: str, photographs: Path
) -> None:
    desk.sign_in()
    desk.agreed(member)
    ok(desk.show(photographs / "obama/obama_1.jpg"))
    desk.cable.pulled = True
    ok(desk.finish())
    desk.stop()
    desk.start()
    assert ok(desk.browser.get("/api/state"))["waiting"] == 1
    refused(
        desk.browser.post("/api/sign-in", json={"account": "secretariat", "password": "does not matter"}),
        "fleet-down",
    )
    desk.cable.pulled = False
    assert desk.sign_in()["waiting"] == 0
    assert count(desk) == 1


@pytest.mark.parametrize("answered", range(8))
def test_pulled_between_any_two_of_its_calls_the_consent_is_told_once_and_the_references_arrive(
    desk: DeskUnderTest, member: str, photographs: Path, answered: int
) -> None:
    desk.sign_in()
    desk.agreed(member)
    ok(desk.show(photographs / "obama/obama_1.jpg"))
    calls = []

    def pull(_request: object) -> None:
        calls.append(1)
        desk.cable.pulled = len(calls) > answered

    request = desk.cable.request

    def counted(*arguments: object, **options: object) -> object:
        pull(arguments)
        return request(*arguments, **options)  # type: ignore[arg-type]

    desk.cable.request = counted  # type: ignore[method-assign,assignment]
    ok(desk.finish())
    desk.cable.request = request  # type: ignore[method-assign]
    desk.cable.pulled = False
    assert ok(desk.press("/api/waiting/send"))["waiting"] == 0
    assert count(desk) == 1
    assert ledger(desk, member) == ["import", "desk"]


def test_signing_out_forgets_the_fleets_cookie_even_when_the_fleet_is_not_told(desk: DeskUnderTest) -> None:
    desk.sign_in()
    assert desk.cable.cookies
    desk.cable.pulled = True
    refused(desk.press("/api/sign-out"), "fleet-down")
    assert not desk.cable.cookies
    assert ok(desk.browser.get("/api/state"))["account"] is None


@pytest.mark.parametrize("told", [False, True], ids=["nothing-told", "consent-told"])
def test_consent_taken_back_while_references_wait_keeps_them_from_being_sent(
    desk: DeskUnderTest, member: str, photographs: Path, told: bool
) -> None:
    """The sign-in has ended under the officer's hands, before or after the consent was told."""
    office = desk.hall.client(Role.SECRETARIAT)
    desk.sign_in()
    desk.agreed(member)
    ok(desk.show(photographs / "obama/obama_1.jpg"))
    request, path = desk.cable.request, "/api/references" if told else "/api/members"

    def signed_out_at(method: str, url: str, **options: object) -> object:
        if method == "POST" and url.startswith(path):
            desk.cable.cookies.clear()
        return request(method, url, **options)  # type: ignore[arg-type]

    desk.cable.request = signed_out_at  # type: ignore[method-assign,assignment]
    refused(desk.finish(), "fleet-refused")
    desk.cable.request = request  # type: ignore[method-assign]
    assert len(desk.shelf.all()) == 1
    ok(desk.press("/api/visit/consent", "DELETE"))
    assert desk.shelf.all() == []
    assert desk.sign_in()["waiting"] == 0
    assert count(desk) == 0
    rows = office.get(f"/api/members/{member}/consent").json()["consents"]
    assert [row["withdrawn_ms"] is not None for row in rows] == ([True, True] if told else [False])


def test_a_withdrawal_deletes_here_at_once_and_the_fleet_is_told_later(
    desk: DeskUnderTest, member: str, photographs: Path
) -> None:
    desk.sign_in()
    desk.enrol(member, photographs / "obama/obama_1.jpg")
    desk.cable.pulled = True
    told = ok(desk.browser.post("/api/withdrawals", json={"member": member, "channel": "paper"}))
    assert (told["kept"], told["waiting"]) == (0, 1)
    assert list((desk.folder / "sealed").glob("*.json")) == []
    desk.stop()
    desk.start()
    desk.cable.pulled = False
    assert desk.sign_in()["waiting"] == 0
    assert count(desk) == 0
    assert desk.shelf.find(MemberRef(bytes.fromhex(member))) is None
