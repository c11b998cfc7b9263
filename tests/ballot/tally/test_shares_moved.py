"""Rule 19: a share opens one option of one tally for one trustee, and nothing else."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from ballot.ceremony.key_record import share_key
from ballot.group import IDENTITY, ORDER, scalar_bytes
from ballot.tally.count import counts_of, electing
from ballot.tally.shares import BadShare, Bound, TooFewShares, check_rows, combine, lagrange_at_0, make_rows
from tests.ballot.board.election import GROUP, NO, YES, Election


@pytest.fixture(scope="module")
def election() -> Election:
    found = Election(4).open()
    for unit, choices in zip(found.units, (YES, YES, NO, YES), strict=True):
        unit.vote(choices)
    return found.ended()


@pytest.fixture(scope="module")
def bound(election: Election) -> Bound:
    found = electing(GROUP, election.board.contests[election.contest])
    assert found is not None
    return found.bound(election.tally())


def rows(
    election: Election, bound: Bound, i: int, rand: bytes = bytes(32)
) -> list[tuple[bytes, bytes, bytes]]:
    return list(make_rows(GROUP, bound, i, election.shares[i - 1], [rand] * 3))


def key(election: Election, i: int) -> bytes:
    return share_key(GROUP, election.record, i)


def test_any_two_of_three_trustees_find_the_same_counts(election: Election, bound: Bound) -> None:
    made = {i: rows(election, bound, i) for i in (1, 2, 3)}
    for i, each in made.items():
        check_rows(GROUP, bound, i, key(election, i), each)
    pairs = [{i: made[i] for i in pair} for pair in ((1, 2), (1, 3), (2, 3))]
    assert [combine(GROUP, bound, 2, pair, [4, 4, 4]) for pair in pairs] == [(3, 1, 0)] * 3


def test_fewer_than_k_shares_tell_nothing(election: Election, bound: Bound) -> None:
    with pytest.raises(TooFewShares):
        combine(GROUP, bound, 2, {1: rows(election, bound, 1)}, [4, 4, 4])


@pytest.mark.parametrize(
    "move",
    [
        lambda b: replace(b, root=bytes(32)),
        lambda b: replace(b, aggregate_hash=bytes(32)),
        lambda b: replace(b, contest=bytes(16)),
        lambda b: replace(b, key_record_hash=bytes(32)),
        lambda b: replace(b, ceremony_id=bytes(32)),
        lambda b: replace(b, aggregate=(b.aggregate[1], b.aggregate[0], b.aggregate[2])),
    ],
    ids=["root", "aggregate-hash", "contest", "key-record", "ceremony", "aggregate"],
)
def test_a_share_moved_to_another_tally_fails(
    election: Election, bound: Bound, move: Callable[[Bound], Bound]
) -> None:
    with pytest.raises(BadShare):
        check_rows(GROUP, move(bound), 1, key(election, 1), rows(election, bound, 1))


def test_a_share_moved_to_another_option_or_trustee_fails(election: Election, bound: Bound) -> None:
    made = rows(election, bound, 1)
    with pytest.raises(BadShare):
        check_rows(GROUP, bound, 1, key(election, 1), [made[1], made[0], made[2]])
    with pytest.raises(BadShare):
        check_rows(GROUP, bound, 2, key(election, 2), made)
    with pytest.raises(BadShare):
        check_rows(GROUP, bound, 2, key(election, 1), made)


def test_one_option_more_or_less_fails(election: Election, bound: Bound) -> None:
    made = rows(election, bound, 1)
    for wrong in (made[:2], [*made, made[0]], []):
        with pytest.raises(BadShare):
            check_rows(GROUP, bound, 1, key(election, 1), wrong)


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("junk", [b"", bytes(31), b"\xff" * 32, IDENTITY, scalar_bytes(ORDER - 1)])
def test_any_bytes_in_a_share_end_in_a_refusal(
    election: Election, bound: Bound, place: int, junk: bytes
) -> None:
    made = rows(election, bound, 1)
    row = list(made[0])
    row[place] = junk
    with pytest.raises(BadShare):
        check_rows(GROUP, bound, 1, key(election, 1), [tuple(row), *made[1:]])  # type: ignore[list-item]


def test_fixed_randomness_never_repeats_a_nonce_for_another_ciphertext(
    election: Election, bound: Bound
) -> None:
    """T1 = z·B − c·X is u·B: equal ones would give the share away."""
    seen = set()
    other = replace(bound, aggregate=bound.aggregate[1:] + bound.aggregate[:1])
    for each in (bound, other):
        for _, c, z in rows(election, each, 1):
            point = GROUP.mul(int.from_bytes(c, "little"), key(election, 1))
            seen.add(GROUP.sub(GROUP.base(int.from_bytes(z, "little")), point))
    assert len(seen) == 6


def test_a_share_of_another_secret_is_named_and_the_others_still_count(election: Election) -> None:
    found = electing(GROUP, election.board.contests[election.contest])
    assert found is not None
    tally = election.tally()
    bad = election.share(tally, 2, secret=election.shares[0])
    good = [election.share(tally, i) for i in (1, 3)]
    counts = counts_of(GROUP, found, tally, [bad, *good])
    assert counts.counts == (3, 1, 0)
    assert counts.trustees == (1, 3)
    assert len(counts.faults) == 1
    assert counts_of(GROUP, found, tally, [bad, good[0]]).counts is None


def test_the_same_trustee_twice_is_not_two(election: Election) -> None:
    found = electing(GROUP, election.board.contests[election.contest])
    assert found is not None
    tally = election.tally()
    twice = counts_of(GROUP, found, tally, [election.share(tally, 1), election.share(tally, 1)])
    assert twice.counts is None
    assert twice.trustees == (1,)


@pytest.mark.parametrize("change", ["counted", "aggregate_hash", "manifest_hash", "key_record_hash"])
def test_a_tally_of_other_ballots_is_never_opened(election: Election, change: str) -> None:
    found = electing(GROUP, election.board.contests[election.contest])
    assert found is not None
    wrong = replace(election.tally(), **{change: 9 if change == "counted" else bytes(32)})
    counts = counts_of(GROUP, found, wrong, [election.share(election.tally(), i) for i in (1, 2)])
    assert counts.counts is None
    assert counts.faults


def test_the_factors_rebuild_the_value_at_0() -> None:
    values = {i: 5 + 7 * i + 11 * i * i for i in (2, 5, 9)}
    total = sum(lagrange_at_0(list(values), i) * value for i, value in values.items())
    assert total % ORDER == 5


def test_a_share_that_was_made_twice_is_no_fault(election: Election) -> None:
    """A trustee whose stick broke makes it again: the proofs differ, what they prove does not."""
    found = electing(GROUP, election.board.contests[election.contest])
    assert found is not None
    tally = election.tally()
    first, again = election.share(tally, 1), election.share(tally, 1)
    assert first != again
    counts = counts_of(GROUP, found, tally, [first, again, election.share(tally, 2)])
    assert (counts.counts, counts.faults) == ((3, 1, 0), ())


def test_shares_that_come_to_more_than_was_counted_are_no_counts(election: Election, bound: Bound) -> None:
    of = {i: make_rows(GROUP, bound, i, election.shares[i - 1], [bytes(32)] * 3) for i in (1, 2)}
    with pytest.raises(BadShare):
        combine(GROUP, bound, 2, of, [2, 4, 4])
    assert combine(GROUP, bound, 2, of, [3, 1, 0]) == (3, 1, 0)
