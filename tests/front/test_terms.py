"""What no socket can be made to show: a server's own parser stands before it. And what is wiped."""

import asyncio
import contextlib
from collections.abc import Callable

import pytest
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message

from front.entrance import Entrance, _Body, _BrokenOff
from front.terms import Fault, Intake, Terms, fault_of

LONG, SLOW, FOREIGN = (
    Fault(413, "long", "d", "l"),
    Fault(408, "slow", "c", "s"),
    Fault(403, "foreign", "l", "f"),
)
KIND = Fault(415, "kind", "k", "k")
HONEST = (("host", "hall"), ("origin", "http://hall"), ("content-type", "text/x"), ("content-length", "2"))


def never(_fault: Fault | None = None) -> ASGIApp:
    async def app(*_: object) -> None:
        raise AssertionError("the app saw a request that was refused")

    return app


def terms(
    *, is_from_a_page: bool = True, body_s: float = 1.0, answer: Callable[[Fault], ASGIApp] = never
) -> Terms:
    intake = Intake(100, ("text/x",), KIND, is_from_a_page)
    return Terms(body_s, lambda _: intake, LONG, SLOW, FOREIGN, answer)


def code(*headers: tuple[str, str], method: str = "POST", is_from_a_page: bool = True) -> str:
    scope = {"type": "http", "method": method, "scheme": "http", "path": "/"}
    raw = [(name.encode(), value.encode()) for name, value in headers]
    found = fault_of(terms(is_from_a_page=is_from_a_page), scope, Headers(raw=raw))
    return "" if found is None else found.code


def but(name: str, value: str) -> list[tuple[str, str]]:
    return [(known, value if known == name else old) for known, old in HONEST]


def test_an_honest_request_is_welcome() -> None:
    assert code(*HONEST) == ""


@pytest.mark.parametrize("again", HONEST, ids=lambda header: header[0])
def test_a_header_that_decides_stands_there_once_even_if_it_says_the_same(again: tuple[str, str]) -> None:
    assert code(*HONEST, again) == "bad-input"


@pytest.mark.parametrize(
    ("length", "expected"),
    [("100", ""), ("0100", ""), ("00", ""), ("101", "long"), ("9" * 19, "long"), ("9" * 5000, "long"),
     ("", "bad-input"), ("-1", "bad-input"), ("+1", "bad-input"), ("0x10", "bad-input"), ("1_0", "bad-input"),
     (" 1", "bad-input")],
)  # fmt: skip
def test_a_length_is_a_number_of_any_size(length: str, expected: str) -> None:
    assert code(*but("content-length", length)) == expected


def test_a_device_need_not_say_where_it_comes_from_but_a_foreign_page_is_none() -> None:
    silent = [header for header in HONEST if header[0] != "origin"]
    assert code(*silent) == "foreign"
    assert code(*silent, is_from_a_page=False) == ""
    assert code(*but("origin", "http://elsewhere"), is_from_a_page=False) == "foreign"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", "QUERY"])
def test_whatever_is_not_known_to_change_nothing_is_a_change(method: str) -> None:
    assert code(("host", "hall"), method=method) == "foreign"


def body_of(*messages: Message) -> _Body:
    """With nothing after them."""
    left = list(messages)

    async def receive() -> Message:
        if not left:
            await asyncio.Event().wait()
        return left.pop(0)

    return _Body(receive, is_open=True)


PART: Message = {"type": "http.request", "body": b"secret", "more_body": True}
GONE: Message = {"type": "http.disconnect"}


@pytest.mark.parametrize(
    ("after", "bytes_max", "why"), [([PART], 11, LONG), ([], 100, SLOW), ([GONE], 100, None)]
)
def test_a_body_that_is_refused_is_wiped(after: list[Message], bytes_max: int, why: Fault | None) -> None:
    body = body_of(PART, *after)
    entrance = Entrance(never(), terms(body_s=0.01))
    with contextlib.nullcontext() if why is not None else pytest.raises(_BrokenOff):
        assert asyncio.run(entrance._read(body, bytes_max)) is why
    assert body.content == bytes(6 * (1 + after.count(PART)))


def test_who_was_late_is_not_waited_for_again() -> None:
    body = body_of(PART)
    body.is_late = True
    asyncio.run(body.throw_away())


def test_a_sender_who_leaves_while_a_refused_body_is_thrown_away_hurts_nobody() -> None:
    asyncio.run(body_of(PART, GONE).throw_away())


def test_who_is_busy_sending_what_is_refused_is_heard_out_after_the_answer() -> None:
    """Closed before, the connection would be reset, and the answer lost on its way."""
    order: list[str] = []
    left = [PART, PART, {"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Message:
        order.append("read")
        return left.pop(0)

    async def send(message: Message) -> None:
        if "body" in message:
            order.append("answer" if message["body"] else "end")

    given = terms(answer=lambda _: Response("no"))
    headers = [(name.encode(), value.encode()) for name, value in but("origin", "http://elsewhere")]
    scope = {"type": "http", "method": "POST", "scheme": "http", "path": "/", "headers": headers}
    asyncio.run(Entrance(never(), given)(scope, receive, send))
    assert order == ["answer", "read", "read", "read", "end"]
