"""The root's key in a PKCS #11 token (OASIS PKCS #11 3.0), through the token's own module.

The token makes the key and signs; the key is sensitive and never extractable, so that no copy of it exists
but those that the token's own maker provides for. ECDSA over SHA-256: the hash is made here, since older
tokens know the bare mechanism alone.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass, exceptions
from pkcs11.util.ec import encode_named_curve_parameters

from provisioning.errors import AuthorityError, ConfigError
from wire.errors import BadSchema
from wire.keys import Alg, PublicKey, low_s, public_key

ROOT: Final = "root"
_POINT_BYTES: Final = 65


@dataclass(frozen=True, slots=True)
class TokenAddress:
    """module: the token's shared library; token, key: labels."""

    module: Path
    token: str
    key: str


class TokenSigner:
    """Signs in a session of its own each time, since a root signs a few times in a year. Never shows the
    PIN."""

    kid: Final = ROOT
    alg: Final = Alg.ES256

    def __init__(self, address: TokenAddress, pin: str, public: PublicKey) -> None:
        self._address = address
        self._pin = pin
        self.public_key: Final = public

    def __repr__(self) -> str:
        return f"TokenSigner({self._address.token}, {self._address.key})"

    def sign(self, message: bytes) -> bytes:
        """Raises ConfigError, AuthorityError when the token is gone or refuses."""
        with _in_words(self._address), _session(self._address, self._pin) as session:
            private = session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=self._address.key)
            raw = private.sign(hashlib.sha256(message).digest(), mechanism=Mechanism.ECDSA)
        return low_s(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))


def make_key(address: TokenAddress, pin: str) -> None:
    """A new P-256 key in the token; the one that is there stays. Raises ConfigError, AuthorityError."""
    with _in_words(address), _session(address, pin, write=True) as session:
        try:
            session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=address.key)
        except exceptions.NoSuchKey:
            curve = {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}
            session.create_domain_parameters(KeyType.EC, curve, local=True).generate_keypair(
                store=True,
                label=address.key,
                private_template={
                    Attribute.SENSITIVE: True,
                    Attribute.EXTRACTABLE: False,
                    Attribute.PRIVATE: True,
                },
            )


def open_signer(address: TokenAddress, pin: str) -> TokenSigner:
    """Raises ConfigError for a module or token that is not there, AuthorityError for a wrong PIN or key, and
    for a key that could leave its token."""
    with _in_words(address), _session(address, pin) as session:
        private = session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=address.key)
        public = session.get_key(object_class=ObjectClass.PUBLIC_KEY, label=address.key)
        if private[Attribute.EXTRACTABLE] or not private[Attribute.SENSITIVE]:
            raise AuthorityError(
                f"the key {address.key} could be copied out of its token: have the token make another one"
            )
        return TokenSigner(address, pin, _public(public[Attribute.EC_POINT], address))


def _public(point: bytes, address: TokenAddress) -> PublicKey:
    """Of CKA_EC_POINT: an octet string in DER, or from some tokens its bare content."""
    try:
        return public_key(Alg.ES256, point[-_POINT_BYTES:])
    except BadSchema:
        raise AuthorityError(f"the key {address.key} is no P-256 key: name the root's own") from None


def _token(address: TokenAddress) -> Any:
    try:
        module = pkcs11.lib(str(address.module))
    except (RuntimeError, exceptions.PKCS11Error):
        raise ConfigError(
            f"{address.module} is no PKCS #11 module that can be loaded here: name the token's own "
            "with --module"
        ) from None
    return module.get_token(token_label=address.token)


@contextmanager
def _session(address: TokenAddress, pin: str, *, write: bool = False) -> Iterator[Any]:
    with _token(address).open(rw=write, user_pin=pin) as session:
        yield session


@contextmanager
def _in_words(address: TokenAddress) -> Iterator[None]:
    try:
        yield
    except (exceptions.PinIncorrect, exceptions.PinInvalid, exceptions.PinLenRange, exceptions.ArgumentsBad):
        raise AuthorityError(
            f"the PIN does not open the token {address.token}: type it again; most tokens lock after a few "
            "tries"
        ) from None
    except exceptions.PinLocked:
        raise AuthorityError(f"the token {address.token} is locked: unlock it with its own tool") from None
    except (exceptions.NoSuchToken, exceptions.TokenNotPresent):
        raise ConfigError(f"there is no token {address.token}: plug it in, or name the right one") from None
    except exceptions.NoSuchKey:
        raise AuthorityError(
            f"the token {address.token} holds no key {address.key}: name the right one with --key"
        ) from None
    except exceptions.PKCS11Error as err:
        raise AuthorityError(
            f"the token {address.token} refuses ({type(err).__name__}): plug it in again, then try again"
        ) from None
