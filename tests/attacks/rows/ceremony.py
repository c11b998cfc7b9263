"""The election key: what a dishonest trustee, or somebody in their name, does in the ceremony."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ballot.ceremony.messages import (
    Begin,
    Commitment,
    Complaint,
    Dealing,
    Message,
    Opening,
    encode_body,
    parse_body,
)
from ballot.ceremony.outcome import Outcome, Stopped, Waiting, Write
from ballot.ceremony.polynomial import evaluate, proof_holds
from ballot.ceremony.sealing import seal_share
from ballot.ceremony.state import Own, State
from ballot.ceremony.step import begin
from ballot.documents.bodies import KeyRecord
from ballot.documents.opened import opened
from ballot.group import IDENTITY
from tests.attacks.row import ACCEPTED, Rows, codes, honest, refusal
from tests.ballot.board.election import CHARTER, Election, signed
from tests.ballot.ceremony.congress import GROUP, Meeting, charter_of
from wire import cbor

ROWS = Rows()
HONEST, VICTIM, CROOK = "giu-1", "giu-2", "giu-3"
CROOKED = "trustee"


def started(rounds: int = 0) -> Meeting:
    """Three trustees, two of whom are needed, after so many times round the table."""
    meeting = Meeting(charter_of(3, 2))
    meeting.begin(HONEST)
    for _ in range(rounds):
        meeting.round()
    return meeting


def own_of(meeting: Meeting, name: str) -> Own:
    own = meeting.states[name].own
    honest(own is not None, f"{name} takes part")
    assert own is not None
    return own


def opening_of(meeting: Meeting, name: str) -> Opening:
    found = parse_body(own_of(meeting, name).opening)
    assert isinstance(found, Opening)
    return found


def swap_paper(meeting: Meeting, message: Message) -> None:
    """The crook lays another paper in place of theirs."""
    start = f"{message.kind.replace('/', '-')} {CROOK}"
    for place in [place for place in meeting.papers if place.startswith(start)]:
        del meeting.papers[place]
    meeting.lay(message.kind, encode_body(message), CROOK)


def committed_to(**changed: Any) -> Meeting:
    """The crook commits to, and opens, something else than their machine would; all open."""
    meeting = started()
    meeting.run(CROOK)
    crooked = replace(opening_of(meeting, CROOK), **changed)
    meeting.states[CROOK] = State((), replace(own_of(meeting, CROOK), opening=encode_body(crooked)))
    swap_paper(meeting, crooked.commitment)
    meeting.round()
    meeting.round()
    return meeting


def dealt(rows: Callable[[Meeting, Own, Dealing], tuple[tuple[int, bytes], ...]]) -> Meeting:
    """The crook deals these shares instead of theirs."""
    meeting = started(2)
    own = own_of(meeting, CROOK)
    dealing = parse_body(own.dealing)
    assert isinstance(dealing, Dealing)
    crooked = replace(dealing, rows=rows(meeting, own, dealing))
    swap_paper(meeting, crooked)
    meeting.states[CROOK] = State((), replace(own, dealing=encode_body(crooked)))
    return meeting


def said(outcome: Outcome) -> str:
    if isinstance(outcome, Stopped):
        return f"{outcome.code} names {' and '.join(outcome.names) or 'nobody'}"
    return f"waits for {' and '.join(outcome.names)}" if isinstance(outcome, Waiting) else ACCEPTED


# -- hv1 2, 3 --------------------------------------------------------------------------------------------


@ROWS.attack(
    "hv1 2",
    CROOKED,
    "replays a proof of possession of another ceremony, trustee or coefficient",
    by="ballot.ceremony.polynomial.proof_holds",
    said="no-possession names giu-3",
)
def proof_of_another_ceremony() -> str:
    other = Meeting(charter_of(3, 2), seed="other")
    other.begin(CROOK)
    foreign = opening_of(other, CROOK)
    ceremony = own_of(other, CROOK).ceremony_id
    honest(proof_holds(GROUP, ceremony, 3, 0, foreign.points[0], foreign.proofs[0]), "it holds over there")
    meeting = committed_to(points=foreign.points, proofs=foreign.proofs)
    mine = opening_of(meeting, HONEST)
    copied = committed_to(points=mine.points, proofs=mine.proofs)
    return codes(said(each.run(HONEST)) for each in (meeting, copied))


@ROWS.attack(
    "issue; hv1 3",
    CROOKED,
    "publishes a rogue key that cancels the keys of the others",
    by="ballot.ceremony.polynomial.bad_coefficient",
    said="no-possession names giu-3",
)
def rogue_trustee_key() -> str:
    before = started()
    before.run(CROOK)
    mine, theirs = opening_of(before, CROOK), opening_of(before, HONEST)
    rogue = GROUP.sub(mine.points[0], theirs.points[0])
    return said(committed_to(points=(rogue, mine.points[1])).run(VICTIM))


@ROWS.attack(
    "issue; hv1 3",
    CROOKED,
    "commits to the identity, to too few or too many points, or takes shares under a key of small order",
    by="ballot.ceremony.faults.bad_opening",
    said="bad-transport names giu-3, no-possession names giu-3, wrong-number names giu-3",
)
def crooked_round_1() -> str:
    before = started()
    before.run(CROOK)
    mine = opening_of(before, CROOK)
    changes: list[dict[str, Any]] = [
        {"points": (mine.points[0], IDENTITY)},
        {"points": mine.points[:1], "proofs": mine.proofs[:1]},
        {"points": mine.points * 2, "proofs": mine.proofs * 2},
        {"transport": bytes(32)},
    ]
    return codes(said(committed_to(**changed).run(HONEST)) for changed in changes)


@ROWS.attack(
    "hv1 3",
    CROOKED,
    "opens in round 1 something else than round 0 committed to, after seeing the others",
    by="ballot.ceremony.faults.bad_opening",
    said="does-not-open names giu-3",
)
def opens_something_else() -> str:
    meeting = started()
    for name in (VICTIM, CROOK, HONEST, VICTIM):
        meeting.run(name)
    fresh = Meeting(charter_of(3, 2), seed="fresh")
    fresh.papers = {place: paper for place, paper in meeting.papers.items() if "begin" in place}
    fresh.run(CROOK)
    honest(own_of(fresh, CROOK).ceremony_id == own_of(meeting, CROOK).ceremony_id, "of the same ceremony")
    swap_paper(meeting, opening_of(fresh, CROOK))
    return said(meeting.run(HONEST))


@ROWS.attack(
    "hv1 3; issue",
    CROOKED,
    "deals a share that is not on the polynomial, or one that does not open",
    by="ballot.ceremony.faults.judged",
    said="bad-share names giu-3",
)
def bad_share_dealt() -> str:
    def off_by_one(meeting: Meeting, own: Own, dealing: Dealing) -> tuple[tuple[int, bytes], ...]:
        key = opening_of(meeting, VICTIM).transport
        return dealing.rows[0], (2, seal_share(evaluate(own.coefficients, 2) + 1, key, own.ceremony_id, 3, 2))

    found = []
    for rows in (off_by_one, lambda _meeting, _own, dealing: (dealing.rows[0], (2, b"\xff" * 80))):
        meeting = dealt(rows)
        meeting.run(HONEST)
        meeting.run(VICTIM)
        found += [said(meeting.run(name)) for name in meeting.names]
    return codes(found)


@ROWS.attack(
    "hv1 3",
    CROOKED,
    "deals to an index twice, not at all, to themselves, or none",
    by="ballot.ceremony.faults.bad_dealing",
    said="not-all-dealt names giu-3",
)
def wrong_indices() -> str:
    forms = ((), ((1, bytes(80)),), ((1, bytes(80)), (1, bytes(80))), ((1, bytes(80)), (3, bytes(80))))
    return codes(said(dealt(lambda _m, _o, _d, rows=rows: rows).run(HONEST)) for rows in forms)  # type: ignore[misc]


@ROWS.attack(
    "hv1 3",
    CROOKED,
    "asks for the share at 0, which is the secret itself, or deals to 0 or to a tenth",
    by="ballot.ceremony.polynomial.evaluate",
    said="bad-schema; evaluation at 0 refused",
)
def share_at_0() -> str:
    found = [
        refusal(lambda at=at: parse_body(cbor.encode([Dealing.kind, bytes(32), 3, [[at, bytes(80)]]])))  # type: ignore[misc]
        for at in (0, 10)
    ]
    try:
        evaluate((5, 7), 0)
    except ValueError:
        return f"{codes(found)}; evaluation at 0 refused"
    return ACCEPTED


@ROWS.attack(
    "hv1 3",
    CROOKED,
    "shows two different papers of one round, to two trustees or on one table",
    by="ballot.ceremony.faults.two_faces",
    said="two-faces names giu-3",
)
def two_faces() -> str:
    found = []
    for round_ in (0, 1, 2):
        meeting = started(3)
        meeting.papers = {
            place: paper for place, paper in meeting.papers.items() if "key-record" not in place
        }
        own = own_of(meeting, CROOK)
        second: list[Message] = [
            Commitment(own.ceremony_id, 3, bytes(32)),
            replace(opening_of(meeting, CROOK), transport=bytes(32)),
            Dealing(own.ceremony_id, 3, ((1, bytes(80)), (2, bytes(80)))),
        ]
        meeting.lay(second[round_].kind, encode_body(second[round_]), CROOK)
        found += [said(meeting.run(name)) for name in (HONEST, VICTIM)]
    return codes(found)


@ROWS.attack(
    "hv1 3",
    CROOKED,
    "keeps two views apart until the end: each of the others signs another transcript",
    by="ballot.ceremony.ending.broken",
    said="other-record names giu-1, other-record names giu-2",
)
def two_views() -> str:
    meeting = started(2)
    own = own_of(meeting, CROOK)
    again = tuple(
        (
            j,
            seal_share(
                evaluate(own.coefficients, j), opening_of(meeting, name).transport, own.ceremony_id, 3, j
            ),
        )
        for j, name in ((1, HONEST), (2, VICTIM))
    )
    dealing = parse_body(own.dealing)
    assert isinstance(dealing, Dealing)
    meeting.run(HONEST)
    swap_paper(meeting, replace(dealing, rows=again))
    hidden = {place: paper for place, paper in meeting.papers.items() if "key-record" not in place}
    meeting.run(VICTIM, hidden)
    meeting.papers = {place: paper for place, paper in meeting.papers.items() if CROOK not in place}
    return codes(said(meeting.run(name)) for name in (HONEST, VICTIM))


@ROWS.attack(
    "hv1 3",
    CROOKED,
    "complains of an honest trustee",
    by="ballot.ceremony.faults.judged",
    said="false-complaint names giu-3",
)
def false_complaint() -> str:
    found = []
    for key in (own_of(started(2), CROOK).transport_key, bytes(32)):
        meeting = started(2)
        own = own_of(meeting, CROOK)
        meeting.lay(Complaint.kind, encode_body(Complaint(own.ceremony_id, 3, 2, key)), CROOK)
        found += [said(meeting.run(name)) for name in (HONEST, VICTIM)]
    return codes(found)


@ROWS.attack(
    "hv1 3",
    "trustee who is missing, or who withholds their signature",
    "lets K be used without having signed its transcript",
    by="ballot.documents.document.check_signers",
    said="too-few-signatures; waits for giu-3",
)
def missing_trustee() -> str:
    meeting = started(3)
    meeting.papers = {
        place: paper
        for place, paper in meeting.papers.items()
        if not ("key-record" in place and CROOK in place)
    }
    election = Election(3)
    data = signed(election.record, ("an", "binh"))
    return f"{refusal(lambda: opened(data, CHARTER, KeyRecord))}; {said(meeting.run(HONEST))}"


@ROWS.attack(
    "hv1 3",
    CROOKED,
    "uses a ceremony again that was broken off, with the polynomials that others know of",
    by="ballot.ceremony.step.begin",
    said="all of it is fresh, the old one is never joined",
)
def ceremony_begun_again() -> str:
    meeting = started(1)
    before = own_of(meeting, HONEST)
    outcome = begin(meeting.trustees[HONEST], meeting.table(), meeting.states[HONEST])
    assert isinstance(outcome, Write)
    after = outcome.state.own
    assert after is not None
    fresh = (
        after.ceremony_id != before.ceremony_id
        and set(after.coefficients).isdisjoint(before.coefficients)
        and after.transport_key != before.transport_key
        and outcome.state.left == (before.ceremony_id,)
    )
    return "all of it is fresh, the old one is never joined" if fresh else ACCEPTED


@ROWS.attack(
    "hv1 2",
    CROOKED,
    "begins a ceremony under another charter, or of another size",
    by="ballot.ceremony.table.table_of",
    said="left aside",
)
def begins_under_another_charter() -> str:
    meeting = started()
    other = Meeting(charter_of(5, 3), seed="five")
    other.begin(CROOK)
    meeting.papers.update({f"foreign {place}": paper for place, paper in other.papers.items()})
    smaller = Begin(meeting.charter.congress, meeting.charter.hash, 2, 2, bytes(32))
    meeting.lay(Begin.kind, encode_body(smaller), CROOK)
    table = meeting.table()
    return "left aside" if len(table.beginnings) == 1 and len(table.aside) >= 2 else ACCEPTED


@ROWS.attack(
    "hv1 3",
    "thief of a trustee's signing key",
    "lays a paper in that trustee's name",
    by="ballot.ceremony.ending.broken",
    said="forged-own names giu-1",
)
def paper_in_a_trustees_name() -> str:
    meeting = started()
    own = own_of(meeting, HONEST)
    forged = Dealing(own.ceremony_id, 1, ((2, bytes(80)), (3, bytes(80))))
    meeting.lay(Dealing.kind, encode_body(forged), HONEST)
    return said(meeting.run(HONEST))
