"""Any order of everything that can happen to an outbox, against a plain model of it."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from edge.device.adapters.memory_outbox import MemoryDisk, MemoryOutboxStore
from edge.device.outbox import Mark, Outbox, Speaker
from tests.edge.power_cut import PowerCut, fuse
from wire.down import Receipt, Resend
from wire.ids import CongressId, DeviceId, HallId, MemberRef, QuestionId, SittingId, StoreId
from wire.records import OpenBallot, Stamp, record_hash
from wire.signers import Ed25519Signer

SIGNER = Ed25519Signer("keypad-01", ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
SPEAKER = Speaker(CongressId("c1"), HallId("hall-a"), DeviceId("keypad-01"))
STORE = StoreId(b"A" * 16)
STAMP = Stamp(boot=1, monotonic_ms=5, wall_ms=1_800_000_000_000, clock_uncertainty_ms=1000)


def vote(choice: str = "yes") -> OpenBallot:
    return OpenBallot(SittingId("s1"), QuestionId("q1"), MemberRef(b"m" * 16), choice)


def receipt(outbox: Outbox, seq: int, digest: bytes) -> Receipt:
    return Receipt(SPEAKER.hall, SPEAKER.device, STORE, outbox.epoch, seq, digest, seq - 1, seq, bytes(32))


class OutboxLife(RuleBasedStateMachine):
    """Any order of everything that can happen to an outbox, against a plain model of it."""

    @initialize()
    def begin(self) -> None:
        self.disk = MemoryDisk()
        self.hashes: dict[int, bytes] = {}
        self.marked = 0
        self.kept_from = 1
        self.restart()

    @rule()
    def restart(self) -> None:
        self.outbox = Outbox(MemoryOutboxStore(self.disk), SIGNER, SPEAKER, lambda: b"epoch-01")

    @rule(choice=st.sampled_from(["yes", "no", "abstain"]))
    def append(self, choice: str) -> None:
        done = self.outbox.append(vote(choice), STAMP)
        assert done.seq == len(self.hashes) + 1
        self.hashes[done.seq] = done.record_hash

    @rule(cut=st.integers(1, 3))
    def cut_while_appending(self, cut: int) -> None:
        self.disk.step = fuse(cut)
        with pytest.raises(PowerCut):
            self.outbox.append(vote(), STAMP)
        self.disk.step = fuse(None)
        self.restart()
        if self.outbox.last_seq > len(self.hashes):  # cut after the commit: kept, though nobody was told
            self.hashes[self.outbox.last_seq] = record_hash(self.outbox.read(self.outbox.last_seq, 1)[0][1])

    @precondition(lambda self: self.hashes)
    @rule(data=st.data(), right=st.booleans())
    def receive(self, data: st.DataObject, right: bool) -> None:
        seq = data.draw(st.integers(1, len(self.hashes) + 1))
        digest = self.hashes.get(seq, bytes(32)) if right else b"?" * 32
        done = self.outbox.mark(receipt(self.outbox, seq, digest), b"proof")
        if seq > len(self.hashes):
            assert done is Mark.NEVER_SAID
        elif seq < self.kept_from:
            assert done is Mark.REPEAT or self.marked < seq
            self.marked = max(self.marked, seq)
        elif not right:
            assert done is Mark.OTHER_BYTES
        else:
            assert done is (Mark.MARKED if seq > self.marked or self.fresh_store() else Mark.REPEAT)
            self.marked = seq if done is Mark.MARKED else self.marked

    def fresh_store(self) -> bool:
        return self.marked == 0

    @precondition(lambda self: self.hashes)
    @rule(data=st.data())
    def lose(self, data: st.DataObject) -> None:
        from_seq = data.draw(st.integers(1, len(self.hashes)))
        self.outbox.resend(Resend(SPEAKER.hall, SPEAKER.device, STORE, self.outbox.epoch, from_seq))
        self.marked = min(self.marked, from_seq - 1)

    @rule(seq=st.integers(1, 30))
    def certify(self, seq: int) -> None:
        forgotten = self.outbox.certified(self.outbox.epoch, seq)
        upto = min(seq, self.marked)
        assert forgotten == max(0, upto + 1 - self.kept_from)
        self.kept_from = max(self.kept_from, upto + 1)

    @invariant()
    def agrees(self) -> None:
        if not hasattr(self, "outbox"):
            return
        assert self.outbox.last_seq == len(self.hashes)
        assert self.outbox.marked_seq == self.marked
        assert self.outbox.first_seq == self.kept_from
        rows = self.outbox.read(1, 1000)
        assert {seq: record_hash(row) for seq, row in rows} == {
            seq: digest for seq, digest in self.hashes.items() if seq >= self.kept_from
        }


OutboxLife.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestOutboxLife = OutboxLife.TestCase
