"""The identities of a bench hall: an authority of provisioning's making, keypads with a key and a certificate
each. Made once and kept in a folder: two thousand of them take longer than some measurements."""

import contextlib
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from provisioning.authority.folder import AuthorityFolder, Means, create_authority_folder
from provisioning.authority.issuing import (
    Authority,
    certificate_pem,
    create_authority,
    issue_device,
    load_authority,
)
from provisioning.errors import AuthorityError
from provisioning.files import PUBLIC, SECRET, key_pem, write_whole
from provisioning.hall import HallCard
from wire.ids import CongressId, DeviceId, HallId
from wire.keys import Signer
from wire.signers import signer_from_pem

HALL: Final = HallId("bench")
CONGRESS: Final = CongressId("bench-1")
FRESH_FOR: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Identity:
    """One keypad. file: its private key and certificate, PEM."""

    device: DeviceId
    signer: Signer
    certificate: str
    file: Path


class Identities:
    """A folder of identities under one authority."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._authority = self._load() or self._begin()

    @property
    def authority_file(self) -> Path:
        return self._folder / "ca.crt"

    def keypads(self, count: int) -> list[Identity]:
        """The first `count` keypads; those that are missing are made."""
        return [self._keypad(number) for number in range(1, count + 1)]

    def authority(self, card: HallCard) -> AuthorityFolder:
        """Provisioning's own view of this folder, for a hall whose keys and broker are new each time."""
        return create_authority_folder(
            self._folder, card, Means(lambda: datetime.now(UTC), x509.random_serial_number)
        )

    def _load(self) -> Authority | None:
        """The authority of this folder, unless it is damaged or one of its certificates ends soon."""
        with contextlib.suppress(OSError, AuthorityError, ValueError, IndexError):
            authority = load_authority(
                (self._folder / "ca.crt").read_bytes(), (self._folder / "ca.key").read_bytes()
            )
            oldest = x509.load_pem_x509_certificate(self._file(1).read_bytes())
            if oldest.not_valid_after_utc > datetime.now(UTC) + FRESH_FOR:
                return authority
        return None

    def _begin(self) -> Authority:
        shutil.rmtree(self._folder, ignore_errors=True)
        key = ec.generate_private_key(ec.SECP256R1())
        authority = create_authority(HALL, key, now=datetime.now(UTC), serial=x509.random_serial_number())
        write_whole(self._folder / "ca.key", key_pem(authority.key), SECRET)
        write_whole(self._folder / "ca.crt", authority.certificate_pem, PUBLIC)
        return authority

    def _file(self, number: int) -> Path:
        return self._folder / "keypads" / f"keypad-{number:04}.pem"

    def _keypad(self, number: int) -> Identity:
        path = self._file(number)
        device = DeviceId(path.stem)
        if not path.exists():
            self._make(device, path)
        pem = path.read_bytes()
        certificate = x509.load_pem_x509_certificate(pem)
        return Identity(device, signer_from_pem(device, pem), certificate_pem(certificate).decode(), path)

    def _make(self, device: DeviceId, path: Path) -> None:
        key = ed25519.Ed25519PrivateKey.generate()
        certificate = issue_device(
            self._authority,
            device,
            key.public_key(),
            now=datetime.now(UTC),
            serial=x509.random_serial_number(),
        )
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        scratch = path.with_suffix(".new")
        scratch.touch(SECRET)
        scratch.write_bytes(key_pem(key) + certificate_pem(certificate))
        scratch.replace(path)
