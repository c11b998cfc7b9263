"""The authority's folder: the only place where the CA key lies.

hall.toml          what devices must know of the hall
ca.key, ca.crt     the authority; ca.key is readable by its owner alone and never printed
ledger.jsonl       what was issued and revoked; written before a certificate leaves
ca.crl             the signed revocation list, always that of the ledger
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from provisioning.authority import issuing
from provisioning.authority.ledger import Ledger
from provisioning.errors import AuthorityError, ConfigError
from provisioning.files import PUBLIC, SECRET, key_pem, read_whole, write_whole
from provisioning.hall import FILE_NAME, HallCard, load_card
from wire.board import is_device_name
from wire.ids import RESERVED, DeviceId

KEY_FILE: Final = "ca.key"
CERTIFICATE_FILE: Final = "ca.crt"
LEDGER_FILE: Final = "ledger.jsonl"
REVOCATIONS_FILE: Final = "ca.crl"
INGEST: Final = DeviceId("ingest")


@dataclass(frozen=True, slots=True)
class Means:
    """What an authority takes from the world: the time (with zone), and serial numbers nobody can guess."""

    now: Callable[[], datetime]
    serial: Callable[[], int]


class AuthorityFolder:
    """An opened authority. Open it with `open_authority`, make it with `create_authority_folder`."""

    def __init__(self, path: Path, card: HallCard, authority: issuing.Authority, means: Means) -> None:
        self.path: Final = path
        self.card: Final = card
        self._authority = authority
        self._means = means
        self._ledger = Ledger(path / LEDGER_FILE)

    @property
    def certificate_pem(self) -> bytes:
        return self._authority.certificate_pem

    def issue_device(self, device: DeviceId, key: issuing.DeviceKey) -> x509.Certificate:
        """A device's certificate for 90 days. Raises ConfigError for a name that no device can have,
        AuthorityError for one that was revoked: a name is given once."""
        _check_name(device)
        if self._ledger.is_revoked(device):
            raise AuthorityError(f"{device} was revoked, and its name with it: give the device another name")
        return self._issue(device, key)

    def issue_from_request(self, request_pem: bytes) -> x509.Certificate:
        """The same for a device that made its key itself, from its signing request. Raises as
        issue_device."""
        now, serial = self._means.now(), self._means.serial()
        certificate = issuing.issue_from_request(self._authority, request_pem, now=now, serial=serial)
        name = DeviceId(certificate.subject.rfc4514_string().removeprefix("CN="))
        _check_name(name)
        if self._ledger.is_revoked(name):
            raise AuthorityError(f"{name} was revoked, and its name with it: give the device another name")
        self._ledger.issued(name, serial, now)
        return certificate

    def revoke(self, device: DeviceId) -> bytes:
        """Take back every certificate of a device; the new list, PEM. May be repeated. Raises
        AuthorityError."""
        if not self._ledger.knows(device):
            raise AuthorityError(f"this authority never issued a certificate to {device}")
        self._ledger.revoke(device, self._means.now())
        return self.write_revocations()

    def revocations(self) -> bytes:
        revoked = self._ledger.revoked
        return issuing.revocation_list(
            self._authority, revoked, now=self._means.now(), number=len(revoked) + 1
        )

    def write_revocations(self, *copies: Path) -> bytes:
        """Sign the list anew, keep it here and at every given path."""
        content = self.revocations()
        for path in (self.path / REVOCATIONS_FILE, *copies):
            write_whole(path, content, PUBLIC)
        return content

    def write_fleet_tls(self, folder: Path, names: Iterable[str]) -> None:
        """What the hall's server needs, into its `tls` folder: authority, revocation list, the broker's
        certificate for localhost and these host names, and ingest's. Existing keys are kept, certificates
        issued anew."""
        write_whole(folder / CERTIFICATE_FILE, self.certificate_pem, PUBLIC)
        self.write_revocations(folder / REVOCATIONS_FILE)
        server = _key_file(folder / "server.key")
        certificate = issuing.issue_server(
            self._authority,
            server.public_key(),
            (self.card.broker_host, *names),
            now=self._means.now(),
            serial=self._means.serial(),
        )
        write_whole(folder / "server.crt", issuing.certificate_pem(certificate), PUBLIC)
        ingest = self._issue(INGEST, _key_file(folder / "ingest.key").public_key())
        write_whole(folder / "ingest.crt", issuing.certificate_pem(ingest), PUBLIC)

    def _issue(self, name: DeviceId, key: issuing.DeviceKey) -> x509.Certificate:
        now, serial = self._means.now(), self._means.serial()
        self._ledger.issued(name, serial, now)
        return issuing.issue_device(self._authority, name, key, now=now, serial=serial)


def create_authority_folder(path: Path, card: HallCard, means: Means) -> AuthorityFolder:
    """Make a hall's authority, or open the one that is there: the key is made once, hall.toml follows the
    card.

    Raises ConfigError when the folder belongs to another hall, or cannot be written.
    """
    if (path / FILE_NAME).exists():
        known = load_card(path)
        if known.hall != card.hall:
            raise ConfigError(
                f"{path} is the authority of hall {known.hall}: choose another folder for {card.hall}"
            )
    if not (path / CERTIFICATE_FILE).exists():
        key = _key_file(path / KEY_FILE)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise AuthorityError(f"{path / KEY_FILE} is no key of an authority: choose an empty folder")
        made = issuing.create_authority(card.hall, key, now=means.now(), serial=means.serial())
        write_whole(path / CERTIFICATE_FILE, made.certificate_pem, PUBLIC)
    write_whole(path / FILE_NAME, card.toml().encode(), PUBLIC)
    opened = open_authority(path, means)
    opened.write_revocations()
    return opened


def open_authority(path: Path, means: Means) -> AuthorityFolder:
    """Raises ConfigError or AuthorityError when it is missing or damaged."""
    if not (path / FILE_NAME).is_file():
        raise ConfigError(f"{path} is no authority's folder: make one with `hallward provision hall`")
    certificate = read_whole(path / CERTIFICATE_FILE, "the authority's certificate")
    key = read_whole(path / KEY_FILE, "the authority's key")
    return AuthorityFolder(path, load_card(path), issuing.load_authority(certificate, key), means)


def _check_name(device: DeviceId) -> None:
    """Raises ConfigError."""
    if not is_device_name(device):
        raise ConfigError(
            f"a device's name is 1 to 32 of a-z, 0-9 and '-', none of {', '.join(sorted(RESERVED))}, and not "
            f"32 hexadecimal digits, which stand for a voter; got {device!r:.40}: give it another name"
        )


def _key_file(path: Path) -> ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey:
    """The P-256 key of a file, made if there is none."""
    if not path.exists():
        made = ec.generate_private_key(ec.SECP256R1())
        write_whole(path, key_pem(made), SECRET)
    return load_private(path)


def load_private(path: Path) -> ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey:
    """An unencrypted PKCS #8 key, Ed25519 or P-256. Raises AuthorityError; never quotes the key."""
    content = read_whole(path, "the key")
    try:
        key = serialization.load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise AuthorityError(
            f"{path} is damaged: remove it to have another key made, or restore it"
        ) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        raise AuthorityError(f"{path} is neither an Ed25519 nor a P-256 key")
    return key
