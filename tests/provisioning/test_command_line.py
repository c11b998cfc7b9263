"""`hallward provision …`: what a technician types, and what is said when it is wrong."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519

from provisioning.__main__ import main
from provisioning.badge import REGISTRAR
from provisioning.files import key_pem
from tests.servers.ports import free_port
from wire.envelope import Purpose, verify
from wire.keys import Alg, public_key
from wire.up import badge_envelope, parse_badge

MEMBER = "00112233445566778899aabbccddeeff"


class FleetDouble(ThreadingHTTPServer):
    """Answers like the fleet's API, and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, dict[str, Any], str]] = []
        self.refusal: str | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: FleetDouble

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, body, self.headers.get("Cookie", "")))
        refused = self.server.refusal is not None and self.path != "/api/sign-in"
        answer = json.dumps({"code": "no", "sentence": self.server.refusal} if refused else {}).encode()
        self.send_response(409 if refused else 200)
        if self.path == "/api/sign-in":
            self.send_header("Set-Cookie", "hallward=abc; HttpOnly; Path=/")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Silence."""


@pytest.fixture
def fleet() -> Iterator[FleetDouble]:
    server = FleetDouble()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def hall(tmp_path: Path) -> Path:
    """An authority's folder, made by the command line."""
    desk, store = (ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw() for _ in range(2))
    folder = tmp_path / "authority"
    words = ["hall", "hall-1", "--congress", "congress-9", "--authority", str(folder)]
    words += ["--desk", desk.hex(), "--store", store.hex(), "--fleet-tls", str(tmp_path / "tls")]
    assert main(words) == 0
    return folder


def device(hall: Path, folder: Path, *more: str) -> list[str]:
    return ["device", "gate-1", "--role", "gate", "--authority", str(hall), "--folder", str(folder), *more]


def test_a_hall_gets_an_authority_and_its_server_what_it_needs(hall: Path, tmp_path: Path) -> None:
    assert (hall / "ca.key").exists()
    found = sorted(path.name for path in (tmp_path / "tls").iterdir())
    assert found == ["ca.crl", "ca.crt", "ingest.crt", "ingest.key", "server.crt", "server.key"]


def test_a_device_is_made_and_the_fleet_told(
    hall: Path, tmp_path: Path, fleet: FleetDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HALLWARD_PASSWORD", "correct horse")
    words = device(hall, tmp_path / "g", "--fleet", fleet.url, "--account", "tech", "--place", "Door A")
    assert main(words) == 0
    sign_in, registered = fleet.asked
    assert sign_in[:2] == ("/api/sign-in", {"account": "tech", "password": "correct horse"})
    path, body, cookie = registered
    assert (path, cookie) == ("/api/devices", "hallward=abc")
    assert (body["role"], body["place"], len(body["sealing_key"])) == ("gate", "Door A", 64)
    assert body["certificate"] == (tmp_path / "g" / "identity.crt").read_text(encoding="ascii")


def test_what_the_fleet_refuses_is_said_in_its_words_and_the_folder_kept(
    hall: Path,
    tmp_path: Path,
    fleet: FleetDouble,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("HALLWARD_PASSWORD", "correct horse")
    fleet.refusal = "gate-1 is known as a revoked gate."
    assert main(device(hall, tmp_path / "g", "--fleet", fleet.url, "--account", "tech")) == 1
    assert "gate-1 is known as a revoked gate." in capsys.readouterr().err
    assert (tmp_path / "g" / "device.toml").exists()


def test_a_fleet_that_is_not_there_gets_one_sentence(
    hall: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HALLWARD_PASSWORD", "x")
    url = f"http://127.0.0.1:{free_port()}"
    assert main(device(hall, tmp_path / "g", "--fleet", url, "--account", "tech")) == 1
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    "url", ["http://[", "http://a b", "http://h:99999", "http://h\udce9", "ftp://h", "h"]
)
def test_an_address_that_is_none_is_refused(
    hall: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    monkeypatch.setenv("HALLWARD_PASSWORD", "x")
    words = ["revoke", "gate-1", "--authority", str(hall), "--fleet", url, "--account", "tech"]
    assert main(words) == 78
    assert "the fleet's address must look like" in capsys.readouterr().err


def test_a_revoked_device_stands_on_both_lists_even_when_the_fleet_is_away(
    hall: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HALLWARD_PASSWORD", "x")
    assert main(device(hall, tmp_path / "g")) == 0
    words = ["revoke", "gate-1", "--authority", str(hall), "--fleet-tls", str(tmp_path / "tls")]
    assert main(words) == 0
    certificate = x509.load_pem_x509_certificate((tmp_path / "g" / "identity.crt").read_bytes())
    for path in (hall / "ca.crl", tmp_path / "tls" / "ca.crl"):
        found = [entry.serial_number for entry in x509.load_pem_x509_crl(path.read_bytes())]
        assert found == [certificate.serial_number]


def test_a_file_that_is_not_the_registrars_key_is_named(
    hall: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "wrong.key"
    path.write_text("-----BEGIN CERTIFICATE-----\n")
    assert main(["badge", MEMBER, "--authority", str(hall), "--key", str(path), "--first-serial", "7"]) == 78
    assert "wrong.key is not the registrar's key" in capsys.readouterr().err


def test_a_badge_is_the_registrars(hall: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    path = tmp_path / "registrar.key"
    path.write_bytes(key_pem(key))
    capsys.readouterr()
    assert main(["badge", MEMBER, "--authority", str(hall), "--key", str(path), "--first-serial", "7"]) == 0
    text = capsys.readouterr().out.strip()
    registrar = public_key(Alg.EDDSA, key.public_key().public_bytes_raw())
    badge = parse_badge(verify(badge_envelope(text), Purpose.BADGE, REGISTRAR, registrar))
    assert (badge.congress, badge.member.hex(), badge.serial) == ("congress-9", MEMBER, 7)


@pytest.mark.parametrize("days", ["0", "-1", "99999999999"])
def test_a_badge_that_no_calendar_holds_is_a_sentence_and_78(
    hall: Path, tmp_path: Path, days: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "registrar.key"
    path.write_bytes(key_pem(ed25519.Ed25519PrivateKey.generate()))
    words = ["badge", MEMBER, "--authority", str(hall), "--key", str(path), "--first-serial", "1"]
    assert main([*words, "--days", days]) == 78
    assert "--days must be 1 to 3650" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--fleet", "ftp://x", "--account", "tech"], "https://host:port"),
        (["--fleet", "http://127.0.0.1:1"], "--account"),
    ],
)
def test_a_wrong_word_is_a_sentence_and_78(
    hall: Path,
    tmp_path: Path,
    more: list[str],
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("HALLWARD_PASSWORD", "x")
    assert main(device(hall, tmp_path / "g", *more)) == 78
    assert says in capsys.readouterr().err


def test_no_private_key_is_ever_printed(
    hall: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(device(hall, tmp_path / "g")) == 0
    printed = "".join(capfd.readouterr())
    secrets = [path.read_text("ascii").splitlines()[1] for path in tmp_path.rglob("*.key")]
    assert len(secrets) == 5
    assert not [secret for secret in secrets if secret in printed]
