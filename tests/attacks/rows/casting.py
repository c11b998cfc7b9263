"""Prepared, checked, cast, and when: units and voters that do not keep to the order."""

from dataclasses import replace

from ballot.board.verdicts import Accept
from ballot.documents.bodies import Cancel, Manifest
from ballot.documents.document import Document, encode_document, with_signature
from ballot.hashing import hash_of
from ballot.seeds import code_of, commitment
from tests.attacks.row import ACCEPTED, Rows, codes, honest, verdict
from tests.attacks.rows.board import JUDGE, counted, opened_election, prepared
from tests.ballot.board.election import (
    CONGRESS,
    CONTEST,
    HALL,
    NO,
    YES,
    Election,
    signed,
    signer,
)
from wire.board import Cast, Checked, End
from wire.voting import ContestChanged

ROWS = Rows()


# -- prepared, checked, cast -----------------------------------------------------------------------------


@ROWS.attack(
    "hv1 12",
    "malicious unit",
    "casts the twin of the ballot whose code the voter noted",
    by=JUDGE,
    said="other-body",
)
def twin_is_cast() -> str:
    _, unit, _ = prepared()
    return verdict(unit.cast(unit.body(NO)))


@ROWS.attack(
    "hv1 12",
    "malicious unit",
    "casts what was never prepared, so that no code stood for it",
    by=JUDGE,
    said="not-prepared",
)
def cast_without_prepared() -> str:
    election = opened_election()
    unit = election.units[0]
    unit.ready()
    return verdict(unit.cast(unit.body(YES)))


@ROWS.attack(
    "hv1 13",
    "malicious unit",
    "opens a ballot that was cast, to pass a check with it",
    by=JUDGE,
    said="already-cast",
)
def checked_after_cast() -> str:
    _, unit, body = prepared()
    local = unit.locals[1]
    honest(isinstance(unit.cast(body), Accept), "it is cast")
    return verdict(unit.say(Checked(1, local, bytes(YES))))


@ROWS.attack(
    "hv1 13",
    "malicious unit, voter",
    "casts a ballot that was opened (its choice is known)",
    by=JUDGE,
    said="not-prepared",
)
def cast_after_checked() -> str:
    _, unit, body = prepared()
    honest(isinstance(unit.check(YES), Accept), "an honest check holds")
    return verdict(unit.say(Cast(1, body)))


@ROWS.attack(
    "hv1 13",
    "malicious unit",
    "reboots when a check is asked for, and uses the ballot afterwards all the same",
    by=JUDGE,
    said="not-prepared; 1 abandoned is counted",
)
def reboot_at_the_check() -> str:
    election, unit, body = prepared()
    local = unit.locals[1]
    honest(isinstance(unit.abandon(), Accept), "the seq is given up")
    found = [unit.say(Cast(1, body)), unit.say(Checked(1, local, bytes(YES)))]
    abandoned = election.board.contests[CONTEST].course.voters[unit.voter].abandoned
    return f"{codes(verdict(each) for each in found)}; {abandoned} abandoned is counted"


@ROWS.attack(
    "hv1 13",
    "fleet",
    "drops a CHECKED that would show a cheating unit, and goes on without it",
    by="ballot.board.chain.Chain.follows",
    said="broken-chain",
)
def dropped_checked() -> str:
    _, unit, _ = prepared()
    dropped = unit.sealed(Checked(1, unit.locals[1], bytes(YES)))
    unit.n, unit.prev, unit.seq = unit.n + 1, hash_of(dropped), 2
    return verdict(unit.prepare(unit.body(NO)))


@ROWS.attack("hv1 13", "malicious unit, voter", "prepares a ninth ballot", by=JUDGE, said="too-many")
def ninth_prepared() -> str:
    election = opened_election()
    unit = election.units[0]
    unit.ready()
    for _ in range(8):
        unit.prepare(unit.body(YES))
        honest(isinstance(unit.check(YES), Accept), "eight may be checked")
    return verdict(unit.prepare(unit.body(YES)))


@ROWS.attack(
    "hv1 9; hv1 13",
    "malicious unit",
    "checks with a seed that ignores the beacon or the commitment, or shows other choices than it sealed",
    by="ballot.board.work.Performer",
    said="check-fails",
)
def check_of_another_seed() -> str:
    found = []
    for chosen, shown, seed, local in (
        (YES, YES, bytes(32), None),
        (YES, YES, None, bytes(32)),
        (YES, NO, None, None),
        (YES, (1, 1, 0), None, None),
        (YES, (1,), None, None),
    ):
        election = opened_election()
        unit = election.units[0]
        unit.ready()
        unit.prepare(unit.body(chosen, seed))
        found.append(verdict(unit.say(Checked(1, local or unit.locals[1], bytes(shown)))))
    return codes(found)


@ROWS.attack(
    "hv1 9",
    "malicious unit",
    "waits for the beacon and only then chooses local, so that the seed hides a message",
    by="ballot.seeds.commitment",
    said="check-fails",
)
def local_chosen_after_the_beacon() -> str:
    election = opened_election()
    unit = election.units[0]
    unit.ready()
    first = unit.locals[1]
    unit.locals[1] = election.rng.randbytes(32)
    honest(
        commitment(unit.voter, CONTEST, 1, first) != commitment(unit.voter, CONTEST, 1, unit.locals[1]), ""
    )
    unit.prepare(unit.body(YES))
    return verdict(unit.check(YES))


# -- time, close, revote ---------------------------------------------------------------------------------


@ROWS.attack(
    "hv1 16; hv1 5",
    "voter, unit or fleet that is late",
    "casts after CLOSE, after a cancel, before OPEN; says the end before CLOSE",
    by="ballot.board.contest.Contest._out_of_time",
    said="after-close, before-close, not-open; 0 count",
)
def out_of_time() -> str:
    early = Election(3)
    early.prepare()
    found = [early.units[0].ready()]
    cancelled, unit, body = prepared()
    cancelled.publish(Cancel(CONGRESS, HALL, CONTEST, "wrong list"))
    found += [unit.cast(body)]
    election, unit, body = prepared()
    found += [unit.say(End(None))]
    honest(election.close() == [], "the chair closes")
    found += [unit.cast(body)]
    return f"{codes(verdict(each) for each in found)}; {len(counted(election))} count"


@ROWS.attack(
    "hv1 15",
    "malicious unit, or somebody at the seat",
    "votes again where the manifest says nothing of voting again",
    by=JUDGE,
    said="already-cast",
)
def second_vote() -> str:
    election = Election(3)
    honest(type(election.manifest).__dataclass_fields__["revote"].default == "none", "the default")
    unit = election.open().units[0]
    unit.vote(YES)
    return verdict(unit.vote(NO))


@ROWS.attack(
    "hv1 15",
    "malicious unit",
    "votes again behind the voter's back where voting again is allowed",
    by="ballot.board.contest.Contest.counting",
    said="2 casts, another code than the voter noted",
)
def ghost_revote() -> str:
    election = opened_election("until-close")
    unit, contest = election.units[0], election.board.contests[CONTEST]
    shown = []
    for chosen in (YES, NO):
        honest(isinstance(unit.vote(chosen), Accept), "voting again is allowed here")
        (last,) = contest.counting()
        code = code_of(election.manifest.hash, last.voter, last.generation, last.seq, last.body_hash)
        shown.append(code)
    casts = len(contest.course.voters[unit.voter].casts)
    return f"{casts} casts, {'THE SAME' if shown[0] == shown[1] else 'another'} code than the voter noted"


@ROWS.attack(
    "issue; hv1 1",
    "fleet",
    "opens with a manifest that the counting board did not sign, or changes it once open",
    by="ballot.board.course.Course._open",
    said="not-open; a fault after OPEN",
)
def manifest_changed() -> str:
    election = Election(3)
    election.prepare()
    own = replace(election.manifest, labels=("Không", "Tán thành", "Không ý kiến"))
    forged = with_signature(Document(Manifest.kind, own.encode()), "board-1", signer("board-1"))
    election.document(encode_document(forged), Manifest.kind, CONTEST)
    change = ContestChanged(election.manifest.sitting, election.manifest.question, CONTEST, "open", own.hash)
    honest(election.desk(change), "named a fault")
    found = verdict(election.units[0].ready())
    after = opened_election()
    late = after.document(signed(own, ("board-1", "board-2")), Manifest.kind, CONTEST)
    contest = after.board.contests[CONTEST]
    kept = late and contest.course.manifest_hash == after.manifest.hash
    return f"{found}; {'a fault after OPEN' if kept else ACCEPTED}"
