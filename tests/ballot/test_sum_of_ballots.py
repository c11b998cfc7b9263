"""The sum is that of the ballots that count, in whatever order they came and went."""

import pytest

from ballot.errors import BadBallot
from ballot.group import IDENTITY
from ballot.hashing import h32
from ballot.tally.aggregate import Aggregate, aggregate_hash
from ballot.verify import Accepted
from tests.ballot.contests import CONTEST, GROUP, THREE, Poll, plaintexts

CHOICES = [(1, 0, 0), (0, 1, 0), (1, 0, 0), (0, 0, 1), (1, 0, 0)]


def accepted(number: int, choices: tuple[int, ...]) -> tuple[bytes, ...]:
    poll = Poll(voter=h32("tests", number)[:16])
    verdict = poll.verdict(poll.body(choices))
    assert isinstance(verdict, Accepted)
    return verdict.ciphertexts


BALLOTS = [accepted(number, choices) for number, choices in enumerate(CHOICES)]


def summed(ballots: list[tuple[bytes, ...]]) -> Aggregate:
    aggregate = Aggregate(GROUP, len(THREE.options))
    for ballot in ballots:
        aggregate.add(ballot)
    return aggregate


def test_the_sum_holds_what_all_of_them_chose() -> None:
    assert plaintexts(summed(BALLOTS).encoded(), most=5) == [3, 1, 1]
    assert summed(BALLOTS).counted == 5


def test_the_order_does_not_matter() -> None:
    assert summed(BALLOTS).encoded() == summed(BALLOTS[::-1]).encoded()


def test_what_is_removed_was_never_there() -> None:
    aggregate = summed(BALLOTS)
    aggregate.remove(BALLOTS[1])
    expected = summed([BALLOTS[0], *BALLOTS[2:]])
    assert (aggregate.encoded(), aggregate.counted) == (expected.encoded(), 4)
    for ballot in (BALLOTS[0], *BALLOTS[2:]):
        aggregate.remove(ballot)
    assert (aggregate.encoded(), aggregate.counted) == ((IDENTITY + IDENTITY,) * 3, 0)


def test_a_ballot_that_is_none_changes_nothing() -> None:
    aggregate = summed(BALLOTS)
    before = aggregate.encoded()
    with pytest.raises(BadBallot):
        aggregate.add((*BALLOTS[0][:2], bytes(32) + b"\x01" + bytes(31)))
    with pytest.raises(ValueError, match="argument"):
        aggregate.add(BALLOTS[0][:2])
    assert (aggregate.encoded(), aggregate.counted) == (before, 5)


def test_the_hash_names_contest_and_sum() -> None:
    encoded = summed(BALLOTS).encoded()
    hashes = {
        aggregate_hash(CONTEST, encoded),
        aggregate_hash(bytes(16), encoded),
        aggregate_hash(CONTEST, encoded[::-1]),
        aggregate_hash(CONTEST, summed(BALLOTS[1:]).encoded()),
    }
    assert len(hashes) == 4
    assert aggregate_hash(CONTEST, encoded) == h32("aggregate", CONTEST, list(encoded))
