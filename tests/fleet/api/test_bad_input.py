"""Bad input gets one sentence and a code, changes nothing, and is never echoed."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.api.access import ACCESS
from fleet.api.limits import BODY_BYTES_MAX, Limits
from tests.fleet.hall_under_test import HallUnderTest, ok, refused

pytestmark = pytest.mark.slow

EVERYTHING = ("admin", "secretariat", "technician", "auditor")
CHANGING = sorted(key for key in ACCESS if key[0] in ("POST", "PUT", "PATCH") and "sign-out" not in key[1])


def path_of(template: str) -> str:
    return template.format(
        account="a1",
        box="b1",
        device="d1",
        gate="g1",
        sitting="s1",
        question="q1",
        member="00" * 16,
        contest="00" * 16,
        place="p1",
        rollout="r1",
        id="1",
    )


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'"x"', b"null", b"\xff\xfe", b"{}" * 1000, b"[" * 5000]
)
def test_what_is_no_object_is_refused_by_every_route_that_takes_one(
    hall: HallUnderTest, content: bytes
) -> None:
    browser = hall.client(*EVERYTHING, account="fuzz")
    for method, template in CHANGING:
        answer = browser.request(
            method, path_of(template), content=content, headers={"content-type": "application/json"}
        )
        if template.endswith("publish"):  # takes nothing, and reads nothing
            continue
        assert answer.status_code in (400, 404, 409, 422), f"{template}: {answer.text}"
        assert set(answer.json()) >= {"code", "sentence"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sitting", "S1"), ("sitting", "-s"), ("sitting", "x" * 33), ("sitting", ""), ("sitting", 1),
        ("title", ""), ("title", "a\nb"), ("title", "a\x00b"), ("title", "x" * 201),
        ("quorum_num", -1), ("quorum_num", 1001), ("quorum_num", "1"), ("quorum_num", 0.5), ("quorum_num",
        True), ("quorum_den", 0), ("roll", []), ("roll", [{}]), ("roll", [{"member": "zz" * 16}]),
        ("roll", [{"member": "AB" * 16}]), ("roll", [{"member": "ab" * 16, "seat": "x" * 17}]),
        ("roll", [{"member": "ab" * 16}] * 5001), ("surprise", 1),
    ],
)  # fmt: skip
def test_every_field_of_a_sitting_has_its_limits(hall: HallUnderTest, field: str, value: Any) -> None:
    body = {"sitting": "s1", "title": "t", "quorum_num": 1, "quorum_den": 2, "roll": [{"member": "ab" * 16}]}
    sentence = refused(
        hall.client("secretariat").post("/api/sittings", json=body | {field: value}), 422, "bad-input"
    )
    assert field in sentence or "body" in sentence


def test_half_a_letter_is_refused(hall: HallUnderTest) -> None:
    content = b'{"account": "lan", "password": "\\ud800"}'
    answer = hall.client().post("/api/sign-in", content=content, headers={"content-type": "application/json"})
    assert answer.status_code in (401, 422)


def test_a_refused_password_is_not_echoed(hall: HallUnderTest) -> None:
    answer = hall.client().post("/api/sign-in", json={"account": "lan", "password": ["hidden words"]})
    assert "hidden words" not in refused(answer, 422, "bad-input")


def test_a_body_over_a_million_bytes_is_refused_by_its_length_and_by_its_bytes(hall: HallUnderTest) -> None:
    browser = hall.client()
    headers = {"content-type": "application/json"}
    whole = b'{"account": "' + b"x" * BODY_BYTES_MAX + b'"}'
    refused(browser.post("/api/sign-in", content=whole, headers=headers), 413, "too-large")
    pieces = (whole[at : at + 65536] for at in range(0, len(whole), 65536))  # no Content-Length
    refused(browser.post("/api/sign-in", content=pieces, headers=headers), 413, "too-large")
    lying = {**headers, "content-length": "nonsense"}
    refused(browser.post("/api/sign-in", content=b"{}", headers=lying), 400, "bad-input")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_forms_are_refused_before_they_are_read(hall: HallUnderTest, kind: str) -> None:
    answer = hall.client().post("/api/sign-in", content=b"{}", headers={"content-type": kind})
    refused(answer, 415, "not-json")


def test_headers_and_numbers_that_are_none_are_refused_in_words(hall: HallUnderTest) -> None:
    browser = hall.client("auditor")
    headers = {b"content-type": b"application/json", b"origin": b"http://[half"}
    refused(browser.post("/api/sign-out", content=b"{}", headers=headers), 403, "foreign-origin")
    headers = {b"content-type": b"application/json", b"content-length": "²".encode("latin-1")}
    refused(browser.post("/api/sign-out", content=b"{}", headers=headers), 400, "bad-input")
    refused(browser.get(f"/api/audit?after={10**30}"), 422, "bad-input")


def test_a_body_that_is_no_text_is_not_taken_for_a_route_that_does_not_exist(hall: HallUnderTest) -> None:
    headers = {"content-type": "application/json"}
    for body in (b"\xff{}", b"[" * 100_000 + b"]" * 100_000):
        answer = hall.client().post("/api/sign-in", content=body, headers=headers)
        refused(answer, 400, "bad-input")
        assert "không đọc được nội dung gửi lên" in answer.json()["sentence_vi"]


def test_who_may_not_reads_who_may_in_words_of_their_language(hall: HallUnderTest) -> None:
    answer = hall.client("usher").post("/api/sittings", json={})
    refused(answer, 403, "forbidden")
    assert "secretariat" in answer.json()["sentence"]
    assert "ban thư ký" in answer.json()["sentence_vi"]
    assert "secretariat" not in answer.json()["sentence_vi"]


def test_a_route_that_does_not_exist_and_a_wrong_method_are_answered_in_words(hall: HallUnderTest) -> None:
    browser = hall.client("admin")
    refused(browser.get("/api/nosuch"), 404, "not-found")
    refused(browser.put("/api/devices", json={}), 405, "method-not-allowed")
    refused(browser.get("/static/..%2f..%2fapp.py"), 404, "not-found")
    refused(browser.get("/static/nosuch.js"), 404, "not-found")


def test_a_store_that_fails_is_said_in_words_and_the_health_check_shows_it(hall: HallUnderTest) -> None:
    browser = hall.client("admin")
    assert ok(browser.get("/healthz")) == {"status": "ok"}
    with hall.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE log_head")
    sentence = refused_by_store(browser.get("/healthz"))
    assert "hallward fleet init" in sentence
    assert "hall.db" not in sentence
    refused_by_store(browser.get("/api/log/head"))
    assert "hallward fleet init" in ok(browser.get("/api/board"))["trouble"]


def refused_by_store(answer: Any) -> str:
    assert answer.status_code == 503, answer.text
    assert answer.json()["code"] == "store-error"
    return str(answer.json()["sentence"])


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_names = st.sampled_from(
    ["account", "password", "roles", "members", "member", "name", "roll", "sitting", "title", "question",
    "text",
     "certificate", "role", "place", "references", "keys", "state", "code", "old", "new", "days", "backed_up"]
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(CHANGING), st.dictionaries(_names, _json, max_size=5))
def test_no_json_makes_the_server_stumble(
    hall: HallUnderTest, route: tuple[str, str], body: dict[str, Any]
) -> None:
    browser = hall.client(*EVERYTHING, account="fuzz")
    answer = browser.request(route[0], path_of(route[1]), json=body)
    assert answer.status_code < 500, f"{route}: {answer.text}"
    if answer.status_code == 422:
        assert "giá trị chưa đúng" not in answer.json()["sentence_vi"], f"{route}: {answer.text}"


def test_a_body_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def app(*_: Any) -> None:
        raise AssertionError("the app saw half a request")

    async def never() -> Any:
        await asyncio.Event().wait()

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"host", b"h"), (b"origin", b"http://h"), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "scheme": "http", "path": "/", "headers": headers}
    monkeypatch.setattr("fleet.api.limits.BODY_S_MAX", 0.01)
    asyncio.run(Limits(app)(scope, never, send))
    assert sent[0]["status"] == 408
