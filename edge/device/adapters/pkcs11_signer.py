"""The device's key in a PKCS #11 token: ECDSA P-256, made in the token, marked sensitive and not extractable.

One road for all tokens; `module` in device.toml says whose library it is:
    SoftHSM      /usr/lib/softhsm/libsofthsm2.so             tested with it
    TPM 2.0      /usr/lib/<arch>/pkcs11/libtpm2_pkcs11.so    Debian's libtpm2-pkcs11-1; tested with swtpm
    ATECC608B    /usr/lib/libcryptoauth.so                   Microchip cryptoauthlib, built with PKCS #11; not
                                                             tried
The message is hashed here and CKM_ECDSA signs the hash, which all three know.
"""

import hashlib
import threading
from pathlib import Path
from typing import Any, Final

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
from pkcs11.constants import DEFAULT
from pkcs11.exceptions import (
    PinIncorrect,
    PinInvalid,
    PinLenRange,
    PinLocked,
    PKCS11Error,
    UserAlreadyLoggedIn,
)
from pkcs11.util.ec import encode_named_curve_parameters

from edge.device.config import IdentityTable
from edge.device.errors import ConfigError, DeviceError, StoreError
from wire.errors import BadSchema, BadSignature
from wire.keys import SIGNATURE_BYTES, Alg, PublicKey, low_s, public_key

PIN_BYTES_MAX: Final = 256
_POINT_BYTES: Final = 65
_UNSAID_PUBLIC: Final = dict.fromkeys((Attribute.ENCRYPT, Attribute.WRAP, Attribute.VERIFY), DEFAULT)
_UNSAID_PRIVATE: Final = dict.fromkeys((Attribute.DECRYPT, Attribute.UNWRAP, Attribute.DERIVE), DEFAULT)
"""Left to the token: a TPM's library refuses a template that says of these what it would not say itself."""
_OCTET_STRING: Final = b"\x04\x41"
"""Before a point of 65 bytes, as PKCS #11 has it since 2.20; some libraries leave it away."""


class Pkcs11Signer:
    """Implements wire.keys.Signer. Raises ConfigError, DeviceError on construction. For any thread."""

    alg: Final = Alg.ES256

    def __init__(self, kid: str, folder: Path, identity: IdentityTable) -> None:
        self.kid: Final = kid
        self._token = _Token(folder, identity)
        self._one_at_a_time = threading.Lock()
        try:
            self._session = self._token.session()
            self._key = self._token.private_key(self._session)
            self.public_key: Final = self._token.public_key(self._session)
        except PKCS11Error as err:
            raise _silent(identity, err) from err

    def __repr__(self) -> str:
        return f"Pkcs11Signer({self.kid})"

    def sign(self, message: bytes) -> bytes:
        """Raises StoreError when the token gives no signature: what cannot be signed is not stored."""
        digest = hashlib.sha256(message).digest()
        with self._one_at_a_time:
            try:
                return self._signed(digest, message)
            except (PKCS11Error, ValueError, BadSignature):
                return self._again(digest, message)

    def _signed(self, digest: bytes, message: bytes) -> bytes:
        raw = self._key.sign(digest, mechanism=Mechanism.ECDSA)
        if len(raw) != SIGNATURE_BYTES:
            raise ValueError(f"a signature of {len(raw)} bytes")
        signature = low_s(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        self.public_key.verify(signature, message)
        return signature

    def _again(self, digest: bytes, message: bytes) -> bytes:
        """With a session of its own: a token that was reset has forgotten the former one."""
        try:
            self._session = self._token.session()
            self._key = self._token.private_key(self._session)
            return self._signed(digest, message)
        except (PKCS11Error, ValueError, BadSignature, ConfigError, DeviceError) as err:
            raise StoreError(
                f"the token does not sign ({_words(err)}); start this device again, "
                "and exchange it if that does not help"
            ) from err


def make_pkcs11_key(folder: Path, identity: IdentityTable) -> None:
    """A key that is there is kept. Raises ConfigError, DeviceError."""
    token = _Token(folder, identity)
    try:
        session = token.session(writes=True)
        try:
            if not token.found(session, ObjectClass.PRIVATE_KEY):
                _generate(session, identity.key)
        finally:
            session.close()
    except PKCS11Error as err:
        raise _silent(identity, err) from err


def _generate(session: Any, label: str) -> None:
    parameters = session.create_domain_parameters(
        KeyType.EC, {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}, local=True
    )
    parameters.generate_keypair(
        store=True,
        label=label,
        id=hashlib.sha256(label.encode()).digest()[:8],
        public_template={Attribute.TOKEN: True, **_UNSAID_PUBLIC},
        private_template={
            **_UNSAID_PRIVATE,
            Attribute.TOKEN: True,
            Attribute.PRIVATE: True,
            Attribute.SIGN: True,
            Attribute.SENSITIVE: True,
            Attribute.EXTRACTABLE: False,
        },
    )


class _Token:
    """One token of one library, and the key of one label in it."""

    def __init__(self, folder: Path, identity: IdentityTable) -> None:
        self._identity = identity
        self._pin_path = folder / identity.pin_file

    def session(self, *, writes: bool = False) -> Any:
        """Raises ConfigError, DeviceError, PKCS11Error."""
        identity = self._identity
        try:
            library = pkcs11.lib(identity.module)
        except (RuntimeError, OSError, AttributeError) as err:
            raise ConfigError(f"identity.module {identity.module} is no PKCS #11 library: {err}") from err
        tokens = [slot.get_token() for slot in library.get_slots(token_present=True)]
        matching = [token for token in tokens if token.label == identity.token]
        if len(matching) != 1:
            labels = ", ".join(sorted(str(token.label) for token in tokens if token.label)) or "none"
            raise DeviceError(
                f"{len(matching)} tokens are called {identity.token!r} (there: {labels}): "
                "is the element connected?"
            )
        try:
            return _opened(matching[0], self._pin(), writes=writes)
        except (PinIncorrect, PinInvalid, PinLenRange, PinLocked) as err:
            raise ConfigError(
                f"token {identity.token} refuses the PIN in {self._pin_path.name} ({_words(err)}): "
                "do not try on, a token locks itself after a few; write the right PIN"
            ) from err

    def _pin(self) -> str:
        """Never in an argument, an environment, a log or an error."""
        path = self._pin_path
        try:
            mode = path.stat().st_mode
            content = path.read_bytes()
        except OSError as err:
            raise ConfigError(f"{path} cannot be read ({err.strerror}): write the token's PIN there") from err
        if mode & 0o077:
            raise ConfigError(f"{path} may be read by others (mode {mode & 0o777:03o}); it must be 600")
        try:
            pin = content.decode("utf-8").removesuffix("\n")
        except UnicodeDecodeError:
            pin = ""
        if not pin or len(content) > PIN_BYTES_MAX:
            raise ConfigError(f"{path} holds no PIN of at most {PIN_BYTES_MAX} bytes")
        return pin

    def found(self, session: Any, kind: ObjectClass) -> list[Any]:
        query = {Attribute.CLASS: kind, Attribute.KEY_TYPE: KeyType.EC, Attribute.LABEL: self._identity.key}
        return list(session.get_objects(query))

    def private_key(self, session: Any) -> Any:
        """Raises ConfigError for none, two, or one that could be read out."""
        found = self.found(session, ObjectClass.PRIVATE_KEY)
        where = f"token {self._identity.token}"
        if len(found) != 1:
            raise ConfigError(
                f"{where} holds {len(found)} keys called {self._identity.key!r}: "
                "provision this device, or name another key"
            )
        if found[0][Attribute.EXTRACTABLE] or not found[0][Attribute.SENSITIVE]:
            raise ConfigError(
                f"{where}: the key {self._identity.key!r} may be read out of it; let this device make its own"
            )
        return found[0]

    def public_key(self, session: Any) -> PublicKey:
        found = self.found(session, ObjectClass.PUBLIC_KEY)
        if len(found) != 1:
            raise ConfigError(f"token {self._identity.token} holds no public half of {self._identity.key!r}")
        point = bytes(found[0][Attribute.EC_POINT])
        if len(point) == len(_OCTET_STRING) + _POINT_BYTES and point.startswith(_OCTET_STRING):
            point = point[len(_OCTET_STRING) :]
        try:
            return public_key(Alg.ES256, point)
        except BadSchema as err:
            raise ConfigError(f"the key {self._identity.key!r} is not of P-256") from err


def _opened(token: Any, pin: str, *, writes: bool) -> Any:
    """A login is the process's, not the session's (PKCS #11 §5.6): whoever comes second is logged in."""
    try:
        return token.open(rw=writes, user_pin=pin)
    except UserAlreadyLoggedIn:
        return token.open(rw=writes)


def _silent(identity: IdentityTable, err: PKCS11Error) -> DeviceError:
    return DeviceError(
        f"token {identity.token} does not answer ({_words(err)}): "
        "is the element connected, and may this user open it?"
    )


def _words(err: Exception) -> str:
    """Errors of the library often have no text but their class."""
    return f"{type(err).__name__} {err}".strip()
