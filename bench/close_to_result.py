"""From the chair's close to the result with proofs (DESIGN §12): what the hall server computes, and what each
trustee computes who re-verifies everything.

Of the hall server: CPU time of one process, from the close document to the result document, in the functions
that ingest uses: every document's signatures, every end/1 judged, the ballots added up, the shares' proofs,
combining, the counts, the rule's outcome. Not in it: database, broker, people, and the units' and officers'
own signing. Of a trustee: wall time of a process with a pool of one per processor, which reads the export
and checks every leaf, signature and proof.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from ballot.board.verdicts import Accept
from ballot.documents.bodies import Close, Result, Tally
from ballot.documents.document import encode_document, parse_document, with_signature
from ballot.group import scalar_bytes
from ballot.rules.counted import from_tally
from ballot.rules.decide import decide
from ballot.rules.facts import encode as encode_facts
from ballot.tally.count import Electing, counts_of, electing
from bench.ballots import cost
from bench.ballots_election import Voted
from bench.crowd import no_collection
from bench.errors import BenchError
from bench.rows import Row, at_most, told
from tests.ballot.board.election import (
    CLOSED_S,
    CONGRESS,
    GROUP,
    HALL,
    SIGNERS,
    WITNESSES,
    signed,
    signer,
)
from wire import cbor
from wire.board import End

SERVER_BUDGET_S: Final = 2.0
TRUSTEE_BUDGET_S: Final = 6.0
DEADLINE_S: Final = 300.0
PROOF_ROUNDS: Final = 20
SIGNING: Final = ("an", "binh")
"""k of the trustees."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Trustee:
    """Seconds."""

    wall_s: float
    cpu_s: float
    passphrase_s: float


@dataclass
class Spent:
    """CPU-seconds of the hall server, by what it did."""

    by_part: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def on(self, part: str) -> Iterator[None]:
        with no_collection():
            before = time.process_time()
            yield
            self.by_part[part] = self.by_part.get(part, 0.0) + time.process_time() - before

    def of(self, part: str, do: Callable[[], T]) -> T:
        with self.on(part):
            return do()

    @property
    def total(self) -> float:
        return sum(self.by_part.values())


def measure(voted: Voted, *, budgets: bool) -> list[Row]:
    """budgets: whether this is the question of DESIGN §12. Raises BenchError when the counts are wrong."""
    spent = Spent()
    _close(voted, spent)
    with tempfile.TemporaryDirectory() as place:
        approvals, shares = _opened(voted, Path(place), spent)
    proofs_s = cost(GROUP, voted.question.shape, 1, PROOF_ROUNDS).verify / 1e3 * len(voted.election.units)
    ballots = f"{len(voted.election.units):,} ballots, {voted.question.name}"
    return [
        *_server_rows(ballots, spent, budgets=budgets),
        *_trustee_rows(ballots, approvals, shares, budgets=budgets),
        told(
            f"{ballots}: an approval's CPU against its proofs' alone in this run",
            min(approval.cpu_s for approval in approvals) / proofs_s,
            "×",
        ),
    ]


def _server_rows(ballots: str, spent: Spent, *, budgets: bool) -> list[Row]:
    name = f"{ballots}: close to result on the hall server, CPU of one process, all of it"
    whole = at_most(name, spent.total, "s", SERVER_BUDGET_S) if budgets else told(name, spent.total, "s")
    parts = [told(f"{ballots}: of it {part}", seconds, "s") for part, seconds in spent.by_part.items()]
    return [whole, *parts]


def _trustee_rows(
    ballots: str, approvals: list[Trustee], shares: list[Trustee], *, budgets: bool
) -> list[Row]:
    checked, opened = (min(each, key=lambda one: one.wall_s) for each in (approvals, shares))
    name = f"{ballots}: a trustee re-verifies all and approves, wall, least of {len(approvals)}"
    wall_s = checked.wall_s
    return [
        at_most(name, wall_s, "s", TRUSTEE_BUDGET_S) if budgets else told(name, wall_s, "s"),
        told(f"{ballots}: of an approval, CPU of all processes", checked.cpu_s, "s"),
        told(
            f"{ballots}: beside an approval, passphrase (key file opened and saved)",
            checked.passphrase_s,
            "s",
        ),
        told(f"{ballots}: a trustee re-verifies all again and gives a share, wall", opened.wall_s, "s"),
    ]


def _close(voted: Voted, spent: Spent) -> None:
    """The close, and what the units say after it."""
    election = voted.election
    point = election.checkpoint(CLOSED_S - 5)
    close = Close(CONGRESS, HALL, election.contest, point.size, point.root, CLOSED_S * 1000)
    _log(voted, spent, "close document", close.kind, signed(close, SIGNERS[Close]))
    election.checkpoint(CLOSED_S + 3)
    ends = [unit.sealed(End(unit.last_cast)) for unit in election.units]
    with spent.on("every end/1, judged and made a leaf"):
        verdicts = [election.offer(end) for end in ends]
    if not all(isinstance(verdict, Accept) for verdict in verdicts):
        raise BenchError("an end/1 is refused: nothing is measured")
    election.checkpoint(CLOSED_S + 60)


def _opened(voted: Voted, place: Path, spent: Spent) -> tuple[list[Trustee], list[Trustee]]:
    """Approved, tallied, opened, certified."""
    election = voted.election
    contest = election.board.contests[election.contest]
    folders = {name: _folder(voted, place / name, number) for number, name in enumerate(SIGNING, start=1)}
    approvals = []
    tally = b""
    for name, folder in folders.items():
        if tally:
            (folder / "tally").write_bytes(tally)
        approvals.append(_run("approve", name, folder))
        tally = (folder / "approve.doc").read_bytes()
    document = parse_document(tally)
    for name in WITNESSES:
        document = with_signature(document, name, signer(name))
    _log(voted, spent, "tally document", Tally.kind, encode_document(document))
    election.checkpoint(CLOSED_S + 90)
    shares = []
    for name, folder in folders.items():
        _hand_over(voted, folder)
        shares.append(_run("share", name, folder))
        _log(voted, spent, "share documents", "share/1", (folder / "share.doc").read_bytes())
    found = spent.of("ballots added up", lambda: electing(GROUP, contest))
    if found is None:
        raise BenchError("the contest cannot be counted: nothing is measured")
    _certify(voted, found, spent)
    return approvals, shares


def _certify(voted: Voted, found: Electing, spent: Spent) -> None:
    course = found.contest.course
    tally: Tally = course.tallies[0].body
    shares = [each.body for each in course.shares]
    counts = spent.of(
        "shares' proofs, combining, counts", lambda: counts_of(GROUP, found, tally, shares).counts
    )
    if counts != voted.expected:
        raise BenchError(f"the shares come to {counts}, {voted.expected} were cast")
    rule = voted.question.rule
    outcome = spent.of("outcome", lambda: decide(rule, voted.facts, from_tally(rule, counts, found.counted)))
    result = Result(
        CONGRESS,
        HALL,
        found.contest.id,
        found.manifest_hash,
        tally.hash,
        counts,
        cbor.encode(encode_facts(voted.facts)),
        None,
        outcome.text,
        tally.root,
        tally.size,
    )
    _log(voted, spent, "result document", result.kind, signed(result, ("board-1", "board-2")))


def _log(voted: Voted, spent: Spent, part: str, kind: str, data: bytes) -> None:
    """A document, page by page, as the desk records it."""
    election = voted.election
    faults = spent.of(part, lambda: election.document(data, kind, election.contest))
    if faults:
        raise BenchError(f"{kind}: {'; '.join(faults)}")


def _folder(voted: Voted, folder: Path, number: int) -> Path:
    """What the process of a trustee finds."""
    folder.mkdir()
    (folder / "charter").write_bytes(voted.election.charter.encode())
    (folder / "seed").write_bytes(hashlib.sha256(f"key of {folder.name}".encode()).digest())
    (folder / "x").write_bytes(scalar_bytes(voted.election.shares[number - 1]))
    _hand_over(voted, folder)
    return folder


def _hand_over(voted: Voted, folder: Path) -> None:
    """The log as it stands, and a witness's newest note."""
    (folder / "hall.log").write_bytes(voted.election.export())
    (folder / "note").write_text(voted.election.cosigned[-1], encoding="utf-8")


def _run(what: str, name: str, folder: Path) -> Trustee:
    command = [sys.executable, "-m", "bench.ballots_trustee", what, name, str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, check=True, text=True, timeout=DEADLINE_S)
    except subprocess.TimeoutExpired:
        raise BenchError(f"{what} is not done after {DEADLINE_S:g} s") from None
    except subprocess.CalledProcessError as err:
        words = err.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise BenchError(f"{what} failed: {words[0]}") from None
    return Trustee(**json.loads(done.stdout))
