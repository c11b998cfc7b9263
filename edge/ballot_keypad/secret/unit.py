"""What the secret questions of one unit share: what it is pinned to, what it has seen of the log, and its
means.

Everything that touches the world comes in here, so that a test can fix the randomness and the clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from ballot.prove import Prover
from edge.ballot_keypad.secret.answer import Kept as Head
from edge.ballot_keypad.secret.answer import Reader
from edge.ballot_keypad.secret.trust import Keys, Pinned
from wire import cbor
from wire.ids import StoreId
from wire.voting import Carried, SessionKey

_HEAD_BYTES_MAX: Final = 128


class Means(Protocol):
    """Implemented over a device's runtime (means.py)."""

    def random(self, count: int, /) -> bytes:
        """Fresh bytes, fit for keys. Waits until there is randomness."""
        ...

    def now_ms(self) -> int:
        """Monotonic, of this start."""
        ...

    def wall_ms(self) -> int: ...

    def jitter(self) -> float:
        """Uniform in [0, 1)."""
        ...

    def keep(self, values: Mapping[str, bytes | None], /) -> None:
        """All durable, or none. Raises StoreError."""
        ...

    def send(self, message: Carried | SessionKey, /) -> None:
        """Towards the store; may be lost."""
        ...

    def alarm(self, code: str, detail: str, /) -> None: ...

    def is_connected(self) -> bool: ...

    def wake_at(self, at_ms: int, /) -> None:
        """Be asked again at this moment at the latest."""
        ...

    def store_id(self) -> StoreId | None:
        """Of the store that this device's receipts come from."""
        ...


@dataclass(slots=True)
class Unit:
    means: Means
    pinned: Pinned
    reader: Reader
    has_digits: bool = True
    keys: Keys = field(default_factory=Keys)
    head: Head = field(default_factory=Head)
    provers: dict[bytes, Prover] = field(default_factory=dict)
    """By manifest hash: made as soon as the papers are whole."""


def encode_head(head: Head) -> bytes:
    return cbor.encode([head.store_id, head.size, head.root])


def decode_head(data: bytes | None) -> Head:
    if data is None:
        return Head()
    store_id, size, root = cbor.decode(data, _HEAD_BYTES_MAX)
    return Head(None if store_id is None else StoreId(store_id), size, root)
