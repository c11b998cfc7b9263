"""Entries that are ready become leaves, or their refusals do; a beacon follows a batch of commitments."""

from collections.abc import Callable, Sequence

from ballot.board.verdicts import Accept, Refuse
from fleet.ingest.ballots.elections import Elections, StoredRecord, commits
from fleet.ingest.ballots.polling import Ready
from fleet.ingest.draft import Draft
from wire.fields import Body
from wire.ids import ContestId
from wire.voting import NONCE_BYTES, BallotRefusal, Beacon


def append_entries(
    draft: Draft, elections: Elections, ready: Sequence[Ready], random: Callable[[int], bytes]
) -> None:
    """In the order in which they came. Each is judged once more: something may have come between."""
    committed: dict[ContestId, None] = {}
    for each in ready:
        contest = elections.board.contest_of(each.envelope)
        if contest is None:
            continue
        found = (
            contest.judge_cheap(each.envelope)
            if each.pending is None
            else contest.judge_again(each.pending, each.code)
        )
        if isinstance(found, Accept):
            elections.accepted(draft.add_entry(found.entry, each.envelope), found)
            if commits(found.entry):
                committed[contest.id] = None
        elif isinstance(found, Refuse):
            refusal = BallotRefusal(
                contest.id, found.entry.voter, found.entry_hash, found.body_hash, found.code
            )
            _say(draft, elections, refusal)
    for contest_id in committed:
        _say(draft, elections, Beacon(contest_id, random(NONCE_BYTES)))


def _say(draft: Draft, elections: Elections, body: Body) -> None:
    leaf = draft.say(body)
    elections.record(StoredRecord(leaf, body, draft.rows[-1].envelope))
