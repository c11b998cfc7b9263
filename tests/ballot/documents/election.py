"""A charter with its officers' keys, and one document of each kind, all of one small election."""

import hashlib
from dataclasses import replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519

from ballot.documents.bodies import (
    Bind,
    Cancel,
    Close,
    Disposition,
    KeyRecord,
    Manifest,
    Result,
    RollRows,
    Share,
    Tally,
)
from ballot.documents.body import DocumentBody
from ballot.documents.charter import Charter, Office, Officer
from ballot.documents.document import Document, encode_document, with_signature
from ballot.documents.roll import RollRow
from ballot.rules.facts import Facts
from ballot.rules.facts import encode as encode_facts
from ballot.rules.rule import Base, Elect, Rule
from ballot.shape import at_most
from wire import cbor
from wire.ids import CongressId, ContestId, HallId, QuestionId, SittingId, VoterRef
from wire.signers import Ed25519Signer

CONGRESS, HALL = CongressId("congress-2026"), HallId("hall-a")
CONTEST = ContestId(b"c" * 16)
NAMES: dict[Office, tuple[str, ...]] = {
    Office.TRUSTEES: ("t-an", "t-binh", "t-chi"),
    Office.BOARD: ("b-dung", "b-giang", "b-ha"),
    Office.COMMISSION: ("c-hoa", "c-khanh", "c-lan"),
    Office.CHAIR: ("chair",),
    Office.WITNESSES: ("w-minh", "w-nga", "w-oanh"),
}
INTERNAL = "w-nga"


def signer(name: str) -> Ed25519Signer:
    seed = hashlib.sha256(b"officer " + name.encode()).digest()
    return Ed25519Signer(name, ed25519.Ed25519PrivateKey.from_private_bytes(seed))


def officer(name: str, *, external: bool = False) -> Officer:
    return Officer(name, signer(name).public_key.raw, external)


def digest(what: str) -> bytes:
    return hashlib.sha256(what.encode()).digest()


CHARTER = Charter(
    congress=CONGRESS,
    k=2,
    trustees=tuple(map(officer, NAMES[Office.TRUSTEES])),
    board=tuple(map(officer, NAMES[Office.BOARD])),
    board_quorum=2,
    commission=tuple(map(officer, NAMES[Office.COMMISSION])),
    commission_quorum=2,
    chair=officer("chair"),
    witnesses=tuple(officer(name, external=name != INTERNAL) for name in NAMES[Office.WITNESSES]),
    witness_quorum=2,
)
ROWS = RollRows(
    CONTEST,
    tuple(RollRow(VoterRef(bytes([n]) * 16), 0, digest(f"key {n}") if n else None) for n in range(12)),
)
ROLL = ROWS.roll(CONGRESS)
KEY_RECORD = KeyRecord(
    CONGRESS, CHARTER.hash, digest("rand"), 3, 2, digest("transcript"),
    ((bytes(32), bytes(32)),) * 3, ((bytes(64), bytes(64)),) * 3, digest("K"),
)  # fmt: skip
RULE = Rule("list-2", Elect.TOP, Base.VALID, 1, 2, seats=2, blank_allowed=True)
PEOPLE = ("Nguyễn Văn Ế", "Trần Thị Ỗ", "Lê Ậu", "Phiếu trắng")
MANIFEST = Manifest(
    congress=CONGRESS,
    hall=HALL,
    sitting=SittingId("sitting-1"),
    question=QuestionId("question-9"),
    contest=CONTEST,
    title="Bầu Ban Chấp hành",
    shape=at_most(2, ("c1", "c2", "c3")),
    labels=PEOPLE,
    key_record_hash=KEY_RECORD.hash,
    charter_hash=CHARTER.hash,
    roll_root=ROLL.root,
    roll_size=ROLL.size,
    rule=RULE,
)
VOTER = ROWS.rows[3].voter
SHARE = Share(
    digest("ceremony"), KEY_RECORD.hash, CONTEST, digest("sum"), digest("root"), 2,
    ((bytes(32), bytes(32), bytes(32)),) * 4,
)  # fmt: skip
TALLY = Tally(CONGRESS, HALL, CONTEST, KEY_RECORD.hash, MANIFEST.hash, 90, digest("root"), 11, digest("sum"))
BODIES: tuple[DocumentBody, ...] = (
    KEY_RECORD,
    ROLL,
    ROWS,
    Bind(CONGRESS, CONTEST, VOTER, 1, digest("spare"), "đổi thiết bị hỏng"),
    MANIFEST,
    Close(CONGRESS, HALL, CONTEST, 80, digest("root"), 1_790_000_000_000),
    Cancel(CONGRESS, HALL, CONTEST, "danh sách sai"),
    Disposition(CONGRESS, CONTEST, ((VOTER, "đã ra về"), (None, "mất điện"))),
    TALLY,
    SHARE,
    Result(
        CONGRESS,
        HALL,
        CONTEST,
        MANIFEST.hash,
        TALLY.hash,
        (9, 6, 3, 1),
        cbor.encode(encode_facts(Facts(19))),
        None,
        "Trúng cử: c1.",
        digest("root"),
        99,
    ),
)
SIGNED_BY: dict[str, tuple[str, ...]] = {
    "key-record/1": NAMES[Office.TRUSTEES],
    "roll/1": NAMES[Office.COMMISSION][:2],
    "roll-rows/1": (),
    "bind/1": NAMES[Office.COMMISSION][1:],
    "manifest/1": NAMES[Office.BOARD][:2],
    "close/1": ("chair",),
    "cancel/1": NAMES[Office.BOARD][1:],
    "disposition/1": NAMES[Office.BOARD][:2],
    "tally/1": ("t-an", "t-chi", "w-minh", "w-nga"),
    "share/1": ("t-binh",),
    "result/1": NAMES[Office.BOARD][:2],
}
"""Just enough signatures of each kind (ballot/SPEC §2.2), written down a second time."""


def signed(body: DocumentBody, *names: str) -> Document:
    document = Document(body.kind, body.encode())
    for name in names:
        document = with_signature(document, name, signer(name))
    return document


def in_force(body: DocumentBody) -> bytes:
    return encode_document(signed(body, *SIGNED_BY[body.kind]))


def changed(body: Any, **changes: Any) -> Any:
    return replace(body, **changes)
