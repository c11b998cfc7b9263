"""What a trustee's program needs of the machine it runs on."""

from collections.abc import Mapping
from typing import Protocol

from wire.keys import Signer


class Memory(Protocol):
    """What this trustee has done and seen, append-only. A line that is there is never changed."""

    @property
    def memory(self) -> Mapping[str, bytes]: ...

    def remember(self, lines: Mapping[str, bytes]) -> None:
        """On the disk when this returns. Raises HallError when a line is there and says something else."""


class KeyFile(Memory, Protocol):
    """A trustee's sealed keys, opened. Its memory is saved sealed."""

    @property
    def name(self) -> str:
        """As in the charter."""

    @property
    def signer(self) -> Signer:
        """The charter's key of this trustee."""

    def share(self, ceremony_id: bytes) -> int:
        """The share of that ceremony's election key. Raises HallError when it is not here."""
