"""Requests that come from somebody else's page, in another form, too long; and what every answer says."""

import json

import pytest

from provisioning.desk.technicians import COOKIE
from provisioning.desk.web.app import claim_app, renewal_app
from tests.fleet.hall_under_test import TestClient
from tests.provisioning.desk.conftest import DeskUnderTest
from tests.provisioning.desk.fleet_under_test import PASSWORD, FleetUnderTest, place
from wire.enrol import HELLO_PATH, MEDIA_TYPE, RENEW_PATH

OWN = "https://desk.hall:8443"
SIGN_IN = {"account": "lan", "password": PASSWORD}


@pytest.fixture
def client(desk: DeskUnderTest) -> TestClient:
    return TestClient(claim_app(desk.open()), base_url=OWN, headers={"origin": OWN})


def test_the_cookie_is_for_this_very_server_and_no_script(client: TestClient) -> None:
    said = client.post("/api/sign-in", json=SIGN_IN).headers["set-cookie"]
    assert said.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/"} <= {part.strip() for part in said.split(";")}
    assert "Domain" not in said


@pytest.mark.parametrize("origin", [None, "https://evil.example", "http://desk.hall:8443", "null"])
def test_a_change_from_another_page_is_refused(client: TestClient, origin: str | None) -> None:
    client.headers.pop("origin")
    headers = {} if origin is None else {"origin": origin}
    answer = client.post("/api/sign-in", json=SIGN_IN, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign-origin")


@pytest.mark.parametrize(
    ("path", "content", "kind", "status"),
    [
        ("/api/sign-in", b"account=lan", "application/x-www-form-urlencoded", 415),
        ("/api/sign-in", b"{" + b" " * 9000, "application/json", 413),
        ("/api/sign-in", b"[]", "application/json", 422),
        (HELLO_PATH, b"\x80", "application/json", 415),
        (HELLO_PATH, b"\x80" * 9000, MEDIA_TYPE, 413),
        (HELLO_PATH, b"\x80", MEDIA_TYPE, 422),
        (HELLO_PATH, b"", MEDIA_TYPE, 422),
    ],
)
def test_what_is_no_request_gets_a_code_and_a_sentence(
    client: TestClient, path: str, content: bytes, kind: str, status: int
) -> None:
    answer = client.post(path, content=content, headers={"content-type": kind})
    assert answer.status_code == status
    assert set(answer.json()) == {"code", "sentence", "vi", "en"}


def test_every_answer_forbids_what_a_page_does_not_need(client: TestClient) -> None:
    for path in ("/", "/c/ABCD", "/d/serial", "/static/desk.js", "/api/hall", "/nothing"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_the_page_names_no_other_server(client: TestClient) -> None:
    page = client.get("/").text
    for name in ("desk.js", "page.js", "claim.js", "device.js", "map.js", "language.js", "desk.css"):
        page += client.get(f"/static/{name}").text
    outside = page.replace("http://www.w3.org/2000/svg", "")
    assert "http://" not in outside
    assert "https://" not in outside


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/hall"),
        ("GET", "/api/codes/ABCD"),
        ("GET", "/api/claims/0"),
        ("GET", "/api/places?role=gate"),
        ("POST", "/api/claims/0/place"),
        ("POST", "/api/claims/0/release"),
        ("GET", "/api/find?text=x"),
        ("GET", "/api/spares?role=gate"),
        ("POST", "/api/devices/x/commands"),
        ("GET", "/api/devices/x/self-test"),
        ("POST", "/api/swap"),
        ("POST", "/api/sign-out"),
    ],
)
def test_nothing_is_told_or_done_before_somebody_signed_in(
    client: TestClient, method: str, path: str
) -> None:
    answer = client.request(method, path, json={} if method == "POST" else None)
    assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")


def test_a_password_is_never_echoed(client: TestClient) -> None:
    answer = client.post("/api/sign-in", json={**SIGN_IN, "more": 1})
    assert answer.status_code == 422
    assert PASSWORD not in answer.text


def test_a_device_is_found_by_whatever_stands_on_it(
    client: TestClient, desk: DeskUnderTest, fleet: FleetUnderTest
) -> None:
    fleet.plan(place("seat-1"))
    device = desk.device("Serial-7")
    device.hello()
    client.post("/api/sign-in", json=SIGN_IN)
    assert client.get("/api/find", params={"text": "Serial-7"}).json()["claims"][0]["serial"] == "Serial-7"
    desk.place(device, "seat-1")
    device.press()
    desk.until(device, "granted")
    name = device.grant().device
    for text in ("serial-7", name, "seat-1", "Seat seat-1", f"{OWN}/d/Serial-7"):
        assert client.get("/api/find", params={"text": text}).json()["device"]["device"] == name, text
    missing = client.get("/api/find", params={"text": "nobody"})
    assert (missing.status_code, missing.json()["code"]) == (404, "nothing-found")


def test_a_fleet_that_is_away_is_said_to_the_technician(client, fleet: FleetUnderTest) -> None:
    client.post("/api/sign-in", json=SIGN_IN)
    fleet.silent = True
    answer = client.get("/api/hall")
    assert (answer.status_code, answer.json()["code"]) == (503, "fleet-down")


def test_a_certificate_in_a_header_is_no_certificate(desk: DeskUnderTest) -> None:
    client = TestClient(renewal_app(desk.open()), base_url="https://desk.hall:8444")
    headers = {"content-type": MEDIA_TYPE, "hallward.peer_certificate": "x", "x-client-cert": "x"}
    answer = client.post(RENEW_PATH, content=b"\x80", headers=headers)
    assert (answer.status_code, json.loads(answer.text)["code"]) == (403, "no-certificate")
