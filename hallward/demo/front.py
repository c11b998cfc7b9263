"""HTTPS in front of the fleet's page, as a reverse proxy in a hall gives it: who is outside the hall's server
speaks nothing else. It ends TLS with the certificate of the hall's own authority, and says http behind it."""

import contextlib
import socket
import ssl
import threading
from pathlib import Path
from typing import Final

HOST: Final = "127.0.0.1"
_CHUNK: Final = 65536
_HEAD_MAX: Final = 65536
_TIMEOUT_S: Final = 30.0


class HttpsFront:
    """tls: the `tls` folder of the fleet's data. fleet_port: where it serves http."""

    def __init__(self, tls: Path, fleet_port: int) -> None:
        self._fleet_port = fleet_port
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(tls / "server.crt", tls / "server.key")
        self._listener = socket.create_server((HOST, 0))
        self.url = f"https://{HOST}:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, name="https", daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return  # closed
            threading.Thread(target=self._serve, args=(caller,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        """One request; the callers of this hall ask one thing in a connection."""
        plain.settimeout(_TIMEOUT_S)
        with (
            contextlib.suppress(OSError),  # nobody behind us, or the caller has gone: they ask again
            plain,
            self._context.wrap_socket(plain, server_side=True) as caller,
            socket.create_connection((HOST, self._fleet_port), _TIMEOUT_S) as fleet,
        ):
            fleet.sendall(_request(caller))
            while answer := fleet.recv(_CHUNK):
                caller.sendall(answer)


def _request(caller: socket.socket) -> bytes:
    """Head and body, with the scheme that the fleet is asked by, and the connection ended behind it."""
    found = b""
    while b"\r\n\r\n" not in found and len(found) < _HEAD_MAX:
        found += _more(caller)
    head, _, body = found.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    length = next((int(line[15:]) for line in lines if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += _more(caller)
    said = [line.replace(b"Origin: https://", b"Origin: http://", 1) for line in lines]
    return b"\r\n".join([*said, b"Connection: close", b"", body])


def _more(caller: socket.socket) -> bytes:
    """Raises ConnectionError at its end."""
    data = caller.recv(_CHUNK)
    if not data:
        raise ConnectionError("the caller has gone")
    return data
