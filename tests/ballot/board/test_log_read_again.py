"""The log read again from its bytes comes to what its store came to, and names every leaf that lies."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from ballot.board.board import Board, perform_here
from ballot.board.proofs import Asked, answered
from ballot.board.work import Performer, believed
from ballot.documents.bodies import Cancel, Disposition
from ballot.hall_log.format import LeafItem
from ballot.hall_log.replay import Replay
from ballot.tally.report import contests_of
from tests.ballot.board.election import (
    CHARTER,
    CONGRESS,
    GROUP,
    HALL,
    NO,
    QUESTION,
    SITTING,
    YES,
    Election,
    signer,
)
from tests.ballot.board.unit import Unit
from wire import cbor
from wire.board import Cast, End
from wire.voting import Beacon, ContestChanged


def replayed(leaves: Sequence[bytes], perform: object = None) -> Replay:
    board = Board(CONGRESS, HALL, CHARTER, GROUP, perform or perform_here(Performer(GROUP)))  # type: ignore[arg-type]
    replay = Replay(CONGRESS, HALL, signer("desk").public_key, signer("store").public_key, election=board)
    for index, leaf in enumerate(leaves):
        replay.add(LeafItem(index, leaf, "ok"))
    replay.finish()
    return replay


def voted() -> Election:
    """Votes, a check, an abandoned one, a swap, a disposition, a refusal."""
    election = Election(5, revote="until-close").open()
    units = election.units
    units[0].vote(YES)
    units[0].vote(NO)
    units[1].ready()
    units[1].prepare(units[1].body(YES))
    units[1].check(YES)
    units[1].vote(YES)
    units[2].ready()
    units[2].abandon()
    units[2].vote(YES)
    units[3].vote(NO)
    units[3].say(Cast(9, b"x"))
    swapped = Unit(election, units[3].voter, 1)
    election.bind(swapped)
    units[3] = swapped
    election.close()
    for unit in units[:4]:
        unit.end()
    rows = ((units[4].voter, "left the hall"),)
    election.publish(Disposition(CONGRESS, election.contest, rows))
    return election


def test_an_honest_log_has_no_fault_and_the_same_ballots_count() -> None:
    election = voted()
    replay = replayed(election.leaves)
    assert [str(fault) for fault in replay.faults] == []
    (report,) = contests_of(replay, GROUP)
    assert (report.enabled, report.counted, report.unaccounted) == (5, 4, ())
    assert (report.checked, report.abandoned, report.refusals) == (1, 1, 1)
    assert [bind[1] for bind in report.binds] == [election.units[3].voter]
    own = election.board.contests[election.contest].counting()
    assert replay.election.contests[election.contest].counting() == own  # type: ignore[union-attr]
    assert any("left the hall" in line for line in report.lines())


def test_the_counts_come_out_of_any_two_shares_in_the_log() -> None:
    election = voted()
    election.checkpoint(1_700_000_700)
    tally = election.tally()
    assert election.publish(tally) == []
    for i, name in ((1, "an"), (3, "chi")):
        assert election.publish(election.share(tally, i), (name,)) == []
    (report,) = contests_of(replayed(election.leaves), GROUP)
    assert report.faults == ()
    assert report.counts == (2, 2, 0)


def index_of(election: Election, kind: str, nth: int = 0) -> int:
    found = []
    for index, leaf in enumerate(election.leaves):
        payload = cbor.decode(cbor.decode(leaf, 20_000)[2], 20_000)
        if payload[0] == kind:
            found.append(index)
    return found[nth]


@pytest.mark.parametrize("kind", ["ready/1", "prepared/1", "cast/1", "checked/1", "abandoned/1", "end/1"])
def test_an_entry_that_is_taken_out_is_missed(kind: str) -> None:
    election = voted()
    at = index_of(election, kind)
    leaves = election.leaves[:at] + election.leaves[at + 1 :]
    replay = replayed(leaves)
    (report,) = contests_of(replay, GROUP)
    assert replay.faults or report.unaccounted


@pytest.mark.parametrize("kind", ["ready/1", "prepared/1", "cast/1", "checked/1", "abandoned/1", "end/1"])
def test_one_changed_byte_is_named_with_its_leaf(kind: str) -> None:
    election = voted()
    at = index_of(election, kind)
    changed = bytearray(election.leaves[at])
    changed[-70] ^= 1
    leaves = [*election.leaves[:at], bytes(changed), *election.leaves[at + 1 :]]
    assert at in [fault.leaf for fault in replayed(leaves).faults]


def test_a_cast_that_the_store_lets_in_behind_the_close_is_a_fault() -> None:
    election = Election(3).open()
    unit = election.units[0]
    unit.ready()
    body = unit.body(YES)
    unit.prepare(body)
    election.close()
    at = election.leaf(unit.sealed(Cast(1, body)))
    faults = replayed(election.leaves).faults
    assert [(fault.leaf, "after-close" in fault.what) for fault in faults] == [(at, True)]


def test_a_ballot_whose_proof_fails_counts_for_nothing_although_all_was_believed_at_first() -> None:
    election = Election(3).open()
    victim, thief = election.units[0], election.units[1]
    thief.ready()
    victim.ready()
    body = victim.body(YES)
    parts = cbor.decode(body, 20_000)
    parts[1] = thief.voter
    junk = cbor.encode(parts)
    thief.prepare(junk)
    at = election.leaf(thief.sealed(Cast(1, junk)))  # a store that conspires
    victim.prepare(body)
    victim.cast(body)
    asked = Asked()
    first = replayed(election.leaves, asked)
    performer = Performer(GROUP)
    found = answered(asked, lambda works: list(map(performer, works)), performer)
    assert found is not None
    second = replayed(election.leaves, found)
    assert first.election.contests[election.contest].casts_of != {}  # type: ignore[union-attr]
    assert [fault.leaf for fault in second.faults] == [at]
    counting = second.election.contests[election.contest].counting()  # type: ignore[union-attr]
    assert [cast.voter for cast in counting] == [victim.voter]


def test_a_log_without_a_charter_says_that_nobody_may_have_voted() -> None:
    election = Election(3).open()
    election.units[0].ready()
    replay = Replay(CONGRESS, HALL, signer("desk").public_key, signer("store").public_key)
    for index, leaf in enumerate(election.leaves):
        replay.add(LeafItem(index, leaf, "ok"))
    assert [fault.what for fault in replay.faults] == [
        "an entry of the election board, and no charter says who may vote"
    ]


def test_documents_that_the_desk_makes_up_have_no_force() -> None:
    election = Election(3)
    assert election.publish(election.record, ("an", "binh"))
    assert election.publish(election.record) == []
    assert election.publish(election.rows)
    roll = election.rows.roll(CONGRESS)
    assert election.publish(roll, ("comm-1",))
    assert election.publish(roll, ("comm-1", "comm-2")) == []
    assert election.publish(election.rows) == []
    assert election.publish(election.manifest, ("board-1",))
    change = ContestChanged(SITTING, QUESTION, election.contest, "open", election.manifest.hash)
    assert election.desk(change)
    assert election.units[0].ready().code == "not-open"  # type: ignore[union-attr]


def test_a_manifest_under_another_election_key_opens_nothing() -> None:
    election, other = Election(3), Election(3, seed=8)
    foreign = replace(election.manifest, key_record_hash=other.record.hash)
    election.prepare()
    assert election.publish(foreign) == []
    assert election.desk(ContestChanged(SITTING, QUESTION, election.contest, "open", foreign.hash))
    assert election.board.contests[election.contest].course.context is None


def test_a_cancelled_contest_takes_nothing_more_and_is_never_closed() -> None:
    election = Election(3).open()
    election.units[0].ready()
    assert election.publish(Cancel(CONGRESS, HALL, election.contest, "wrong list")) == []
    assert election.units[1].ready().code == "after-close"  # type: ignore[union-attr]
    assert election.close()
    assert election.units[1].say(End(None)).code == "before-close"  # type: ignore[union-attr]


def test_a_beacon_of_an_unknown_contest_is_a_fault() -> None:
    election = Election(3)
    assert election.store(Beacon(election.contest, bytes(32)))


def test_its_own_store_reads_its_log_without_doing_the_proofs_again() -> None:
    election = voted()
    replay = replayed(election.leaves, lambda pending: believed(pending.work))
    assert not replay.faults
    assert replay.election.contests[election.contest].counting()  # type: ignore[union-attr]
