"""A hall's authority and the certificates of its devices, made anew for a test run."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from provisioning.authority import issuing
from wire.ids import DeviceId, HallId

HALL = HallId("hall-1")


@dataclass(frozen=True, slots=True)
class Credentials:
    """PEM files of one holder."""

    name: str
    certificate: Path
    key: Path
    authority: Path


class HallKeys:
    """One authority in a folder; `credentials(name)` issues once per name. Devices have Ed25519 keys."""

    def __init__(self, folder: Path, hall: HallId = HALL) -> None:
        self.folder = folder
        self.hall = hall
        self.now = datetime.now(UTC)
        self._revoked: list[issuing.Revoked] = []
        self._certificates: dict[str, x509.Certificate] = {}
        key = ec.generate_private_key(ec.SECP256R1())
        self.authority = issuing.create_authority(hall, key, now=self.now, serial=x509.random_serial_number())
        self.authority_file = folder / "ca.crt"
        self.authority_file.write_bytes(self.authority.certificate_pem)
        self.revocations_file = folder / "revocations.pem"
        self.revocations_file.write_bytes(self.revocations())
        self.server = self._server()

    def credentials(
        self, name: str, *, kind: str = "ed25519", lifetime: timedelta | None = None
    ) -> Credentials:
        """kind: `ed25519` or `p256`; lifetime: until then from now, may be negative (expired)."""
        key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey = (
            ed25519.Ed25519PrivateKey.generate()
            if kind == "ed25519"
            else ec.generate_private_key(ec.SECP256R1())
        )
        now = self.now if lifetime is None else self.now + lifetime - issuing.DEVICE_LIFETIME
        certificate = issuing.issue_device(
            self.authority, DeviceId(name), key.public_key(), now=now, serial=x509.random_serial_number()
        )
        self._certificates[name] = certificate
        return self._store(name, certificate, key)

    def revoke(self, name: str) -> bytes:
        """The new revocation list, with this name's last certificate on it."""
        serial = self._certificates[name].serial_number
        self._revoked.append(issuing.Revoked(serial, self.now))
        return self.revocations()

    def revocations(self) -> bytes:
        number = len(self._revoked) + 1
        return issuing.revocation_list(self.authority, self._revoked, now=self.now, number=number)

    def _server(self) -> Credentials:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = issuing.issue_server(
            self.authority, key.public_key(), (), now=self.now, serial=x509.random_serial_number()
        )
        return self._store("broker", certificate, key)

    def _store(
        self,
        name: str,
        certificate: x509.Certificate,
        key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey,
    ) -> Credentials:
        paths = Credentials(
            name, self.folder / f"{name}.crt", self.folder / f"{name}.key", self.authority_file
        )
        paths.certificate.write_bytes(issuing.certificate_pem(certificate))
        paths.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return paths
