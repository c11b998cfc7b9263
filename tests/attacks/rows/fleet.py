"""A stolen broker, a stolen fleet: what whoever holds them can do to a poll that went through ingest."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519
from sqlalchemy import select

from ballot.board.verdicts import Accept
from ballot.documents.bodies import Close, Manifest, Roll
from ballot.documents.document import Document, encode_document, with_signature
from ballot.documents.opened import opened
from ballot.group import ORDER
from ballot.tally.count import electing
from ballot.tally.shares import combine, make_rows
from fleet.config import FleetConfig
from fleet.db import database_url, open_engine, reading, upgrade
from fleet.export import export
from fleet.tables import drops, records
from tests.attacks.row import ACCEPTED, Rows, codes, honest, refusal
from tests.ballot.board.election import CHARTER, CONGRESS, CONTEST, GROUP, HALL, NO, YES
from tests.fleet.hall_under_test import hasty
from tests.fleet.ingest.simulated_hall import make_signer
from tests.fleet.ingest.test_board_entries import Poll
from tests.fleet.log.conftest import write_keys
from wire import cbor, topics
from wire.board import Cast, is_voter_kid
from wire.envelope import Purpose, claimed_signer, seal
from wire.errors import RecordRejected
from wire.ids import DESK, STORE, DeviceId
from wire.signers import Ed25519Signer
from wire.voting import Carried, SessionKey, encode_board_message, session_proof

ROWS = Rows()
THIEF = ed25519.Ed25519PrivateKey.from_private_bytes(bytes([9]) * 32)
NAMES = ("keypad-of-row-1", "keypad-of-row-2", "keypad-of-row-3")


@contextmanager
def polled(*, voted: bool = True) -> Iterator[tuple[Poll, Path]]:
    """A poll of three through ingest, on a real SQLite file, and its folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        engine = hasty(open_engine(database_url(folder, {})))
        try:
            upgrade(engine)
            poll = Poll(engine).open()
            for number, unit in enumerate(poll.election.units):
                say_key(poll, number, unit.signer)
                if voted:
                    honest(isinstance(unit.vote(NO if number == 2 else YES), Accept), f"unit {number} votes")
            poll.hall.turns(6)
            yield poll, folder
        finally:
            engine.dispose()


def say_key(poll: Poll, number: int, key: Ed25519Signer) -> None:
    """The fleet learns which unit holds which session key: the commission puts it into the roll."""
    device = DeviceId(poll.devices[number].name)
    proof = key.sign(session_proof(CONGRESS, HALL, device, CONTEST))
    message = SessionKey(HALL, device, CONTEST, key.public_key.raw, proof)
    payload = seal(encode_board_message(message), Purpose.SESSION_KEY, poll.devices[number].signer)
    poll.hall.link.deliver(device, payload, kind=topics.Up.BOARD)


def dropped(poll: Poll) -> dict[str, int]:
    """How many messages were dropped, by code."""
    poll.hall.turns(30, step_ms=1000)
    with reading(poll.hall.engine) as connection:
        found = connection.execute(select(drops.c.code, drops.c.count)).all()
    counts: dict[str, int] = {}
    for code, count in found:
        counts[code] = counts.get(code, 0) + count
    return counts


def values_in(value: Any) -> Iterator[str | bytes | int]:
    """Everything that stands in a value, encodings inside of byte strings opened as well."""
    if isinstance(value, list):
        for item in value:
            yield from values_in(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from values_in([key, item])
    elif isinstance(value, bytes):
        yield value
        try:
            inner = cbor.decode(value, 65_536)
        except RecordRejected:
            return
        if isinstance(inner, list | dict):
            yield from values_in(inner)
    elif value is not None:
        yield value


# -- the broker ------------------------------------------------------------------------------------------


@ROWS.attack(
    "issue: stolen broker",
    "stolen broker",
    "sends junk, entries and session keys under keys of its own, and others' messages on other topics",
    by="fleet.ingest.pipeline.Pipeline",
    said="no leaf; dropped: bad-encoding, bad-signature, unknown-signer",
)
def broker_sends_upwards() -> str:
    with polled(voted=False) as (poll, _):
        unit, size = poll.election.units[0], len(poll.hall.leaves())
        entry = unit.sealed(Cast(1, b"body"))
        message = encode_board_message(Carried(HALL, DeviceId("u0"), 0, entry))
        forged = seal(message, Purpose.CARRIED, Ed25519Signer("u0", THIEF))
        genuine = seal(message, Purpose.CARRIED, poll.devices[0].signer)
        proof = THIEF.sign(session_proof(CONGRESS, HALL, DeviceId("u0"), CONTEST))
        key = SessionKey(HALL, DeviceId("u0"), CONTEST, THIEF.public_key().public_bytes_raw(), proof)
        own_key = seal(encode_board_message(key), Purpose.SESSION_KEY, Ed25519Signer("u0", THIEF))
        for device, payload in (("u0", b"junk"), ("u0", forged), ("u1", genuine), ("u0", own_key)):
            poll.hall.link.deliver(device, payload, kind=topics.Up.BOARD)
        found = dropped(poll)
        grown = len(poll.hall.leaves()) - size
    return f"{f'{grown} leaves' if grown else 'no leaf'}; dropped: {codes(found)}"


@ROWS.attack(
    "issue: stolen broker",
    "stolen broker",
    "loses, doubles, delays and reorders the messages of units",
    by="ballot.board.contest.Contest.judge_cheap",
    said="each counts once, each is answered again",
)
def broker_loses_and_doubles() -> str:
    with polled(voted=False) as (poll, _):
        unit = poll.election.units[0]
        unit.ready()
        body = unit.body(YES)
        unit.prepare(body)
        entry = unit.sealed(Cast(1, body))
        message = encode_board_message(Carried(HALL, DeviceId("u0"), 0, entry))
        payload = seal(message, Purpose.CARRIED, poll.devices[0].signer)
        before = len(poll.answers(poll.devices[0]))
        for _ in range(5):
            poll.hall.link.deliver("u0", payload, kind=topics.Up.BOARD)
            poll.hall.turns(3)
        answers = poll.answers(poll.devices[0])[before:]
        leaves = [row.envelope for row in poll.hall.leaves()].count(entry)
    same = len({answer.index for answer in answers}) == 1 and all(answer.accepted for answer in answers)
    return (
        "each counts once, each is answered again" if leaves == 1 and same and len(answers) >= 2 else ACCEPTED
    )


# -- the export ------------------------------------------------------------------------------------------


@ROWS.attack(
    "hv1 6",
    "whoever reads the export",
    "searches every board entry for a device, a clock or a boot, and every leaf for a device beside a voter",
    by="wire.board.encode_entry",
    said="nothing is found in 9 entries",
)
def export_tells_who_sat_where() -> str:
    with polled() as (poll, folder):
        write_keys(folder / "data")
        path = folder / "hall.log"
        export(poll.hall.engine, FleetConfig(folder / "data", HALL, CONGRESS), path)
        devices = {device.name for device in poll.devices}
        voters = {unit.voter for unit in poll.election.units} | {unit.raw_key for unit in poll.election.units}
        found, entries = [], 0
        for _, item in cbor.decode_sequence(path.read_bytes()):
            texts = list(values_in(item))
            names = devices.intersection(text for text in texts if isinstance(text, str))
            names |= {name for name in devices if name.encode() in texts}
            linked = any(voter in texts or voter.hex() in texts for voter in voters)
            is_entry = (
                isinstance(item, list) and type(item[0]) is int and is_voter_kid(claimed_signer(item[1]))
            )
            entries += is_entry
            clocks = [text for text in texts if isinstance(text, int) and not -8 <= text < 100_000]
            if names and linked:
                found.append("a device beside a voter")
            if is_entry and (names or clocks):
                found.append("a device or a clock in an entry")
        shapes = {len(payload_of(row.envelope)) for row in poll.hall.leaves() if is_voter_kid(row.device)}
        honest(shapes == {8}, "an entry has the eight parts of SPEC §6.1 and no other")
    return f"{codes(found) if found else 'nothing is found'} in {entries} entries"


def payload_of(envelope: bytes) -> list[Any]:
    parts: list[Any] = cbor.decode(cbor.decode(envelope, 65_536)[2], 65_536)
    return parts


# -- the database ----------------------------------------------------------------------------------------


def stolen(folder: Path) -> tuple[list[bytes], bytes]:
    """Every value of every row of every table of the file, as bytes; and the file itself."""
    values: list[bytes] = []
    files = sorted(folder.glob("*.db*")) + sorted(folder.glob("*.sqlite*"))
    honest(files, "the database is a file")
    main = next(path for path in files if not path.name.endswith(("-wal", "-shm", ".lock")))
    connection = sqlite3.connect(main)
    try:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608  # names of the file itself
                values += [each if isinstance(each, bytes) else str(each).encode() for each in row if each]
    finally:
        connection.close()
    return values, b"".join(path.read_bytes() for path in files)


def secrets_in(values: list[bytes], *, every_place: bool) -> set[bytes]:
    """All that could be a key of 32 bytes: whole values, hex in texts, byte strings inside of encodings; with
    every_place also any 32 bytes that follow each other."""
    found: set[bytes] = set()
    for value in values:
        pieces = [piece for piece in values_in(value) if isinstance(piece, bytes)]
        with suppress(ValueError):
            pieces.append(bytes.fromhex(value.decode()))
        for piece in pieces:
            step = 1 if every_place else 32
            found.update(piece[at : at + 32] for at in range(0, max(1, len(piece) - 31), step))
    return {each for each in found if len(each) == 32}


def opens(poll: Poll, candidates: set[bytes]) -> list[str]:
    """What these open as a share, as the election's secret, as a key of an officer or of a voter."""
    record = poll.election.record
    shares = {
        GROUP.base(share): f"the share of trustee {i}" for i, share in enumerate(poll.election.shares, 1)
    }
    targets = {record.election_key: "the election key", **shares}
    found = []
    for candidate in candidates:
        scalar = int.from_bytes(candidate, "little") % ORDER
        name = targets.get(GROUP.base(scalar))
        if name:
            found.append(name)
    return found


def signs(poll: Poll, candidates: set[bytes]) -> list[str]:
    """For whom a thief could sign."""
    officers = [*CHARTER.trustees, *CHARTER.board, *CHARTER.commission, CHARTER.chair, *CHARTER.witnesses]
    keys = {officer.key: officer.name for officer in officers}
    keys |= {unit.raw_key: "a voter" for unit in poll.election.units}
    public = (ed25519.Ed25519PrivateKey.from_private_bytes(each).public_key() for each in candidates)
    return [keys[raw] for raw in (key.public_bytes_raw() for key in public) if raw in keys]


def keys_of_the_fleet() -> set[bytes]:
    """The thief has these as well: desk and store, in the files beside the database."""
    return {bytes(make_signer(office)._secret[:32]) for office in (DESK, STORE)}


@ROWS.attack(
    "issue: stolen fleet database",
    "thief of the fleet's database and key files",
    "tries every secret that lies there on the election key, on each share, and on a single ballot",
    by="ballot.tally.shares.combine",
    said="nothing opens; 2 shares would",
)
def stolen_database_opens_no_ballot() -> str:
    with polled() as (poll, folder):
        values, raw = stolen(folder)
        candidates = secrets_in(values, every_place=False) | keys_of_the_fleet()
        return opened_by(poll, candidates, raw)


@ROWS.attack(
    "issue: stolen fleet database",
    "thief of the fleet's database and key files",
    "the same with every 32 bytes that follow each other anywhere in a value",
    by="ballot.tally.shares.combine",
    said="nothing opens; 2 shares would",
    slow=True,
)
def every_place_of_a_stolen_database() -> str:
    with polled() as (poll, folder):
        values, raw = stolen(folder)
        return opened_by(poll, secrets_in(values, every_place=True) | keys_of_the_fleet(), raw)


def opened_by(poll: Poll, candidates: set[bytes], raw: bytes) -> str:
    honest(len(candidates) > 50, "there is something to try")
    found = opens(poll, candidates)
    found += [f"share {i}" for i, x in enumerate(poll.election.shares, 1) if x.to_bytes(32, "little") in raw]
    contest = poll.election.board.contests[CONTEST]
    ballot = contest.counting()[0].ciphertexts[0]
    shown = {GROUP.base(0), GROUP.base(1)}
    for candidate in sorted(candidates)[:2000]:
        scalar = int.from_bytes(candidate, "little") % ORDER
        if GROUP.sub(ballot[32:], GROUP.mul(scalar, ballot[:32])) in shown:
            found.append("a ballot")
    electable = electing(GROUP, contest)
    assert electable is not None
    bound = electable.bound(electable.tally(1, bytes(32)))
    rows = {i: make_rows(GROUP, bound, i, poll.election.shares[i - 1], [bytes(32)] * 3) for i in (1, 3)}
    honest(combine(GROUP, bound, 2, rows, [3, 3, 3]) == (2, 1, 0), "k shares do open it")
    return f"{codes(found) if found else 'nothing opens'}; 2 shares would"


@ROWS.attack(
    "issue: stolen fleet database; hv1 1",
    "thief of the fleet's database and key files",
    "signs a manifest, a close or a roll with every secret that lies there, under every name",
    by="ballot.documents.document.check_signers",
    said="no officer's key is there; bad-signature, too-few-signatures, unknown-name",
)
def stolen_database_signs_nothing() -> str:
    with polled() as (poll, folder):
        values, _ = stolen(folder)
        candidates = secrets_in(values, every_place=False) | keys_of_the_fleet()
        held = signs(poll, candidates)
        election = poll.election
        point = Close(CONGRESS, HALL, CONTEST, 5, bytes(32), 1_700_000_000_000)
        found = []
        for body in (election.manifest, election.rows.roll(CONGRESS), point):
            document = Document(body.kind, body.encode())
            forms = [document]
            for secret in [*sorted(keys_of_the_fleet()), *sorted(candidates)[:20]]:
                key = Ed25519Signer("x", ed25519.Ed25519PrivateKey.from_private_bytes(secret))
                forms += [
                    with_signature(document, name, key) for name in (DESK, "chair", "board-1", "comm-1")
                ]
            kind: type[Manifest] | type[Roll] | type[Close] = type(body)
            for each in forms:
                data = encode_document(each)
                found.append(refusal(lambda data=data, kind=kind: opened(data, CHARTER, kind)))  # type: ignore[misc]
    return (
        f"{f'KEYS OF {codes(held)}' if held else 'no officer' + chr(39) + 's key is there'}; {codes(found)}"
    )


@ROWS.attack(
    "hv1 6; hv1 8",
    "thief of the fleet's database",
    "reads from it what a voter chose: nothing of a seed, a local part or a choice has reached the fleet",
    by="wire.board.Cast",
    said="neither a choice nor a seed",
)
def stolen_database_knows_no_choice() -> str:
    with polled() as (poll, folder):
        _, raw = stolen(folder)
        locals_ = [local for unit in poll.election.units for local in unit.locals.values()]
        hits = [local for local in locals_ if local in raw]
        with reading(poll.hall.engine) as connection:
            kinds = set(connection.execute(select(records.c.kind)).scalars())
        honest("checked/1" not in kinds and "cast/1" in kinds, "ballots were cast and none was opened")
    return ACCEPTED if hits else "neither a choice nor a seed"
