"""Who speaks on the board, and copies and replays of what was said there: voters, units, a fleet."""

from ballot.board.verdicts import Accept
from ballot.documents.bodies import Bind
from ballot.documents.document import Document, encode_document, with_signature
from ballot.documents.opened import opened
from ballot.hashing import hash_of
from ballot.proofs import Place
from scripts.ballot_forger import Forger
from tests.attacks.row import ACCEPTED, Rows, codes, honest, refusal, verdict
from tests.ballot.board.election import (
    CHARTER,
    CONGRESS,
    CONTEST,
    GROUP,
    NO,
    YES,
    Election,
    signed,
    signer,
)
from tests.ballot.board.unit import Unit
from wire import cbor
from wire.board import Cast, Prepared, Ready
from wire.ids import ContestId

ROWS = Rows()
JUDGE = "ballot.board.contest.Contest.judge_cheap"
AGAIN = "ballot.board.contest.Contest.judge_again"
OTHER_ROUND = ContestId(b"round-two-round-")


def opened_election(revote: str = "none") -> Election:
    return Election(3, revote=revote).open()


def prepared(revote: str = "none") -> tuple[Election, Unit, bytes]:
    """An election whose first unit has a ballot for yes prepared."""
    election = opened_election(revote)
    unit = election.units[0]
    unit.ready()
    body = unit.body(YES)
    honest(isinstance(unit.prepare(body), Accept), "a ballot is prepared")
    return election, unit, body


def counted(election: Election) -> list[bytes]:
    return [cast.body_hash for cast in election.board.contests[election.contest].counting()]


# -- who speaks ------------------------------------------------------------------------------------------


@ROWS.attack(
    "issue",
    "stolen broker, anyone",
    "sends entries that no unit of the roll has signed: another key, a stranger, junk, the desk",
    by="ballot.board.contest.Contest._signed",
    said="dropped: bad-signature, dropped: no-contest, dropped: unknown-signer",
)
def entries_nobody_may_sign() -> str:
    election = opened_election()
    victim = election.units[0]
    ready = Ready(bytes(32), 1)
    stranger = Unit(election, type(victim.voter)(b"stranger-strange"))
    thief = Unit(election, victim.voter, key="another key")
    desk = Unit(election, victim.voter)
    desk.signer = signer("desk")
    found = (thief.say(ready), stranger.say(ready), desk.say(ready), election.offer(b"junk"))
    return codes(verdict(each) for each in found)


@ROWS.attack(
    "issue; hv1 5",
    "voter with a unit of their own",
    "speaks for another voter under their own key",
    by="wire.board.parse_entry",
    said="dropped: bad-schema",
)
def speaks_for_another_voter() -> str:
    election = opened_election()
    victim, thief = election.units[:2]
    return verdict(thief.send(thief.sealed(Ready(bytes(32), 1), voter=victim.voter)))


@ROWS.attack(
    "hv1 5",
    "voter",
    "casts, has the unit swapped and casts again, to be counted twice",
    by=JUDGE,
    said="already-cast",
)
def swap_after_a_cast() -> str:
    election = opened_election()
    old = election.units[0]
    honest(isinstance(old.vote(YES), Accept), "the first unit casts")
    new = Unit(election, old.voter, 1)
    honest(election.bind(new) == [], "two of the commission bind the spare")
    new.ready(seq=2)
    body = new.body(NO)
    new.prepare(body)
    return verdict(new.cast(body))


@ROWS.attack(
    "hv1 5", "voter with the old unit", "comes back with the unit that was replaced", by=JUDGE, said="old-key"
)
def old_unit_returns() -> str:
    election, old, body = prepared()
    honest(election.bind(Unit(election, old.voter, 1)) == [], "two of the commission bind the spare")
    return verdict(old.cast(body))


@ROWS.attack(
    "hv1 5",
    "malicious spare unit",
    "uses again a seq that the old unit used, so that one seq has two bodies",
    by="ballot.board.chain.Chain.seq_is_due",
    said="bad-seq",
)
def spare_repeats_a_seq() -> str:
    election, old, _ = prepared()
    new = Unit(election, old.voter, 1)
    election.bind(new)
    return verdict(new.ready(seq=1))


@ROWS.attack(
    "hv1 5",
    "fleet key, one officer of the commission, the counting board, the chair",
    "binds a unit of its own to a voter",
    by="ballot.documents.document.check_signers",
    said="bad-signature, too-few-signatures, unknown-name",
)
def bind_made_by_the_fleet() -> str:
    election = opened_election()
    new = Unit(election, election.units[0].voter, 1, key="the fleet's")
    body = Bind(CONGRESS, CONTEST, new.voter, 1, new.raw_key, "swap")
    forged = Document(Bind.kind, body.encode())
    for name in ("comm-1", "comm-2"):
        forged = with_signature(forged, name, signer("desk"))
    own_name = with_signature(Document(Bind.kind, body.encode()), "desk", signer("desk"))
    attempts = [encode_document(forged), encode_document(own_name)]
    attempts += [signed(body, names) for names in ((), ("comm-1",), ("board-1", "board-2"), ("chair",))]
    for data in attempts:
        honest(election.document(data, Bind.kind, CONTEST), "the board names it a fault")
    if isinstance(new.ready(seq=1), Accept):
        return ACCEPTED
    honest(isinstance(election.units[0].ready(), Accept), "the voter's own unit speaks on")
    return codes(refusal(lambda data=data: opened(data, CHARTER, Bind)) for data in attempts)  # type: ignore[misc]


@ROWS.attack(
    "hv1 5",
    "two officers of the commission, under pressure",
    "bind a voter twice in one step, or one who is not in the roll",
    by="ballot.board.course.Course._bind",
    said="a fault each",
)
def bind_out_of_order() -> str:
    election = opened_election()
    voter = election.units[0].voter
    stranger = Unit(election, type(voter)(b"stranger-strange"), 1)
    found = [election.bind(Unit(election, voter, g)) for g in (2, 7)] + [election.bind(stranger)]
    return "a fault each" if all(found) else ACCEPTED


# -- copies and replays ----------------------------------------------------------------------------------


@ROWS.attack(
    "hv1 7",
    "voter",
    "sends a junk copy of the victim's α first, so that the victim's ballot is weeded out",
    by=AGAIN,
    said="bad-proof; the victim counts",
)
def junk_copy_first() -> str:
    election = opened_election()
    victim, thief = election.units[:2]
    victim.ready()
    body = victim.body(YES)
    thief.ready()
    parts = cbor.decode(body, 20_000)
    parts[1] = thief.voter
    junk = cbor.encode(parts)
    thief.prepare(junk)
    found = verdict(thief.cast(junk))
    victim.prepare(body)
    victim.cast(body)
    return f"{found}; the victim {'counts' if counted(election) == [hash_of(body)] else 'IS LOST'}"


@ROWS.attack(
    "issue; hv1 7",
    "two voters together",
    "cast ballots of the same α, each with a good proof (the first gave its r away)",
    by=AGAIN,
    said="copied",
)
def copied_ballot() -> str:
    election = opened_election()
    first, second = election.units[:2]
    context = election.manifest.context(election.record)
    found = []
    for unit in (first, second):
        unit.ready()
        place = Place(unit.voter, 0, unit.raw_key, 1)
        body = cbor.encode(Forger(GROUP, context, place, str(unit.voter)).parts(YES, (11, 22, 33)))
        unit.prepare(body)
        found.append(unit.cast(body))
    honest(isinstance(found[0], Accept), "the first one counts")
    return verdict(found[1])


@ROWS.attack(
    "issue",
    "voter, fleet",
    "casts the ballot of another voter as their own",
    by="ballot.verify.check_body",
    said="bad-body, bad-proof",
)
def moved_between_seats() -> str:
    found = []
    for relabelled in (False, True):
        election, victim, body = prepared()
        victim.cast(body)
        thief = election.units[1]
        thief.ready()
        parts = cbor.decode(body, 20_000)
        if relabelled:
            parts[1] = thief.voter
        body = cbor.encode(parts)
        thief.prepare(body)
        found.append(verdict(thief.cast(body)))
    return codes(found)


@ROWS.attack(
    "issue",
    "fleet",
    "carries an entry, or a ballot, of one question or round over into another",
    by="ballot.context.Context",
    said="bad-proof, dropped: bad-schema, dropped: no-contest",
)
def moved_between_rounds() -> str:
    _, first_unit, body = prepared()
    again = Election(3, contest=OTHER_ROUND).open()
    unit = again.units[0]
    honest(unit.voter == first_unit.voter, "the same voter with the same key, to make it as easy as can be")
    foreign = first_unit.sealed(Cast(1, body))
    found = [verdict(again.offer(foreign))]
    found.append(verdict(unit.send(unit.sealed(Ready(bytes(32), 1), congress="c2"))))
    unit.ready()
    unit.prepare(body)
    return codes([*found, verdict(unit.cast(body))])


@ROWS.attack(
    "issue",
    "stolen broker, fleet",
    "replays entries: the same bytes, or the same ballot once more",
    by=JUDGE,
    said="answered again, not-prepared; 1 counts",
)
def replay() -> str:
    election, unit, body = prepared("until-close")
    cast = unit.sealed(Cast(1, body))
    honest(isinstance(unit.send(cast), Accept), "it is cast")
    leaves = len(election.leaves)
    found = [verdict(election.offer(cast))]
    honest(len(election.leaves) == leaves, "no leaf of it")
    found.append(verdict(unit.say(Cast(1, body))))
    return f"{codes(found)}; {len(counted(election))} counts"


@ROWS.attack(
    "issue",
    "fleet",
    "drops an entry of a unit, or shows two units' entries in another order",
    by="ballot.board.chain.Chain.follows",
    said="broken-chain",
)
def dropped_or_reordered_entry() -> str:
    _, unit, body = prepared()
    forms: list[dict[str, object]] = [{"n": 4}, {"prev_hash": bytes(32)}, {"n": 1}]
    return codes(verdict(unit.send(unit.sealed(Cast(1, body), **changes))) for changes in forms)


@ROWS.attack(
    "issue",
    "malicious unit",
    "floods the log with refusals",
    by="ballot.board.contest.Contest._refused",
    said="bad-seq x 64, then dropped: refused-too-often",
)
def flood_of_refusals() -> str:
    election, unit, _ = prepared()
    found = [verdict(unit.send(unit.sealed(Prepared(5 + at, bytes(32), bytes(32))))) for at in range(70)]
    written = election.board.contests[CONTEST].refusals
    return f"{found[0]} x {written}, then {found[-1]}"
