"""A root, a hall under it, a device's folder, and a desk on loopback that says what a test wants."""

import contextlib
import http.server
import itertools
import secrets
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding

from edge.device.adapters.device_folder import DeviceFolder, read_folder
from edge.device.adapters.keystore import make_key, open_signer, open_tls_signer
from edge.device.config import IdentityTable
from provisioning.authority.folder import AuthorityFolder, Means, create_authority_folder
from provisioning.authority.issuing import issue_server
from provisioning.authority.root_folder import KeyPlace, RootFolder, create_root_folder
from provisioning.commands import root_request
from provisioning.files import SECRET, key_pem, write_whole
from provisioning.hall import HallCard, Trust
from wire.enrol import MEDIA_TYPE, Grant, Renewal, encode_enrol, parse_said
from wire.envelope import Purpose, verify
from wire.ids import CongressId, DeviceId, HallId
from wire.keys import Alg
from wire.remote_key import key_of

DEVICE = DeviceId("keypad-01")
Answer = Callable[[str, bytes], tuple[int, str, bytes]]
"""(path, body) -> (status, type, body)."""


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


@dataclass
class Hall:
    """now: of the authority alone; TLS goes by the machine's clock."""

    path: Path
    root: RootFolder
    authority: AuthorityFolder

    def folder(
        self, alg: Alg = Alg.EDDSA, identity: IdentityTable | None = None, name: str = "device"
    ) -> DeviceFolder:
        """A device that was claimed: keys, papers, device.toml."""
        path, table = self.path / name, identity or IdentityTable()
        path.mkdir(exist_ok=True)
        make_key(path, table, alg)
        (path / "root.crt").write_bytes(pem(self.root.certificate))
        (path / "ca.crt").write_bytes(self.authority.certificate_pem)
        key = key_of(open_signer(path, DEVICE, table)).public_key()
        (path / "identity.crt").write_bytes(pem(self.authority.issue_from_key(DEVICE, key)))
        tls = open_tls_signer(path, DEVICE, table)
        if tls is not None:
            (path / "tls.crt").write_bytes(
                pem(self.authority.issue_from_key(DEVICE, key_of(tls).public_key()))
            )
        lines = f'device = "{DEVICE}"\nrole = "keypad"\n{self.authority.card.toml()}'
        lines += "[simulated]\nhands = true\n"
        if table.in_element:
            lines += (
                f'[identity]\nkind = "{table.kind}"\nmodule = "{table.module}"\ntoken = "{table.token}"\n'
            )
        (path / "device.toml").write_text(lines)
        return read_folder(path, "keypad")

    def grant(
        self, certificate: x509.Certificate, tls: x509.Certificate | None = None, /, **other: Any
    ) -> Grant:
        """What an honest desk would say, but for `other`."""
        honest: dict[str, Any] = {
            "device": DEVICE,
            "certificate": der(certificate),
            "tls_certificate": None if tls is None else der(tls),
            "authority": self.authority.certificate_pem,
            "intermediate": der(self.authority.intermediate),
            "root_revocations": self.authority.root_revocations,
            "settings": "role = 'gate'\n",
            "charter": None,
        }
        return Grant(**{**honest, **other})

    def renewal_of(self, folder: DeviceFolder, **other: Any) -> Answer:
        """An honest desk's answer to a renewal of this device, but for `other`."""

        def answer(_: str, body: bytes) -> tuple[int, str, bytes]:
            verified = verify(body, Purpose.ENROL, DEVICE, folder.identity.signer.public_key)
            said = parse_said(verified, Renewal)
            requests = [x509.load_der_x509_csr(one) for one in (said.request, said.tls_request) if one]
            assert all(request.is_signature_valid for request in requests)
            issued = [self.authority.issue_from_key(DEVICE, one.public_key()) for one in requests]
            return 200, MEDIA_TYPE, encode_enrol(self.grant(*issued, **other))

        return answer

    def desk_files(self) -> tuple[Path, Path]:
        """(chain, key) of the desk."""
        key = ec.generate_private_key(ec.SECP256R1())
        return self.server_files(self.authority.issue_desk(key.public_key(), []), key)

    def broker_files(self) -> tuple[Path, Path]:
        """(chain, key) of the broker, with the desk's way up to the root."""
        key = ec.generate_private_key(ec.SECP256R1())
        serial = x509.random_serial_number()
        made = issue_server(self.authority.own, key.public_key(), [], now=datetime.now(UTC), serial=serial)
        return self.server_files(made, key)

    def server_files(self, own: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> tuple[Path, Path]:
        name = secrets.token_hex(4)
        chain, secret = self.path / f"{name}.crt", self.path / f"{name}.key"
        chain.write_bytes(pem(own) + pem(self.authority.intermediate))
        write_whole(secret, key_pem(key), SECRET)
        return chain, secret


def make_hall(path: Path, hall: str = "hall-1", root: RootFolder | None = None) -> Hall:
    serials = itertools.count(secrets.randbits(60))
    means = Means(now=lambda: datetime.now(UTC), serial=lambda: next(serials))
    root = root or create_root_folder(
        path / "root", KeyPlace(), "six random words would be better", "Root of tests", means
    )
    keys = (ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw() for _ in range(2))
    card = HallCard(HallId(hall), CongressId("congress-9"), "127.0.0.1", 8883, Trust(*keys))
    authority = create_authority_folder(path / hall, card, means)
    authority.adopt(root.sign(root_request(authority)))
    return Hall(path, root, authority)


@dataclass
class Desk:
    """A server on loopback. files: (chain, key); clients: PEM of whose certificates it demands, None for
    nobody's."""

    files: tuple[Path, Path]
    answer: Answer
    clients: bytes | None = None
    asked: list[str] = field(default_factory=list)
    met: list[int] = field(default_factory=list)
    """Serial numbers of the certificates that were shown here."""
    connections: int = 0

    def __enter__(self) -> "Desk":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.files)
        if self.clients is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(cadata=self.clients.decode())
        self._server = _Server(self, context)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self.cut()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def cut(self) -> None:
        """End every connection."""
        for one in tuple(self._server.open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, desk: Desk, context: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.desk = desk
        self.context = context
        self.open: set[socket.socket] = set()

    def finish_request(self, request: Any, client_address: Any) -> None:
        """On the connection's own thread."""
        self.open.add(request)
        with contextlib.suppress(OSError), self.context.wrap_socket(request, server_side=True) as secure:
            self.open.add(secure)
            self.desk.connections += 1
            presented = secure.getpeercert(binary_form=True)
            if presented is not None:
                self.desk.met.append(x509.load_der_x509_certificate(presented).serial_number)
            super().finish_request(secure, client_address)
            self.open.discard(secure)
        self.open.discard(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """What a client does to this desk is not what is tested."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        desk = self.server.desk
        body = self.rfile.read(int(self.headers["Content-Length"]))
        desk.asked.append(self.path)
        status, kind, said = desk.answer(self.path, body)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        """Silent."""
