"""Bytes over real mutual TLS: ranges, a server that ignores them, one that drips, one that never ends."""

import hashlib
import threading
import time
from contextlib import closing
from pathlib import Path

import bsdiff4
import pytest

from edge.device.adapters.update_https import SILENCE_S, HttpsSource, Missing, UpdateListener
from edge.device.errors import ConfigError, NotNow, UpdateRefused
from edge.device.updating.ports import Wanted
from tests.edge.device.hall_desk import make_hall
from tests.edge.device.updates.listener import Listening, Say, content, error, silent
from tests.edge.device.updates.made import random_bytes, wanted_of

pytestmark = pytest.mark.slow

DATA = random_bytes(300_000)
WANTED = wanted_of(DATA)


def fetched(listening: Listening, into: Path, begin: int = 0, window_s: float = 30.0) -> bytes:
    HttpsSource(listening.client(window_s)).fetch(WANTED, into, begin, 20.0)
    return into.read_bytes()


def read(client: UpdateListener) -> bytes:
    return b"".join(client.pieces("/image/metadata/timestamp.json", 5.0))


def test_a_target_is_fetched_by_its_hash(listening: Listening, tmp_path: Path) -> None:
    assert fetched(listening.says(content(DATA)), tmp_path / "part") == DATA
    assert listening.asked == [(f"/image/targets/models/{WANTED.sha256.hex()}.net.tar", "")]


def test_a_fetch_goes_on_where_it_ended(listening: Listening, tmp_path: Path) -> None:
    part = tmp_path / "part"
    part.write_bytes(DATA[:1000] + b"what a power cut left unsynced")
    assert fetched(listening.says(content(DATA)), part, begin=1000) == DATA
    assert listening.asked[0][1] == "bytes=1000-"


def test_what_came_before_the_network_ended_is_kept(listening: Listening, tmp_path: Path) -> None:
    def half(_: str, __: dict[str, str], say: Say) -> None:
        say(f"HTTP/1.1 200 OK\r\nContent-Length: {len(DATA)}\r\n\r\n".encode() + DATA[:100_000])
        raise ConnectionAbortedError

    part = tmp_path / "part"
    with pytest.raises(NotNow):
        fetched(listening.says(half), part)
    assert part.read_bytes() == DATA[:100_000]
    assert fetched(listening.says(content(DATA)), part, begin=100_000) == DATA


def test_a_server_that_ignores_the_range_is_heard_from_the_beginning(
    listening: Listening, tmp_path: Path
) -> None:
    def whole(_: str, __: dict[str, str], say: Say) -> None:
        say(f"HTTP/1.1 200 OK\r\nContent-Length: {len(DATA)}\r\n\r\n".encode() + DATA)

    part = tmp_path / "part"
    part.write_bytes(b"x" * 1000)
    assert fetched(listening.says(whole), part, begin=1000) == DATA


def test_nothing_is_asked_for_when_all_is_there(listening: Listening, tmp_path: Path) -> None:
    part = tmp_path / "part"
    part.write_bytes(DATA)
    assert fetched(listening.says(silent), part, begin=len(DATA)) == DATA
    assert listening.asked == []


@pytest.mark.parametrize(
    ("head", "cause"),
    [
        (f"200 OK\r\nContent-Length: {len(DATA) + 1}", "endless"),
        (f"200 OK\r\nContent-Length: {len(DATA) - 1}", "wrong-hash"),
        (f"206 Partial Content\r\nContent-Range: bytes 0-9/{len(DATA) + 1}", "endless"),
        ("200 OK\r\nTransfer-Encoding: chunked", "endless"),
        ("200 OK", "endless"),
    ],
)
def test_another_length_than_the_signed_one_is_refused(
    listening: Listening, tmp_path: Path, head: str, cause: str
) -> None:
    def endless(_: str, __: dict[str, str], say: Say) -> None:
        say(f"HTTP/1.1 {head}\r\n\r\n".encode())
        piece = b"x" * 65536
        while True:
            say(b"10000\r\n" + piece + b"\r\n" if "chunked" in head else piece)

    part = tmp_path / "part"
    with pytest.raises(UpdateRefused) as refused:
        fetched(listening.says(endless), part)
    assert refused.value.cause == cause
    assert part.stat().st_size <= len(DATA)


@pytest.mark.parametrize("begin", [0, 1000])
def test_another_part_than_was_asked_for_is_not_taken(
    listening: Listening, tmp_path: Path, begin: int
) -> None:
    def other(_: str, __: dict[str, str], say: Say) -> None:
        say(f"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 7-9/{len(DATA)}\r\n".encode())
        say(b"Content-Length: 3\r\n\r\nabc")

    part = tmp_path / "part"
    part.write_bytes(DATA[:begin])
    with pytest.raises(NotNow, match="another part"):
        fetched(listening.says(other), part, begin)
    assert part.read_bytes() == DATA[:begin]


@pytest.mark.parametrize("where", ["headers", "body"])
def test_a_server_that_drips_is_left(listening: Listening, tmp_path: Path, where: str) -> None:
    def drip(_: str, __: dict[str, str], say: Say) -> None:
        say(b"HTTP/1.1 200 OK\r\n")
        if where == "body":
            say(f"Content-Length: {len(DATA)}\r\n\r\n".encode())
        while True:
            say(b"x: y\r\n" if where == "headers" else b"x")
            threading.Event().wait(0.02)

    began_s = time.monotonic()
    with pytest.raises(UpdateRefused) as refused:
        fetched(listening.says(drip), tmp_path / "part", window_s=0.2)
    assert refused.value.cause == "slow"
    assert time.monotonic() - began_s < SILENCE_S, "for its pace, long before a silence would count"


def test_a_connection_serves_many_questions(listening: Listening) -> None:
    with closing(listening.says(content(b"metadata")).client()) as client:
        for _ in range(3):
            assert read(client) == b"metadata"
        listening.answer = error(404)
        with pytest.raises(Missing):
            read(client)
        listening.answer = content(b"more")
        assert read(client) == b"more"
    assert listening.connections == 1


def test_a_connection_that_was_closed_while_it_rested_is_made_anew(listening: Listening) -> None:
    def once(path: str, headers: dict[str, str], say: Say) -> None:
        content(b"metadata")(path, headers, say)
        raise ConnectionAbortedError

    with closing(listening.says(once).client()) as client:
        assert [read(client) for _ in range(3)] == [b"metadata"] * 3
    assert listening.connections == 3


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_listener_is_asked_again_later(listening: Listening, status: int) -> None:
    with closing(listening.says(error(status)).client()) as client, pytest.raises(NotNow, match="busy"):
        read(client)


def test_a_listener_of_another_hall_is_told_nothing(listening: Listening, tmp_path: Path) -> None:
    other = make_hall(tmp_path, "hall-2")
    with Listening(other, listening.folder, content(b"x")) as stranger:
        with pytest.raises(NotNow, match="not of this hall"):
            read(stranger.client())
        assert stranger.asked == []


def test_a_listener_that_is_away_is_waited_for(listening: Listening, tmp_path: Path) -> None:
    with pytest.raises(NotNow, match="does not answer"):
        fetched(listening.says(silent), tmp_path / "part")


def test_a_certificate_that_is_gone_is_said_by_its_file(listening: Listening, tmp_path: Path) -> None:
    ca, client = tmp_path / "ca.crt", listening.folder.client_files
    with pytest.raises(ConfigError, match=r"ca\.crt"):
        read(UpdateListener("127.0.0.1", 1, ca, client))


class TestDelta:
    old = random_bytes(200_000)
    new = old[:50_000] + random_bytes(2000) + old[50_000:]
    wanted = wanted_of(new)
    base = hashlib.sha256(old).digest()

    def made(self, listening: Listening, tmp_path: Path, wanted: Wanted | None = None) -> bool:
        archive = tmp_path / "base"
        archive.write_bytes(self.old)
        source = HttpsSource(listening.client())
        return source.delta(self.base, archive, wanted or self.wanted, tmp_path / "part")

    def test_a_patch_makes_the_wanted_target(self, listening: Listening, tmp_path: Path) -> None:
        assert self.made(listening.says(content(bsdiff4.diff(self.old, self.new))), tmp_path)
        assert (tmp_path / "part").read_bytes() == self.new
        assert listening.asked == [(f"/delta/{self.base.hex()}/{self.wanted.sha256.hex()}", "")]

    def test_without_a_patch_nothing_is_written(self, listening: Listening, tmp_path: Path) -> None:
        for answer in (error(404), error(503), silent, content(b"rubbish"), content(b"x" * 200_000)):
            assert not self.made(listening.says(answer), tmp_path)
        assert not (tmp_path / "part").exists()
