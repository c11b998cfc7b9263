"""Every route × every role, and nobody: the table ACCESS is what the app does."""

import pytest

from fleet.accounts.rules import Role
from fleet.api.access import ACCESS, mismatches
from tests.fleet.hall_under_test import ORIGIN, HallUnderTest, refused

WHO = [None, *Role]
PATH_VALUES = {
    "account": "somebody", "device": "keypad-1", "sitting": "s1", "question": "q1", "member": "00" * 16,
    "name": "style.css", "gate": "gate-1", "id": "00" * 16, "box": "box-1", "contest": "00" * 16,
    "hash": "00" * 32, "place": "s-1", "rollout": "r1",
}  # fmt: skip


def path_of(template: str) -> str:
    return template.format(**PATH_VALUES)


def test_a_route_without_a_line_and_a_line_without_a_route_are_both_named() -> None:
    routes = [*ACCESS, ("GET", "/api/new")]
    assert mismatches(routes) == ["GET /api/new has no line in ACCESS"]
    assert mismatches(set(ACCESS) - {("GET", "/")}) == ["ACCESS names GET /, which does not exist"]


@pytest.mark.parametrize("who", WHO, ids=lambda role: role or "nobody")
def test_every_route_lets_in_exactly_the_roles_of_the_table(hall: HallUnderTest, who: Role | None) -> None:
    browser = hall.client(*([who] if who else []))
    browser.follow_redirects = False
    for (method, template), rule in sorted(ACCESS.items(), key=lambda line: line[0][1] == "/api/sign-out"):
        if template == "/api/board/events":
            continue  # endless; its guard is the same, see tests/fleet/dashboard
        answer = browser.request(
            method, path_of(template), headers={"content-type": "application/json"}, content=b"[]"
        )
        if rule is None or who in (rule or ()):
            assert answer.status_code not in (401, 403), f"{method} {template} as {who}: {answer.text}"
        elif who is None and not template.startswith("/api/"):
            assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        else:
            code = ("not-signed-in", 401) if who is None else ("forbidden", 403)
            refused(answer, code[1], code[0])


def test_somebody_with_two_roles_may_what_either_may(hall: HallUnderTest) -> None:
    browser = hall.client(Role.USHER, Role.AUDITOR)
    assert browser.get("/api/audit").status_code == 200
    assert browser.get("/api/members").status_code == 200
    refused(browser.get("/api/accounts"), 403, "forbidden")


def test_the_contract_is_served_and_names_every_route_of_the_api(hall: HallUnderTest) -> None:
    contract = hall.client().get("/api/openapi.json").json()
    named = {(method.upper(), path) for path, methods in contract["paths"].items() for method in methods}
    expected = {key for key in ACCESS if key[1].startswith("/api/") and key[1] != "/api/openapi.json"}
    assert expected <= named
    assert contract["paths"]["/api/sign-in"]["post"]["responses"]["401"]["content"]["application/json"]
    assert ORIGIN not in str(contract)


def test_a_route_beside_the_table_keeps_the_app_from_starting(
    hall: HallUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(ACCESS, ("POST", "/api/accounts"))
    with pytest.raises(AssertionError, match="POST /api/accounts has no line in ACCESS"):
        hall.__post_init__()
