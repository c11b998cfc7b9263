"""What a witness must never forget: the last checkpoint it signed of each hall, and the one tally of each
contest. One file, replaced whole and synced before a signature leaves."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from officers.files import PUBLIC, SECRET, Step, no_step, read_whole, write_whole
from officers.witness.errors import WitnessRefused
from officers.witness.step import NOTHING, Witnessed
from wire import cbor, fields
from wire.checkpoint import SIZE_MAX
from wire.errors import BadSchema, RecordRejected

FILE: Final = "witnessed"
NOTE_FILE: Final = "{hall}-checkpoint.txt"
_VERSION: Final = "witnessed/1"
_BYTES_MAX: Final = 4 * 2**20
_HALLS_MAX: Final = 10_000
_ROWS: Final = fields.rows(
    _HALLS_MAX, fields.name, fields.blob(32), fields.integer(0, SIZE_MAX), fields.blob_up_to(32)
)
_TALLIES: Final = fields.rows(_HALLS_MAX, fields.hash_value, fields.blob(16), fields.hash_value)


@dataclass(frozen=True, slots=True)
class Hall:
    """store_key: of the hall's store, as it was at first sight or as the person said."""

    store_key: bytes
    last: Witnessed = NOTHING


@dataclass(slots=True)
class State:
    """halls: by name. A store that was restored from a backup begins no new history: it is the same hall.
    tallies: (key record, contest) -> hash of the tally that was signed."""

    path: Path
    durable: Step = no_step
    halls: dict[str, Hall] = field(default_factory=dict)
    tallies: dict[tuple[bytes, bytes], bytes] = field(default_factory=dict)

    def keep_hall(self, name: str, hall: Hall) -> None:
        """On the disk when this returns; when it raises ConfigError, as if it had never been asked."""
        self._keep({**self.halls, name: hall}, self.tallies)

    def keep_tally(self, key_record_hash: bytes, contest: bytes, tally_hash: bytes) -> None:
        """As `keep_hall`."""
        self._keep(self.halls, {**self.tallies, (key_record_hash, contest): tally_hash})

    def keep_note(self, hall: str, note: str) -> Path:
        """The newest cosigned note, for people who take it from nobody else. Forgotten, it costs nothing."""
        path = self.path.with_name(NOTE_FILE.format(hall=hall))
        write_whole(path, note.encode(), PUBLIC, self.durable)
        return path

    def _keep(self, halls: dict[str, Hall], tallies: dict[tuple[bytes, bytes], bytes]) -> None:
        rows: list[cbor.Value] = [
            [name, hall.store_key, hall.last.size, hall.last.root] for name, hall in halls.items()
        ]
        signed: list[cbor.Value] = [[*about, tally] for about, tally in tallies.items()]
        write_whole(self.path, cbor.encode([_VERSION, rows, signed]), SECRET, self.durable)
        self.halls, self.tallies = halls, tallies


def load(folder: Path, durable: Step = no_step) -> State:
    """Raises WitnessRefused for a damaged file: a witness that has forgotten must not sign."""
    path = folder / FILE
    state = State(path, durable)
    if not path.exists():
        return state
    try:
        parts: Any = cbor.decode(read_whole(path, _BYTES_MAX), _BYTES_MAX)
        if type(parts) is not list or len(parts) != 3 or parts[0] != _VERSION:
            raise BadSchema("not what a witness keeps")
        for name, key, size, root in _ROWS(parts[1]):
            state.halls[name] = Hall(key, Witnessed(size, root))
        for record, contest, tally in _TALLIES(parts[2]):
            state.tallies[record, contest] = tally
    except RecordRejected as err:
        raise WitnessRefused("damaged", path=path, what=err.what) from None
    return state
