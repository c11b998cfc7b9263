"""The tally: more than one, of fewer, of others, and whoever asks for it."""

import tempfile
from dataclasses import replace
from pathlib import Path

from ballot.board.verdicts import Accept
from ballot.ceremony.key_record import share_key
from ballot.documents.bodies import Cancel, RollRows, Tally
from ballot.documents.document import Document, encode_document, with_signature
from ballot.documents.manifest import check_manifest
from ballot.tally.aggregate import Aggregate, aggregate_hash
from ballot.tally.count import counts_of, electing
from ballot.tally.shares import Bound, check_rows, make_rows
from officers.tally.memory import head_line
from officers.witness.state import load
from officers.witness.witness import Witness
from tests.attacks.row import ACCEPTED, Rows, codes, honest, refusal
from tests.attacks.rows.closing import OBJECTIONS, STORE, TRUSTEE, log_tally, refused, voted
from tests.ballot.board.election import (
    CHARTER,
    CLOSED_S,
    CONGRESS,
    CONTEST,
    GROUP,
    HALL,
    NO,
    YES,
    Election,
    signed,
    signer,
)
from tests.officers.tally.trustee import Script, Trustee

ROWS = Rows()


def tallied() -> tuple[Election, Bound]:
    election = voted().ended()
    found = electing(GROUP, election.board.contests[CONTEST])
    assert found is not None
    return election, found.bound(election.tally())


def key_of(election: Election, i: int) -> bytes:
    return share_key(GROUP, election.record, i)


# -- hv1 17 ----------------------------------------------------------------------------------------------


@ROWS.attack(
    "hv1 17",
    "one trustee and the fleet",
    "propose a subtotal: one ballot less, a hall, one ballot alone",
    by=TRUSTEE,
    said="other-tally",
)
def subtotal() -> str:
    election = voted().ended()
    contest = election.board.contests[CONTEST]
    found = []
    for kept in (contest.counting()[:2], contest.counting()[:1]):
        part = Aggregate(GROUP, 3)
        for cast in kept:
            part.add(cast.ciphertexts)
        lie = replace(
            election.tally(), counted=len(kept), aggregate_hash=aggregate_hash(CONTEST, part.encoded())
        )
        found.append(refused(Trustee(election), proposed=signed(lie, ("binh",))))
    return codes(found)


@ROWS.attack(
    "hv1 17",
    "fewer than k trustees and the fleet",
    "open a subtotal with the shares of the true tally",
    by="ballot.tally.shares.check_rows",
    said="bad-share",
)
def subtotal_by_shares_of_the_whole() -> str:
    election, bound = tallied()
    part = Aggregate(GROUP, 3)
    part.add(election.board.contests[CONTEST].counting()[0].ciphertexts)
    alone = replace(bound, aggregate=part.encoded())
    rows = make_rows(GROUP, bound, 1, election.shares[0], [bytes(32)] * 3)
    return refusal(lambda: check_rows(GROUP, alone, 1, key_of(election, 1), rows))


@ROWS.attack(
    "hv1 17",
    "fleet, counting board",
    "opens fewer ballots than the minimum of anonymity, or sets a minimum of one",
    by=OBJECTIONS,
    said="bad-body, too-few, too-few-voters",
)
def too_few_ballots() -> str:
    election = Election(3, min_anonymity=3).open()
    for unit in election.units[:2]:
        unit.vote(YES)
    found = refused(Trustee(election.ended())).split(", ")
    found.append(refusal(lambda: replace(election.manifest, min_anonymity=1).encode()))
    roll = election.rows.roll(CONGRESS)
    ten = replace(election.manifest, min_anonymity=10)
    return codes([*found, *(each.code for each in check_manifest(ten, CHARTER, election.record, roll))])


@ROWS.attack(
    "hv1 17",
    "fleet, commission",
    "swells the roll: one voter twice, one key for two voters",
    by="ballot.documents.roll.RollRows",
    said="bad-body",
)
def voter_twice_in_the_roll() -> str:
    election = Election(3)
    rows = election.rows.rows
    doubled = RollRows(CONTEST, (rows[0], rows[0], *rows[1:]))
    return refusal(lambda: RollRows.parse(doubled.encode()))


@ROWS.attack(
    "hv1 17",
    "nine insiders of ten voters",
    "take their own votes from the result, and are left with the tenth",
    by="verifier.verify.verdict_of",
    said="the tenth vote is known; the residual is stated",
    residual=True,
)
def nine_insiders() -> str:
    election = Election(10, min_anonymity=10).open()
    for unit in election.units:
        unit.vote(NO if unit is election.units[-1] else YES)
    election.ended()
    found = electing(GROUP, election.board.contests[CONTEST])
    assert found is not None
    tally = election.tally()
    counts = counts_of(GROUP, found, tally, [election.share(tally, i) for i in (1, 2)]).counts
    known = counts is not None and [count - 9 * own for count, own in zip(counts, YES, strict=True)] == [*NO]
    text = (Path(__file__).parents[3] / "ballot" / "SPEC.md").read_text(encoding="utf-8")
    stated = "very small or unanimous electorates" in text.partition("Residual risks")[2]
    return (
        f"{'the tenth vote is known' if known else '?'}; the residual is {'stated' if stated else 'HIDDEN'}"
    )


# -- hv1 18 ----------------------------------------------------------------------------------------------


@ROWS.attack(
    "hv1 18; issue",
    "fleet",
    "asks a trustee for a second tally: N and N+1, a newer head, with laptop or key file restored",
    by="officers.tally.memory.signed_before",
    said="forked, second-tally",
)
def second_tally() -> str:
    found = []
    for restored in ("laptop", "stick", None):
        election = voted().ended()
        trustee = Trustee(election)
        trustee.approve()
        if restored is not None:
            getattr(trustee, restored).forget()
        found.append(refused(trustee, election=voted(4).ended()))
        election.store_beacon()
        election.checkpoint(CLOSED_S + 100)
        if restored != "stick":
            found.append(refused(trustee))
        else:
            honest(refusal(trustee.approve) != ACCEPTED, "nor with a newer head")
    return codes(each for one in found for each in one.split(", "))


@ROWS.attack(
    "hv1 18",
    "fleet",
    "asks again after both laptop and key file were restored: the log knows the first tally",
    by=TRUSTEE,
    said="second-in-log",
)
def both_places_restored() -> str:
    election = voted().ended()
    log_tally(election)
    return refused(Trustee(election))


@ROWS.attack(
    "hv1 18",
    "fleet with two quorums of trustees",
    "gets another tally signed by others, and then this trustee's share for it",
    by="officers.tally.decide.decide_share",
    said="second-tally",
)
def two_quorums() -> str:
    election = voted().ended()
    trustee = Trustee(election)
    trustee.approve()
    election.store_beacon()
    election.checkpoint(CLOSED_S + 80)
    log_tally(election, ("binh", "chi", "w-inside", "w-press"))
    return refused(trustee, "share")


@ROWS.attack(
    "hv1 18; issue",
    "fleet",
    "shows a trustee a board that was cut, an older head, another log, or a head no outside witness saw",
    by="officers.tally.decide.head_from_witness",
    said="bad-note, cut, forked, note-unwitnessed",
)
def truncated_or_forked_board() -> str:
    election = voted().ended()
    found = [refused(Trustee(election), export=election.export(election.leaves[:-2]))]
    trustee = Trustee(election)
    trustee.laptop.remember(head_line(HALL, election.tree.size + 5, bytes(32)))
    found.append(refused(trustee, export=election.export(), note=election.cosigned[-1]))
    trustee = Trustee(election)
    trustee.stick.remember(head_line(HALL, election.tree.size, bytes(32)))
    found.append(refused(trustee))
    election.checkpoint(CLOSED_S + 100, ("w-inside",))
    return codes([*found, refused(Trustee(election))])


@ROWS.attack(
    "hv1 18",
    "fleet",
    "asks for shares before the tally stands under a newer witnessed head",
    by="officers.tally.decide.decide_share",
    said="no-tally, tally-unseen",
)
def shares_before_the_tally() -> str:
    election = voted().ended()
    trustee = Trustee(election)
    found = refused(trustee, "share").split(", ")
    note = election.cosigned[-1]
    log_tally(election)
    found += refused(trustee, "share", note=note).split(", ")
    honest(trustee.share(), "then it gives its share")
    return codes(found)


@ROWS.attack(
    "hv1 18",
    "fleet, counting board",
    "opens a contest that was called off",
    by=OBJECTIONS,
    said="cancelled",
)
def cancelled_contest() -> str:
    election = voted().ended()
    election.publish(Cancel(CONGRESS, HALL, CONTEST, "wrong list"))
    election.checkpoint(CLOSED_S + 70)
    return refused(Trustee(election))


@ROWS.attack(
    "hv1 18",
    "fleet, k trustees",
    "has a witness sign a second tally, one ahead of what it saw, or one of fewer than k trustees",
    by="officers.witness.witness.Witness.sign_tally",
    said="bad-tally, few-trustees, second-tally, tally-ahead",
)
def witness_signs_one_tally() -> str:
    election = voted().ended()
    tally = election.tally()
    with tempfile.TemporaryDirectory() as name:
        one = Witness(CHARTER, "w-press", signer("w-press"), load(Path(name)), Script(), lambda: CLOSED_S)
        one.knows(HALL, STORE.public_key.raw)
        found = [refusal(lambda: one.sign_tally(signed(tally, ("an", "binh"))))]
        honest(one.cosign(HALL, election.cosigned[-1], []), "it cosigns the head")
        found.append(refusal(lambda: one.sign_tally(signed(tally, ("an",)))))
        forged = Document(Tally.kind, tally.encode())
        for trustee in ("an", "binh"):
            forged = with_signature(forged, trustee, signer("desk"))
        found.append(refusal(lambda: one.sign_tally(encode_document(forged))))
        honest(one.sign_tally(signed(tally, ("an", "binh"))), "it signs the first")
        other = signed(replace(tally, counted=2), ("binh", "chi"))
        found.append(refusal(lambda: one.sign_tally(other)))
        again = Witness(CHARTER, "w-press", signer("w-press"), load(Path(name)), Script(), lambda: CLOSED_S)
        return codes([*found, refusal(lambda: again.sign_tally(other))])


@ROWS.attack(
    "hv1 18",
    "fleet",
    "opens the same ballots once more under a re-run: another contest of the same roll",
    by="ballot.board.contest.Contest._signed",
    said="dropped by the other contest; 0 of 3 count there",
)
def rerun_takes_over_ballots() -> str:
    election = voted()
    again = Election(3, contest=type(CONTEST)(b"round-two-round-")).open()
    taken = [again.offer(leaf) for leaf in election.leaves[-20:]]
    honest(not any(isinstance(each, Accept) for each in taken), "none of them")
    counted = len(again.board.contests[again.contest].counting())
    return f"dropped by the other contest; {counted} of 3 count there"
