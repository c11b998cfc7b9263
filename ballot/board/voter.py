"""One entry of the roll: its keys, their chains, its casts, and the one that counts (SPEC §6.4). Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ballot.board.chain import Chain
from wire.ids import VoterRef
from wire.keys import Alg, PublicKey


@dataclass(frozen=True, slots=True)
class CastBallot:
    """ciphertexts: of the options, α || β each."""

    voter: VoterRef
    generation: int
    seq: int
    leaf: int
    body_hash: bytes
    ciphertexts: tuple[bytes, ...]


@dataclass(slots=True)
class Voter:
    """generation: g of the key in force. enabled: a key was in force at some leaf from OPEN to CLOSE."""

    ref: VoterRef
    generation: int = 0
    keys: dict[int, PublicKey | None] = field(default_factory=dict)
    chains: dict[int, Chain] = field(default_factory=dict)
    casts: list[CastBallot] = field(default_factory=list)
    seq_used: int = 0
    prepared: int = 0
    checked: int = 0
    abandoned: int = 0
    refusals: int = 0
    enabled: bool = False
    bound_at: dict[int, int] = field(default_factory=dict)
    """Generation -> the leaf of its bind; -1 for that of the roll."""

    @property
    def key(self) -> PublicKey | None:
        """In force now; None: no unit yet, or out."""
        return self.keys.get(self.generation)

    def known_keys(self) -> Iterator[PublicKey]:
        """The one in force first, then the former ones."""
        yield from (key for key in reversed(self.keys.values()) if key is not None)

    def bind(self, generation: int, key: bytes | None, leaf: int = -1) -> None:
        self.generation = generation
        self.bound_at[generation] = leaf
        self.keys[generation] = None if key is None else PublicKey(Alg.EDDSA, key)

    def chain(self, generation: int) -> Chain:
        return self.chains.get(generation) or self.chains.setdefault(generation, Chain())

    def counting(self) -> CastBallot | None:
        """The accepted cast of the highest (g, seq). No cast is accepted behind CLOSE."""
        return max(self.casts, key=lambda cast: (cast.generation, cast.seq), default=None)

    def has_ended(self, size: int | None = None) -> bool:
        """Whether the unit that held the last key, among the first `size` leaves (all without it), has said
        there that nothing is pending with it."""
        last = max((g for g, leaf in self.bound_at.items() if among(leaf, size)), default=0)
        return among(self.chain(last).ended_at, size)


def among(leaf: int | None, size: int | None) -> bool:
    """Whether there is such a leaf among the first `size`, or among all."""
    return leaf is not None and (size is None or leaf < size)
