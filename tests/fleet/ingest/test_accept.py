"""The gate of the log as a pure function: whatever is delivered, in whatever order, chains stay whole."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.hall_log.leaf import CheckedRecord, checked_record
from ballot.hall_log.verdict import Chain, Provisioned, Registry
from fleet.ingest.accept import Decisions, Verified, decide, earlier
from fleet.ingest.codes import REFUSED
from tests.fleet.ingest.simulated_hall import CONGRESS, HALL, Device, ballot, make_signer
from wire.envelope import Purpose, verify

SIGNER = make_signer("keypad-1")
REGISTRY = Registry({"keypad-1": Provisioned("keypad", SIGNER.public_key)})


def device() -> Device:
    return Device("keypad-1", SIGNER)


def checked(envelope: bytes) -> CheckedRecord:
    verified = verify(envelope, Purpose.RECORD, "keypad-1", SIGNER.public_key)
    return checked_record(verified, envelope)[0]


HISTORY = device()
RECORDS = [checked(HISTORY.say(ballot())) for _ in range(12)]
KEY = ("keypad-1", HISTORY.epoch)


def after(count: int) -> dict[tuple[str, bytes], Chain]:
    """The log holds the first `count` records."""
    return {KEY: Chain(count, RECORDS[count - 1].record_hash)} if count else {}


def decided(seqs: Sequence[int], stored: int = 0, registry: Registry = REGISTRY) -> Decisions:
    batch = [Verified(RECORDS[seq - 1], SIGNER.public_key) for seq in seqs]
    chains = after(stored)
    hashes = {
        (device, epoch, seq): RECORDS[seq - 1].record_hash
        for (device, epoch), seqs in earlier(batch, chains).items()
        for seq in seqs
    }
    return decide(batch, chains, hashes, registry, CONGRESS, HALL)


@pytest.mark.parametrize(
    ("stored", "delivered", "appended", "gap", "receipt"),
    [
        (0, [1], [1], None, True),
        (0, [1, 2, 3], [1, 2, 3], None, True),
        (0, [3, 1, 2], [1, 2, 3], None, True),
        (0, [2], [], 1, False),
        (0, [1, 3, 4], [1], 2, True),
        (0, [1, 1, 1], [1], None, True),
        (5, [5], [], None, True),
        (5, [2, 3], [], None, True),
        (5, [7, 6], [6, 7], None, True),
        (5, [4, 5, 6, 8], [6], 7, True),
        (5, [9, 9, 8], [], 6, False),
    ],
)
def test_what_becomes_of_a_batch(
    stored: int, delivered: list[int], appended: list[int], gap: int | None, receipt: bool
) -> None:
    out = decided(delivered, stored)
    assert [delivered[leaf.position] for leaf in out.leaves] == appended
    assert out.gaps == ({KEY: gap} if gap else {})
    assert out.receipts == ({KEY} if receipt else set())
    assert out.conflicts == []


@given(st.lists(st.integers(1, 12), max_size=40), st.integers(0, 12))
def test_any_delivery_appends_each_record_once_and_in_order(delivered: list[int], stored: int) -> None:
    out = decided(delivered, stored)
    appended = [delivered[leaf.position] for leaf in out.leaves]
    assert appended == list(range(stored + 1, stored + 1 + len(appended)))
    assert all(leaf.verdict == "ok" for leaf in out.leaves)
    last = stored + len(appended)
    beyond = [seq for seq in delivered if seq > last]
    assert last + 1 not in delivered
    assert out.gaps == ({KEY: last + 1} if beyond else {})


@given(st.lists(st.integers(1, 12), min_size=1, max_size=60), st.data())
def test_however_deliveries_are_cut_into_batches_the_log_is_the_same(
    delivered: list[int], data: st.DataObject
) -> None:
    stored, at = 0, 0
    while at < len(delivered):
        size = data.draw(st.integers(1, 8))
        stored += len(decided(delivered[at : at + size], stored).leaves)
        at += size
    stored += len(decided(list(range(stored + 1, 13)), stored).leaves)  # the device goes back to receipt + 1
    assert stored == 12


def test_other_bytes_at_a_stored_seq_are_a_conflict_wherever_they_stand() -> None:
    clone = device()
    other = [Verified(checked(clone.say(ballot("no"))), SIGNER.public_key) for _ in range(3)]
    for position, seq in ((0, 1), (2, 3)):
        hashes = {(*KEY, seq): RECORDS[seq - 1].record_hash}
        out = decide([other[position]], after(3), hashes, REGISTRY, CONGRESS, HALL)
        (conflict,) = out.conflicts
        assert (conflict.seq, conflict.stored_hash) == (seq, RECORDS[seq - 1].record_hash)
        assert out.leaves == []
        assert out.receipts == {KEY}


def test_a_conflict_within_one_batch_keeps_the_first() -> None:
    other = Verified(checked(device().say(ballot("no"))), SIGNER.public_key)
    batch = [Verified(RECORDS[0], SIGNER.public_key), other]
    out = decide(batch, {}, {}, REGISTRY, CONGRESS, HALL)
    assert [leaf.position for leaf in out.leaves] == [0]
    assert [conflict.other_hash for conflict in out.conflicts] == [other.record.record_hash]


def test_a_record_verified_under_a_key_that_is_no_longer_registered_is_dropped() -> None:
    changed = Registry({"keypad-1": Provisioned("keypad", make_signer("keypad-1", "new").public_key)})
    out = decided([1], registry=changed)
    assert out.dropped == [("keypad-1", "bad-signature")]
    assert out.leaves == []


def test_every_refusal_has_its_sentence() -> None:
    revoked = Registry({"keypad-1": Provisioned("keypad", SIGNER.public_key, revoked=True)})
    gate = Registry({"keypad-1": Provisioned("gate", SIGNER.public_key)})
    codes = {
        decided([1], registry=revoked).leaves[0].verdict,
        decided([1], registry=gate).leaves[0].verdict,
        *(
            decide([Verified(RECORDS[0], SIGNER.public_key)], {}, {}, REGISTRY, *place).leaves[0].verdict
            for place in (("other", HALL), (CONGRESS, "other"))
        ),
    }
    for changes in ({"body_accepted": False}, {"prev_hash": b"!" * 32}):
        record = RECORDS[0]._replace(**changes)  # type: ignore[arg-type]
        out = decide([Verified(record, SIGNER.public_key)], {}, {}, REGISTRY, CONGRESS, HALL)
        codes.add(out.leaves[0].verdict)
    assert codes == REFUSED.keys()


def test_a_conflict_at_the_logs_end_is_noticed_even_behind_the_next_record() -> None:
    fork = device()
    other = checked(fork.say(ballot("no")))
    chains = after(1)
    batch = [Verified(RECORDS[1], SIGNER.public_key), Verified(other, SIGNER.public_key)]
    assert earlier(batch, chains) == {}
    out = decide(batch, chains, {}, REGISTRY, CONGRESS, HALL)
    assert [(each.seq, each.stored_hash) for each in out.conflicts] == [(1, RECORDS[0].record_hash)]
