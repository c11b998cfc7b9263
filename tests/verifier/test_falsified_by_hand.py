"""Elections falsified by more than one changed thing, and what is unusual and yet in order."""

import hashlib

import pytest

from tests.verifier.conftest import checks_of, verified
from tests.verifier.election import BOARD, CONGRESS, HALL, START_S, TRUSTEES, Election, Unit
from tests.verifier.test_falsified_election import put
from wire import cbor, checkpoint, merkle

pytestmark = pytest.mark.slow


class LateBallot(Election):
    def closing(self) -> None:
        super().closing()
        unit = self.units[5]
        self.prepare(unit, 2, "yes")
        self.cast(unit, 2)


class OldUnit(Election):
    """The unit that was swapped comes back and casts."""

    def voting(self) -> None:
        old = self.units[10]
        super().voting()
        self.vote(old, 1, "no")


class Copied(Election):
    """The ballot of voter 3 under the name of voter 4."""

    def prepare(self, unit: Unit, seq: int, choice: str) -> None:
        if unit.v[0] == 4:
            body = cbor.decode(self.units[3].body[1], 1 << 14)
            self.twists = {"body 4": put(cbor.encode([1, unit.v, *body[2:]]))}
        super().prepare(unit, seq, choice)


class Ninth(Election):
    def voting(self) -> None:
        super().voting()
        for seq in range(2, 10):
            self.prepare(self.units[0], seq, "yes")
            self.entry(self.units[0], "abandoned/1", [seq, self.commit(self.units[0], seq + 1)], "again")
            self.beacon()


class Forked(Election):
    """A witness signs another tree of a size that it signed before."""

    def counting(self) -> None:
        super().counting()
        size, root = len(self.leaves), merkle.leaf_hash(b"another log")
        note = checkpoint.sign_checkpoint(
            checkpoint.Checkpoint(self.origin, size, root), self.offices["store"]
        )
        self.notes.insert(-1, checkpoint.cosign(note, "w-outside", self.officers["w-outside"], START_S + 230))


class Cancelled(Election):
    def closing(self) -> None:
        super().closing()
        self.document("cancel", ["cancel/1", CONGRESS, HALL, self.contest, "power was cut"], BOARD[:2])


class TwoTallies(Election):
    def counting(self) -> None:
        super().counting()
        size, root = self.head(START_S + 240)
        body = ["tally/1", CONGRESS, HALL, self.contest, self.key_record_hash, self.manifest_hash]
        self.document("second", [*body, size, root, 12, bytes(32)], [*TRUSTEES[1:], "w-inside", "w-outside"])
        self.head(START_S + 241)


class Unwitnessed(Election):
    def closing(self) -> None:
        self.cosigning = False
        super().closing()


BY_HAND: list[tuple[type[Election], int]] = [
    (LateBallot, 9),
    (OldUnit, 5),
    (Copied, 7),
    (Ninth, 7),
    (Forked, 4),
    (Cancelled, 10),
    (TwoTallies, 10),
    (Unwitnessed, 4),
]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "check"), BY_HAND)
def test_what_is_false_is_said_by_its_check_however_it_came(kind: type[Election], check: int) -> None:
    assert check in checks_of(verified(kind().held()))


def test_a_late_witness_needs_the_boards_word() -> None:
    late = Election(witness_delay_s=30)
    assert 4 in checks_of(verified(late.held()))
    rows = put(3, [[None, "the witness's laptop slept"], [late.units[11].v, "dead"]])
    assert not verified(Election(witness_delay_s=30, twists={"disposition": rows}).held()).faults


def test_a_cancelled_contest_with_nothing_decrypted_is_complete() -> None:
    class CancelledInTime(Election):
        def closing(self) -> None:
            self.document("cancel", ["cancel/1", CONGRESS, HALL, self.contest, "power was cut"], BOARD[:2])

        def counting(self) -> None:
            self.head(START_S + 200, "last")

    report = verified(CancelledInTime().held())
    assert not report.faults
    assert any("CANCELLED" in line for line in report.people)


def test_a_manifest_with_labels_exchanged_is_another_manifest(honest: Election) -> None:
    other = Election(twists={"manifest": put(8, ["Không tán thành", "Tán thành", "Không biểu quyết"])}).held()
    assert other.manifest_hash != honest.manifest_hash
    assert hashlib.sha256(other.charter).digest() == hashlib.sha256(honest.charter).digest()
