"""What a claim needs from the world: a face to the person, a way to find desks, one to them, a folder."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from cryptography import x509

from edge.device.claim.pages import Page
from edge.device.config import DeskAddress
from wire.keys import PublicKey, Signer


class Presence(Protocol):
    """Whoever stands before the machine: what they see and hear, and the button that says they are there.

    `show` is called several times a second with the page of now, so that pages in parts can turn.
    """

    def start(self, on_press: Callable[[], None]) -> None:
        """on_press: called at each press of the device's own button, from any thread. Raises
        DeviceError when it does not answer, ConfigError when there is none."""
        ...

    def show(self, page: Page) -> None:
        """Raises nothing: a display that fails is said once in the log, and tried again."""
        ...

    def attention(self) -> None:
        """A tone, and light where there is any: this is the machine that is meant."""
        ...

    def close(self) -> None:
        """Give the hardware back: the firmware opens it next."""
        ...


class Discovery(Protocol):
    """Who in this network says that it is a provisioning desk. Nothing about it is verified."""

    def has_address(self) -> bool:
        """Whether this machine has an address of its own."""
        ...

    def find(self) -> tuple[DeskAddress, ...]:
        """Those that answer within a few seconds, in any order."""
        ...

    def close(self) -> None: ...


class Desk(Protocol):
    """A connection to one desk (DeskConnection): verified up to the pinned root before a byte is said."""

    @property
    def intermediate(self) -> x509.Certificate: ...

    def post(self, path: str, body: bytes) -> bytes:
        """Raises DeskUnreachable, DeskNotTrusted, ClockBehind, DeskRefused, ConfigError."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What this machine says of itself, the same bytes at every start: requests are signed once and kept.

    signer: of the identity key, whatever its name. fingerprint: first 16 hexadecimal digits of SHA-256 over
    its SubjectPublicKeyInfo. sealing: X25519 public key, 32 bytes; None for a role that is told nothing in
    confidence."""

    signer: Signer
    request: bytes
    tls_key: PublicKey | None
    tls_request: bytes | None
    sealing: bytes | None
    serial: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Files:
    """A grant as it will lie in the folder, in the order in which it is written: name -> content. Without
    the last of them, device.toml, the folder is nobody's."""

    device: str
    certificate: bytes
    written: Mapping[str, bytes]


class Home(Protocol):
    """The folder. Every method may raise ConfigError, StoreError or DeviceError."""

    def prepare(self) -> Asked:
        """Make keys and requests, or find those of an earlier start. May be repeated."""
        ...

    def newest_revocations(self) -> x509.CertificateRevocationList | None:
        """The root's list that was seen last."""
        ...

    def root(self) -> x509.Certificate:
        """Of the boot medium."""
        ...

    def install(self, files: Files) -> None:
        """Whole or not at all: what it writes last makes it a device's folder."""
        ...
