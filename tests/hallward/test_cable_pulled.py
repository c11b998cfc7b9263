"""A pulled cable breaks what runs over it and lets nothing new through; plugged in again it carries."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from hallward.demo.cable import Cable


@pytest.fixture
def echo() -> Iterator[tuple[str, int]]:
    listener = socket.create_server(("127.0.0.1", 0))
    answering: list[threading.Thread] = []

    def answer(connection: socket.socket) -> None:
        with connection:
            connection.sendall(connection.recv(100))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                answering.append(threading.Thread(target=answer, args=(listener.accept()[0],)))
                answering[-1].start()

    serving = threading.Thread(target=serve)
    serving.start()
    host, port = listener.getsockname()[:2]
    yield host, port
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    serving.join()
    for thread in answering:
        thread.join()


def said(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        try:
            connection.sendall(b"hello")
            return connection.recv(100)
        except OSError:
            return b""


def test_a_pulled_cable_carries_nothing_until_it_is_plugged(echo: tuple[str, int]) -> None:
    cable = Cable(echo)
    assert said(cable.port) == b"hello"
    with socket.create_connection(("127.0.0.1", cable.port), timeout=5) as broken:
        cable.pull()
        assert said(cable.port) == b""
        with contextlib.suppress(ConnectionResetError):
            assert broken.recv(1) == b""
    cable.plug()
    assert said(cable.port) == b"hello"
    cable.close()
