"""The close: a fleet that would close by itself, earlier, later, or without what was pending."""

import re
from collections.abc import Callable
from typing import Any

from ballot.board.verdicts import CODES
from ballot.documents.bodies import Close, Disposition
from ballot.documents.document import Document, encode_document, with_signature
from ballot.documents.opened import opened
from ballot.hashing import hash_of
from ballot.tally import objections
from officers.tally.words import SAID
from tests.attacks.row import ACCEPTED, Rows, codes, honest, refusal
from tests.ballot.board.election import (
    CHARTER,
    CLOSED_S,
    CONGRESS,
    CONTEST,
    HALL,
    NO,
    YES,
    Election,
    signed,
    signer,
)
from tests.officers.tally.trustee import Trustee
from wire.board import Cast, End
from wire.checkpoint import Checkpoint
from wire.voting import ContestChanged

ROWS = Rows()
TRUSTEE = "officers.tally.decide.decide_tally"
OBJECTIONS = "ballot.tally.objections.objections"
STORE = signer("store")
_SENTENCES = {
    code: re.compile(re.sub(r"\\\{\w+\\\}", ".*", re.escape(en)))
    for words in (objections.WORDS, SAID)
    for code, (_, en) in words.items()
    if code not in {"faults", "fault", "checked", "minutes", "share-minutes"}
}


def voted(voters: int = 3, **changes: Any) -> Election:
    election = Election(voters, **changes).open()
    for number, unit in enumerate(election.units):
        unit.vote(YES if number % 2 == 0 else NO)
    return election


def reasons(trustee: Trustee) -> set[str]:
    """The codes of all that the trustee's program said to its person."""
    lines = trustee.person.lines
    found = {code for code, sentence in _SENTENCES.items() for line in lines if sentence.search(line)}
    return found | {code for code in CODES for line in lines if re.search(rf"fault \d+: .*, {code}:", line)}


def refused(trustee: Trustee, act: str = "approve", **request: Any) -> str:
    """Why the trustee's program signs nothing; that it remembers no tally then is part of it."""
    before = {line: value for line, value in trustee.stick.lines.items() if line.startswith("tally")}
    trustee.person.lines.clear()
    found = refusal(lambda: getattr(trustee, act)(**request))
    after = {line: value for line, value in trustee.stick.lines.items() if line.startswith("tally")}
    if found == ACCEPTED or after != before:
        return ACCEPTED
    return codes(reasons(trustee)) if found == "faults" else found


def log_tally(election: Election, names: tuple[str, ...] = ("an", "binh", "w-inside", "w-press")) -> None:
    honest(election.publish(election.tally(), names) == [], "a tally stands in the log")
    election.checkpoint(CLOSED_S + 90)


# -- hv1 16 ----------------------------------------------------------------------------------------------


@ROWS.attack(
    "hv1 16; issue",
    "fleet",
    "drops the last revote of a unit and keeps its end, or drops both",
    by="ballot.board.board.Board.entry",
    said="broken-chain, unaccounted",
)
def dropped_revote_and_end() -> str:
    found = []
    for keeps_end in (True, False):
        election = voted(revote="until-close")
        unit = election.units[0]
        body = unit.body(NO)
        unit.prepare(body)
        lost = unit.sealed(Cast(unit.seq, body))
        unit.n, unit.prev, unit.last_cast = unit.n + 1, hash_of(lost), hash_of(body)
        election.close()
        if keeps_end:
            election.leaf(unit.sealed(End(unit.last_cast)))
        for other in election.units[1:]:
            other.end()
        election.checkpoint(CLOSED_S + 60)
        found += refused(Trustee(election)).split(", ")
    return codes(found)


@ROWS.attack(
    "hv1 16",
    "fleet",
    "closes by itself: with its own key, the counting board's, or the chair's name under another key",
    by="ballot.documents.document.check_signers",
    said="bad-signature, not-closed, too-few-signatures, unknown-name",
)
def close_not_of_the_chair() -> str:
    election = voted()
    point = election.checkpoint(CLOSED_S - 5)
    body = Close(CONGRESS, HALL, CONTEST, point.size, point.root, CLOSED_S * 1000)
    attempts = [signed(body, names) for names in ((), ("board-1", "board-2"))]
    for name, key in (("chair", "desk"), ("desk", "desk")):
        attempts.append(
            encode_document(with_signature(Document(Close.kind, body.encode()), name, signer(key)))
        )
    found = [refusal(lambda data=data: opened(data, CHARTER, Close)) for data in attempts]  # type: ignore[misc]
    for data in attempts:
        election.document(data, Close.kind, CONTEST)
    election.checkpoint(CLOSED_S + 3)
    honest(election.board.contests[CONTEST].course.closed is None, "it is open still")
    trustee = Trustee(election)
    refusal(trustee.approve)
    return codes([*found, *(reasons(trustee) & {"not-closed"})])


def closed_as(close: Callable[[Checkpoint], Close], late_s: int = 3, **changes: Any) -> Election:
    """Voted, closed by this document of the chair, ended, and witnessed."""
    election = voted(**changes)
    point = election.checkpoint(CLOSED_S - 5)
    election.publish(close(point))
    election.checkpoint(CLOSED_S + late_s)
    for unit in election.units:
        unit.end()
    election.checkpoint(CLOSED_S + 60)
    return election


@ROWS.attack(
    "hv1 16",
    "fleet that gets the chair to sign what it shows",
    "has the chair name a log that no witness saw, or another log",
    by=OBJECTIONS,
    said="close-root, close-unwitnessed",
)
def close_of_another_log() -> str:
    other = closed_as(lambda point: Close(CONGRESS, HALL, CONTEST, point.size, bytes(32), CLOSED_S * 1000))
    election = voted()
    point = election.checkpoint(CLOSED_S - 5, ("w-inside",))
    election.publish(Close(CONGRESS, HALL, CONTEST, point.size, point.root, CLOSED_S * 1000))
    election.checkpoint(CLOSED_S + 3)
    for unit in election.units:
        unit.end()
    election.checkpoint(CLOSED_S + 60)
    return codes(each for one in (other, election) for each in refused(Trustee(one)).split(", "))


@ROWS.attack(
    "hv1 16",
    "fleet that shows the chair an old head",
    "has the chair name a state from before the opening, which witnesses did see",
    by=OBJECTIONS,
    said="close-before-open",
)
def close_of_a_stale_log() -> str:
    election = Election(3)
    honest(election.prepare() == [], "prepared")
    stale = election.checkpoint(CLOSED_S - 900)
    manifest = election.manifest
    change = ContestChanged(manifest.sitting, manifest.question, CONTEST, "open", manifest.hash)
    honest(election.desk(change) == [], "opened")
    for unit in election.units:
        unit.vote(YES)
    election.publish(Close(CONGRESS, HALL, CONTEST, stale.size, stale.root, CLOSED_S * 1000))
    election.checkpoint(CLOSED_S + 3)
    for unit in election.units:
        unit.end()
    election.checkpoint(CLOSED_S + 60)
    return refused(Trustee(election))


@ROWS.attack(
    "hv1 16",
    "fleet",
    "keeps the chair's CLOSE back and takes ballots in the meantime",
    by=OBJECTIONS,
    said="late-witness",
)
def close_kept_back() -> str:
    election = closed_as(
        lambda point: Close(CONGRESS, HALL, CONTEST, point.size, point.root, CLOSED_S * 1000), late_s=11
    )
    return refused(Trustee(election))


@ROWS.attack(
    "hv1 16",
    "fleet with the key of its own witness",
    "keeps CLOSE back, takes ballots, and has the inside witness alone date its signature back",
    by=OBJECTIONS,
    said="late-witness",
)
def close_kept_back_and_dated_back() -> str:
    election = voted()
    point = election.checkpoint(CLOSED_S - 5)
    election.publish(Close(CONGRESS, HALL, CONTEST, point.size, point.root, CLOSED_S * 1000))
    election.checkpoint(CLOSED_S + 3, ("w-inside",))
    for unit in election.units:
        unit.end()
    election.checkpoint(CLOSED_S + 600)
    return refused(Trustee(election))


@ROWS.attack(
    "hv1 16",
    "fleet",
    "leaves out the end of a unit, to hide what was pending there",
    by="ballot.board.contest.Contest.unaccounted",
    said="unaccounted; signed once the board has decided",
)
def end_left_out() -> str:
    election = voted()
    election.close()
    for unit in election.units[1:]:
        unit.end()
    election.checkpoint(CLOSED_S + 60)
    found = refused(Trustee(election))
    election.publish(Disposition(CONGRESS, CONTEST, ((election.units[0].voter, "broke after the close"),)))
    election.checkpoint(CLOSED_S + 70)
    honest(Trustee(election).approve(), "the counting board decides")
    return f"{found}; signed once the board has decided"
