"""What a witness asks of a fleet, and how it waits."""

from dataclasses import dataclass
from typing import Any, Final, Protocol

from officers.witness.errors import WitnessRefused
from wire.checkpoint import NOTE_MAX
from wire.ids import CONTEST_BYTES, HASH_BYTES

PATH_MAX: Final = 64
TALLIES_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Offer:
    """A checkpoint with its proof from the size that was asked for. tallies: contests whose tally waits for
    witnesses."""

    note: str
    consistency: tuple[bytes, ...]
    tallies: tuple[bytes, ...] = ()


class FleetLog(Protocol):
    """Raises WitnessRefused when it does not answer, or answers badly."""

    def checkpoint(self, since: int) -> Offer: ...

    def cosign(self, witness: str, line: str) -> None: ...

    def tally(self, contest: bytes) -> bytes:
        """The document, with the signatures that it has."""

    def sign_tally(self, contest: bytes, witness: str, signature: bytes) -> None: ...


def parse_offer(value: Any) -> Offer:
    """Of `{"note": text, "consistency": [hex …], "tallies": [hex …]}`, the last optional. Raises
    WitnessRefused."""
    if type(value) is not dict or type(value.get("note")) is not str or len(value["note"]) > NOTE_MAX:
        raise WitnessRefused("bad-answer", what="no note")
    return Offer(
        value["note"],
        _hexes(value.get("consistency"), HASH_BYTES, PATH_MAX, "consistency"),
        _hexes(value.get("tallies", []), CONTEST_BYTES, TALLIES_MAX, "tallies"),
    )


def _hexes(value: Any, length: int, most: int, what: str) -> tuple[bytes, ...]:
    if type(value) is not list or len(value) > most or any(type(each) is not str for each in value):
        raise WitnessRefused("bad-answer", what=what)
    try:
        found = tuple(bytes.fromhex(each) for each in value)
    except ValueError:
        raise WitnessRefused("bad-answer", what=what) from None
    if any(len(each) != length for each in found):
        raise WitnessRefused("bad-answer", what=what)
    return found
