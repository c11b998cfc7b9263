"""Shares and documents: moved, bad, too few, or signed by the wrong people."""

from dataclasses import replace

from ballot.documents.bodies import Cancel, Disposition, Share
from ballot.documents.document import Document, encode_document, with_signature
from ballot.documents.opened import opened
from ballot.group import scalar_of
from ballot.tally.count import counts_of, electing
from ballot.tally.shares import check_rows, combine, make_rows
from tests.attacks.row import ACCEPTED, Rows, codes, honest, refusal
from tests.attacks.rows.closing import STORE, log_tally, refused, voted
from tests.attacks.rows.tally import key_of, tallied
from tests.ballot.board.election import (
    CHARTER,
    CONGRESS,
    CONTEST,
    GROUP,
    HALL,
    YES,
    Election,
    signed,
    signer,
)
from tests.officers.tally.trustee import Trustee

ROWS = Rows()


# -- hv1 19, shares --------------------------------------------------------------------------------------


@ROWS.attack(
    "hv1 19",
    "whoever sees two shares of a machine whose randomness is stuck",
    "seeks two proofs of one nonce: they give the share away",
    by="ballot.tally.shares.make_rows",
    said="every T1 differs",
)
def stuck_randomness() -> str:
    election, bound = tallied()
    other = replace(bound, aggregate=bound.aggregate[1:] + bound.aggregate[:1])
    elsewhere = replace(bound, root=bytes(32))
    seen = []
    for each in (bound, other, elsewhere):
        for _, c, z in make_rows(GROUP, each, 1, election.shares[0], [bytes(32)] * 3):
            seen.append(GROUP.sub(GROUP.base(scalar_of(z)), GROUP.mul(scalar_of(c), key_of(election, 1))))
    return "every T1 differs" if len(set(seen)) == len(seen) else ACCEPTED


@ROWS.attack(
    "hv1 19",
    "bad trustee, fleet",
    "moves a share to another option, trustee, root, contest, ceremony, key record or aggregate",
    by="ballot.tally.shares.check_rows",
    said="bad-share",
)
def moved_share() -> str:
    election, bound = tallied()
    rows = make_rows(GROUP, bound, 1, election.shares[0], [bytes(32)] * 3)
    mine = key_of(election, 1)
    honest(refusal(lambda: check_rows(GROUP, bound, 1, mine, rows)) == ACCEPTED, "it holds in its place")
    moved = [
        replace(bound, root=bytes(32)),
        replace(bound, aggregate_hash=bytes(32)),
        replace(bound, contest=type(CONTEST)(bytes(16))),
        replace(bound, key_record_hash=bytes(32)),
        replace(bound, ceremony_id=bytes(32)),
        replace(bound, aggregate=(bound.aggregate[1], bound.aggregate[0], bound.aggregate[2])),
    ]
    found = [refusal(lambda each=each: check_rows(GROUP, each, 1, mine, rows)) for each in moved]  # type: ignore[misc]
    found.append(refusal(lambda: check_rows(GROUP, bound, 1, mine, (rows[1], rows[0], rows[2]))))
    found.append(refusal(lambda: check_rows(GROUP, bound, 2, key_of(election, 2), rows)))
    found.append(refusal(lambda: check_rows(GROUP, bound, 2, mine, rows)))
    return codes([*found, refusal(lambda: check_rows(GROUP, bound, 1, mine, rows[:2]))])


@ROWS.attack(
    "issue",
    "bad trustee",
    "gives a share of another secret, two shares, or one in another's name: the count goes on without it",
    by="ballot.tally.count.counts_of",
    said="too-few-signatures; 1 fault, counts by trustees 1 and 3",
)
def bad_share() -> str:
    election, _ = tallied()
    found = electing(GROUP, election.board.contests[CONTEST])
    assert found is not None
    tally = election.tally()
    bad = election.share(tally, 2, secret=election.shares[0])
    stolen_name = refusal(lambda: opened(signed(bad, ("an",)), CHARTER, Share))
    counts = counts_of(GROUP, found, tally, [bad, election.share(tally, 1), election.share(tally, 3)])
    alone = counts_of(GROUP, found, tally, [bad, election.share(tally, 1), election.share(tally, 1)])
    honest(alone.counts is None, "one good share is not two")
    honest(counts.counts == (2, 1, 0), "the counts are right")
    by = " and ".join(map(str, counts.trustees))
    return f"{stolen_name}; {len(counts.faults)} fault, counts by trustees {by}"


@ROWS.attack(
    "issue; hv1 18",
    "k-1 trustees with their opened key files",
    "open the tally, or one ballot, with fewer shares than k",
    by="ballot.tally.shares.combine",
    said="bad-share, too-few-shares; nothing opens",
)
def fewer_than_k_shares() -> str:
    election, bound = tallied()
    rows = {1: make_rows(GROUP, bound, 1, election.shares[0], [bytes(32)] * 3)}
    most = [3, 3, 3]
    found = [
        refusal(lambda: combine(GROUP, bound, 2, rows, most)),
        refusal(lambda: combine(GROUP, bound, 1, rows, most)),
        refusal(lambda: combine(GROUP, bound, 2, {1: rows[1], 2: rows[1]}, most)),
    ]
    one = election.board.contests[CONTEST].counting()[0].ciphertexts
    alone = replace(bound, aggregate=one)
    parts = {1: make_rows(GROUP, alone, 1, election.shares[0], [bytes(32)] * 3)}
    found.append(refusal(lambda: combine(GROUP, alone, 1, parts, [1, 1, 1])))
    both = parts | {2: make_rows(GROUP, alone, 2, election.shares[1], [bytes(32)] * 3)}
    honest(combine(GROUP, alone, 2, both, [1, 1, 1]) == YES, "k of them together could: that is what k means")
    return f"{codes(found)}; nothing opens"


@ROWS.attack(
    "hv1 18",
    "who holds a trustee's laptop",
    "signs with a key that is not the charter's, or opens with another share",
    by="officers.tally.acts.share",
    said="not-a-trustee, other-share",
)
def foreign_keys_at_the_desk() -> str:
    election = voted().ended()
    stranger = Trustee(election)
    stranger.stick.name = "board-1"
    found = [refused(stranger)]
    log_tally(election)
    other = Trustee(election)
    other.stick.secret += 1
    return codes([*found, refused(other, "share")])


@ROWS.attack(
    "issue",
    "fleet",
    "sends a whole election of its own making, under its own charter",
    by="officers.tally.reading.read",
    said="a fault: another charter",
)
def election_of_its_own() -> str:
    own = replace(CHARTER, witness_quorum=1)
    election = Election(3, charter=own).open()
    for unit in election.units:
        unit.vote(YES)
    trustee = Trustee(election.ended())
    found = refusal(trustee.approve)
    named = "names another charter than the pinned one" in trustee.said
    return "a fault: another charter" if found == "faults" and named else ACCEPTED


@ROWS.attack(
    "issue",
    "fleet key",
    "signs a manifest, a disposition, a tally or a result with every key it has",
    by="ballot.documents.document.check_signers",
    said="bad-signature, too-few-signatures, unknown-name",
)
def documents_by_the_fleet() -> str:
    election = voted().ended()
    bodies = [
        election.manifest,
        election.rows.roll(CONGRESS),
        Disposition(CONGRESS, CONTEST, ((election.units[0].voter, "left"),)),
        election.tally(),
        Cancel(CONGRESS, HALL, CONTEST, "no"),
        election.record,
    ]
    found = []
    for body in bodies:
        document = Document(body.kind, body.encode())
        forms = [with_signature(document, "desk", signer("desk")), with_signature(document, "store", STORE)]
        forms += [
            with_signature(document, officer, signer("desk")) for officer in ("board-1", "an", "comm-1")
        ]
        for each in (document, *forms):
            data = encode_document(each)
            found.append(refusal(lambda data=data, body=body: opened(data, CHARTER, type(body))))  # type: ignore[misc]
    return codes(found)
