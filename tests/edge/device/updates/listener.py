"""A TLS server on loopback that says byte for byte what a test wants, as slowly as it wants."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from edge.device.adapters.device_folder import DeviceFolder
from edge.device.adapters.update_https import RATE_WINDOW_S, UpdateListener
from tests.edge.device.hall_desk import Hall

Say = Callable[[bytes], None]
Answer = Callable[[str, dict[str, str], Say], None]
"""(path, headers in lower case, how to send): the whole answer, status line included. Once it returns, the
next question is read; raising OSError ends the connection."""


def silent(path: str, headers: dict[str, str], say: Say) -> None:
    raise ConnectionAbortedError


def content(data: bytes) -> Answer:
    """As an honest listener answers, ranges included."""

    def answer(_: str, headers: dict[str, str], say: Say) -> None:
        begin = int(headers.get("range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        status = "206 Partial Content" if begin else "200 OK"
        part = f"Content-Range: bytes {begin}-{len(data) - 1}/{len(data)}\r\n" if begin else ""
        say(f"HTTP/1.1 {status}\r\nContent-Length: {len(data) - begin}\r\n{part}\r\n".encode())
        say(data[begin:])

    return answer


def error(status: int) -> Answer:
    def answer(_: str, __: dict[str, str], say: Say) -> None:
        say(f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode())

    return answer


@dataclass
class Listening:
    hall: Hall
    folder: DeviceFolder
    answer: Answer = silent
    asked: list[tuple[str, str]] = field(default_factory=list)
    """(path, range) of each question."""
    connections: int = 0

    def __enter__(self) -> "Listening":
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(*self.hall.broker_files())
        self._context.verify_mode = ssl.CERT_REQUIRED
        self._context.load_verify_locations(cadata=self.hall.authority.certificate_pem.decode())
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    def says(self, answer: Answer) -> "Listening":
        self.answer, self.asked, self.connections = answer, [], 0
        return self

    def client(self, window_s: float = RATE_WINDOW_S) -> UpdateListener:
        port = int(self._socket.getsockname()[1])
        ca, client = self.folder.path / "ca.crt", self.folder.client_files
        return UpdateListener("127.0.0.1", port, ca, client, window_s=window_s)

    def _serve(self) -> None:
        """One connection at a time: a device opens no second one."""
        while True:
            try:
                plain, _ = self._socket.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), self._context.wrap_socket(plain, server_side=True) as secure:
                secure.settimeout(10)
                self.connections += 1
                self._talk(secure)
            plain.close()

    def _talk(self, secure: ssl.SSLSocket) -> None:
        with secure.makefile("rb") as lines:
            while first := lines.readline():
                path, headers = first.decode().split(" ")[1], {}
                while (line := lines.readline().decode().strip()) != "":
                    name, _, value = line.partition(":")
                    headers[name.lower()] = value.strip()
                self.asked.append((path, headers.get("range", "")))
                self.answer(path, headers, secure.sendall)
