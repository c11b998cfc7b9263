"""Other pages of the same browser, names that were made to lead here, and whoever has no token."""

import html

import pytest

from edge.enrol.guard import COOKIE, JSON_BYTES_MAX, PHOTOGRAPH_BYTES_MAX, Door
from edge.enrol.web import create_app
from tests.edge.enrol.desk_under_test import PAGE, TOKEN, DeskUnderTest, ok, refused
from tests.fleet.hall_under_test import TestClient

pytestmark = pytest.mark.slow

STRANGE = "http://rebound.example:4711"


def stranger(desk: DeskUnderTest, base_url: str = PAGE, origin: str = PAGE) -> TestClient:
    """A browser without the desk's cookie, at the same desk."""
    return TestClient(desk.browser.app, base_url=base_url, headers={"origin": origin})


def with_cookie(desk: DeskUnderTest, **headers: str) -> dict[str, str]:
    return {"cookie": f"{COOKIE}={desk.browser.cookies[COOKIE]}", **headers}


def test_the_token_is_good_once_and_a_wrong_one_never(desk: DeskUnderTest) -> None:
    app = create_app(desk.counter, Door(frozenset({PAGE.removeprefix("http://")}), TOKEN, "cookie"))
    browser = TestClient(app, base_url=PAGE, headers={"origin": PAGE})
    refused(browser.post("/api/start", json={"token": "guess"}), "bad-token")
    answer = browser.post("/api/start", json={"token": TOKEN})
    ok(answer)
    set_cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in set_cookie
    assert "samesite=strict" in set_cookie
    refused(
        TestClient(app, base_url=PAGE, headers={"origin": PAGE}).post("/api/start", json={"token": TOKEN}),
        "bad-token",
    )


def test_without_the_cookie_there_is_a_page_that_asks_for_the_code_and_nothing_else(
    desk: DeskUnderTest,
) -> None:
    browser = stranger(desk)
    page = browser.get("/")
    assert page.status_code == 200
    assert "start.js" in page.text
    assert "desk.js" not in page.text
    for method, path in (
        ("GET", "/api/state"),
        ("GET", "/api/camera/preview.jpg"),
        ("GET", f"/api/withdrawals/{'ab' * 16}"),
        ("POST", "/api/sign-in"),
        ("POST", "/api/search"),
        ("POST", "/api/visit"),
        ("POST", "/api/visit/finish"),
        ("POST", "/api/withdrawals"),
        ("POST", "/api/waiting/send"),
    ):
        refused(browser.request(method, path, json={} if method == "POST" else None), "not-started")
    photograph = browser.post("/api/visit/photograph", content=b"x", headers={"content-type": "image/jpeg"})
    refused(photograph, "not-started")


def test_every_route_that_is_not_open_asks_for_the_cookie(desk: DeskUnderTest) -> None:
    open_routes = {"/", "/api/start", "/static/{name}"}
    browser = stranger(desk)
    for route in desk.browser.app.routes:  # type: ignore[attr-defined]
        path = route.path.replace("{number}", "0").replace("{member}", "ab" * 16)
        for method in route.methods - {"HEAD"}:
            if route.path not in open_routes:
                assert browser.request(method, path).status_code == 401, route.path


def test_a_name_that_was_made_to_lead_here_gets_nothing(desk: DeskUnderTest) -> None:
    browser = stranger(desk, STRANGE, STRANGE)
    for path in ("/", "/static/desk.js", "/api/state"):
        refused(browser.get(path, headers=with_cookie(desk)), "foreign-host")
    refused(browser.post("/api/start", json={"token": TOKEN}), "foreign-host")


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://127.0.0.1:9", ""])
def test_another_page_can_change_nothing(desk: DeskUnderTest, origin: str) -> None:
    headers = with_cookie(desk, origin=origin)
    refused(stranger(desk).post("/api/visit/finish", json={}, headers=headers), "foreign-origin")
    photograph = stranger(desk).post(
        "/api/visit/photograph", content=b"x", headers={**headers, "content-type": "image/jpeg"}
    )
    refused(photograph, "foreign-origin")


def test_another_page_cannot_show_the_cameras_picture(desk: DeskUnderTest) -> None:
    headers = with_cookie(desk, **{"sec-fetch-site": "cross-site"})
    refused(stranger(desk).get("/api/camera/preview.jpg", headers=headers), "foreign-origin")


def test_a_form_of_another_kind_is_refused(desk: DeskUnderTest) -> None:
    for kind in ("multipart/form-data; boundary=x", "text/plain", "application/x-www-form-urlencoded"):
        answer = desk.browser.post("/api/visit/finish", content=b"{}", headers={"content-type": kind})
        refused(answer, "not-json")
    form = desk.browser.post("/api/visit/photograph", files={"photograph": b"x"})
    refused(form, "not-a-photograph")


def test_what_is_too_large_is_refused_by_its_header_and_by_its_bytes(desk: DeskUnderTest) -> None:
    refused(
        desk.browser.post(
            "/api/search", content=bytes(JSON_BYTES_MAX + 1), headers={"content-type": "application/json"}
        ),
        "too-large",
    )
    jpeg = {"content-type": "image/jpeg"}
    too_long = {**jpeg, "content-length": str(PHOTOGRAPH_BYTES_MAX + 1)}
    refused(desk.browser.post("/api/visit/photograph", content=b"x", headers=too_long), "too-large")
    pieces = (bytes(2**20) for _ in range(65))
    refused(desk.browser.post("/api/visit/photograph", content=pieces, headers=jpeg), "too-large")


def test_every_answer_forbids_what_the_page_does_not_need(desk: DeskUnderTest) -> None:
    answers = [desk.browser.get(path) for path in ("/", "/static/desk.js", "/api/state", "/static/none.js")]
    answers.append(stranger(desk, STRANGE).get("/"))
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "no-referrer"


def test_the_pages_name_no_other_place_and_hold_no_script_of_their_own(desk: DeskUnderTest) -> None:
    texts = [desk.browser.get("/").text, stranger(desk).get("/").text]
    texts += [
        desk.browser.get(f"/static/{name}").text
        for name in ("desk.js", "calls.js", "start.js", "language.js", "style.css")
    ]
    for text in texts:
        assert "https://" not in text
        assert "http://" not in text
        assert " onclick=" not in text
        assert "style=" not in text
    assert "<script>" not in texts[0]


def test_both_languages_say_everything_and_the_consent_text_is_the_one_that_is_recorded(
    desk: DeskUnderTest,
) -> None:
    page = html.unescape(desk.browser.get("/").text)
    for language, text in desk.counter.place.texts.items():
        assert text.sha256[:16] in page, language
        assert all(rest in page for _, _, rest in text.blocks), language
    assert page.count('<span lang="vi">') == page.count('<span lang="en">')


def test_what_cannot_be_read_is_not_echoed(desk: DeskUnderTest) -> None:
    told = {"account": "a", "password": "secret words", "more": 1}
    answer = desk.browser.post("/api/sign-in", json=told)
    assert answer.status_code == 422
    assert "secret words" not in answer.text
