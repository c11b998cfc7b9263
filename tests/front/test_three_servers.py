"""What is asked of a request is asked by all three servers alike: one contract, each real app, real bytes."""

import contextlib
import json

import pytest

from front import entrance
from tests.front.served import SERVERS, Answer, Server, serving
from tests.servers.waiting import wait_until

pytestmark = pytest.mark.slow

LATE_S = 0.05


def turned_away(answer: Answer, status: int) -> str:
    """The code of a refusal that has words in both languages and every header that an answer has."""
    assert answer.status == status, answer.body
    said = json.loads(answer.body)
    assert said.get("sentence") or said["en"], said
    assert said.get("sentence_vi") or said["vi"], said
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "camera=()" in answer.headers["permissions-policy"]
    assert answer.headers["cache-control"] == "no-store"
    return str(said["code"])


@pytest.fixture
def seen(server: Server) -> list[bytes]:
    """What comes past the front from now on."""
    server.reached.clear()
    return server.reached


def test_an_honest_body_comes_through_whole_in_one_piece_and_in_many(
    server: Server, seen: list[bytes]
) -> None:
    body = b'{"token": "x", "account": "a", "password": "b"}'
    whole = server.request(server.headers(f"Content-Length: {len(body)}"), body)
    assert server.said(whole).status in (200, 401, 403, 422)
    with server.met() as visitor:
        visitor.send(server.request(server.headers("Transfer-Encoding: chunked")))
        for byte in body:
            visitor.send(b"1\r\n" + bytes([byte]) + b"\r\n")
        visitor.send(b"0\r\n\r\n")
        assert visitor.answer().status in (200, 401, 403, 422)
    assert seen == [body, body]


@pytest.mark.parametrize("name", SERVERS)
def test_a_body_that_comes_too_slowly_is_given_up_and_so_is_its_connection(
    name: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("fleet.api.limits", "provisioning.desk.web.door", "edge.enrol.guard"):
        monkeypatch.setattr(f"{module}.BODY_S_MAX", LATE_S)
    for transfer, begun in (("Content-Length: 20", b"{"), ("Transfer-Encoding: chunked", b"1\r\n{\r\n")):
        with serving(name, tmp_path_factory.mktemp(name)) as server, server.met() as visitor:
            visitor.send(server.request(server.headers(transfer), begun))
            assert turned_away(visitor.answer(), 408) == "too-slow"
            assert visitor.is_left()
            assert server.reached == []


def refused_without_end(server: Server, method: str = "POST", path: str = "") -> None:
    """Sends until the server answers, and then until it ends the connection."""
    piece = b"1000\r\n" + b" " * 4096 + b"\r\n"
    with server.met() as visitor:
        visitor.send(server.request(server.headers("Transfer-Encoding: chunked"), b"", method, path))
        visitor.send_on(piece)
        assert turned_away(visitor.answer(), 413) == "too-large"
        visitor.send_on(piece)
        assert visitor.is_left()


def test_a_body_without_end_is_refused_at_its_limit_and_not_read_for_ever(
    server: Server, seen: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entrance, "LINGER_S", 1.0)
    refused_without_end(server)
    assert seen == []


def test_who_sends_too_much_in_one_go_reads_why(server: Server, seen: list[bytes]) -> None:
    """The answer comes while the body is still on its way: a connection that were reset would swallow it."""
    body = b" " * (server.bytes_max * 3)
    for transfer in (f"Content-Length: {len(body)}", "Transfer-Encoding: chunked"):
        chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        sent = server.request(server.headers(transfer), chunked if "chunked" in transfer else body)
        assert turned_away(server.said(sent), 413) == "too-large"
    assert seen == []


@pytest.mark.parametrize("length", ["99999999999999999999", "9" * 5000])
def test_a_length_beyond_all_limits_is_refused_before_a_byte_is_asked_for(
    server: Server, seen: list[bytes], length: str
) -> None:
    answer = server.said(server.request(server.headers(f"Content-Length: {length}", "Expect: 100-continue")))
    assert answer.status in (400, 413)
    assert seen == []


def test_who_asks_first_is_told_no_instead_of_to_go_on(server: Server) -> None:
    asking = server.headers(f"Content-Length: {server.bytes_max + 1}", "Expect: 100-continue")
    assert turned_away(server.said(server.request(asking)), 413) == "too-large"


@pytest.mark.parametrize(
    "headers",
    [
        ("Content-Length: 2", "Content-Length: 3"),
        ("Content-Length: 2", "Transfer-Encoding: chunked"),
        ("Content-Length: 2", "Host: elsewhere.example"),
        ("Content-Length: 2", "Origin: https://elsewhere.example"),
        ("Content-Length: 2", "Content-Type: text/plain"),
        ("Content-Length: two",),
        ("Content-Length: -2",),
        ("Content-Length: +2",),
        ("Content-Length: 2", "X: " + "x" * 200_000),
    ],
    ids=lambda headers: headers[-1][:30],
)
def test_headers_that_contradict_themselves_reach_no_route(
    server: Server, seen: list[bytes], headers: tuple[str, ...]
) -> None:
    with server.met() as visitor, contextlib.suppress(ConnectionError):
        visitor.send(server.request(server.headers(*headers), b"{}"))
        assert visitor.answer().status in (400, 431)
    assert seen == []


def test_what_comes_after_the_declared_end_is_no_part_of_the_body(server: Server, seen: list[bytes]) -> None:
    with server.met() as visitor:
        visitor.send(server.request(server.headers("Content-Length: 2"), b'{}, "account": "x"}\r\n\r\n'))
        assert visitor.answer().status in (403, 422)
        assert visitor.answer().status == 400
    assert seen == [b"{}"]


@pytest.mark.parametrize("transfer", ["Content-Length: 2000", "Transfer-Encoding: chunked"])
def test_of_a_body_whose_sender_leaves_in_the_middle_no_route_sees_a_half(
    server: Server, seen: list[bytes], transfer: str
) -> None:
    begun = b'{"account": "a", "password": "b", "token": "c"}'
    framed = b"%x\r\n%s\r\n" % (len(begun), begun) if "chunked" in transfer else begun
    with server.met() as visitor:
        visitor.send(server.request(server.headers(transfer), framed))
        wait_until(lambda: not server.is_idle, "the request is being read")
    wait_until(lambda: server.is_idle, "the server has noticed")
    assert seen == []


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None]
)
def test_another_type_is_refused_before_it_is_read(
    server: Server, seen: list[bytes], kind: str | None
) -> None:
    sent = server.request(server.headers("Content-Length: 2", kind=kind), b"{}")
    assert turned_away(server.said(sent), 415) in ("not-json", "wrong-type")
    assert seen == []


def test_a_change_comes_from_a_page_of_this_very_address(server: Server, seen: list[bytes]) -> None:
    for origin in ("https://elsewhere.example", "null", f"https://{server.host}", f"http://{server.host}.x"):
        sent = server.request(server.headers("Content-Length: 2", origin=origin), b"{}")
        assert turned_away(server.said(sent), 403) == "foreign-origin"
    unsaid = server.request(server.headers("Content-Length: 2", origin=None), b"{}")
    assert turned_away(server.said(unsaid), 403) in ("foreign-origin", "no-origin")
    rebound = server.request(server.headers("Content-Length: 2", host="rebound.example"), b"{}")
    assert turned_away(server.said(rebound), 403) in ("foreign-origin", "foreign-host")
    assert seen == []


def test_no_other_page_is_told_that_it_may_ask(server: Server, seen: list[bytes]) -> None:
    foreign = server.headers(
        "Access-Control-Request-Method: POST", origin="https://elsewhere.example", kind=None
    )
    answer = server.said(server.request(foreign, method="OPTIONS"))
    assert turned_away(answer, 403) == "foreign-origin"
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert seen == []


def test_a_look_is_answered_whether_it_has_a_body_or_not_and_its_head_has_none(server: Server) -> None:
    for method in ("GET", "HEAD"):
        with server.met() as visitor:
            visitor.send(server.request(server.headers(), method=method, path="/"))
            plain = visitor.answer(method)
            assert plain.status in (200, 303, 405)
            assert plain.headers["cross-origin-opener-policy"] == "same-origin"
            visitor.send(server.request(server.headers("Content-Length: 2"), b"{}", method, "/"))
            assert visitor.answer(method).status == plain.status


def test_a_look_with_a_body_without_end_is_turned_away_as_a_change_is(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entrance, "LINGER_S", 1.0)
    refused_without_end(server, "GET", "/")
    length = server.headers(f"Content-Length: {server.bytes_max + 1}")
    assert turned_away(server.said(server.request(length, method="GET", path="/")), 413) == "too-large"


def test_one_connection_goes_on_after_a_refusal_that_left_nothing_unread(server: Server) -> None:
    with server.met() as visitor:
        for _ in range(3):
            visitor.send(server.request(server.headers("Content-Length: 0", origin="null")))
            assert turned_away(visitor.answer(), 403) == "foreign-origin"
