"""A network cable that can be pulled: a TCP relay on loopback between one device and the broker.

TLS passes through untouched, so the device still checks the broker's certificate and the broker the device's.
"""

import contextlib
import socket
import threading
from typing import Final

_CHUNK: Final = 65536


class Cable:
    """Listens on `port` of 127.0.0.1. Pulled: existing connections break, new ones are closed at once."""

    def __init__(self, broker: tuple[str, int]) -> None:
        self._broker = broker
        self._plugged = True
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, name="cable", daemon=True).start()

    def pull(self) -> None:
        with self._lock:
            self._plugged = False
            broken, self._open = self._open, set()
        for connection in broken:
            _break(connection)

    def plug(self) -> None:
        with self._lock:
            self._plugged = True

    def close(self) -> None:
        self.pull()
        _break(self._listener)

    def _accept(self) -> None:
        while True:
            try:
                device, _ = self._listener.accept()
            except OSError:
                return  # closed
            try:
                broker = socket.create_connection(self._broker, timeout=5)
            except OSError:
                _break(device)
                continue
            broker.settimeout(None)
            with self._lock:
                plugged = self._plugged
                if plugged:
                    self._open |= {device, broker}
            if not plugged:
                _break(device)
                _break(broker)
                continue
            for source, sink in ((device, broker), (broker, device)):
                threading.Thread(target=self._relay, args=(source, sink), daemon=True).start()

    def _relay(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_CHUNK):
                sink.sendall(data)
        for connection in (source, sink):
            _break(connection)
        with self._lock:
            self._open -= {source, sink}


def _break(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
