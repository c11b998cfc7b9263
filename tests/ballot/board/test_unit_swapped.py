"""Rule 5: only two officers bind another key, and a swap loses no vote."""

import pytest

from ballot.board.verdicts import Accept, Refuse
from ballot.documents.bodies import Bind
from tests.ballot.board.election import CONGRESS, NO, QUESTION, SITTING, YES, Election
from tests.ballot.board.unit import Unit
from wire.voting import ContestChanged


def counted(election: Election) -> list[tuple[int, int]]:
    return [(cast.generation, cast.seq) for cast in election.board.contests[election.contest].counting()]


def test_a_cast_by_the_old_unit_counts_until_the_new_one_casts() -> None:
    election = Election(3, revote="until-close").open()
    old = election.units[0]
    assert isinstance(old.vote(YES), Accept)
    new = Unit(election, old.voter, 1)
    assert election.bind(new) == []
    assert counted(election) == [(0, 1)]
    new.ready(seq=2)
    body = new.body(NO)
    new.prepare(body)
    assert isinstance(new.cast(body), Accept)
    assert counted(election) == [(1, 2)]


def test_a_swap_gives_nobody_a_second_vote() -> None:
    election = Election(3).open()
    old = election.units[0]
    old.vote(YES)
    new = Unit(election, old.voter, 1)
    election.bind(new)
    new.ready(seq=2)
    body = new.body(NO)
    new.prepare(body)
    verdict = new.cast(body)
    assert isinstance(verdict, Refuse)
    assert verdict.code == "already-cast"


def test_the_old_unit_that_returns_is_refused() -> None:
    election = Election(3).open()
    old = election.units[0]
    old.ready()
    body = old.body(YES)
    old.prepare(body)
    election.bind(Unit(election, old.voter, 1))
    verdict = old.cast(body)
    assert isinstance(verdict, Refuse)
    assert verdict.code == "old-key"


def test_a_new_unit_must_not_use_a_seq_that_was_used() -> None:
    election = Election(3).open()
    old = election.units[0]
    old.ready()
    old.prepare(old.body(YES))
    new = Unit(election, old.voter, 1)
    election.bind(new)
    assert isinstance(new.ready(seq=1), Refuse)
    assert isinstance(new.ready(seq=2), Accept)


@pytest.mark.parametrize("names", [(), ("comm-1",), ("board-1", "board-2"), ("chair",)])
def test_a_bind_that_two_of_the_commission_did_not_sign_has_no_force(names: tuple[str, ...]) -> None:
    election = Election(3).open()
    old = election.units[0]
    assert election.bind(Unit(election, old.voter, 1), names)
    assert isinstance(old.ready(), Accept)


@pytest.mark.parametrize("generation", [2, 7])
def test_generations_rise_by_exactly_one(generation: int) -> None:
    election = Election(3).open()
    assert election.bind(Unit(election, election.units[0].voter, generation))


def test_who_is_bound_late_is_enabled_and_who_is_recused_before_the_open_is_not() -> None:
    election = Election(3)
    assert election.prepare() == []
    out = election.units[2].voter
    assert election.publish(Bind(CONGRESS, election.contest, out, 1, None, "recused")) == []
    election.desk(ContestChanged(SITTING, QUESTION, election.contest, "open", election.manifest.hash))
    voters = election.board.contests[election.contest].course.voters
    assert not voters[out].enabled
    assert election.publish(Bind(CONGRESS, election.contest, out, 2, election.units[2].raw_key, "back")) == []
    assert voters[out].enabled
