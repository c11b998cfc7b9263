"""A small secret election written leaf by leaf from ballot/SPEC, with hands for whoever falsifies it.

Twists see each thing before it is signed, so that a falsified election is signed, chained and witnessed
like a true one: what the verifier then says is the fault that was put in.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from ballot.adapters.libsodium import Libsodium
from ballot.context import Context
from ballot.prove import Prover
from ballot.shape import parse_shape
from wire import cbor, checkpoint, merkle
from wire.envelope import Purpose, seal
from wire.ids import CongressId, ContestId, HallId, StoreId
from wire.keys import Signer
from wire.signers import Ed25519Signer, Es256Signer

SUITE = "hallvote-eg-ristretto255-sha512-v1"
ORDER = 2**252 + 27742317777372353535851937790883648493
CONGRESS, HALL, STORE = "congress-2026", "hall-a", bytes(range(16))
START_S = 1_790_000_000
SHAPE = [["yes", "no", "abstain"], [[[[0, 1], [1, 1], [2, 1]], 1, 1, 0]]]
CHOICE = {"yes": [1, 0, 0], "no": [0, 1, 0], "abstain": [0, 0, 1]}
RULE = ["rule/1", "simple", "motion", "for_against", 1, 2, True, None, None, None, None]
RULE = [*RULE, 0, False, "none", 1, "none", 0, None, False, 0]
FACTS = ["facts/1", 600, 0, 0, 600, 500, 500, 0, 0, None, None]
TRUSTEES, BOARD, COMMISSION = ["t-1", "t-2", "t-3"], ["b-1", "b-2", "b-3"], ["c-1", "c-2"]
WITNESSES = [("w-inside", False), ("w-outside", True)]
Twist = Callable[[Any], Any]


def same(thing: Any) -> Any:
    return thing


def drawn(*parts: Any) -> bytes:
    """32 bytes that depend on these words alone."""
    return hashlib.sha256(repr(parts).encode()).digest()


def signer(kid: str, world: str = "") -> Ed25519Signer:
    return Ed25519Signer(kid, ed25519.Ed25519PrivateKey.from_private_bytes(drawn("key", world, kid)))


def hashed(tag: str, *parts: Any) -> bytes:
    return hashlib.sha256(cbor.encode([SUITE, tag, *parts])).digest()


def to_scalar(tag: str, *parts: Any) -> int:
    return int.from_bytes(hashlib.sha512(cbor.encode([SUITE, tag, *parts])).digest(), "little") % ORDER


def scalar_bytes(value: int) -> bytes:
    return (value % ORDER).to_bytes(32, "little")


@dataclass
class Unit:
    """What a keypad says for one voter under one key."""

    v: bytes
    g: int
    signer: Ed25519Signer
    n: int = 0
    prev: bytes = bytes(32)
    last_cast: bytes | None = None
    local: dict[int, bytes] = field(default_factory=dict)
    committed: dict[int, int] = field(default_factory=dict)
    body: dict[int, bytes] = field(default_factory=dict)
    sent: dict[int, bytes] = field(default_factory=dict)


@dataclass(repr=False)
class Election:
    """twists: name of a thing (`manifest`, `cast 3`, `envelope cast 3` …) -> what becomes of it; a leaf whose
    twist gives None is never written. signed_by: kind of a document -> who signs it instead.
    crowd: further voters, who all say yes."""

    world: str = ""
    twists: dict[str, Twist] = field(default_factory=dict)
    signed_by: dict[str, list[str]] = field(default_factory=dict)
    revote: str = "until-close"
    witness_delay_s: int = 3
    leaves: list[bytes] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    chains: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    beacons: list[tuple[int, bytes]] = field(default_factory=list)
    cosigning: bool = True
    crowd: int = 0

    def __repr__(self) -> str:
        """Short: whoever prints a failing example prints this too."""
        return f"<election {self.world!r}, {len(self.leaves)} leaves, twisted: {sorted(self.twists)}>"

    def __post_init__(self) -> None:
        self.group = Libsodium()
        self.contest = drawn("contest", self.world)[:16]
        self.offices = {kid: signer(kid, self.world) for kid in ("desk", "store")}
        names = [*TRUSTEES, *BOARD, *COMMISSION, "chair", *(name for name, _ in WITNESSES), "stranger"]
        self.officers: dict[str, Signer] = {name: signer(name, self.world) for name in names}
        self.origin = checkpoint.origin(CongressId(CONGRESS), HallId(HALL), StoreId(STORE))
        self.charter = cbor.encode(
            self.twisted(
                "charter",
                [
                    *("charter/1", CONGRESS, 2, self.keys(TRUSTEES), self.keys(BOARD), 2),
                    *(self.keys(COMMISSION), 2, self.keys(["chair"])[0]),
                    *([[*self.keys([name])[0], external] for name, external in WITNESSES], 2),
                ],
            )
        )

    def keys(self, names: list[str]) -> list[list[Any]]:
        return [[name, self.officers[name].public_key.raw] for name in names]

    def twisted(self, name: str, thing: Any) -> Any:
        return self.twists.get(name, same)(thing)

    # -- the log ------------------------------------------------------------------------------------------

    def leaf(self, name: str, envelope: bytes) -> int:
        """Its index; −1 for one that a twist took out."""
        twisted = self.twisted(f"envelope {name}", envelope)
        if twisted is None:
            return -1
        self.leaves.append(twisted)
        return len(self.leaves) - 1

    def record(self, by: Signer, kind: str, body: list[Any], name: str = "") -> int:
        seq, prev = self.chains.get(by.kid, (0, bytes(32)))
        epoch = drawn("epoch", by.kid)[:8]
        payload = [kind, CONGRESS, HALL, by.kid, epoch, seq + 1, prev, 1, 1, START_S * 1000, 0, body]
        envelope = seal(cbor.encode(self.twisted(f"record {name or kind}", payload)), Purpose.RECORD, by)
        self.chains[by.kid] = (seq + 1, hashlib.sha256(envelope).digest())
        return self.leaf(name or kind, envelope)

    def document(self, name: str, body: list[Any], by: list[str]) -> tuple[bytes, int]:
        """Signed, put into the log in pages of 300 bytes; its hash, and the leaf of its last page."""
        body = self.twisted(name, body)
        raw, kind = cbor.encode(body), body[0]
        message = cbor.encode([SUITE, "sign", kind, raw])
        by = sorted(self.signed_by.get(name, by))
        signatures = [[who, self.officers[who].sign(message)] for who in by]
        data = cbor.encode(self.twisted(f"document {name}", [kind, raw, signatures]))
        chunks = [data[at : at + 300] for at in range(0, len(data), 300)]
        contest = None if kind == "key-record/1" else self.contest
        last = -1
        for page, chunk in enumerate(chunks):
            fields = [kind, contest, hashlib.sha256(data).digest(), page, len(chunks), chunk]
            last = self.record(self.offices["desk"], "document/1", fields, f"{name} page {page}")
        return hashlib.sha256(raw).digest(), last

    def head(self, time_s: int, name: str = "") -> tuple[int, bytes]:
        """A checkpoint that both witnesses cosign."""
        size, root = len(self.leaves), merkle.Tree(map(merkle.leaf_hash, self.leaves)).root()
        note = checkpoint.sign_checkpoint(
            checkpoint.Checkpoint(self.origin, size, root), self.offices["store"]
        )
        for who, _ in WITNESSES:
            if self.cosigning:
                note = checkpoint.cosign(note, who, self.officers[who], time_s)
        note = self.twisted(f"note {name}", note)
        if note:
            self.notes.append(note)
        return size, root

    def export(self) -> bytes:
        desk, store = (self.offices[kid].public_key.raw for kid in ("desk", "store"))
        header = ["hallward-log/2", CONGRESS, HALL, STORE, desk, store, self.charter]
        items = [[index, envelope, "ok"] for index, envelope in enumerate(self.leaves)]
        closing = [
            "closing",
            self.notes[-1].split("\n\u2014 hallward/congress-2026/witness")[0].rstrip("\n") + "\n",
        ]
        sequence = self.twisted("sequence", [header, *items, [*closing, [], self.notes]])
        return b"".join(map(cbor.encode, sequence))

    @property
    def root(self) -> bytes:
        return merkle.Tree(map(merkle.leaf_hash, self.leaves)).root()

    # -- board entries ------------------------------------------------------------------------------------

    def entry(self, unit: Unit, kind: str, body: list[Any], name: str) -> int:
        payload = [kind, CONGRESS, self.contest, unit.v, unit.g, unit.n + 1, unit.prev, body]
        payload = self.twisted(name, payload)
        if payload is None:
            return -1
        envelope = seal(cbor.encode(payload), Purpose.BOARD, unit.signer)
        unit.n, unit.prev = unit.n + 1, hashlib.sha256(envelope).digest()
        return self.leaf(name, envelope)

    def beacon(self) -> None:
        nonce = drawn("nonce", len(self.leaves))
        self.beacons.append((self.record(self.offices["store"], "beacon/1", [self.contest, nonce]), nonce))

    def commit(self, unit: Unit, seq: int) -> bytes:
        unit.local[seq] = drawn("local", unit.v, unit.g, seq)
        unit.committed[seq] = len(self.leaves)
        return hashed("seedc", unit.v, self.contest, seq, unit.local[seq])

    def ready(self, unit: Unit, seq: int = 1) -> None:
        self.entry(unit, "ready/1", [self.commit(unit, seq), seq], f"ready {unit.v[0]}")

    def prepare(self, unit: Unit, seq: int, choice: str) -> None:
        nonce = next(nonce for leaf, nonce in self.beacons if leaf > unit.committed[seq])
        ctx = [self.manifest_hash, self.contest, SHAPE, self.election_key]
        seed = hashlib.sha512(
            cbor.encode([SUITE, "seed", unit.local[seq], nonce, ctx, unit.v, seq])
        ).digest()[:32]
        key = unit.signer.public_key.raw
        unit.body[seq] = self.prover.body(unit.v, unit.g, key, seq, bytearray(seed), CHOICE[choice])
        unit.sent[seq] = self.twisted(f"body {unit.v[0]}", unit.body[seq])
        digest = hashlib.sha256(unit.sent[seq]).digest()
        self.entry(unit, "prepared/1", [seq, digest, self.commit(unit, seq + 1)], f"prepared {unit.v[0]}")
        self.beacon()

    def cast(self, unit: Unit, seq: int) -> None:
        unit.last_cast = hashlib.sha256(unit.sent[seq]).digest()
        self.entry(unit, "cast/1", [seq, unit.sent[seq]], f"cast {unit.v[0]}")

    def vote(self, unit: Unit, seq: int, choice: str) -> None:
        self.prepare(unit, seq, choice)
        self.cast(unit, seq)

    # -- the election -------------------------------------------------------------------------------------

    def held(self) -> "Election":
        """All of it, from the first device to the result."""
        self.record(self.offices["store"], "store/1", [STORE, None])
        desk = self.offices["desk"]
        chip = Es256Signer("keypad-2", ec.derive_private_key(2**200 + 7, ec.SECP256R1()))
        for device, role, by in (("keypad-1", "keypad", signer("keypad-1")), ("keypad-2", "keypad", chip)):
            self.record(desk, "device/1", [device, role, int(by.alg), by.public_key.raw])
            self.record(by, "alarm/1", ["test", ""], f"alarm {device}")
        self.ceremony()
        self.opening()
        self.voting()
        self.closing()
        self.counting()
        return self

    def ceremony(self) -> None:
        n, k = len(TRUSTEES), 2
        rand32 = drawn("rand32")
        self.ceremony_id = hashed("ceremony", CONGRESS, n, k, [key for _, key in self.keys(TRUSTEES)], rand32)
        a = [[to_scalar("a", self.world, i, j) for j in range(k)] for i in range(n)]
        commitments = [[self.group.base(value) for value in row] for row in a]
        proofs = []
        for i, row in enumerate(a, 1):
            own = []
            for j, value in enumerate(row):
                u = to_scalar("u", i, j)
                c = to_scalar("pok", self.ceremony_id, i, j, commitments[i - 1][j], self.group.base(u))
                own.append(scalar_bytes(c) + scalar_bytes(u + c * value))
            proofs.append(own)
        self.x = [
            sum(value * i**j for row in a for j, value in enumerate(row)) % ORDER for i in range(1, n + 1)
        ]
        self.election_key = self.group.base(sum(row[0] for row in a) % ORDER)
        digest = hashlib.sha256(self.charter).digest()
        fields = [CONGRESS, digest, rand32, n, k, drawn("transcript"), commitments, proofs, self.election_key]
        self.key_record_hash, _ = self.document("key-record", ["key-record/1", *fields], TRUSTEES)

    def opening(self) -> None:
        vs = [bytes([at]) + drawn("v", at)[:15] for at in range(13)]
        vs += [bytes([99, *at.to_bytes(2, "big")]) + drawn("v", at)[:13] for at in range(self.crowd)]
        self.units = [Unit(v, 0, signer(v.hex(), self.world)) for v in vs]
        keys = [None if at == 12 else unit.signer.public_key.raw for at, unit in enumerate(self.units)]
        rows = self.twisted("rows", [[v, 0, key] for v, key in zip(vs, keys, strict=True)])
        root = merkle.Tree(merkle.leaf_hash(cbor.encode(row)) for row in rows).root()
        self.document("roll", ["roll/1", CONGRESS, self.contest, len(rows), root], COMMISSION)
        self.document("roll-rows", ["roll-rows/1", self.contest, rows], [])
        labels = ["Tán thành", "Không tán thành", "Không biểu quyết"]
        digest = hashlib.sha256(self.charter).digest()
        body = ["manifest/1", CONGRESS, HALL, "s-1", "q-1", self.contest, "Nghị quyết", SHAPE, labels]
        body += [self.key_record_hash, digest, root, len(rows), RULE, 5, self.revote]
        self.manifest_hash, _ = self.document("manifest", body, BOARD[:2])
        shape = parse_shape(SHAPE)
        context = Context(self.manifest_hash, ContestId(self.contest), shape, self.election_key)
        self.prover = Prover(self.group, context)
        fields = ["s-1", "q-1", self.contest, "open", self.manifest_hash]
        self.record(self.offices["desk"], "contest/1", fields, "open")
        self.head(START_S, "open")

    def bind(self, name: str, v: bytes, g: int) -> Unit:
        unit = Unit(v, g, signer(v.hex(), f"{self.world}{name}"))
        # The kid of a session key is v, whoever holds it.
        body = ["bind/1", CONGRESS, self.contest, v, g, unit.signer.public_key.raw, name]
        self.document(f"bind {name}", body, COMMISSION)
        return unit

    def voting(self) -> None:
        units = self.units
        for unit in (*units[:12], *units[13:]):
            self.ready(unit)
        self.beacon()
        for unit in units[13:]:
            self.vote(unit, 1, "yes")
        for unit, choice in zip(units, ["yes", "yes", "yes", "yes", "no", "no", "abstain"], strict=False):
            self.vote(unit, 1, choice)
        self.vote(units[7], 1, "yes")
        if self.revote != "none":
            self.vote(units[7], 2, "no")
        self.prepare(units[8], 1, "no")
        self.entry(units[8], "checked/1", [1, units[8].local[1], bytes(CHOICE["no"])], "checked 8")
        self.vote(units[8], 2, "yes")
        self.prepare(units[9], 1, "yes")
        self.entry(units[9], "abandoned/1", [1, self.commit(units[9], 2)], "abandoned 9")
        self.beacon()
        self.vote(units[9], 2, "yes")
        for at, name, seq in ((10, "swap", 2), (12, "late", 1)):
            units[at] = self.bind(name, units[at].v, 1)
            self.ready(units[at], seq)
            self.beacon()
            self.vote(units[at], seq, "yes")

    def closing(self) -> None:
        size, root = self.head(START_S + 100, "before close")
        body = ["close/1", CONGRESS, HALL, self.contest, size, root, (START_S + 101) * 1000]
        self.document("close", body, ["chair"])
        refusal = [self.contest, self.units[3].v, drawn("late"), drawn("late body"), "after-close"]
        self.record(self.offices["store"], "ballot-refusal/1", refusal, "refusal")
        self.head(START_S + 101 + self.witness_delay_s, "close")
        for unit in (*self.units[:11], *self.units[12:]):
            self.entry(unit, "end/1", [unit.last_cast], f"end {unit.v[0]}")
        rows = [[self.units[11].v, "unit 11 is dead; its voter saw no ballot"]]
        self.document("disposition", ["disposition/1", CONGRESS, self.contest, rows], BOARD[:2])

    def ballots(self) -> list[list[bytes]]:
        """The ciphertexts that count."""
        bodies = [unit.body[max(unit.body)] for at, unit in enumerate(self.units) if at != 11]
        return [cbor.decode(body, 1 << 16)[4] for body in self.twisted("counted", bodies)]

    def counting(self) -> None:
        size, root = self.head(START_S + 200, "tally")
        ballots = self.ballots()
        total = [
            [self.summed([ct[at][half] for ct in ballots]) for half in (slice(32), slice(32, 64))]
            for at in range(3)
        ]
        aggregate = hashed("aggregate", self.contest, [alpha + beta for alpha, beta in total])
        body = ["tally/1", CONGRESS, HALL, self.contest, self.key_record_hash, self.manifest_hash]
        body += [size, root, len(ballots), aggregate]
        who = [*TRUSTEES[:2], *(name for name, _ in WITNESSES)]
        tally_hash, _ = self.document("tally", body, who)
        self.head(START_S + 210, "shares")
        for i in self.twisted("trustees", [1, 3]):
            name = f"share {i}"
            self.document(name, self.share(i, total, aggregate, root), [TRUSTEES[i - 1]])
        size, root = self.head(START_S + 220, "result")
        totals = [8, 3, 1] if self.revote != "none" else [9, 2, 1]
        totals[0] += self.crowd
        body = [
            "result/1",
            CONGRESS,
            HALL,
            self.contest,
            self.manifest_hash,
            tally_hash,
            totals,
            cbor.encode(self.twisted("facts", FACTS)),
            None,
            "carried",
            root,
            size,
        ]
        self.document("result", body, BOARD[1:])
        self.head(START_S + 230, "last")

    def summed(self, points: list[bytes]) -> bytes:
        total = bytes(32)
        for point in points:
            total = self.group.add(total, point)
        return total

    def share(self, i: int, total: list[list[bytes]], aggregate: bytes, root: bytes) -> list[Any]:
        own = [self.ceremony_id, self.key_record_hash, self.contest, aggregate, root]
        x, rows = self.x[i - 1], []
        for j, (alpha, _) in enumerate(total):
            m, u = self.group.mul(x, alpha), to_scalar("u", i, j)
            t1, t2 = self.group.base(u), self.group.mul(u, alpha)
            c = to_scalar("dleq", *own, j, i, self.group.base(x), alpha, m, t1, t2)
            rows.append([m, scalar_bytes(c), scalar_bytes(u + c * x)])
        return ["share/1", *own, i, rows]
