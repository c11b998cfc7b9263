"""Signing in: what a thief, a guesser and a foreign page meet."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from sqlalchemy import select

from fleet.accounts.passwords import Passwords
from fleet.accounts.rules import ABSOLUTE_MS, IDLE_MS, SignIn, code_from, code_typed, in_force, lock_ms
from fleet.accounts.sign_in import issue_first_admin_code
from fleet.accounts.throttle import Throttle
from fleet.app import create_app
from fleet.db import reading, writing
from fleet.tables import accounts, sign_ins
from tests.fleet.hall_under_test import CHEAP, ORIGIN, PASSWORD, HallUnderTest, TestClient, ok, refused


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites_and_its_token_is_not_stored(
    hall: HallUnderTest,
) -> None:
    browser = hall.client("staff")
    again = browser.post("/api/sign-in", json={"account": "staff", "password": PASSWORD})
    cookie = again.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Path=/" in cookie
    token = again.cookies["hallward"]
    assert len(token) == 43  # 256 bits
    with reading(hall.engine) as connection:
        stored = connection.execute(select(sign_ins)).all()
    assert len(stored) == 2
    assert token not in str(stored)
    assert hashlib.sha256(b"hallward/1/token" + token.encode()).digest() in [row.token_hash for row in stored]


def test_over_tls_the_cookie_is_secure_and_bound_to_this_host(hall: HallUnderTest) -> None:
    hall.client("staff")
    app = create_app(
        hall.office, registrar=hall.office.desk.signer, passwords=CHEAP, wait=hall.waited.append, secure=True
    )
    browser = TestClient(app, base_url="https://testserver", headers={"origin": "https://testserver"})
    answer = browser.post("/api/sign-in", json={"account": "staff", "password": PASSWORD})
    assert answer.headers["set-cookie"].startswith("__Host-hallward=")
    assert "Secure" in answer.headers["set-cookie"]
    assert ok(browser.get("/api/me"))["account"] == "staff"


def test_passwords_are_stored_as_argon2id(hall: HallUnderTest) -> None:
    hall.client("staff")
    with reading(hall.engine) as connection:
        assert connection.execute(select(accounts.c.password_hash)).scalar_one().startswith("$argon2id$")


def test_a_wrong_password_and_an_unknown_account_are_answered_the_same(hall: HallUnderTest) -> None:
    hall.client("staff")
    browser = hall.client()
    wrong = browser.post("/api/sign-in", json={"account": "staff", "password": "not the password"})
    unknown = browser.post("/api/sign-in", json={"account": "nosuch", "password": "not the password"})
    assert refused(wrong, 401, "wrong-password") == refused(unknown, 401, "wrong-password")


def test_a_sign_in_ends_after_half_an_hour_without_use(hall: HallUnderTest) -> None:
    browser = hall.client("staff")
    for _ in range(3):
        hall.clock.step(IDLE_MS - 60_000)
        ok(browser.get("/api/me"))
    hall.clock.step(IDLE_MS)
    refused(browser.get("/api/me"), 401, "not-signed-in")


def test_a_sign_in_ends_after_twelve_hours_of_use(hall: HallUnderTest) -> None:
    browser = hall.client("staff")
    for _ in range(ABSOLUTE_MS // (20 * 60_000) - 1):
        hall.clock.step(20 * 60_000)
        ok(browser.get("/api/me"))
    hall.clock.step(20 * 60_000)
    refused(browser.get("/api/me"), 401, "not-signed-in")


def test_a_sign_in_from_the_future_does_not_hold() -> None:
    begun = SignIn("lan", created_ms=10_000_000, expires_ms=10_000_000 + ABSOLUTE_MS, last_used_ms=10_000_000)
    assert in_force(begun, 10_000_000)
    assert not in_force(begun, 9_000_000)  # the server's clock went back


def test_signing_out_ends_the_sign_in_on_the_server(hall: HallUnderTest) -> None:
    browser = hall.client("staff")
    stolen = browser.cookies["hallward"]
    ok(browser.post("/api/sign-out", json={}))
    thief = hall.client()
    thief.cookies.set("hallward", stolen)
    refused(thief.get("/api/me"), 401, "not-signed-in")


@pytest.mark.parametrize("token", ["", "x", "é", "0" * 43, "y" * 5000])
def test_made_up_tokens_are_nobody(hall: HallUnderTest, token: str) -> None:
    browser = hall.client()
    answer = browser.get("/api/me", headers={"cookie": f"hallward={token}".encode()})
    refused(answer, 401, "not-signed-in")


# -- guessing
# ---------------------------------------------------------------------------------------------------


def guess(hall: HallUnderTest, times: int, account: str = "staff") -> list[int]:
    browser = hall.client()
    body = {"account": account, "password": "a wrong password"}
    return [browser.post("/api/sign-in", json=body).status_code for _ in range(times)]


def test_guessing_locks_the_account_for_seconds_and_then_the_owner_gets_in(hall: HallUnderTest) -> None:
    hall.client("staff")
    assert guess(hall, 5) == [401] * 5
    owner = hall.client()
    mine = {"account": "staff", "password": PASSWORD}
    assert "1 s" in refused(owner.post("/api/sign-in", json=mine), 429, "locked")
    hall.clock.step(1001)
    ok(owner.post("/api/sign-in", json=mine))
    assert "account.locked" in str(ok(hall.client("auditor").get("/api/audit")))


def test_attempts_while_locked_do_not_make_the_lock_longer(hall: HallUnderTest) -> None:
    hall.client("staff")
    guess(hall, 5)
    assert guess(hall, 4) == [429] * 4
    hall.clock.step(1001)
    ok(hall.client().post("/api/sign-in", json={"account": "staff", "password": PASSWORD}))


def test_no_number_of_failures_locks_an_account_for_more_than_a_minute() -> None:
    assert [lock_ms(failures) for failures in (0, 4, 5, 6, 10, 11, 1000)] == [
        0,
        0,
        1000,
        2000,
        32_000,
        60_000,
        60_000,
    ]


def test_one_address_may_fail_ten_times_a_minute_whatever_the_account(hall: HallUnderTest) -> None:
    hall.client("staff")
    assert [code for number in range(10) for code in guess(hall, 1, f"nosuch-{number}")] == [401] * 10
    browser = hall.client()
    mine = {"account": "staff", "password": PASSWORD}
    refused(browser.post("/api/sign-in", json=mine), 429, "too-many")
    hall.clock.step(60_001)
    ok(browser.post("/api/sign-in", json=mine))


def test_guesses_sent_all_at_once_count_one_by_one(hall: HallUnderTest) -> None:
    hall.client("staff")
    with ThreadPoolExecutor(16) as pool:
        answers = [code for codes in pool.map(lambda _: guess(hall, 1), range(16)) for code in codes]
    assert answers.count(401) == 5  # then the account is locked
    assert answers.count(429) == 11


def test_a_stolen_sign_in_guesses_the_old_password_no_faster_than_anybody(hall: HallUnderTest) -> None:
    thief = hall.client("staff")
    body = {"old": "a wrong password", "new": "another four plain words"}
    for _ in range(5):
        refused(thief.put("/api/me/password", json=body), 403, "wrong-password")
    refused(thief.put("/api/me/password", json=body), 429, "locked")


def test_without_the_code_no_password_is_worked_on(
    hall: HallUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def worked(*_: object) -> str:
        raise AssertionError("64 MB for somebody without a code")

    monkeypatch.setattr(Passwords, "hashed", worked)
    refused(claim(hall, "0000-0000-0000-0000"), 403, "wrong-code")


def test_the_throttle_holds_other_addresses_harmless_and_does_not_grow_without_end() -> None:
    throttle = Throttle()
    for _ in range(10):
        throttle.failed("192.0.2.1", 0)
    assert throttle.wait_ms("192.0.2.1", 1000) == 59_000
    assert throttle.wait_ms("192.0.2.2", 1000) == 0
    for number in range(10_001):
        throttle.failed(f"a{number}", 2000)
    assert throttle.wait_ms("192.0.2.1", 2000) == 0
    assert len(throttle._failures) == 10_000


# -- the first admin
# --------------------------------------------------------------------------------------------


def first_code(hall: HallUnderTest) -> str:
    with writing(hall.engine) as connection:
        code = issue_first_admin_code(hall.office, connection)
    assert code is not None
    return code


def claim(hall: HallUnderTest, code: str, account: str = "root-1") -> httpx.Response:
    return hall.client().post(
        "/api/first-admin", json={"code": code, "account": account, "password": PASSWORD}
    )


def test_the_code_of_the_console_makes_one_admin_once(any_hall: HallUnderTest) -> None:
    code = first_code(any_hall)
    ok(claim(any_hall, code.lower().replace("-", " ")), 201)
    refused(claim(any_hall, code, "root-2"), 403, "wrong-code")
    admin = any_hall.client()
    ok(admin.post("/api/sign-in", json={"account": "root-1", "password": PASSWORD}))
    assert ok(admin.get("/api/me"))["roles"] == ["admin"]
    with writing(any_hall.engine) as connection:
        assert issue_first_admin_code(any_hall.office, connection) is None


def test_a_code_ends_after_an_hour_and_with_the_next_one(hall: HallUnderTest) -> None:
    old = first_code(hall)
    fresh = first_code(hall)
    refused(claim(hall, old), 403, "wrong-code")
    hall.clock.step(3600_001)
    refused(claim(hall, fresh), 403, "wrong-code")


def test_codes_are_typed_as_people_type_them() -> None:
    code = code_from(bytes(range(10)))
    assert len(code) == 19
    assert code_typed(code.lower()) == code_typed(code.replace("-", "")) == code
    assert code_typed(code.replace("0", "O").replace("1", "l")) == code


# -- accounts
# ---------------------------------------------------------------------------------------------------


def test_an_admin_adds_changes_and_disables_accounts_and_their_sign_ins_end(hall: HallUnderTest) -> None:
    admin = hall.client("admin")
    body = {"account": "lan", "password": PASSWORD, "roles": ["usher"]}
    ok(admin.post("/api/accounts", json=body), 201)
    refused(admin.post("/api/accounts", json=body), 409, "account-exists")
    lan = hall.client()
    ok(lan.post("/api/sign-in", json={"account": "lan", "password": PASSWORD}))
    assert ok(admin.patch("/api/accounts/lan", json={"roles": ["auditor"]}))["roles"] == ["auditor"]
    refused(lan.get("/api/me"), 401, "not-signed-in")
    ok(admin.patch("/api/accounts/lan", json={"state": "disabled"}))
    refused(lan.post("/api/sign-in", json={"account": "lan", "password": PASSWORD}), 401, "wrong-password")
    assert {row["account"] for row in ok(admin.get("/api/accounts"))} == {"admin", "lan"}


def test_the_last_admin_cannot_be_taken_away(hall: HallUnderTest) -> None:
    admin = hall.client("admin")
    refused(admin.patch("/api/accounts/admin", json={"roles": ["usher"]}), 409, "last-admin")
    refused(admin.patch("/api/accounts/admin", json={"state": "disabled"}), 409, "last-admin")
    assert ok(admin.get("/api/me"))["roles"] == ["admin"]


def test_a_new_password_ends_the_other_sign_ins(hall: HallUnderTest) -> None:
    here, elsewhere = hall.client("staff"), hall.client("staff")
    body = {"old": "wrong", "new": "another four plain words"}
    refused(here.put("/api/me/password", json=body), 403, "wrong-password")
    ok(here.put("/api/me/password", json={**body, "old": PASSWORD}))
    ok(here.get("/api/me"))
    refused(elsewhere.get("/api/me"), 401, "not-signed-in")


@pytest.mark.parametrize("password", ["short", "x" * 12, "lan lan lan lan lan", "abababababab"])
def test_easy_passwords_are_refused_in_words(hall: HallUnderTest, password: str) -> None:
    body = {"account": "lan", "password": password, "roles": ["usher"]}
    refused(hall.client("admin").post("/api/accounts", json=body), 422, "weak-password")


def test_every_route_that_changes_something_wants_this_origin(hall: HallUnderTest) -> None:
    browser = hall.client("staff")
    assert browser.headers["origin"] == ORIGIN
    del browser.headers["origin"]
    refused(browser.post("/api/sign-out", json={}), 403, "no-origin")
    for origin in (
        "http://evil.example",
        "null",
        "https://testserver",
        ORIGIN + ":81",
        ORIGIN + ".evil.example",
    ):
        refused(browser.post("/api/sign-out", json={}, headers={"origin": origin}), 403, "foreign-origin")
    ok(browser.get("/api/me"))
