"""The hands of a simulated device: one JSON object per line, for the owner alone, and never harmful to the
device."""

import json
import socket

import pytest

from edge.device.adapters.hands_socket import LINE_BYTES_MAX, HandsSocket
from edge.device.errors import DeviceError


def answer(wish):
    if wish.get("do") == "refuse":
        raise DeviceError("not today")
    if wish.get("do") == "break":
        raise RuntimeError("broken hand")
    return {"did": wish.get("do")}


@pytest.fixture
def hands(tmp_path):
    served = HandsSocket(tmp_path / "hands.sock", answer)
    yield tmp_path / "hands.sock"
    served.close()


def talk(path, *lines):
    with socket.socket(socket.AF_UNIX) as caller:
        caller.settimeout(10)
        caller.connect(str(path))
        with caller.makefile("rwb") as stream:
            found = []
            for line in lines:
                stream.write(line + b"\n")
                stream.flush()
                found.append(json.loads(stream.readline()))
            return found


def test_each_line_is_answered_by_one_line(hands):
    assert talk(hands, b'{"do": "look"}', b'{"do": "push"}') == [{"did": "look"}, {"did": "push"}]


def test_two_callers_are_served_side_by_side(hands):
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(str(hands))
        assert talk(hands, b'{"do": "look"}') == [{"did": "look"}]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"hello", "not a line of JSON"),
        (b"\xff\xfe", "not a line of JSON"),
        (b"[1]", "a wish is a JSON object"),
        (b'{"do": "refuse"}', "not today"),
        (b'{"do": "break"}', "RuntimeError: broken hand"),
    ],
)
def test_a_wish_that_cannot_be_is_answered_in_words_and_the_next_one_is_served(hands, line, error):
    assert talk(hands, line, b'{"do": "look"}') == [{"error": error}, {"did": "look"}]


def test_a_line_without_end_is_answered_and_not_swallowed(hands):
    assert talk(hands, b"x" * LINE_BYTES_MAX)[0] == {"error": "not a line of JSON"}


def test_the_socket_is_for_its_owner_alone_and_gone_after_closing(tmp_path):
    served = HandsSocket(tmp_path / "h.sock", answer)
    assert (tmp_path / "h.sock").stat().st_mode & 0o777 == 0o600
    served.close()
    assert not (tmp_path / "h.sock").exists()


def test_a_socket_left_behind_by_a_killed_start_is_replaced(tmp_path):
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(tmp_path / "h.sock"))
    left.close()
    served = HandsSocket(tmp_path / "h.sock", answer)
    assert talk(tmp_path / "h.sock", b'{"do": "look"}') == [{"did": "look"}]
    served.close()


def test_a_path_too_long_for_a_socket_is_said_in_words(tmp_path):
    with pytest.raises(DeviceError, match="longer than the 107 bytes"):
        HandsSocket(tmp_path / ("x" * 120), answer)
