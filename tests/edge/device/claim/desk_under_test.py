"""A provisioning desk small enough to be honest or hostile at will, behind real TLS on loopback."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from provisioning.desk.naming import device_name
from provisioning.desk.settings import settings_text
from tests.edge.device.hall_desk import Desk, Hall, der
from wire.claim_code import claim_code
from wire.enrol import (
    GRANT_PATH,
    HELLO_PATH,
    INSTALLED_PATH,
    MEDIA_TYPE,
    POLL_PATH,
    PRESS_PATH,
    Grant,
    Hello,
    Installed,
    Poll,
    Press,
    Status,
    encode_enrol,
    parse_hello,
    parse_said,
)
from wire.envelope import Purpose, claimed_signer, verify
from wire.keys import Alg, PublicKey, public_key

REFUSED = (409, "application/json")


@dataclass
class Claimed:
    hello: Hello
    status: Status
    key: Any
    certificate: x509.Certificate | None = None
    presses: int = 0
    grants: int = 0
    installed: bool = False

    @property
    def verifies(self) -> PublicKey:
        if isinstance(self.key, ed25519.Ed25519PublicKey):
            return public_key(Alg.EDDSA, self.key.public_bytes_raw())
        return public_key(Alg.ES256, self.key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


@dataclass
class ClaimDesk:
    """hands: `place`, `refuse`, `forget`. spoil: turns an honest grant into what a test wants."""

    hall: Hall
    policy: dict[str, Any] = field(default_factory=dict)
    spoil: Callable[[Grant], Grant] = lambda grant: grant
    fleet_answers: bool = True
    says_no: tuple[str, str] | None = None
    heard: list[str] = field(default_factory=list)
    claims: dict[str, Claimed] = field(default_factory=dict)
    on_path: Callable[[str], None] = lambda _: None
    """Called after a word was taken and before it is answered."""

    def serve(self) -> Desk:
        return Desk(self.hall.desk_files(), self.answer)

    @property
    def only(self) -> Claimed:
        (found,) = self.claims.values()
        return found

    def place(self, label: str) -> None:
        self._to(self.only, state="placed", place=label)

    def refuse(self, vi: str, en: str) -> None:
        self._to(self.only, state="refused", vi=vi, en=en)

    def forget(self) -> None:
        self.claims.clear()

    def answer(self, path: str, body: bytes) -> tuple[int, str, bytes]:
        self.heard.append(path.rpartition("/")[2])
        said = self._answer(path, body)
        self.on_path(path)
        return said

    def _answer(self, path: str, body: bytes) -> tuple[int, str, bytes]:
        if self.says_no is not None:
            return _no(*self.says_no)
        if path == HELLO_PATH:
            return _said(self._hello(parse_hello(body)).status)
        found = self.claims.get(claimed_signer(body))
        if found is None:
            return _no("no-claim", "no such claim")
        kind: type[Poll | Press | Installed] = {PRESS_PATH: Press, INSTALLED_PATH: Installed}.get(path, Poll)
        verified = verify(body, Purpose.ENROL, found.status.claim.hex(), found.verifies)
        told = parse_said(verified, kind)
        assert (told.claim, told.nonce) == (found.status.claim, found.status.nonce)
        if path == GRANT_PATH:
            return self._grant(found)
        if isinstance(told, Press):
            assert told.request_hash == sha256(found.hello.request).digest()
            found.presses += 1
            self._to(found, state="pressed")
        elif isinstance(told, Installed):
            assert found.certificate is not None
            assert told.certificate_hash == sha256(der(found.certificate)).digest()
            found.installed = True
        assert path in (POLL_PATH, PRESS_PATH, INSTALLED_PATH)
        if found.status.state == "pressed" and self.fleet_answers:
            self._to(found, state="granted")
        return _said(found.status)

    def _hello(self, hello: Hello) -> Claimed:
        request = x509.load_der_x509_csr(hello.request)
        assert request.is_signature_valid
        key = request.public_key()
        spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        claim = sha256(b"claim" + spki + bytes([len(self.heard) if not self.claims else 0])).digest()[:16]
        for known in self.claims.values():
            if known.hello.request == hello.request:
                return known
        code = claim_code(int.from_bytes(claim[:5], "big") >> 5)
        page = f"https://127.0.0.1:8443/c/{code}#{'0' * 16}"
        status = Status(claim, sha256(claim).digest(), "waiting", code, 4_000_000_000_000, page, "", "", "")
        self.claims[claim.hex()] = Claimed(hello, status, key)
        return self.claims[claim.hex()]

    def _grant(self, found: Claimed) -> tuple[int, str, bytes]:
        if found.status.state != "granted":
            return _no("wrong-state", "it is not time for that")
        found.grants += 1
        spki = found.key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        device = device_name(found.hello.role, spki)
        authority = self.hall.authority
        if found.certificate is None:
            found.certificate = authority.issue_from_key(device, found.key)
        tls = None
        if found.hello.tls_request is not None:
            tls_key = x509.load_der_x509_csr(found.hello.tls_request).public_key()
            assert isinstance(tls_key, ec.EllipticCurvePublicKey)
            tls = der(authority.issue_from_key(device, tls_key))
        settings = settings_text(authority.card, device, found.hello.role, ("127.0.0.1", 8444), self.policy)
        return _said(
            self.spoil(
                Grant(
                    device,
                    der(found.certificate),
                    tls,
                    authority.certificate_pem,
                    der(authority.intermediate),
                    authority.root_revocations,
                    settings,
                    None,
                )
            )
        )

    @staticmethod
    def _to(found: Claimed, **values: Any) -> None:
        found.status = replace(found.status, **values)


def _said(body: Status | Grant) -> tuple[int, str, bytes]:
    return 200, MEDIA_TYPE, encode_enrol(body)


def _no(code: str, sentence: str) -> tuple[int, str, bytes]:
    return (*REFUSED, json.dumps({"code": code, "sentence": sentence}).encode())


def seeded(folder: Path, hall: Hall, port: int | None, role: str = "keypad", more: str = "") -> Path:
    """A card's files in a folder: what the boot medium leaves there."""
    folder.mkdir(parents=True, exist_ok=True)
    desk = f'[desk]\nhost = "127.0.0.1"\nport = {port}\n' if port else ""
    (folder / "seed.toml").write_text(
        f'role = "{role}"\nserial = "SN-0001"\n{more}{desk}[simulated]\nhands = true\n', "utf-8"
    )
    (folder / "root.crt").write_bytes(hall.root.certificate.public_bytes(Encoding.PEM))
    return folder
