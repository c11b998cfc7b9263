"""One trustee attends: reads what the others left, does every step that can be done, and says so in words.

What was decided is sealed in the trustee's own folder before its paper leaves; so that a cut at any point
repeats the same paper, never another one.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ballot.ceremony.key_record import ceremony_id_in
from ballot.ceremony.messages import ROUNDS
from ballot.ceremony.outcome import Done, Outcome, Write
from ballot.ceremony.state import State, decode_state, encode_state
from ballot.ceremony.step import Trustee, begin, step
from ballot.ceremony.table import Table, table_of
from ballot.documents.bodies import KeyRecord
from ballot.documents.charter import Charter
from ballot.documents.document import Document, encode_document, with_signature
from ballot.group import Group, scalar_bytes
from ballot.hashing import hash_of
from ballot.seeds import fingerprint
from officers.ceremony.minutes import minutes_of
from officers.ceremony.stick import Stick
from officers.confirm import confirm
from officers.errors import ConfigError, TwoTrustees
from officers.files import PUBLIC, write_whole
from officers.keys.folder import OfficerFolder
from officers.keys.opened import OfficerKeys
from officers.keys.sealed import About, Contents, Role
from officers.means import Means
from officers.person import tell
from officers.words import words as said
from wire.errors import RecordRejected

LEFT_WORDS: Final = 5
"""Papers left aside that are told one by one."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A trustee at the table. passphrase: it seals every step."""

    folder: OfficerFolder
    stick: Stick
    keys: OfficerKeys
    charter: Charter
    trustee: Trustee
    passphrase: str = field(repr=False)
    means: Means


def take_seat(folder: OfficerFolder, shared: Path, passphrase: str, group: Group, means: Means) -> Seat:
    """Raises ConfigError when this officer is no trustee of the pinned charter, or the folders are one."""
    if shared.resolve() == folder.path.resolve():
        raise ConfigError("same-folder")
    charter, name = folder.charter(), folder.owner
    index = charter.trustee_number(name)
    if index is None:
        raise ConfigError("not-a-trustee", name=name)
    keys = OfficerKeys(folder, passphrase)
    trustee = Trustee(group, name, index, means.random)
    return Seat(folder, Stick(shared, means.durable), keys, charter, trustee, passphrase, means)


def attend(seat: Seat, *, beginning: bool) -> bool:
    """All that this trustee can do now; whether the ceremony is done. Raises OfficerError."""
    state = _state_of(seat)
    _repeat(seat, state)
    if beginning:
        state = _begin(seat, state)
    while True:
        table = _table(seat)
        outcome = step(seat.trustee, table, state)
        if not isinstance(outcome, Write):
            break
        state = outcome.state
        _keep(seat, state)
        _repeat(seat, state)
        tell(seat.means.person, outcome.words)
    _say_papers(seat, table, state)
    return _end(seat, state, outcome)


def _begin(seat: Seat, state: State) -> State:
    person = seat.means.person
    if state.own is not None:
        confirm(person, state.own.ceremony_id, "had-begun")
    outcome = begin(seat.trustee, _table(seat), state)
    if isinstance(outcome, Write):
        _keep(seat, outcome.state)
        _repeat(seat, outcome.state)
        tell(person, outcome.words)
        return outcome.state
    tell(person, outcome.words)
    return state


def _end(seat: Seat, state: State, outcome: Outcome) -> bool:
    if isinstance(outcome, Done):
        _finish(seat, state, outcome)
        return True
    if state.own is None and _told_done(seat):
        return True
    if not isinstance(outcome, Write):
        tell(seat.means.person, outcome.words)
    return False


def _state_of(seat: Seat) -> State:
    file = seat.folder.ceremony_file
    if not file.exists:
        return State()
    about = file.about
    if about.role is not Role.CEREMONY:
        raise ConfigError("other-role", path=file.path, found=about.role, expected=Role.CEREMONY)
    if about.owner != seat.trustee.name:
        raise TwoTrustees("two-trustees", one=seat.trustee.name, other=about.owner)
    try:
        return decode_state(file.load(seat.passphrase).secrets["state"])
    except RecordRejected as err:
        raise ConfigError("not-sealed", path=file.path, what=err.what) from err


def _keep(seat: Seat, state: State) -> None:
    ceremony = state.own.ceremony_id if state.own is not None else None
    about = About(Role.CEREMONY, seat.charter.congress, seat.trustee.name, ceremony)
    seat.folder.ceremony_file.save(about, Contents({"state": encode_state(state)}), seat.passphrase)


def _repeat(seat: Seat, state: State) -> None:
    """Lay down what the state says was written, wherever it is missing."""
    for kind, body in state.own.papers() if state.own is not None else []:
        document = with_signature(Document(kind, body), seat.trustee.name, seat.keys.signer)
        seat.stick.lay(document, seat.trustee.name)


def _table(seat: Seat) -> Table:
    return table_of(seat.stick.papers(), seat.charter)


def _say_papers(seat: Seat, table: Table, state: State) -> None:
    """What lies there, with fingerprints to read aloud; and what was left aside."""
    person = seat.means.person
    aside = seat.stick.unread + table.aside
    for file, err in aside[:LEFT_WORDS]:
        tell(person, said("aside", file=file, what=err.what))
    if len(aside) > LEFT_WORDS:
        tell(person, said("aside", file=f"+{len(aside) - LEFT_WORDS}", what="…"))
    if state.own is None:
        return
    tell(person, said("ceremony", fingerprint=fingerprint(state.own.ceremony_id)))
    for number, kind in enumerate(ROUNDS):
        for i, trustee in enumerate(seat.charter.trustees, start=1):
            for body in table.said(state.own.ceremony_id, kind.kind, i):
                shown = fingerprint(hash_of(body))
                tell(person, said("paper", round=number, name=trustee.name, fingerprint=shown))


def _finish(seat: Seat, state: State, done: Done) -> None:
    """Share first, then the record, and only then is the ceremony forgotten."""
    ceremony_id, folder, name = done.own.ceremony_id, seat.folder, seat.trustee.name
    file = folder.share_file(ceremony_id)
    if not file.exists:
        about = About(Role.SHARE, seat.charter.congress, name, ceremony_id)
        file.save(about, Contents({"x": scalar_bytes(done.share)}), seat.passphrase)
    elif seat.keys.share(ceremony_id) != done.share:
        raise TwoTrustees("second-share", folder=folder.path, file=file.path.name)
    content = encode_document(done.record)
    write_whole(folder.record_path(ceremony_id), content, PUBLIC, seat.means.durable)
    _publish(seat, done.record)
    _keep(seat, state.leaving())
    shown = fingerprint(done.record.hash)
    tell(seat.means.person, said("done", fingerprint=shown, file=file.path))


def _told_done(seat: Seat) -> bool:
    """After the end: the record is laid down again for whoever still lacks it, and the end told again."""
    found = False
    for path in sorted(seat.folder.path.glob("key-record-*.doc")):
        record = seat.folder.record_in(path)
        ceremony_id = ceremony_id_in(KeyRecord.parse(record.body), seat.charter)
        file = seat.folder.share_file(ceremony_id)
        if file.exists:
            _publish(seat, record)
            shown = fingerprint(record.hash)
            tell(seat.means.person, said("done", fingerprint=shown, file=file.path))
            found = True
    return found


def _publish(seat: Seat, record: Document) -> None:
    stick, shown = seat.stick, fingerprint(record.hash)
    stick.put(stick.path / f"key-record-{shown}.doc", encode_document(record))
    page = minutes_of(record, seat.charter)
    stick.put(stick.path / f"key-record-{shown}.txt", page.encode())
