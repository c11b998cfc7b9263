"""Rule 7: a copy of somebody's ballot, sent before it or after, never costs them their vote."""

from ballot.board.verdicts import Accept, Refuse
from ballot.hashing import hash_of
from tests.ballot.board.election import YES, Election
from wire import cbor
from wire.board import Cast


def copied_as(body: bytes, voter: bytes) -> bytes:
    parts = cbor.decode(body, 20_000)
    parts[1] = voter
    return cbor.encode(parts)


def test_a_junk_copy_of_the_victims_alphas_comes_first_and_the_victim_still_counts() -> None:
    election = Election(3).open()
    victim, thief = election.units[0], election.units[1]
    victim.ready()
    body = victim.body(YES)
    thief.ready()
    junk = copied_as(body, thief.voter)
    thief.prepare(junk)
    verdict = thief.say(Cast(1, junk))
    assert isinstance(verdict, Refuse)
    assert verdict.code == "bad-proof"
    victim.prepare(body)
    assert isinstance(victim.cast(body), Accept)
    assert [cast.voter for cast in election.board.contests[election.contest].counting()] == [victim.voter]


def test_a_ballot_whose_alpha_another_cast_already_is_copied() -> None:
    election = Election(3).open()
    victim, thief = election.units[0], election.units[1]
    victim.ready()
    thief.ready()
    # The same seed and place but for the voter gives other α; only who knows r can make a valid copy of one.
    body = victim.body(YES)
    victim.prepare(body)
    victim.cast(body)
    contest = election.board.contests[election.contest]
    pending_body = thief.body(YES)
    thief.prepare(pending_body)
    alpha = cbor.decode(pending_body, 20_000)[4][0][:32]
    contest.casts_of[alpha] = victim.voter
    verdict = thief.cast(pending_body)
    assert isinstance(verdict, Refuse)
    assert (verdict.code, verdict.body_hash) == ("copied", hash_of(pending_body))


def test_a_voter_who_votes_again_is_not_their_own_copy() -> None:
    election = Election(3, revote="until-close").open()
    unit = election.units[0]
    assert isinstance(unit.vote(YES), Accept)
    contest = election.board.contests[election.contest]
    body = unit.body(YES)
    contest.casts_of[cbor.decode(body, 20_000)[4][0][:32]] = unit.voter
    unit.prepare(body)
    assert isinstance(unit.cast(body), Accept)
