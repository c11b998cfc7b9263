"""The root's folder, on the offline machine: one folder, one root.

root.toml       where the key lies: in this folder, or in a PKCS #11 token
root.key        the key, encrypted under the passphrase (not with a token)
root.crt        the root's certificate, PEM; every boot medium pins it
root.crl        its list of intermediates that it took back, DER
ledger.jsonl    what it signed and took back; written before an answer leaves
"""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from provisioning.authority import root
from provisioning.authority.adapters import file_root, pkcs11_root
from provisioning.authority.adapters.pkcs11_root import TokenAddress
from provisioning.authority.folder import Means
from provisioning.authority.forms import certificate_pem, certificates_of, fingerprint
from provisioning.authority.ledger import Ledger
from provisioning.errors import AuthorityError, ConfigError
from provisioning.files import PUBLIC, is_file, made_once, read_whole, write_whole
from provisioning.hall import quoted
from wire.ids import HallId
from wire.keys import Signer

PLACE_FILE: Final = "root.toml"
KEY_FILE: Final = "root.key"
CERTIFICATE_FILE: Final = "root.crt"
LIST_FILE: Final = "root.crl"
LEDGER_FILE: Final = "ledger.jsonl"


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """token None: in the folder, under a passphrase."""

    token: TokenAddress | None = None

    def toml(self) -> str:
        if self.token is None:
            return 'kind = "file"\n'
        lines = {"module": str(self.token.module), "token": self.token.token, "key": self.token.key}
        return 'kind = "pkcs11"\n' + "".join(f"{field} = {quoted(text)}\n" for field, text in lines.items())

    def make_key(self, folder: Path, secret: str) -> None:
        if self.token is None:
            file_root.make_key(folder / KEY_FILE, secret)
        else:
            pkcs11_root.make_key(self.token, secret)

    def open_signer(self, folder: Path, secret: str) -> Signer:
        if self.token is None:
            return file_root.open_signer(folder / KEY_FILE, secret)
        return pkcs11_root.open_signer(self.token, secret)


class RootFolder:
    """An opened root. Make it with `create_root_folder`, open it with `open_root`."""

    def __init__(self, path: Path, opened: root.Root, means: Means) -> None:
        self.path: Final = path
        self._root = opened
        self._means = means
        self._ledger = Ledger(path / LEDGER_FILE)

    @property
    def certificate(self) -> x509.Certificate:
        return self._root.certificate

    def sign(self, request: bytes) -> root.Answer:
        """The answer to a hall's request. Raises AuthorityError, also for a key that was taken back."""
        hall, key = root.read_hall_request(request)
        name = _name(hall, key)
        if self._ledger.is_revoked(name):
            raise AuthorityError(
                f"this root took that key of {hall} back: make a new one with `hallward provision rotate "
                "--at-once`"
            )
        now = self._means.time_before(self.certificate.not_valid_after_utc, "the root")
        signed = root.sign_intermediate(self._root, hall, key, now=now, serial=self._means.serial())
        self._ledger.issued(name, signed, now)
        return root.Answer(signed, self.certificate, self.write_list())

    def revoke(self, intermediate: x509.Certificate) -> x509.CertificateRevocationList:
        """Take back everything signed over this intermediate's key; the new list. May be repeated. Raises
        AuthorityError for one that this root never signed."""
        name = self._ledger.holder(intermediate)
        if name is None:
            raise AuthorityError("this root never signed that intermediate: name the root that did")
        self._ledger.revoke(name, self._means.time())
        return self.write_list()

    def write_list(self) -> x509.CertificateRevocationList:
        """Sign the list anew and keep it here."""
        signed = root.revocations(self._root, self._ledger.revoked, now=self._means.time())
        write_whole(self.path / LIST_FILE, signed.public_bytes(serialization.Encoding.DER), PUBLIC)
        return signed


def create_root_folder(path: Path, place: KeyPlace, secret: str, name: str, means: Means) -> RootFolder:
    """Make a root, or finish making it. Raises ConfigError, AuthorityError."""
    now = means.time()
    if not is_file(path / CERTIFICATE_FILE):
        with made_once(path):
            _make(path, place, secret, name, now, means)
    if read_place(path) != place:
        raise ConfigError(f"{path} is a root whose key lies elsewhere: choose another folder")
    opened = open_root(path, secret, means)
    opened.write_list()
    return opened


def _make(path: Path, place: KeyPlace, secret: str, name: str, now: datetime, means: Means) -> None:
    """Nothing where somebody else was quicker: then it is as if this had come later."""
    if (path / CERTIFICATE_FILE).exists():
        return
    place.make_key(path, secret)
    made = root.create_root(place.open_signer(path, secret), name, now=now, serial=means.serial())
    write_whole(path / PLACE_FILE, place.toml().encode(), PUBLIC)
    write_whole(path / CERTIFICATE_FILE, certificate_pem(made.certificate), PUBLIC)


def open_root(path: Path, secret: str, means: Means) -> RootFolder:
    """secret: the passphrase, or the token's PIN. Raises ConfigError, AuthorityError."""
    certificate = certificates_of(
        read_whole(path / CERTIFICATE_FILE, "the root's certificate"), CERTIFICATE_FILE
    )[0]
    signer = read_place(path).open_signer(path, secret)
    return RootFolder(path, root.Root(certificate, signer), means)


def read_place(path: Path) -> KeyPlace:
    """Where the root's key lies. Raises ConfigError."""
    file = path / PLACE_FILE
    if not is_file(file):
        raise ConfigError(f"{path} is no root's folder: make one with `hallward provision root {path}`")
    content = read_whole(file, "the root's card")
    try:
        values = tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise ConfigError(f"{file} is not TOML: {err}") from None
    if values == {"kind": "file"}:
        return KeyPlace()
    if values.keys() == {"kind", "module", "token", "key"} and values["kind"] == "pkcs11":
        module, token, key = (_text(file, values, field) for field in ("module", "token", "key"))
        return KeyPlace(TokenAddress(Path(module), token, key))
    raise ConfigError(f'{file}: kind must be "file", or "pkcs11" with module, token and key')


def _text(file: Path, values: dict[str, Any], field: str) -> str:
    found = values[field]
    if isinstance(found, str) and 0 < len(found) <= 1024:
        return found
    raise ConfigError(f"{file}: {field} must be 1 to 1024 characters")


def _name(hall: HallId, key: ec.EllipticCurvePublicKey) -> str:
    """In the ledger: a hall may have several keys in its life, and each is taken back by itself."""
    return f"{hall} {fingerprint(key)}"
