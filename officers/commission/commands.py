"""`hallward officer roll | bind`: who may vote in one contest, and with which unit."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ballot.adapters.libsodium import Libsodium
from ballot.documents.bodies import Bind, RollRows
from ballot.documents.document import Document, encode_document
from ballot.seeds import fingerprint
from officers.commission.seats import MAP_BYTES_MAX, Seat, decode_seats, encode_seats, rebound, seats_in
from officers.errors import BadInput, ConfigError
from officers.files import read_whole, write_new
from officers.keys.folder import OfficerFolder
from officers.keys.opened import OfficerKeys
from officers.keys.sealed import About, Contents, Role, SealedFile
from officers.means import Means, add_common, means_of
from officers.papers.commands import opened_keys
from officers.papers.issue import free, issue
from officers.papers.signing import may_sign
from officers.papers.words_typed import hex_of, key_of, reason_of
from officers.person import tell
from officers.words import words as said
from wire.errors import RecordRejected
from wire.ids import CONTEST_BYTES, ContestId

_ROLL: Final = "roll.doc"
_ROWS: Final = "roll-rows.doc"


def run_roll(words: Sequence[str], means: Means | None = None) -> int:
    """The roll, its rows, and the sealed seat map. Raises OfficerError, BadDocument."""
    parser = argparse.ArgumentParser(
        prog="hallward officer roll",
        description="Make the roll of one contest from the fleet's list of session keys.",
    )
    parser.add_argument("folder", type=Path, help="folder of this member of the commission")
    parser.add_argument("list", type=Path, help='JSON lines {"device", "seat", "member", "key"}')
    parser.add_argument("out", type=Path, help="folder for roll.doc and roll-rows.doc")
    parser.add_argument("--contest", required=True, metavar="HEX")
    add_common(parser)
    given = parser.parse_args(words)
    real = means_of(given, means)
    contest = ContestId(hex_of(given.contest, "--contest", CONTEST_BYTES))
    seats = seats_in(read_whole(given.list, MAP_BYTES_MAX), str(given.list), real.random)
    theirs = OfficerFolder(given.folder, real.sealing)
    may_sign("roll/1", theirs.owner, theirs.charter())
    file = _map_file(theirs, contest, real)
    free(given.out / _ROLL)
    with opened_keys(given.folder, real) as keys:
        if file.exists:
            seats = _as_before(file, keys, seats)
        else:
            _save_map(file, keys, seats)
        rows = RollRows(contest, tuple(seat.row for seat in seats))
        content = encode_document(Document(rows.kind, rows.encode()))
        missing = sum(seat.key is None for seat in seats)
        tell(real.person, said("roll-of", people=len(seats), missing=missing))
        write_new(given.out / _ROWS, content, step=real.durable)
        body = rows.roll(theirs.charter().congress)
        issue(real, keys, body, given.out / _ROLL, Libsodium(), [content])
    tell(real.person, said("wrote", path=given.out / _ROWS, fingerprint=fingerprint(rows.hash)))
    return 0


def run_bind(words: Sequence[str], means: Means | None = None) -> int:
    """Another unit for a delegate, or none. Raises OfficerError, BadDocument."""
    parser = argparse.ArgumentParser(
        prog="hallward officer bind",
        description="A late arrival, a swap of units (--key), or a recusal (--out-of-vote).",
    )
    parser.add_argument("folder", type=Path, help="folder of whoever keeps the seat map")
    parser.add_argument("out", type=Path, help="the file to write")
    parser.add_argument("--contest", required=True, metavar="HEX")
    parser.add_argument("--reason", required=True)
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--seat")
    who.add_argument("--member", metavar="HEX")
    who.add_argument("--device", help="the unit that they had")
    key = parser.add_mutually_exclusive_group(required=True)
    key.add_argument("--key", metavar="HEX", help="session key of the new unit")
    key.add_argument("--out-of-vote", action="store_true", help="nobody speaks for this delegate any more")
    parser.add_argument("--new-device", default="", help="name of the new unit, for the seat map")
    add_common(parser)
    given = parser.parse_args(words)
    real = means_of(given, means)
    contest = ContestId(hex_of(given.contest, "--contest", CONTEST_BYTES))
    reason, new = reason_of(given.reason), None if given.out_of_vote else key_of(given.key, "--key")
    free(given.out)
    with opened_keys(given.folder, real) as keys:
        may_sign("bind/1", keys.name, keys.folder.charter())
        file = _map_file(keys.folder, contest, real)
        if not file.exists:
            raise ConfigError("no-seat-map", folder=given.folder, file=file.path.name)
        seats = _load_map(file, keys)
        place = _place_of(seats, given)
        if new is not None and any(seat.key == new for seat in seats if seat is not seats[place]):
            raise BadInput("key-in-use")
        seat = rebound(seats[place], new, given.new_device, reason)
        bind = Bind(keys.folder.charter().congress, contest, seat.voter, seat.generation, new, reason)
        seats[place] = seat
        # the map before the signature: a generation that was signed is never given to other words
        issue(real, keys, bind, given.out, Libsodium(), keep=lambda: _save_map(file, keys, seats))
    return 0


def _as_before(file: SealedFile, keys: OfficerKeys, seats: Sequence[Seat]) -> list[Seat]:
    """The seats of the map that is there, for a command that was cut. Raises ConfigError when the list is
    another: a contest has one roll."""
    kept = _load_map(file, keys)
    if {seat.without_pseudonym for seat in kept} != {seat.without_pseudonym for seat in seats}:
        raise ConfigError("exists", path=file.path)
    return kept


def _place_of(seats: list[Seat], given: argparse.Namespace) -> int:
    wanted = {"seat": given.seat, "member": given.member, "device": given.device}
    for place, seat in enumerate(seats):
        has = {"seat": seat.seat, "member": seat.member.hex(), "device": seat.device}
        if any(value and has[what] == value for what, value in wanted.items()):
            return place
    what = next(f"{what} {value}" for what, value in wanted.items() if value)
    raise BadInput("unknown-voter", what=what)


def _map_file(folder: OfficerFolder, contest: bytes, means: Means) -> SealedFile:
    return SealedFile(folder.path / f"seats-{contest.hex()[:16]}.sealed", means.sealing)


def _save_map(file: SealedFile, keys: OfficerKeys, seats: Sequence[Seat]) -> None:
    about = About(Role.SEATS, keys.folder.charter().congress, keys.name)
    keys.seal(file, about, Contents({"rows": encode_seats(seats)}))


def _load_map(file: SealedFile, keys: OfficerKeys) -> list[Seat]:
    about = file.about
    if about.role is not Role.SEATS:
        raise ConfigError("other-role", path=file.path, found=about.role, expected=Role.SEATS)
    try:
        return decode_seats(keys.unseal(file).secrets["rows"])
    except RecordRejected as err:
        raise ConfigError("not-sealed", path=file.path, what=err.what) from err
