"""What a keypad says, signed beforehand, so that a measurement holds none of the load's own signing."""

import secrets
import time
from typing import Final

from bench.errors import BenchError
from bench.identities import CONGRESS, HALL, Identity
from wire.down import Receipt, parse_receipt
from wire.envelope import Purpose, seal, verify
from wire.errors import RecordRejected
from wire.ids import EPOCH_BYTES, MEMBER_REF_BYTES, STORE, DeviceId, Epoch, MemberRef, QuestionId, SittingId
from wire.keys import PublicKey
from wire.records import CHOICES, GENESIS, OpenBallot, Record, Stamp, encode_record, record_hash
from wire.up import Birth, encode_up

SITTING: Final = SittingId("sitting-1")
QUESTION: Final = QuestionId("question-1")


class Keypad:
    """One keypad's chain of records in one epoch."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        self.epoch = Epoch(secrets.token_bytes(EPOCH_BYTES))
        self.seq = 0
        self._member = MemberRef(secrets.token_bytes(MEMBER_REF_BYTES))
        self.last_hash = GENESIS

    @property
    def device(self) -> DeviceId:
        return self.identity.device

    def sign_next(self) -> bytes:
        """The next record of the chain, an open ballot."""
        self.seq += 1
        record = Record(
            congress=CONGRESS,
            hall=HALL,
            device=self.device,
            epoch=self.epoch,
            seq=self.seq,
            prev_hash=self.last_hash,
            stamp=Stamp(1, time.monotonic_ns() // 1_000_000, _wall_ms(), 20),
            body=OpenBallot(SITTING, QUESTION, self._member, CHOICES[self.seq % len(CHOICES)]),
        )
        envelope = seal(encode_record(record), Purpose.RECORD, self.identity.signer)
        self.last_hash = record_hash(envelope)
        return envelope

    def sign_birth(self) -> bytes:
        birth = Birth(HALL, self.device, self.epoch, self.seq, 1, _wall_ms(), "bench", 0, {})
        return seal(encode_up(birth), Purpose.BIRTH, self.identity.signer)

    def check_receipt(self, envelope: bytes, store: PublicKey) -> Receipt:
        """The store's receipt for the last record. Raises BenchError when it is anything else."""
        try:
            receipt = parse_receipt(verify(envelope, Purpose.RECEIPT, STORE, store))
        except RecordRejected as err:
            raise BenchError(f"{self.device} got something else than a receipt: {err.what}") from err
        if (receipt.device, receipt.epoch, receipt.seq) != (self.device, self.epoch, self.seq):
            raise BenchError(f"{self.device} awaits a receipt for {self.seq} and got one for {receipt.seq}")
        if receipt.record_hash != self.last_hash:
            raise BenchError(f"the receipt of {self.device} names another record")
        return receipt


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000
