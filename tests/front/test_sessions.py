"""Two rooms ask the fleet's API from outside: alike, and each in its own words."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest

import fleet.rollout.client as terminal
import provisioning.adapters.fleet_api as desk
from fleet.errors import ConfigError as FleetConfigError
from front.session import Declined, InTheClear, NoAddress, NoFleet, Session
from provisioning.errors import ConfigError as DeskConfigError
from provisioning.errors import FleetRefused
from tests.front.served import Server, serving

Caller = terminal.Client | desk.FleetApi
CALLERS: tuple[Callable[[str], Caller], ...] = (terminal.Client, desk.FleetApi)
REFUSED = (terminal.FleetRefused, FleetRefused)
both = pytest.mark.parametrize("caller", CALLERS, ids=["terminal", "provisioning"])


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving("fleet", tmp_path_factory.mktemp("fleet")) as server:
        yield server


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """The address of something that says this to whoever asks once."""

    def say() -> None:
        with listener.accept()[0] as connection:
            connection.recv(65536)
            connection.sendall(answer)

    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        thread = threading.Thread(target=say)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


def saying(status: str, body: bytes) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@both
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "LocalHost"])
def test_however_the_hall_is_named_it_knows_its_own_page(
    hall: Server, caller: Callable[[str], Caller], host: str
) -> None:
    """Its answer is of the password: the origin that was sent is the one it is asked by."""
    with pytest.raises(REFUSED) as refused:
        caller(f"http://{host}:{hall.port}").sign_in("nobody", "x")
    assert refused.value.reason not in ("foreign-origin", "no-origin")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://hall:443", "https://hall"),
        ("http://localhost:80/", "http://localhost"),
        ("http://LOCALHOST", "http://localhost"),
        ("https://HALL:8080", "https://hall:8080"),
        ("https://hall:80", "https://hall:80"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_an_origin_is_written_as_the_host_header_is(url: str, origin: str) -> None:
    session = Session(url, None, timeout_s=1.0, bytes_max=1)
    assert session.origin == origin


def test_a_name_in_our_letters_goes_as_dns_has_it() -> None:
    session = Session("https://hội-trường:8080", None, timeout_s=1.0, bytes_max=1)
    assert session.origin == f"https://{'hội-trường'.encode('idna').decode()}:8080"


@pytest.mark.parametrize(
    "url",
    ["", "hall", "ftp://hall", "http://", "http://[", "http://a b", "http://hall:99999", "http://h\udce9",
     "http://hall/api", "http://hall?x=1", "http://hall#x", "http://lan:secret@hall", f"http://{'h' * 64}"],
)  # fmt: skip
def test_what_is_no_address_is_refused_by_both_in_their_own_words(url: str) -> None:
    with pytest.raises(NoAddress):
        Session(url, None, timeout_s=1.0, bytes_max=1)
    with pytest.raises(FleetConfigError, match="--url must look like"):
        terminal.Client(url)
    with pytest.raises(DeskConfigError, match="address must look like"):
        desk.FleetApi(url)


@pytest.mark.parametrize(
    "host", ["hall", "192.0.2.7", "[2001:db8::7]", "localhost.example", "127.0.0.1.example"]
)
def test_a_password_travels_in_the_clear_on_this_machine_alone(host: str) -> None:
    with pytest.raises(InTheClear):
        Session(f"http://{host}:8080", None, timeout_s=1.0, bytes_max=1)
    with pytest.raises(FleetConfigError, match="in the clear; use https"):
        terminal.Client(f"http://{host}:8080")
    with pytest.raises(DeskConfigError, match="in the clear; use https"):
        desk.FleetApi(f"http://{host}:8080")


@both
@pytest.mark.parametrize(
    "answer",
    [
        saying("200 OK", b"<html>"),
        saying("200 OK", b"[" * 100_000),
        saying("200 OK", b"\xff\xfe"),
        saying("200 OK", b"9" * 5000),
    ],
    ids=["page", "deep", "bytes", "number"],
)
def test_what_does_not_speak_as_a_fleet_is_said_in_one_sentence(
    caller: Callable[[str], Caller], answer: bytes
) -> None:
    with answering(answer) as url, pytest.raises(REFUSED, match="does not answer as a fleet does"):
        caller(url).call("GET", "/api/board")


@both
@pytest.mark.parametrize(
    "answer",
    [b"", b"SSH-2.0\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"],
    ids=["nothing", "other", "half"],
)
def test_an_answer_that_breaks_off_is_none(caller: Callable[[str], Caller], answer: bytes) -> None:
    with answering(answer) as url, pytest.raises(REFUSED, match="the fleet does not answer at"):
        caller(url).call("GET", "/api/board")


@both
def test_a_refusal_comes_in_the_fleets_own_words(caller: Callable[[str], Caller]) -> None:
    said = b'{"code": "conflict", "sentence": "Not now."}'
    with answering(saying("409 Conflict", said)) as url, pytest.raises(REFUSED) as refused:
        caller(url).call("POST", "/api/x", {})
    assert (refused.value.what, refused.value.reason) == ("Not now.", "conflict")


@both
@pytest.mark.parametrize("said", [b"", b"{}", b"[]", b'{"code": 7, "sentence": ["x"]}'])
def test_a_refusal_without_words_says_its_number(caller: Callable[[str], Caller], said: bytes) -> None:
    with answering(saying("503 Busy", said)) as url, pytest.raises(REFUSED, match="503 Busy") as refused:
        caller(url).call("GET", "/api/board")
    assert refused.value.reason == ""


def test_who_stands_in_front_of_the_fleet_is_told_from_it() -> None:
    page = saying("502 Bad Gateway", b"<html>")
    with answering(page) as url, pytest.raises(terminal.FleetRefused, match="check --url"):
        terminal.Client(url).call("GET", "/api/board")
    with answering(page) as url, pytest.raises(FleetRefused, match="502 Bad Gateway") as refused:
        desk.FleetApi(url).call("GET", "/api/board")
    assert refused.value.status == 502
    with answering(page) as url, pytest.raises(Declined) as declined:
        Session(url, None, timeout_s=9.0, bytes_max=99).call("GET", "/")
    assert not declined.value.is_fleets


def test_a_file_that_is_longer_than_it_may_be_does_not_pass_for_a_whole_one() -> None:
    whole = saying("200 OK", b"x" * 100)
    with answering(whole) as url:
        assert Session(url, None, timeout_s=9.0, bytes_max=100).fetch("/file") == b"x" * 100
    with answering(whole) as url, pytest.raises(NoFleet):
        Session(url, None, timeout_s=9.0, bytes_max=99).fetch("/file")


def test_the_cookie_of_the_sign_in_is_shown_from_then_on() -> None:
    asked: list[bytes] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def say() -> None:
            for cookie in (b"Set-Cookie: hallward=token; HttpOnly\r\n", b""):
                with listener.accept()[0] as connection:
                    asked.append(connection.recv(65536))
                    connection.sendall(b"HTTP/1.1 200 OK\r\n" + cookie + b"Content-Length: 0\r\n\r\n")

        thread = threading.Thread(target=say)
        thread.start()
        session = Session(f"http://127.0.0.1:{listener.getsockname()[1]}", None, timeout_s=9.0, bytes_max=99)
        session.sign_in("lan", "secret")
        assert session.call("GET", "/api/board") is None
        thread.join()
    assert b"Cookie" not in asked[0]
    assert b"Cookie: hallward=token\r\n" in asked[1]
