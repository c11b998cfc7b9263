"""Our own fleet's registry over HTTP, as far as the native backend asks it."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class FleetFake(ThreadingHTTPServer):
    """refusal: (status, code, sentence) for every call but the sign-in; garbage: an answer that is none."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.rows: dict[str, dict[str, Any]] = {}
        self.refusal: tuple[int, str, str] | None = None
        self.garbage: bytes | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def add_device(self, name: str, word: str = "online") -> None:
        self.rows[name] = {
            "device": name,
            "role": "keypad",
            "place": "row 1",
            "place_id": "r1s1",
            "serial": "10000000abc",
            "state": "active",
            "word": word,
            "colour": "green",
            "age_s": 3,
            "clock_skew_ms": 0,
            "software": "0.1.0",
        }


class _Handler(BaseHTTPRequestHandler):
    server: FleetFake

    def do_GET(self) -> None:
        name = self.path.removeprefix("/api/devices").removeprefix("/")
        if not name:
            self._send(200, list(self.server.rows.values()))
        elif name in self.server.rows:
            self._send(200, {**self.server.rows[name], "reported": {"roster": "ok"}})
        else:
            self._send(404, {"code": "not-found", "sentence": f"There is no device {name}."})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/api/devices":
            self.server.add_device(body["certificate"], "never")
        self._send(201, {})

    def _send(self, status: int, content: Any) -> None:
        data = json.dumps(content).encode()
        if self.path != "/api/sign-in":
            if self.server.refusal is not None:
                status, code, sentence = self.server.refusal
                data = json.dumps({"code": code, "sentence": sentence}).encode()
            data = data if self.server.garbage is None else self.server.garbage
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Silence."""
