"""Verifier and audit, written from the same pages by different hands, say of every file the same: faults or
none, and the same counts."""

from collections.abc import Callable

import pytest

from ballot.adapters.libsodium import Libsodium
from ballot.documents.bodies import Result
from ballot.rules.counted import from_tally
from ballot.rules.decide import decide
from ballot.rules.facts import Facts
from ballot.rules.facts import encode as encode_facts
from tests.ballot.board.election import ABSTAIN, CLOSED_S, CONGRESS, HALL, NO, YES
from tests.ballot.board.election import Election as BoardElection
from tests.verifier.audit import faults_of
from tests.verifier.conftest import Remembering, verified
from tests.verifier.election import Election
from tests.verifier.test_falsified_by_hand import BY_HAND
from tests.verifier.test_falsified_election import DAILY, FALSE, FALSE_FILES, OF_DEVICES, SIGNED_BY
from verifier import verify
from wire import cbor

pytestmark = pytest.mark.slow

# What the verifier looks at and the audit does not: whether a refusal was plausible, whether tally and shares
# stood under a cosigned checkpoint (a trustee sees that before signing), and the outcome by the rule.
VERIFIER_ALONE = {
    "an accepted entry refused",
    "too many prepared, it is said",
    "the outside witness silent at the close",
    "shares before the tally was witnessed",
    "another outcome",
    "a result under another root",
    "facts with fewer people than ballots",
    "facts of nine numbers",
    "an order of people for a motion",
}
CASES: dict[str, Callable[[], Election]] = {
    **{what: lambda twists=twists: Election(twists=twists) for what, (_, twists) in FALSE.items()},
    **{
        f"signed {kind}": lambda by={kind: names}: Election(signed_by=by)
        for kind, (_, names) in SIGNED_BY.items()
    },
    **{kind.__name__: kind for kind, _ in BY_HAND},
    **{
        f"file {at}": lambda twist=twist: Election(twists={"sequence": twist})
        for at, (twist, _) in enumerate(FALSE_FILES)
    },
}


@pytest.mark.parametrize(
    "what",
    [what if what in DAILY[:4] else pytest.param(what, marks=pytest.mark.slow) for what in sorted(CASES)],
)
def test_both_find_a_falsified_election(what: str) -> None:
    election = CASES[what]().held()
    said = verified(election, key_record=None, root=None).faults
    theirs = faults_of(election.export(), election.charter)
    assert said
    assert theirs or what in VERIFIER_ALONE


@pytest.mark.slow
@pytest.mark.parametrize("what", sorted(OF_DEVICES))
def test_the_audit_finds_what_the_verifier_leaves_to_it(what: str) -> None:
    election = Election(twists=OF_DEVICES[what]).held()
    assert faults_of(election.export(), election.charter)


@pytest.mark.parametrize("revote", ["none", "until-close"])
def test_both_find_nothing_in_an_honest_election(revote: str) -> None:
    election = Election(revote=revote).held()
    assert not verified(election).faults
    assert not faults_of(election.export(), election.charter)


def counted() -> BoardElection:
    """Of the board's own tests, from the first leaf to the result: a check, an abandoned ballot, a revote."""
    election = BoardElection(4, revote="until-close").open()
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
    units[3].vote(ABSTAIN)
    election.ended()
    point = election.checkpoint(CLOSED_S + 61)
    tally = election.tally()
    election.publish(tally)
    election.checkpoint(CLOSED_S + 70)
    for i, name in ((1, "an"), (3, "chi")):
        election.publish(election.share(tally, i), (name,))
    facts = Facts(4, 0, 0, 4, 4, 4, 0, 0, None, None)
    rule, counts = election.manifest.rule, (2, 1, 1)
    text = decide(rule, facts, from_tally(rule, counts, 4)).text
    raw = cbor.encode(encode_facts(facts))
    where = (election.contest, election.manifest.hash, tally.hash)
    body = Result(CONGRESS, HALL, *where, counts, raw, None, text, point.root, point.size)
    election.publish(body, ("board-1", "board-2"))
    election.checkpoint(CLOSED_S + 80)
    return election


def both_say(election: BoardElection, data: bytes) -> tuple[verify.Report, list[str]]:
    charter = election.charter.encode()
    pinned = verify.Pinned(charter, None, None, None, None)
    return verify.verify(data, pinned, Remembering(1)), faults_of(data, charter)


def test_both_find_nothing_in_an_election_of_the_board() -> None:
    election = counted()
    report, theirs = both_say(election, election.export())
    assert report.faults == []
    assert theirs == []
    assert report.results[0]["totals"] == [2, 1, 1]


@pytest.mark.slow
def test_both_miss_any_leaf_that_is_taken_out() -> None:
    election = counted()
    for at in range(len(election.leaves)):
        report, theirs = both_say(election, election.export(election.leaves[:at] + election.leaves[at + 1 :]))
        assert report.faults, at
        assert theirs, at


@pytest.mark.slow
def test_both_find_any_leaf_that_is_changed() -> None:
    election = counted()
    for at, leaf in enumerate(election.leaves):
        for place in (5, len(leaf) // 2, len(leaf) - 1):
            changed = leaf[:place] + bytes([leaf[place] ^ 1]) + leaf[place + 1 :]
            leaves = [*election.leaves[:at], changed, *election.leaves[at + 1 :]]
            report, theirs = both_say(election, election.export(leaves))
            assert report.faults, (at, place)
            assert theirs, (at, place)


def test_the_group_of_the_audit_is_another_program() -> None:
    group = Libsodium()
    for k in (1, 2, verify.L - 1):
        assert group.base(k) == verify.point_bytes(verify.mix((k, verify.BASE_TABLE)))
