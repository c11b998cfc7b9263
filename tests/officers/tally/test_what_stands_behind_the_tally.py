"""Ends and decisions of the counting board that came after the state which a tally is over."""

from ballot.documents.bodies import Disposition
from ballot.tally.objections import objections
from tests.ballot.board.election import CONGRESS, YES, Election
from tests.officers.tally.test_tally_approved_once import voted


def test_a_decision_that_stands_behind_the_tally_accepts_nothing() -> None:
    election = Election(3).open()
    for unit in election.units:
        unit.vote(YES)
    election.close(late_s=11)
    for unit in election.units:
        unit.end()
    size = election.tree.size
    election.publish(Disposition(CONGRESS, election.contest, ((None, "network was down"),)))
    contest = election.board.contests[election.contest]

    def codes(size: int) -> set[str]:
        return {each.code for each in objections(contest, election.tree.root, [], size)}

    assert "late-witness" in codes(size)
    assert "late-witness" not in codes(election.tree.size)


def test_an_end_or_disposition_behind_the_size_of_a_tally_is_none_for_it() -> None:
    election = voted()
    contest = election.board.contests[election.contest]
    last = contest.course.voters[election.units[2].voter].chains[0].ended_at
    assert last is not None

    assert contest.unaccounted(last + 1) == []
    assert contest.unaccounted(last) == [election.units[2].voter]
