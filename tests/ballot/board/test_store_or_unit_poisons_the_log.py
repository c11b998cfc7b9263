"""One unit, or the store, must not be able to write what readers of the log judge differently: what the
independent verifier takes for a fault is refused, or is one, here as well."""

import pytest

from ballot.board.verdicts import Accept, Refuse
from ballot.documents.bodies import Bind, RollRows
from ballot.documents.roll import RollRow
from ballot.hashing import hash_of
from tests.ballot.board.election import CONGRESS, GROUP, QUESTION, SITTING, YES, Election
from wire.board import Cast, Prepared, Ready
from wire.voting import BallotRefusal, ContestChanged

COMMISSION = ("comm-1", "comm-2")


def test_a_ballot_that_is_fixed_before_its_nonce_is_drawn_is_refused() -> None:
    """A unit sends both in one batch: the store draws the nonce behind the batch."""
    election = Election(3).open()
    unit = election.units[0]
    first = unit.sealed(Ready(unit.commit(1), 1))
    found = election.board.judge_cheap(first)
    assert isinstance(found, Accept)
    election.board.apply(election.leaf(first), found)
    unit.n, unit.prev = 1, hash_of(first)
    verdict = unit.say(Prepared(1, bytes(32), bytes(32)))
    assert isinstance(verdict, Refuse)
    assert verdict.code == "bad-seq"
    election.store_beacon()
    assert isinstance(unit.prepare(unit.body(YES)), Accept)


@pytest.mark.parametrize("code", ["already-cast", "too-many", "copied", "no-such-code"])
def test_a_refusal_for_which_there_was_no_reason_is_a_fault(code: str) -> None:
    election = Election(3).open()
    refusal = BallotRefusal(election.contest, election.units[0].voter, bytes(32), None, code)
    assert election.store(refusal) == [f"refuses as {code} for no reason"]


def test_the_refusal_of_a_second_vote_has_its_reason() -> None:
    election = Election(3).open()
    unit = election.units[0]
    unit.vote(YES)
    body = unit.body(YES)
    unit.prepare(body)
    refused = unit.sealed(Cast(unit.seq, body))
    refusal = BallotRefusal(election.contest, unit.voter, hash_of(refused), hash_of(body), "already-cast")
    assert election.store(refusal) == []


def test_a_roll_in_which_one_key_speaks_for_two_opens_nothing() -> None:
    election = Election(3)
    first, second, third = election.rows.rows
    twice = RollRow(second.voter, 0, first.session_key)
    election.rows = RollRows(election.contest, (first, twice, third))
    root = election.rows.roll(CONGRESS).root
    object.__setattr__(election.manifest, "roll_root", root)
    assert any("another voter's as well" in what for what in election.prepare())
    election.desk(ContestChanged(SITTING, QUESTION, election.contest, "open", election.manifest.hash))
    assert election.board.contests[election.contest].course.context is None


def test_a_bind_that_comes_before_the_rows_of_the_roll_in_force_is_a_fault() -> None:
    election = Election(3)
    election.publish(election.record)
    out, other = election.units[2].voter, RollRows(election.contest, election.rows.rows[1:])
    for rows in (other, election.rows):
        assert election.publish(rows.roll(CONGRESS), COMMISSION) == []
        found = election.publish(rows)
        if rows is other:
            assert found == []
            assert election.publish(Bind(CONGRESS, election.contest, out, 1, None, "recused")) == []
    assert found == [f"bind/1 of {out.hex()} comes before the roll"]
    assert election.board.contests[election.contest].course.voters[out].generation == 0


def test_rows_that_are_repeated_seat_nobody_anew() -> None:
    """Nobody signs them: whoever repeats them must not make every reader do the work again."""
    election = Election(3)
    assert election.prepare() == []
    course = election.board.contests[election.contest].course
    before = course.voters
    assert election.publish(election.rows) == []
    assert course.voters is before


def test_a_key_record_that_is_repeated_is_proved_once() -> None:
    class Counting(type(GROUP)):  # type: ignore[misc]
        products = 0

        def mul(self, scalar: int, point: bytes, /) -> bytes:
            Counting.products += 1
            return bytes(super().mul(scalar, point))

    election = Election(3)
    election.board.group = Counting()
    assert election.publish(election.record) == []
    done = Counting.products
    assert done > 0
    assert election.publish(election.record) == []
    assert Counting.products == done
