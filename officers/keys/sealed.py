"""Sealed files: Argon2id and AES-256-GCM, the header as additional data (ballot/SPEC §3.2).

A file is the encoding of [header, ciphertext]; header the encoding of
["sealed/1", role, congress, owner, ceremony id or null, memory KiB, passes, lanes, salt, nonce];
what is sealed the encoding of [secrets, memory], two maps.

Python cannot promise that nothing of a secret stays in memory: bytes objects are copied and not wiped. A
process that opens these files lives for one command, writes no core dump, and the machine has no swap
(docs/runbooks/ceremony.md).
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from officers.errors import ConfigError, OfficerError, TwoTrustees, WrongPassphrase
from officers.files import SECRET, Step, no_step, read_whole, write_whole
from wire import cbor, fields
from wire.errors import BadSchema, RecordRejected
from wire.fields import Body, Check
from wire.ids import CongressId

VERSION: Final = "sealed/1"
FILE_BYTES_MAX: Final = 4 * 2**20
SALT_BYTES: Final = 16
NONCE_BYTES: Final = 12
_KEY_BYTES: Final = 32
_NAMES_MAX: Final = 4096


class Role(StrEnum):
    """One file, one role: a machine that needs one secret never opens another by the way."""

    IDENTITY = "identity"
    """Secret `seed`: the Ed25519 key whose public half stands in the charter."""
    CEREMONY = "ceremony"
    """Secret `state`: a trustee between two rounds."""
    SHARE = "share"
    """Secret `x`: a trustee's share of the election key."""
    SEATS = "seats"
    """Secret `rows`: who stands behind each entry of a roll; the commission's alone."""


SECRETS_OF: Final[Mapping[Role, frozenset[str]]] = MappingProxyType(
    {
        Role.IDENTITY: frozenset({"seed"}),
        Role.CEREMONY: frozenset({"state"}),
        Role.SHARE: frozenset({"x"}),
        Role.SEATS: frozenset({"rows"}),
    }
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Of guessing one passphrase."""

    memory_kib: int = 256 * 1024
    passes: int = 3
    lanes: int = 4


Stretch = Callable[[str, bytes, Cost], bytes]
"""Passphrase, salt, cost -> a key of 32 bytes. Slow on purpose."""


def argon2id(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    """RFC 9106, version 0x13."""
    kdf = Argon2id(
        salt=salt, length=_KEY_BYTES, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory_kib
    )
    return kdf.derive(passphrase.encode(errors="surrogatepass"))


CHEAPEST: Final = Cost(64 * 1024, 2, 1)
"""The least that a reader accepts."""


@dataclass(frozen=True, slots=True)
class About:
    """What a file says of itself without its passphrase."""

    role: Role
    congress: CongressId
    owner: str
    ceremony: bytes | None = None


@dataclass(frozen=True, slots=True)
class _Header(Body):
    kind: ClassVar[str] = VERSION
    checks: ClassVar[tuple[Check, ...]] = (
        fields.one_of(*Role),
        fields.name,
        fields.name,
        fields.optional(fields.hash_value),
        fields.integer(64 * 1024, 1024 * 1024),
        fields.integer(2, 10),
        fields.integer(1, 8),
        fields.blob(SALT_BYTES),
        fields.blob(NONCE_BYTES),
    )
    role: str
    congress: str
    owner: str
    ceremony: bytes | None
    memory_kib: int
    passes: int
    lanes: int
    salt: bytes
    nonce: bytes

    @property
    def cost(self) -> Cost:
        return Cost(self.memory_kib, self.passes, self.lanes)

    @property
    def about(self) -> About:
        return About(Role(self.role), CongressId(self.congress), self.owner, self.ceremony)

    def encoded(self) -> bytes:
        return cbor.encode([VERSION, *self.values()])


class OneTrustee:
    """What one process has opened. It refuses the file of a second trustee of the same ceremony (rule 4)."""

    def __init__(self) -> None:
        self._owner_of: dict[bytes, str] = {}

    def opens(self, about: About) -> None:
        """Raises TwoTrustees."""
        if about.ceremony is None:
            return
        if self._owner_of.setdefault(about.ceremony, about.owner) != about.owner:
            raise TwoTrustees("two-trustees", one=self._owner_of[about.ceremony], other=about.owner)


@dataclass(frozen=True, slots=True)
class Sealing:
    """What sealing takes from the world."""

    random: Callable[[int], bytes] = os.urandom
    cost: Cost = Cost()
    stretch: Stretch = argon2id
    durable: Step = no_step
    opened: OneTrustee = field(default_factory=OneTrustee)


class Contents:
    """secrets: by name. memory: what this key has done, append-only; what was remembered is never changed."""

    def __init__(self, secrets: Mapping[str, bytes], memory: Mapping[str, bytes] | None = None) -> None:
        self.secrets: Final = MappingProxyType(dict(secrets))
        self._memory = dict(memory or {})

    def __repr__(self) -> str:
        return f"Contents({', '.join(sorted(self.secrets))}; {len(self._memory)} remembered)"

    @property
    def memory(self) -> Mapping[str, bytes]:
        return MappingProxyType(self._memory)

    def remember(self, what: str, value: bytes) -> None:
        """Add a line. Raises OfficerError when that line is there and says something else."""
        if self._memory.setdefault(what, value) != value:
            raise OfficerError("remembered", what=what)


class SealedFile:
    """One file of one role. Load it, add to its memory, save it again: fresh salt and nonce each time."""

    def __init__(self, path: Path, sealing: Sealing) -> None:
        self.path: Final = path
        self._sealing = sealing

    @property
    def exists(self) -> bool:
        return self.path.exists()

    @property
    def about(self) -> About:
        """From the header, which only `load` proves. Raises ConfigError."""
        return self._read()[0].about

    def load(self, passphrase: str) -> Contents:
        """Raises ConfigError for a file that is none, TwoTrustees, WrongPassphrase."""
        header, sealed = self._read()
        about = header.about
        self._sealing.opened.opens(about)
        try:
            key = self._sealing.stretch(passphrase, header.salt, header.cost)
            plain = AESGCM(key).decrypt(header.nonce, sealed, header.encoded())
            return _contents(plain, about.role)
        except (InvalidTag, RecordRejected):
            raise WrongPassphrase from None

    def save(self, about: About, contents: Contents, passphrase: str) -> None:
        """Replace the file, whole. Raises ConfigError, TwoTrustees; ValueError for another role's secrets."""
        if contents.secrets.keys() != SECRETS_OF[about.role]:
            raise ValueError(
                f"a file of role {about.role} holds {sorted(SECRETS_OF[about.role])}, nothing else"
            )
        self._sealing.opened.opens(about)
        cost, random = self._sealing.cost, self._sealing.random
        header = _Header(
            str(about.role),
            about.congress,
            about.owner,
            about.ceremony,
            cost.memory_kib,
            cost.passes,
            cost.lanes,
            random(SALT_BYTES),
            random(NONCE_BYTES),
        )
        plain = cbor.encode([dict(contents.secrets), dict(contents.memory)])
        head = header.encoded()
        key = self._sealing.stretch(passphrase, header.salt, cost)
        sealed = AESGCM(key).encrypt(header.nonce, plain, head)
        write_whole(self.path, cbor.encode([head, sealed]), SECRET, self._sealing.durable)

    def _read(self) -> tuple[_Header, bytes]:
        content = read_whole(self.path, FILE_BYTES_MAX)
        try:
            parts = cbor.decode(content, FILE_BYTES_MAX)
            if type(parts) is not list or len(parts) != 2 or any(type(part) is not bytes for part in parts):
                raise BadSchema("not two byte strings")
            head = cbor.decode(parts[0], 512)
            if type(head) is not list or not head or head[0] != VERSION:
                raise BadSchema(f"not {VERSION}")
            return _Header.parsed(head[1:]), parts[1]
        except RecordRejected as err:
            raise ConfigError("not-sealed", path=self.path, what=err.what) from err


def _contents(plain: bytes, role: Role) -> Contents:
    parts: Any = cbor.decode(plain, FILE_BYTES_MAX)
    if type(parts) is not list or len(parts) != 2:
        raise BadSchema("not secrets and memory")
    for part in parts:
        if type(part) is not dict or len(part) > _NAMES_MAX:
            raise BadSchema("not a map")
        if any(type(name) is not str or type(value) is not bytes for name, value in part.items()):
            raise BadSchema("not names and bytes")
    if parts[0].keys() != SECRETS_OF[role]:
        raise BadSchema("secrets of another role")
    return Contents(parts[0], parts[1])
