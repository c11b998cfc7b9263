"""balena's API on this machine, speaking real HTTP: pine over rows in memory, keys, registration, supervisor.
Its answers follow open-balena-api as far as our adapter looks at them; its faults are those of networks
and limits."""

import json
import re
import secrets
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tests.provisioning.backends.odata import Filter, Row, options, split

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
TOKEN = "a-token-that-nobody-may-see-0123456789"
LINKS = {
    "is_for__device_type": "device_type",
    "belongs_to__application": "application",
    "should_be_running__release": "release",
    "is_running__release": "release",
    "is_pinned_on__release": "release",
    "device": "device",
    "application": "application",
    "tracks__device": "device",
    "actor": "actor",
    "is_of__actor": "actor",
}
BACK_LINKS = {("application", "owns__release"): ("release", "belongs_to__application")}
UNIQUE = {
    "device_tag": ("device", "tag_key"),
    "device_environment_variable": ("device", "name"),
    "device_config_variable": ("device", "name"),
    "application_environment_variable": ("application", "name"),
    "application_config_variable": ("application", "name"),
}
RESOURCES = (*UNIQUE, "application", "device", "device_history", "device_type", "release", "api_key", "actor")


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said in place of the answer. trickle: one letter at a time for ever; silent: nothing at all."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    trickle: bool = False
    silent: bool = False


class BalenaFake(ThreadingHTTPServer):
    """One account, one fleet `hall/keypads` (number 7) with releases 1.0.0, 1.1.0 and one that failed.

    asked: method and path of every request, in order. strangers: those that did not come through our
    transport. locked: devices whose supervisor holds the lock.
    """

    def __init__(self, tls: Path | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.tables: dict[str, list[Row]] = {name: [] for name in RESOURCES}
        self.asked: list[tuple[str, str]] = []
        self.strangers: list[str] = []
        self.locked: set[int] = set()
        self.provisioning_keys: dict[str, int] = {}
        self.actor_type = "user"
        self.closing = threading.Event()
        self.lock = threading.Lock()
        self._numbers = 100
        self._script: list[tuple[str, Reply]] = []
        self._scheme = "http"
        self.tables["device_type"].append({"id": 3, "slug": "raspberrypi4-64"})
        self.tables["application"].append(
            {
                "id": 7,
                "slug": "hall/keypads",
                "uuid": "f" * 32,
                "app_name": "keypads",
                "actor": 70,
                "is_for__device_type": 3,
                "should_be_running__release": 21,
                "should_track_latest_release": True,
            }
        )
        for number, version, status in (
            (21, "1.0.0", "success"),
            (22, "1.1.0", "success"),
            (23, "1.2.0", "failed"),
        ):
            self.tables["release"].append(_release(number, version, status))
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls)
            self.socket = context.wrap_socket(self.socket, server_side=True)
            self._scheme = "https"

    @property
    def host(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.server_address[1]}"

    # -- hands ----------------------------------------------------------------------------------------------

    def say(self, path: str, *replies: Reply) -> None:
        """To the next requests whose path contains `path`, one reply each."""
        self._script += [(path, reply) for reply in replies]

    def scripted(self, path: str) -> Reply | None:
        with self.lock:
            for at, (part, _) in enumerate(self._script):
                if part in path:
                    return self._script.pop(at)[1]
        return None

    def add_device(self, name: str, **more: Any) -> int:
        number = self.number()
        self.tables["device"].append(
            {
                "id": number,
                "uuid": secrets.token_hex(16),
                "device_name": name,
                "belongs_to__application": 7,
                "is_online": True,
                "overall_status": "operational",
                "overall_progress": None,
                "last_connectivity_event": "2026-05-04T07:59:00.000Z",
                "is_running__release": 21,
                "is_pinned_on__release": None,
                **more,
            }
        )
        return number

    def device(self, name: str) -> Row:
        return next(row for row in self.tables["device"] if row["device_name"] == name)

    def number(self) -> int:
        self._numbers += 1
        return self._numbers

    # -- pine -----------------------------------------------------------------------------------------------

    def follow(self, row: Row, name: str) -> Row | None:
        return next((other for other in self.tables[LINKS[name]] if other["id"] == row.get(name)), None)

    def rows(self, resource: str, key: str | None, query: Mapping[str, str]) -> list[Row]:
        found = self.tables[resource]
        if key is not None:
            test = Filter(f"id eq {key}" if key.isdigit() else key.replace("=", " eq "), self.follow).test
            found = [row for row in found if test(row)]
        if "$filter" in query:
            test = Filter(query["$filter"], self.follow).test
            found = [row for row in found if test(row)]
        return found

    def shown(self, resource: str, found: list[Row], query: Mapping[str, str]) -> list[Row]:
        if order := query.get("$orderby"):
            name, _, direction = order.partition(" ")
            found = sorted(
                found, key=lambda row: (row.get(name) is None, row.get(name)), reverse=direction == "desc"
            )
        found = found[: int(query.get("$top", len(found)))]
        expand = dict(_expansion(part) for part in split(query.get("$expand", ""), ","))
        select = query["$select"].split(",") if "$select" in query else None
        return [self._view(resource, row, select, expand) for row in found]

    def _view(self, resource: str, row: Row, select: list[str] | None, expand: Mapping[str, str]) -> Row:
        view: Row = {
            name: {"__id": value} if name in LINKS and value is not None else value
            for name, value in row.items()
            if select is None or name in select
        }
        for name, inner in expand.items():
            query = options(inner, ";")
            if name in LINKS:
                target, found = LINKS[name], [other] if (other := self.follow(row, name)) else []
            else:
                target, back = BACK_LINKS[resource, name]
                found = [one for one in self.tables[target] if one[back] == row["id"]]
                found = [one for one in found if one in self.rows(target, None, query)]
            view[name] = self.shown(target, found, query)
        return view

    def insert(self, resource: str, body: Row) -> Row | None:
        """None: there is one already."""
        if any(
            all(row[name] == body.get(name) for name in UNIQUE[resource]) for row in self.tables[resource]
        ):
            return None
        row = {"id": self.number(), **body}
        self.tables[resource].append(row)
        return row


class _Handler(BaseHTTPRequestHandler):
    server: BalenaFake
    protocol_version = "HTTP/1.1"
    timeout = 20
    disable_nagle_algorithm = True

    def handle_one_request(self) -> None:
        """A client that hangs up in the middle is no event."""
        try:
            super().handle_one_request()
        except (OSError, ssl.SSLError):
            self.close_connection = True

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_GET  # noqa: N815 - the name is the base class's
    do_PATCH = do_GET  # noqa: N815
    do_DELETE = do_GET  # noqa: N815

    def _answer(self) -> None:
        path, _, query = self.path.partition("?")
        path = unquote(path)
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"null")
        with self.server.lock:
            self.server.asked.append((self.command, unquote(self.path)))
            if not self.headers.get("X-Balena-Client", "").startswith("hallward"):
                self.server.strangers.append(path)
        if reply := self.server.scripted(path):
            self._say(reply)
            return
        bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
        with self.server.lock:
            status, content = self._routed(path, query, body, bearer)
        self._send(status, json.dumps(content).encode() if content is not None else b"")

    def _routed(self, path: str, query: str, body: Any, bearer: str) -> tuple[int, Any]:
        if path == "/device/register":
            return self._register(body, bearer)
        if bearer != TOKEN:
            return 401, "Unauthorized"
        if path == "/actor/v1/whoami":
            return 200, {
                "id": 9,
                "actorType": self.server.actor_type,
                "actorTypeId": 5,
                "username": "hall",
                "email": None,
            }
        if path == "/api-key/v1/":
            key = {"id": self.server.number(), "name": body["name"], "is_of__actor": 70, **body}
            self.server.tables["api_key"].append(key)
            secret = secrets.token_hex(16)
            self.server.provisioning_keys[secret] = key["id"]
            return 200, secret
        if re.fullmatch(r"/api-key/device/\d+/device-key", path):
            return 200, secrets.token_hex(16)
        if path == "/supervisor/v1/device":
            return self._supervisor(body["deviceId"])
        return self._pine(path, query, body)

    def _register(self, body: Row, bearer: str) -> tuple[int, Any]:
        number = self.server.provisioning_keys.get(bearer)
        if number is None or not any(key["id"] == number for key in self.server.tables["api_key"]):
            return 401, "Unauthorized"
        if any(row["uuid"] == body["uuid"] for row in self.server.tables["device"]):
            return 409, '"uuid" must be unique.'
        at = self.server.add_device(
            f"bold-sun-{body['uuid'][:4]}",
            uuid=body["uuid"],
            is_online=False,
            overall_status="inactive",
            is_running__release=None,
            last_connectivity_event=None,
        )
        return 201, {"id": at, "uuid": body["uuid"], "api_key": secrets.token_hex(16)}

    def _supervisor(self, number: int) -> tuple[int, Any]:
        row = next((row for row in self.server.tables["device"] if row["id"] == number), None)
        if row is None or not row["is_online"]:
            return 404, "No online device(s) found"
        if number in self.server.locked:
            return 423, "Updates are locked"
        return 200, {
            "api_port": 48484,
            "commit": "1" * 40,
            "status": "Downloading",
            "download_progress": 42.4,
            "update_pending": True,
            "update_failed": False,
            "update_downloaded": False,
            "os_version": "balenaOS 6.5.4",
            "supervisor_version": "17.0.1",
            "ip_address": "10.0.0.8",
        }

    def _pine(self, path: str, query: str, body: Any) -> tuple[int, Any]:
        found = re.fullmatch(r"/v7/([a-z_]+)(?:\((.*)\))?", path)
        assert found is not None, path
        assert found[1] in RESOURCES, path
        resource, key = found[1], found[2]
        asked = options(unquote(query), "&")
        if self.command == "POST":
            row = self.server.insert(resource, body)
            return (409, f'"{resource}" must be unique.') if row is None else (201, row)
        rows = self.server.rows(resource, key, asked)
        if self.command == "GET":
            return 200, {"d": self.server.shown(resource, rows, asked)}
        for row in rows:
            if self.command == "PATCH":
                row.update(body)
        if self.command == "DELETE":
            self.server.tables[resource] = [row for row in self.server.tables[resource] if row not in rows]
        return 200, "OK"

    def _say(self, reply: Reply) -> None:
        if reply.silent:
            self.server.closing.wait(20)
            self.close_connection = True
            return
        if not reply.trickle:
            self._send(reply.status, reply.body, reply.headers)
            return
        self.send_response(reply.status)
        self.end_headers()
        self.close_connection = True
        while not self.server.closing.wait(0.02):
            self.wfile.write(b" ")

    def _send(self, status: int, content: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Silence."""


def _expansion(part: str) -> tuple[str, str]:
    name, _, inner = part.partition("(")
    return name, inner.removesuffix(")")


def _release(number: int, version: str, status: str) -> Row:
    return {
        "id": number,
        "commit": str(number % 10) * 40,
        "raw_version": version,
        "status": status,
        "is_invalidated": False,
        "is_final": True,
        "is_passing_tests": True,
        "created_at": f"2026-05-0{number % 10}T00:00:00.000Z",
        "belongs_to__application": 7,
    }
