"""A whole small election in memory: officers, a hall log, units that vote. Everything from one seed."""

import hashlib
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ed25519

from ballot.adapters.libsodium import Libsodium
from ballot.board.board import Board, perform_here
from ballot.board.verdicts import Accept, Pending, Refuse, Verdict
from ballot.board.work import Performer
from ballot.ceremony.messages import ceremony_id_of
from ballot.ceremony.polynomial import draw, evaluate, points_of, prove
from ballot.documents.bodies import (
    Bind,
    Cancel,
    Close,
    Disposition,
    KeyRecord,
    Manifest,
    RollRows,
    Share,
    Tally,
)
from ballot.documents.body import DocumentBody
from ballot.documents.charter import Charter, Officer
from ballot.documents.document import Document, encode_document, with_signature
from ballot.documents.pages import pages_of
from ballot.documents.roll import RollRow
from ballot.group import ORDER
from ballot.hall_log.format import Closing, Header, LeafItem, encode_closing, encode_header, encode_leaf
from ballot.prove import Prover
from ballot.rules.presets import PRESETS, preset
from ballot.shape import one_of
from ballot.tally.count import electing, share_of
from ballot.tally.shares import make_rows
from tests.ballot.board.unit import Unit
from wire.board import Abandoned, Prepared, Ready
from wire.checkpoint import Checkpoint, cosign, origin, sign_checkpoint
from wire.envelope import Purpose, seal
from wire.fields import Body
from wire.ids import (
    DESK,
    STORE,
    CongressId,
    ContestId,
    DeviceId,
    Epoch,
    HallId,
    QuestionId,
    SittingId,
    StoreId,
    VoterRef,
)
from wire.merkle import Tree, leaf_hash
from wire.records import GENESIS, Record, Stamp, StoreBegun, encode_record, record_hash
from wire.signers import Ed25519Signer
from wire.voting import BallotRefusal, Beacon, ContestChanged

GROUP = Libsodium()
CONGRESS, HALL = CongressId("c1"), HallId("hall-1")
SITTING, QUESTION = SittingId("s1"), QuestionId("q1")
CONTEST = ContestId(b"contest-contest-")
STORE_ID = StoreId(b"store-store-stor")
YES, NO, ABSTAIN = (1, 0, 0), (0, 1, 0), (0, 0, 1)
OPENED_S = 1_700_000_000
CLOSED_S = OPENED_S + 600
TRUSTEES = ("an", "binh", "chi")
WITNESSES = ("w-inside", "w-press")


def signer(name: str) -> Ed25519Signer:
    seed = hashlib.sha256(f"key of {name}".encode()).digest()
    return Ed25519Signer(name, ed25519.Ed25519PrivateKey.from_private_bytes(seed))


def officer(name: str, external: bool = False) -> Officer:
    return Officer(name, signer(name).public_key.raw, external)


CHARTER = Charter(
    CONGRESS,
    2,
    tuple(map(officer, TRUSTEES)),
    (officer("board-1"), officer("board-2")),
    2,
    (officer("comm-1"), officer("comm-2")),
    2,
    officer("chair"),
    (officer("w-inside"), officer("w-press", external=True)),
    2,
)
SIGNERS: Mapping[type[DocumentBody], tuple[str, ...]] = {
    KeyRecord: TRUSTEES,
    RollRows: (),
    Bind: ("comm-1", "comm-2"),
    Manifest: ("board-1", "board-2"),
    Close: ("chair",),
    Cancel: ("board-1", "board-2"),
    Disposition: ("board-1", "board-2"),
    Tally: ("an", "binh", *WITNESSES),
}


def signed(body: DocumentBody, names: Iterable[str]) -> bytes:
    document = Document(body.kind, body.encode())
    for name in names:
        document = with_signature(document, name, signer(name))
    return encode_document(document)


def key_record(rng: random.Random, charter: Charter = CHARTER) -> tuple[KeyRecord, list[int]]:
    """A record as a ceremony makes it, and each trustee's share, 1 … n in order."""
    n, k, rand = len(charter.trustees), charter.k, rng.randbytes(32)
    ceremony = ceremony_id_of(CONGRESS, n, k, [trustee.key for trustee in charter.trustees], rand)
    polynomials = [draw(rng.randbytes, k) for _ in range(n)]
    points = [points_of(GROUP, polynomial) for polynomial in polynomials]
    proofs = tuple(
        prove(GROUP, ceremony, i, polynomial, rng.randbytes)
        for i, polynomial in enumerate(polynomials, start=1)
    )
    total = points[0][0]
    for row in points[1:]:
        total = GROUP.add(total, row[0])
    record = KeyRecord(CONGRESS, charter.hash, rand, n, k, rng.randbytes(32), tuple(points), proofs, total)
    shares = [sum(evaluate(each, i) for each in polynomials) % ORDER for i in range(1, n + 1)]
    return record, shares


@dataclass
class Election:
    """The log of one hall with one secret question; `board` is its store's."""

    voters_n: int = 3
    revote: str = "none"
    min_anonymity: int = 2
    contest: ContestId = CONTEST
    seed: int = 7
    charter: Charter = CHARTER

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.tree = Tree()
        self.leaves: list[bytes] = []
        self.cosigned: list[str] = []
        self.board = Board(CONGRESS, HALL, self.charter, GROUP, perform_here(Performer(GROUP)))
        self.performer = Performer(GROUP)
        self._chains: dict[str, tuple[int, bytes]] = {}
        self._signers = {DESK: signer("desk"), STORE: signer("store")}
        self._provers: list[Prover] = []
        refs = sorted(self.rng.randbytes(16) for _ in range(self.voters_n))
        self.units = [Unit(self, VoterRef(ref)) for ref in refs]
        self.record, self.shares = key_record(self.rng, self.charter)
        self.rows = RollRows(self.contest, tuple(RollRow(u.voter, 0, u.raw_key) for u in self.units))
        self.manifest = Manifest(
            CONGRESS,
            HALL,
            SITTING,
            QUESTION,
            self.contest,
            "Tán thành? / Agreed?",
            one_of(("yes", "no", "abstain")),
            ("Tán thành", "Không", "Không ý kiến"),
            self.record.hash,
            self.charter.hash,
            self.rows.roll(CONGRESS).root,
            len(self.units),
            preset(next(iter(PRESETS))),
            self.min_anonymity,
            self.revote,
        )
        self.store(StoreBegun(STORE_ID, None))

    # -- leaves ------------------------------------------------------------------------------------------

    def leaf(self, envelope: bytes) -> int:
        self.leaves.append(envelope)
        return self.tree.append(leaf_hash(envelope))

    def office(self, device: DeviceId, body: Body) -> list[str]:
        seq, prev = self._chains.get(device, (0, GENESIS))
        record = Record(
            congress=CONGRESS,
            hall=HALL,
            device=device,
            epoch=Epoch(device.encode().ljust(8, b"-")),
            seq=seq + 1,
            prev_hash=prev,
            stamp=Stamp(1, seq, OPENED_S * 1000, 5),
            body=body,
        )
        envelope = seal(encode_record(record), Purpose.RECORD, self._signers[device])
        self._chains[device] = (seq + 1, record_hash(envelope))
        return self.board.record(self.leaf(envelope), body)

    def desk(self, body: Body) -> list[str]:
        return self.office(DESK, body)

    def store(self, body: Body) -> list[str]:
        return self.office(STORE, body)

    def store_beacon(self) -> list[str]:
        """One leaf more that changes nothing."""
        return self.store(Beacon(self.contest, self.rng.randbytes(32)))

    def document(self, data: bytes, kind: str, contest: ContestId | None) -> list[str]:
        return [what for page in pages_of(data, kind, contest) for what in self.desk(page)]

    def publish(self, body: DocumentBody, names: Iterable[str] | None = None) -> list[str]:
        names = SIGNERS[type(body)] if names is None else names
        contest = None if isinstance(body, KeyRecord) else self.contest
        return self.document(signed(body, names), body.kind, contest)

    def offer(self, envelope: bytes) -> Verdict:
        """As ingest does: judge, then a leaf and, behind a commitment, a beacon; or a signed refusal."""
        found = self.board.judge_cheap(envelope)
        if isinstance(found, Pending):
            found = self.board.judge_again(found, self.performer(found.work))
        if isinstance(found, Accept):
            self.board.apply(self.leaf(envelope), found)
            if isinstance(found.entry.body, Ready | Prepared | Abandoned):
                self.store(Beacon(self.contest, self.rng.randbytes(32)))
        elif isinstance(found, Refuse):
            entry = found.entry
            self.store(
                BallotRefusal(entry.contest, entry.voter, found.entry_hash, found.body_hash, found.code)
            )
        return found

    def checkpoint(self, time_s: int, witnesses: Iterable[str] = WITNESSES) -> Checkpoint:
        """Of all leaves so far, cosigned."""
        point = Checkpoint(origin(CONGRESS, HALL, STORE_ID), self.tree.size, self.tree.root())
        note = sign_checkpoint(point, self._signers[STORE])
        for name in witnesses:
            note = cosign(note, name, signer(name), time_s)
        self.cosigned.append(note)
        return point

    # -- the course --------------------------------------------------------------------------------------

    def prepare(self) -> list[str]:
        found = self.publish(self.record)
        found += self.desk(ContestChanged(SITTING, QUESTION, self.contest, "prepared", None))
        found += self.publish(self.rows.roll(CONGRESS), ("comm-1", "comm-2"))
        found += self.publish(self.rows)
        return found + self.publish(self.manifest)

    def open(self) -> "Election":
        assert self.prepare() == []
        change = ContestChanged(SITTING, QUESTION, self.contest, "open", self.manifest.hash)
        assert self.desk(change) == []
        return self

    def close(self, late_s: int = 3) -> list[str]:
        point = self.checkpoint(CLOSED_S - 5)
        body = Close(CONGRESS, HALL, self.contest, point.size, point.root, CLOSED_S * 1000)
        found = self.publish(body)
        self.checkpoint(CLOSED_S + late_s)
        return found

    def ended(self) -> "Election":
        """Closed, every unit has said so, and witnesses have seen it."""
        assert self.close() == []
        for unit in self.units:
            assert isinstance(unit.end(), Accept)
        self.checkpoint(CLOSED_S + 60)
        return self

    def bind(self, unit: Unit, names: Iterable[str] | None = None) -> list[str]:
        return self.publish(
            Bind(CONGRESS, self.contest, unit.voter, unit.generation, unit.raw_key, "swap"), names
        )

    def tally(self) -> Tally:
        found = electing(GROUP, self.board.contests[self.contest])
        assert found is not None
        return found.tally(self.tree.size, self.tree.root())

    def share(self, tally: Tally, i: int, secret: int | None = None) -> Share:
        found = electing(GROUP, self.board.contests[self.contest])
        assert found is not None
        bound = found.bound(tally)
        secret = self.shares[i - 1] if secret is None else secret
        return share_of(bound, i, make_rows(GROUP, bound, i, secret, [self.rng.randbytes(32)] * 3))

    def prover(self) -> Prover:
        if not self._provers:
            self._provers.append(Prover(GROUP, self.manifest.context(self.record)))
        return self._provers[0]

    # -- the file ----------------------------------------------------------------------------------------

    def export(self, leaves: Sequence[bytes] | None = None) -> bytes:
        leaves = self.leaves if leaves is None else leaves
        tree = Tree(leaf_hash(leaf) for leaf in leaves)
        point = Checkpoint(origin(CONGRESS, HALL, STORE_ID), tree.size, tree.root())
        desk, store = (self._signers[office].public_key.raw for office in (DESK, STORE))
        header = Header(CONGRESS, HALL, STORE_ID, desk, store, self.charter.encode())
        closing = Closing(sign_checkpoint(point, self._signers[STORE]), (), tuple(self.cosigned))
        items = [LeafItem(index, leaf, "ok") for index, leaf in enumerate(leaves)]
        return b"".join([encode_header(header), *map(encode_leaf, items), encode_closing(closing)])
