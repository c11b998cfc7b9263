"""The fleet says no in the middle: no consent stays in force for nothing, what may be sent yet is kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from fleet.accounts.rules import Role
from tests.edge.enrol.desk_under_test import DeskUnderTest, ok, refused
from wire.ids import MemberRef

pytestmark = pytest.mark.slow


@contextmanager
def refusing(desk: DeskUnderTest, path: str, reason: str, *, then_pulled: bool = False) -> Iterator[None]:
    """Within it the fleet answers 409 here; then_pulled: and nothing more after that."""
    request = desk.cable.request

    def no(method: str, url: str, **options: object) -> object:
        if method == "GET" or url != path:
            return request(method, url, **options)  # type: ignore[arg-type]
        desk.cable.pulled = then_pulled
        return httpx.Response(409, json={"code": reason, "sentence": "The reason why not."})

    desk.cable.request = no  # type: ignore[method-assign,assignment]
    yield
    desk.cable.request = request  # type: ignore[method-assign]
    desk.cable.pulled = False


def at_the_desk(desk: DeskUnderTest, photograph: Path, *, consents: bool = False) -> str:
    rows = [{"name": "Nguyễn Thị Đào", "consent": consents}]
    answer = desk.hall.client(Role.SECRETARIAT).post("/api/members", json={"members": rows})
    member = str(answer.json()[0]["member"])
    desk.sign_in()
    desk.agreed(member)
    ok(desk.show(photograph))
    return member


def withdrawn(desk: DeskUnderTest, member: str) -> list[bool]:
    told = desk.hall.client(Role.SECRETARIAT).get(f"/api/members/{member}/consent").json()
    return [row["withdrawn_ms"] is not None for row in told["consents"]]


@pytest.mark.parametrize("then_pulled", [False, True])
def test_a_consent_that_was_told_for_references_that_are_refused_is_withdrawn(
    desk: DeskUnderTest, photographs: Path, then_pulled: bool
) -> None:
    member = at_the_desk(desk, photographs / "obama/obama_1.jpg")
    with refusing(desk, "/api/references", "other-model", then_pulled=then_pulled):
        assert "another model" in refused(desk.finish(), "fleet-refused")["en"]
        assert desk.shelf.all() == []
        assert set(desk.shelf.withdrawals()) == ({MemberRef(bytes.fromhex(member))} if then_pulled else set())
    assert desk.sign_in()["waiting"] == 0
    assert withdrawn(desk, member) == [True]
    ok(desk.browser.get("/api/state"))


def test_they_may_press_again_and_are_enrolled(desk: DeskUnderTest, photographs: Path) -> None:
    member = at_the_desk(desk, photographs / "obama/obama_1.jpg")
    with refusing(desk, "/api/references", "other-model", then_pulled=True):
        refused(desk.finish(), "fleet-refused")
    done = ok(desk.finish())
    assert (done["kept"], done["waiting"], done["visit"]) == (1, 0, None)
    assert withdrawn(desk, member) == [True, False]
    assert desk.sign_in()["kept"] == 1, "the withdrawal before is no later one"


def test_a_consent_that_was_in_force_before_stays_so(desk: DeskUnderTest, photographs: Path) -> None:
    """Another desk's references of this member would go with it."""
    member = at_the_desk(desk, photographs / "obama/obama_1.jpg", consents=True)
    with refusing(desk, "/api/references", "other-model"):
        refused(desk.finish(), "fleet-refused")
    assert desk.shelf.all() == []
    assert withdrawn(desk, member) == [False, False]


@pytest.mark.parametrize("path", ["/api/references/keys", "/api/references", "/api/references/publish"])
def test_after_the_references_were_destroyed_that_is_said_and_what_waits_is_kept(
    desk: DeskUnderTest, photographs: Path, path: str
) -> None:
    at_the_desk(desk, photographs / "obama/obama_1.jpg")
    with refusing(desk, path, "references-destroyed"):
        for press in (desk.finish, lambda: desk.press("/api/waiting/send")):
            said = refused(press(), "fleet-refused")
            assert "destroyed" in said["en"]
            assert "đã hủy" in said["vi"]
            assert "The reason why not." in said["en"]
    state = ok(desk.browser.get("/api/state"))
    assert (state["kept"], state["waiting"]) == (1, 1)
    assert desk.shelf.withdrawals() == {}
    assert desk.shelf.intended() == {}
