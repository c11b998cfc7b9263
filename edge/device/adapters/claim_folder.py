"""A folder on its way to be a device's. What makes it one, device.toml, is written last; until then every
step may be cut short and done again.

    identity.key, tls.key    where the key is a file, or lives in an element (keystore.py)
    state/sealing.key        X25519
    state/claim/*.csr        the requests, so that after any interruption the same ones are sent
    intermediate.crt, root.crl, tls.crt, charter, ca.crt, identity.crt, device.toml
                             of the grant, in this order; seed.toml loses its token before device.toml
"""

import fcntl
import os
import shutil
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from edge.device.adapters.desk_tls import load_root, newest_revocations
from edge.device.adapters.keystore import make_key, open_signer, open_tls_signer, serial_number
from edge.device.adapters.sealing_key import SEALING_KEY_FILE, load_sealing_key
from edge.device.adapters.seed_file import forget_token
from edge.device.adapters.whole_file import PUBLIC, SECRET, Step, write_whole
from edge.device.claim.grant import DEVICE_TOML
from edge.device.claim.ports import Asked, Files
from edge.device.claim.seed import Seed
from edge.device.errors import ConfigError, DeviceError, StoreError
from edge.device.request import signing_request
from wire.enrol import REQUEST_BYTES_MAX
from wire.keys import Signer
from wire.remote_key import key_of

SEALED_TO: Final = frozenset({"gate", "keypad"})
"""Roles that are told what nobody else may read."""
OPTIONAL: Final = ("root.crl", "tls.crt", "charter")
LOCK_FILE: Final = "claim.lock"
_FINGERPRINT_DIGITS: Final = 16


class ClaimFolder:
    """Implements Home. step: told before each durable step, for tests that cut the power there."""

    def __init__(self, path: Path, seed: Seed, step: Step = lambda _: None) -> None:
        self._path = path
        self._seed = seed
        self._step = step
        self._lock: int | None = None

    def take(self) -> None:
        """For this process alone, until it ends or lets go. Raises DeviceError, StoreError."""
        state = self._path / "state"
        try:
            state.mkdir(mode=0o700, exist_ok=True)
            self._lock = os.open(state / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, SECRET)
        except OSError as err:
            raise StoreError(f"{state} cannot be written: {err.strerror}") from err
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as err:
            self.let_go()
            raise DeviceError(f"another process claims {self._path}: stop it first") from err

    @property
    def is_taken(self) -> bool:
        """By a process that claims just now. Leaves nothing behind."""
        try:
            found = os.open(self._path / "state" / LOCK_FILE, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(found, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(found)
        return False

    def let_go(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
        self._lock = None

    def prepare(self) -> Asked:
        path, identity = self._path, self._seed.identity
        serial = self._seed.serial or serial_number()
        if serial is None:
            raise ConfigError(
                f"{path / 'seed.toml'}: serial is missing, and this board has none of its own; name one"
            )
        self._step("make identity.key")
        make_key(path, identity)
        signer = open_signer(path, serial, identity)
        tls_signer = open_tls_signer(path, serial, identity)
        sealing = self._sealing() if self._seed.role in SEALED_TO else None
        return Asked(
            signer=signer,
            request=self._request("request.csr", signer, serial),
            tls_key=None if tls_signer is None else tls_signer.public_key,
            tls_request=None if tls_signer is None else self._request("tls.csr", tls_signer, serial),
            sealing=sealing,
            serial=serial,
            fingerprint=sha256(_spki(signer)).hexdigest()[:_FINGERPRINT_DIGITS],
        )

    def root(self) -> x509.Certificate:
        return load_root(self._path)

    def newest_revocations(self) -> x509.CertificateRevocationList | None:
        return newest_revocations(self._path, self.root())

    def install(self, files: Files) -> None:
        """What an earlier grant left half written goes first, so that no two are mixed."""
        try:
            for name in OPTIONAL:
                if name not in files.written:
                    self._step(f"remove {name}")
                    (self._path / name).unlink(missing_ok=True)
        except OSError as err:
            raise StoreError(f"{self._path} cannot be written: {err.strerror}") from err
        for name, content in files.written.items():
            if name != DEVICE_TOML:
                write_whole(self._path / name, content, PUBLIC, self._step)
        # Before device.toml, so that no device of the hall has it any more; a claim that begins again from
        # here is known by its key, and the desk remembers whose batch it was.
        forget_token(self._path, self._step)
        write_whole(self._path / DEVICE_TOML, files.written[DEVICE_TOML], PUBLIC, self._step)
        with suppress(OSError):  # requests are no secret, and nobody reads them any more
            shutil.rmtree(self._path / "state" / "claim")

    def _sealing(self) -> bytes:
        """The public half."""
        file = self._path / "state" / SEALING_KEY_FILE
        if not file.exists():
            made = X25519PrivateKey.generate()
            pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            write_whole(file, pem, SECRET, self._step)
        return load_sealing_key(file).public_key().public_bytes_raw()

    def _request(self, name: str, signer: Signer, serial: str) -> bytes:
        """That of an earlier start, if it is of this key and serial; else a new one, kept before it is
        said."""
        file = self._path / "state" / "claim" / name
        kept = _kept(file)
        if kept is not None and _is_of(kept, signer, serial):
            return kept
        made = signing_request(signer, serial)
        write_whole(file, made, PUBLIC, self._step)
        return made


def _kept(file: Path) -> bytes | None:
    try:
        content = file.read_bytes()
    except OSError:
        return None
    return content if 0 < len(content) <= REQUEST_BYTES_MAX else None


def _is_of(request: bytes, signer: Signer, serial: str) -> bool:
    try:
        found = x509.load_der_x509_csr(request)
        spki = found.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        name = [each.value for each in found.subject]
    except ValueError:
        return False
    return spki == _spki(signer) and name == [serial]


def _spki(signer: Signer) -> bytes:
    return key_of(signer).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
