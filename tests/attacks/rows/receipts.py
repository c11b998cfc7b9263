"""Receipts: what a store, or whoever speaks in its name, may tell a unit of its ballot."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519

from ballot.board.verdicts import Accept
from ballot.documents.bodies import Close
from ballot.documents.document import Document, encode_document, with_signature
from ballot.documents.pages import pages_of
from ballot.hashing import hash_of
from edge.ballot_keypad.secret.answer import Aside, Asked, Believed, Forged, Kept, Reader, read_answer
from fleet.ingest.ballots.answer import Asked as Question
from fleet.ingest.ballots.answer import Head, board_answer
from fleet.ingest.ballots.shelf import Found, Place, Shelf
from officers.witness.state import load
from officers.witness.witness import Witness
from tests.attacks.row import ACCEPTED, Rows, codes, honest, refusal
from tests.ballot.board.election import (
    CHARTER,
    CLOSED_S,
    CONGRESS,
    CONTEST,
    HALL,
    NO,
    STORE_ID,
    WITNESSES,
    YES,
    Election,
    signer,
)
from tests.ballot.board.unit import Unit
from tests.officers.tally.trustee import Script
from wire.board import Cast, Ready
from wire.checkpoint import Checkpoint, cosign, origin, sign_checkpoint
from wire.envelope import Purpose, seal
from wire.envelope import verify as verify_envelope
from wire.errors import RecordRejected
from wire.ids import DESK, STORE, DeviceId, StoreId
from wire.keys import Signer
from wire.merkle import Tree
from wire.records import parse_record
from wire.signers import Ed25519Signer
from wire.voting import BallotRefusal, BoardAnswer, encode_board_message, parse_board_answer

ROWS = Rows()
DEVICE = DeviceId("keypad-1")
STORE_SIGNER, DESK_SIGNER = signer("store"), signer("desk")
READER = Reader(CONGRESS, HALL, DEVICE, DESK_SIGNER.public_key, STORE_SIGNER.public_key, CHARTER)
NONE_KEPT = Kept()
UNIT = "edge.ballot_keypad.secret.answer.read_answer"


def noted(
    tree: Tree, key: Signer = STORE_SIGNER, store_id: StoreId = STORE_ID, size: int | None = None
) -> str:
    """A checkpoint of this tree, signed by the store."""
    size = tree.size if size is None else size
    return sign_checkpoint(Checkpoint(origin(CONGRESS, HALL, store_id), size, tree.root(size)), key)


def answered(election: Election, entry: bytes, known: int = 0, note: str = "", size: int = 0) -> BoardAnswer:
    """The honest store's answer about this entry."""
    shelf, tree = Shelf(), election.tree
    for leaf, envelope in enumerate(election.leaves):
        if envelope == entry:
            shelf.places[hash_of(entry)] = Place(leaf, b"")
            continue
        try:
            body = parse_record(verify_envelope(envelope, Purpose.RECORD, STORE, READER.store)).body
        except RecordRejected:
            body = None
        if body is not None and body.kind == "beacon/1":
            shelf.add_beacon(leaf, envelope)
        if isinstance(body, BallotRefusal) and body.entry_hash == hash_of(entry):
            shelf.places[hash_of(entry)] = Place(leaf, envelope)
        if election.board.contests[CONTEST].course.closed == leaf:
            shelf.closing = Found(leaf, envelope)
    head = Head(size or tree.size, note or noted(tree, size=size or None))
    found = board_answer(Question(DEVICE, CONTEST, hash_of(entry), known), shelf, tree, head, HALL, STORE_ID)
    assert found is not None
    return found


def asked(unit: Unit, entry: bytes, kind: str = Cast.kind) -> Asked:
    return Asked(CONTEST, unit.voter, entry, kind)


def said(answer: BoardAnswer, question: Asked, kept: Kept = NONE_KEPT) -> str:
    """What the unit makes of it."""
    match read_answer(answer, question, kept, None, READER):
        case Forged(what):
            return f"alarm {what}"
        case Aside(why):
            return f"aside: {why}"
        case Believed(in_record=True):
            return f"{ACCEPTED} as in the closed record"
        case Believed(code=code):
            return f"refused: {code}" if code else ACCEPTED


def cast() -> tuple[Election, Unit, bytes]:
    """A ballot that is cast, and its entry."""
    election = Election(3).open()
    unit = election.units[0]
    unit.ready()
    body = unit.body(YES)
    unit.prepare(body)
    entry = unit.sealed(Cast(1, body))
    honest(isinstance(unit.send(entry), Accept), "it is cast")
    honest(said(answered(election, entry), asked(unit, entry)) == ACCEPTED, "an honest receipt is believed")
    return election, unit, entry


def kept_of(election: Election, size: int | None = None) -> Kept:
    size = election.tree.size if size is None else size
    return Kept(STORE_ID, size, election.tree.root(size))


# -- receipts --------------------------------------------------------------------------------------------


@ROWS.attack(
    "issue; hv1 14",
    "stolen broker",
    "forges a receipt: under its own key, another store's, for another unit, or an older one",
    by=UNIT,
    said="aside: another device, aside: another entry, aside: another store, aside: from before, "
    "aside: note: bad-signature, bad-signature",
)
def forged_receipt() -> str:
    election, unit, entry = cast()
    answer, question = answered(election, entry), asked(unit, entry)
    thief = Ed25519Signer(STORE, ed25519.Ed25519PrivateKey.from_private_bytes(bytes([9]) * 32))
    payload = seal(encode_board_message(answer), Purpose.BOARD_ANSWER, thief)
    found = [
        refusal(
            lambda: parse_board_answer(verify_envelope(payload, Purpose.BOARD_ANSWER, STORE, READER.store))
        )
    ]
    for changes, kept in (
        ({"note": noted(election.tree, thief)}, Kept()),
        ({"device": DeviceId("keypad-2")}, Kept()),
        ({"store_id": StoreId(bytes(16))}, kept_of(election, 3)),
        ({"entry_hash": bytes(32)}, Kept()),
        ({}, kept_of(election, 3)),
    ):
        found.append(said(replace(answer, **changes), question, kept))
    return codes(found)


@ROWS.attack(
    "hv1 14",
    "fleet with the store's key",
    "says recorded of a ballot that is not in the log: no path, another leaf's, one beyond the tree",
    by=UNIT,
    said="alarm board-inclusion",
)
def receipt_without_a_leaf() -> str:
    election, unit, entry = cast()
    answer, question = answered(election, entry), asked(unit, entry)
    forms: list[dict[str, Any]] = [
        {"path": b""},
        {"path": answer.path[:-32]},
        {"index": answer.index - 1},
        {"index": answer.index + 2**32},
    ]
    found = [said(replace(answer, **changes), question) for changes in forms]
    dropped = Election(3).open()
    note = noted(dropped.tree)
    return codes([*found, said(replace(answer, note=note, index=0), question)])


@ROWS.attack(
    "hv1 14",
    "fleet with the store's key",
    "gives two units the same leaf, each in a log of its own",
    by=UNIT,
    said="alarm board-consistency, alarm board-inclusion; fork at the witness",
)
def one_index_for_two_units() -> str:
    election, first, entry = cast()
    other = Election(3).open()
    second = other.units[1]
    second.ready()
    body = second.body(NO)
    second.prepare(body)
    twin = second.sealed(Cast(1, body))
    honest(isinstance(second.send(twin), Accept), "the other log takes the other one")
    honest(answered(other, twin).index == answered(election, entry).index, "at the same index")
    honest(said(answered(other, twin), asked(second, twin)) == ACCEPTED, "each alone believes its own log")
    mine = answered(election, entry)
    found = [said(replace(mine, note=noted(other.tree)), asked(first, entry))]
    found.append(
        said(answered(other, twin, known=election.tree.size), asked(second, twin), kept_of(election))
    )
    with tempfile.TemporaryDirectory() as name:
        witness = witness_in(Path(name))
        honest(witness.cosign(HALL, noted(election.tree), []), "one of the two is witnessed")
        seen = witness.cosign(HALL, noted(other.tree), [])
    return f"{codes(found)}; {'fork at the witness' if seen is None else ACCEPTED}"


@ROWS.attack(
    "issue; hv1 14",
    "fleet with the store's key",
    "forks the log for one unit, or takes leaves back (a rollback)",
    by=UNIT,
    said="alarm board-consistency",
)
def fork_for_one_unit() -> str:
    election, unit, entry = cast()
    other = Election(3, seed=8).open()
    for one in other.units:
        one.vote(NO)
    honest(other.tree.size > election.tree.size, "a longer log")
    question = asked(unit, entry)
    own = answered(election, entry, known=other.tree.size)
    found = [said(own, question, kept_of(other))]
    shown = replace(own, known_size=other.tree.size, consistency=b"")
    found.append(said(shown, question, kept_of(other)))
    small = answered(election, entry)
    rolled_back = Kept(STORE_ID, election.tree.size + 4, bytes(32))
    found.append(said(replace(small, known_size=rolled_back.size), question, rolled_back))
    same_size = Kept(STORE_ID, election.tree.size, bytes(32))
    return codes([*found, said(replace(small, known_size=same_size.size), question, same_size)])


@ROWS.attack(
    "hv1 9; hv1 14",
    "fleet",
    "gives a unit a nonce that is not in the log, stands before its entry, or is another contest's",
    by=UNIT,
    said="alarm board-beacon",
)
def forged_beacon() -> str:
    election = Election(3).open()
    unit = election.units[0]
    entry = unit.sealed(Ready(unit.commit(1), 1))
    honest(isinstance(unit.send(entry), Accept), "ready")
    answer, question = answered(election, entry), asked(unit, entry, Ready.kind)
    honest(answer.beacon and said(answer, question) == ACCEPTED, "the honest beacon is believed")
    other = Election(3, seed=8).open()
    other.units[0].ready()
    forms: list[dict[str, Any]] = [
        {"beacon": other.leaves[-1]},
        {"beacon": election.leaves[-1][:-1] + b"\0"},
        {"beacon_index": answer.index, "beacon_path": answer.path},
        {"beacon": entry, "beacon_index": answer.index, "beacon_path": answer.path},
        {"beacon_path": b""},
    ]
    return codes(said(replace(answer, **changes), question) for changes in forms)


@ROWS.attack(
    "hv1 16; hv1 14",
    "fleet",
    "shows a unit a CLOSE that the chair did not sign, or says that a late ballot was in time",
    by=UNIT,
    said=" ".join(["alarm board-closing"] * 5),
)
def forged_close_at_the_unit() -> str:
    election, unit, entry = cast()
    question = asked(unit, entry)
    point = election.checkpoint(CLOSED_S - 5)
    body = Close(CONGRESS, HALL, CONTEST, point.size, point.root, CLOSED_S * 1000)
    document = Document(Close.kind, body.encode())
    forms = [
        document,
        with_signature(document, "chair", DESK_SIGNER),
        with_signature(document, DESK, DESK_SIGNER),
    ]
    found = []
    for each in forms:  # all of them stand in the log, where the fleet has put them
        (page,) = pages_of(encode_document(each), Close.kind, CONTEST)
        election.desk(page)
        answer, leaf = answered(election, entry), election.tree.size - 1
        honest(not answer.closing, "the honest store knows of no CLOSE")
        path = b"".join(election.tree.inclusion(leaf))
        shown = replace(answer, closing=election.leaves[leaf], closing_index=leaf, closing_path=path)
        found.append(said(shown, question))
    honest(election.close() == [], "the chair closes")
    answer = answered(election, entry)
    honest(said(answer, question) == ACCEPTED, "recorded, as long as no witness has seen the close")
    found.append(said(answer, replace(question, kind="end/1")))
    found.append(said(replace(answer, closing_path=b""), question))
    return " ".join(found)


@ROWS.attack(
    "hv1 14",
    "fleet",
    "calls a ballot in the closed record with too few witnesses, none outside, or signatures of its own",
    by=UNIT,
    said=f"{ACCEPTED} as in the log, not as in the closed record; aside: note: bad-signature",
)
def closed_record_unwitnessed() -> str:
    election, unit, entry = cast()
    election.close()
    note = noted(election.tree)
    question = asked(unit, entry)
    whole = note
    for name in WITNESSES:
        whole = cosign(whole, name, signer(name), CLOSED_S)
    good = said(answered(election, entry, note=whole), question)
    honest(good == f"{ACCEPTED} as in the closed record", "with all witnesses it is")
    alone = cosign(note, "w-inside", signer("w-inside"), CLOSED_S)
    own_keys = note
    for name in WITNESSES:
        own_keys = cosign(own_keys, name, STORE_SIGNER, CLOSED_S)
    found = {said(answered(election, entry, note=each), question) for each in (note, alone, own_keys)}
    line = whole.rindex(" ") + 1
    broken = whole[:line] + ("B" if whole[line + 40] != "B" else "C").join(
        [whole[line : line + 40], whole[line + 41 :]]
    )
    last = said(answered(election, entry, note=broken), question)
    only = "as in the log, not as in the closed record" if found == {ACCEPTED} else f"{found}"
    return f"{ACCEPTED} {only}; {last}"


def witness_in(folder: Path, name: str = "w-press") -> Witness:
    found = Witness(CHARTER, name, signer(name), load(folder), Script(), lambda: CLOSED_S)
    found.knows(HALL, STORE_SIGNER.public_key.raw)
    return found
