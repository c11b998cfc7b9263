"""A witness talks to a fleet only under the hall's own authority, and whatever answers there is bounded."""

import datetime as dt
import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from officers.witness.adapters.https import HttpsFleet
from officers.witness.errors import WitnessRefused

NOW = dt.datetime.now(dt.UTC)


class Handler(BaseHTTPRequestHandler):
    answers: ClassVar[dict[str, tuple[int, bytes]]] = {}
    posted: ClassVar[list[tuple[str, bytes]]] = []

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self.posted.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
        self._answer()

    def _answer(self) -> None:
        status, body = self.answers.get(self.path, (404, b""))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def certificate(folder: Path, name: str) -> Path:
    """Key and self-signed certificate of a server, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - dt.timedelta(days=1))
        .not_valid_after(NOW + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + built.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    Handler.answers, Handler.posted = {}, []
    path = certificate(tmp_path, "hall")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    found = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.socket = context.wrap_socket(found.socket, server_side=True)
    thread = threading.Thread(target=found.serve_forever, args=(0.01,))
    thread.start()
    yield f"https://127.0.0.1:{found.server_address[1]}", path
    found.shutdown()
    thread.join()
    found.server_close()


def test_it_asks_and_answers_under_the_halls_authority(server: tuple[str, Path]) -> None:
    url, ca = server
    fleet = HttpsFleet(url, ca)
    offer = {"note": "n", "consistency": ["00" * 32], "tallies": ["11" * 16]}
    Handler.answers = {
        "/api/log/checkpoint?since=7": (200, json.dumps(offer).encode()),
        "/api/log/cosignatures": (200, b""),
        f"/api/contests/{'11' * 16}/tally": (200, b"document"),
        f"/api/contests/{'11' * 16}/tally/signatures": (200, b""),
    }
    found = fleet.checkpoint(7)
    assert (found.note, found.consistency, found.tallies) == ("n", (bytes(32),), (b"\x11" * 16,))
    assert fleet.tally(b"\x11" * 16) == b"document"
    fleet.cosign("w", "line")
    fleet.sign_tally(b"\x11" * 16, "w", b"\x22" * 64)
    assert [json.loads(body) for _, body in Handler.posted] == [
        {"name": "w", "line": "line"},
        {"name": "w", "signature": "22" * 64},
    ]


def test_a_server_of_another_authority_is_not_spoken_to(server: tuple[str, Path], tmp_path: Path) -> None:
    url, _ = server
    with pytest.raises(WitnessRefused) as caught:
        HttpsFleet(url, certificate(tmp_path, "stranger")).checkpoint(0)
    assert caught.value.why == "no-answer"
    assert Handler.posted == []


@pytest.mark.parametrize(
    "answer",
    [(500, b""), (302, b""), (200, b"not json"), (200, b"[]"), (200, b"[" * 100_000), (200, b"\xff")],
)
def test_a_bad_answer_is_a_sentence(server: tuple[str, Path], answer: tuple[int, bytes]) -> None:
    url, ca = server
    Handler.answers = {"/api/log/checkpoint?since=0": answer}
    with pytest.raises(WitnessRefused) as caught:
        HttpsFleet(url, ca).checkpoint(0)
    assert caught.value.why == "bad-answer"


@pytest.mark.parametrize(
    "url", ["http://hall", "hall", "https://", "https://hall:0", "https://hall:x", "https://hall/x", ""]
)
def test_an_address_that_is_not_https_is_refused(url: str) -> None:
    with pytest.raises(WitnessRefused) as caught:
        HttpsFleet(url, None)
    assert caught.value.why == "bad-url"
