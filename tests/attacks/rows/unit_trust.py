"""What a unit believes: keys, manifests, lines of the roll, notices and messages of a fleet or a broker."""

from dataclasses import replace
from typing import Any

from ballot.documents.bodies import Bind, KeyRecord, Manifest
from ballot.documents.document import Document, encode_document, with_signature
from ballot.documents.roll import RollRow, encode_row, roll_tree
from edge.ballot_keypad.keys.press import Button
from edge.ballot_keypad.secret.life import State
from tests.attacks.row import ACCEPTED, Rows, honest
from tests.attacks.seat import Seat, voting
from tests.ballot.board.election import (
    CONGRESS,
    CONTEST,
    GROUP,
    TRUSTEES,
    Election,
    key_record,
    signed,
    signer,
)
from wire.board import parse_entry
from wire.envelope import Purpose, verify
from wire.ids import DESK
from wire.voting import RollEntry

ROWS = Rows()
YES = (Button.YES, Button.OK)
TRUST = "edge.ballot_keypad.secret.trust.with_document"
LIFE = "edge.ballot_keypad.secret.question.Question"


def opened() -> Election:
    return Election(3).open()


def kinds_sent(seat: Seat) -> list[str]:
    """The types of the entries that left the unit."""
    return [said_in(seat, entry).body.kind for entry in seat.entries()]


def said_in(seat: Seat, envelope: bytes) -> Any:
    unit = seat.election.units[0]
    return parse_entry(verify(envelope, Purpose.BOARD, unit.signer.kid, unit.signer.public_key))


def to_the_code(seat: Seat, *buttons: Button) -> None:
    seat.press(*buttons)
    honest(seat.run() is State.CODE, "the code is shown")


# -- hv1 1, 5: what it believes --------------------------------------------------------------------------


@ROWS.attack(
    "hv1 1",
    "fleet key",
    "sends a key of its own, in earnest or for a rehearsal, and a manifest for it; or candidates exchanged",
    by=TRUST,
    said="every one refused; the unit waits, and nothing that is encrypted leaves it",
)
def foreign_key_or_manifest_at_the_unit() -> str:
    election = opened()
    seat = Seat(election)
    seat.notice("prepared", 1)
    own, _ = key_record(election.rng)
    fleet = signer(DESK)
    permuted = replace(election.manifest, labels=election.manifest.labels[::-1])
    foreign = replace(election.manifest, key_record_hash=own.hash)
    said = [
        seat.document(signed(own, TRUSTEES[:2]), KeyRecord.kind),
        seat.document(signed(replace(own, election_key=GROUP.base(5)), TRUSTEES), KeyRecord.kind),
    ]
    for body, names in (
        (own, TRUSTEES),
        (permuted, ("board-1", "board-2")),
        (foreign, ("board-1", "board-2")),
    ):
        document = Document(body.kind, body.encode())
        forms = [document, with_signature(document, DESK, fleet)]
        forged = document
        for name in names:
            forged = with_signature(forged, name, fleet)
        half = with_signature(document, names[0], signer(names[0]))
        said += [seat.document(encode_document(each), body.kind) for each in (*forms, forged, half)]
    # The counting board itself signs for a key that not all trustees made: there is no such key here.
    honest(seat.document(signed(foreign, ("board-1", "board-2")), Manifest.kind) == [], "signed by the board")
    seat.roll()
    seat.notice("open", 2)
    seat.run()
    seat.press(*YES)
    seat.run()
    silent = seat.state is State.WAITING and seat.entries() == []
    waits = "the unit waits, and nothing that is encrypted leaves it" if silent else ACCEPTED
    return f"{'every one refused' if all(said) else ACCEPTED}; {waits}"


@ROWS.attack(
    "hv1 1; issue",
    "fleet, counting board",
    "exchanges the manifest once a unit has spoken under it",
    by=TRUST,
    said="An open ballot paper is not exchanged for another",
)
def manifest_changed_after_opening() -> str:
    seat = voting(opened())
    other = replace(seat.election.manifest, title="Other?")
    said = seat.document(signed(other, ("board-1", "board-2")), Manifest.kind)
    return said[0].partition(":")[0] if said and seat.state is State.CHOOSING else ACCEPTED


@ROWS.attack(
    "hv1 5",
    "fleet",
    "gives a unit the line of another, a line that is in no roll, or a bind of its own",
    by="edge.ballot_keypad.secret.trust.with_roll_entry",
    said="every one refused; nobody speaks",
)
def forged_line_of_the_roll() -> str:
    election = opened()
    seat = Seat(election)
    seat.notice("prepared", 1)
    honest(seat.key_record() == seat.manifest() == [], "key and manifest are believed")
    rows = election.rows.rows
    roll = signed(election.rows.roll(CONGRESS), ("comm-1", "comm-2"))
    mine = RollRow(rows[1].voter, 0, rows[0].session_key)
    tree = roll_tree(rows)
    paths = [b"".join(tree.inclusion(index)) for index in (0, 1)]
    unsigned = signed(election.rows.roll(CONGRESS), ("comm-1",))
    said = [
        seat.row(RollEntry(CONTEST, roll, 1, encode_row(rows[1]), paths[1])),
        seat.row(RollEntry(CONTEST, roll, 1, encode_row(mine), paths[1])),
        seat.row(RollEntry(CONTEST, unsigned, 0, encode_row(rows[0]), paths[0])),
        seat.row(RollEntry(CONTEST, roll, 1, encode_row(rows[0]), paths[0])),
    ]
    bind = Bind(CONGRESS, CONTEST, rows[1].voter, 1, rows[0].session_key, "swap")
    forged = with_signature(Document(Bind.kind, bind.encode()), DESK, signer(DESK))
    said.append(seat.document(encode_document(forged), Bind.kind))
    seat.notice("open", 2)
    seat.run()
    quiet = "nobody speaks" if seat.state is State.WAITING and not seat.entries() else ACCEPTED
    return f"{'every one refused' if all(said) else ACCEPTED}; {quiet}"


@ROWS.attack(
    "hv1 5",
    "voter with the old unit",
    "votes on with a unit whose voter was bound to another key",
    by=LIFE,
    said="replaced; not a word more",
)
def old_unit_knows_that_it_is_replaced() -> str:
    seat = voting(opened())
    voter = seat.election.units[0].voter
    bind = Bind(CONGRESS, CONTEST, voter, 1, seat.election.units[1].raw_key, "swap")
    honest(seat.document(signed(bind, ("comm-1", "comm-2")), Bind.kind) == [], "the commission has signed")
    before = len(seat.entries())
    seat.run()
    seat.press(*YES)
    seat.run()
    return f"{seat.state}; {'not a word more' if len(seat.entries()) == before else ACCEPTED}"
