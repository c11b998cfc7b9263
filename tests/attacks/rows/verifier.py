"""The observers' verifier: what a fleet may show it, and who runs it without the minutes."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from tests.attacks.row import ACCEPTED, Rows, codes, honest
from tests.verifier.conftest import pinned_of, verified
from tests.verifier.election import BOARD, Election, drawn
from tests.verifier.test_falsified_election import (
    at,
    fewer,
    flipped,
    gone,
    last_bit,
    put,
    tagged,
    with_header,
)
from verifier import verify

ROWS = Rows()
VERIFIER = Path(__file__).parents[3] / "verifier" / "verify.py"
Twist = Callable[[Any], Any]


@cache
def true_election() -> Election:
    """Whole, honest and complete."""
    election = Election().held()
    report = verified(election)
    honest(verify.verdict_of(report, pinned_of(election))[0] == verify.COMPLETE, str(report.faults[:3]))
    return election


def checks_that_fail(twists: dict[str, Twist], **changes: Any) -> str:
    """The numbers of the checks that fail for an election falsified like this."""
    report = verified(Election(twists=twists).held(), key_record=None, **changes)
    return failing(report)


def failing(report: verify.Report) -> str:
    return " ".join(map(str, sorted({fault.check for fault in report.faults}))) or ACCEPTED


@ROWS.attack(
    "hv1 24",
    "fleet",
    "shows a whole election of its own making: its own charter, keys, voters, witnesses, all consistent",
    by="verifier.verify.verify",
    said="fails at the charter of the minutes",
)
def invented_election() -> str:
    invented = Election(world="invented").held()
    honest(not verified(invented).faults, "against itself it is consistent")
    failed = failing(verified(invented, charter=true_election().charter)).split()
    return "fails at the charter of the minutes" if "1" in failed else ACCEPTED


@ROWS.attack(
    "hv1 24",
    "fleet that hopes nobody has the minutes",
    "has its export verified without charter, root or size",
    by="verifier.verify.verdict_of",
    said="INTERNALLY CONSISTENT ONLY, exit 3",
)
def without_the_minutes() -> str:
    election, found = true_election(), []
    for missing in ("charter", "root", "size"):
        changes: dict[str, Any] = {missing: None}
        code, words = verify.verdict_of(verified(election, **changes), pinned_of(election, **changes))
        found.append(
            f"{'INTERNALLY CONSISTENT ONLY' if 'INTERNALLY CONSISTENT ONLY' in words else '?'}, exit {code}"
        )
    return codes(found)


def run(election: Election, *options: str, data: bytes | None = None) -> tuple[int, dict[str, Any]]:
    """The program as an observer starts it, under `python -O` (asserts are gone)."""
    with tempfile.TemporaryDirectory() as name:
        file, charter = Path(name) / "hall.log", Path(name) / "charter"
        file.write_bytes(election.export() if data is None else data)
        charter.write_bytes(election.charter)
        minutes = [f"--charter={charter}", f"--root={election.root.hex()}", f"--size={len(election.leaves)}"]
        done = subprocess.run(
            [sys.executable, "-O", VERIFIER, file, "--json", *(options or minutes)],
            capture_output=True, check=False, text=True, timeout=120,
        )  # fmt: skip
        return done.returncode, json.loads(done.stdout)


@ROWS.attack(
    "hv1 24",
    "fleet",
    "relies on asserts that an optimising Python leaves out: the program itself, under -O",
    by="verifier.verify.main",
    said="the true one 0, a flipped ballot 1, without minutes 3",
    slow=True,
)
def verifier_under_o() -> str:
    true = true_election()
    lie = Election(twists={"body 3": flipped}).held()
    exits = (run(true)[0], run(lie)[0], run(true, "--jobs=1")[0])
    return "the true one {}, a flipped ballot {}, without minutes {}".format(*exits)


@ROWS.attack(
    "issue: dropped record; hv1 16",
    "fleet",
    "takes a ballot, a prepared, a check, an end or a page of the desk out of the log, and signs all anew",
    by="verifier.verify.verify",
    said="a fault each",
)
def record_taken_out() -> str:
    taken = ("cast 3", "prepared 3", "checked 8", "end 3", "close page 0")
    found = [checks_that_fail({f"envelope {name}": gone}) for name in taken]
    return "a fault each" if ACCEPTED not in found else ACCEPTED


@ROWS.attack(
    "issue: dropped record",
    "fleet",
    "cuts the end of the log off, or shows another log than that of the minutes",
    by="verifier.verify.verify",
    said="4",
)
def log_cut_off() -> str:
    true = true_election()
    short = Election().held()
    short.leaves = short.leaves[:-3]
    found = verified(short, root=true.root, size=len(true.leaves))
    return "4" if "4" in failing(found).split() else ACCEPTED


@ROWS.attack(
    "hv1 23; issue",
    "fleet, broker",
    "alters leaves: a bit of a ballot or signature, headers, a tag, true for 1, a list one longer or shorter",
    by="verifier.verify.verify",
    said="a fault each",
)
def altered_leaves() -> str:
    twists: list[dict[str, Twist]] = [
        {"body 3": flipped},
        {"envelope cast 3": last_bit},
        {"envelope cast 3": with_header},
        {"envelope cast 3": tagged},
        {"cast 3": put(7, 0, True)},
        {"body 3": lambda body: body[:-1]},
        {"manifest": fewer(8)},
        {"manifest": lambda thing: [*thing[:8], [*thing[8], "x"], *thing[9:]]},
    ]
    return "a fault each" if ACCEPTED not in [checks_that_fail(each) for each in twists] else ACCEPTED


@ROWS.attack(
    "hv1 18; hv1 19; issue",
    "fleet, trustees, counting board",
    "certifies another count, another aggregate, one ballot less, a share moved or too few shares",
    by="verifier.verify.verify",
    said="a fault each",
)
def another_result() -> str:
    twists: list[dict[str, Twist]] = [
        {"result": put(6, [7, 4, 1])},
        {"result": put(7, "not-carried")},
        {"tally": at(9)},
        {"counted": lambda bodies: bodies[:-1]},
        {"tally": put(8, 13)},
        {"share 1": put(6, 2)},
        {"share 1": at(5)},
        {"share 3": put(7, 0, 0, drawn("x")[:31] + b"\0")},
        {"trustees": put([1])},
        {"manifest": put(14, 20)},
    ]
    return "a fault each" if ACCEPTED not in [checks_that_fail(each) for each in twists] else ACCEPTED


@ROWS.attack(
    "hv1 14; hv1 16",
    "fleet",
    "lets no outside witness see the close, or closes without the chair",
    by="verifier.verify.verify",
    said="4",
)
def close_nobody_outside_saw() -> str:
    def no_outside(note: str) -> str:
        return "".join(line + "\n" for line in note[:-1].split("\n") if "w-outside" not in line)

    unseen: dict[str, Twist] = {
        f"note {name}": no_outside for name in ("close", "tally", "shares", "result", "last")
    }
    found = [checks_that_fail(unseen)]
    report = verified(Election(signed_by={"close": BOARD}).held(), key_record=None)
    found.append(failing(report))
    return "4" if all("4" in each.split() for each in found) else ACCEPTED


@ROWS.attack(
    "hv1 16",
    "fleet with the key of its own witness",
    "keeps CLOSE back, and has the inside witness alone date its signature back",
    by="verifier.verify.verify",
    said="4",
)
def witness_inside_dates_back() -> str:
    inside_only: dict[str, Twist] = {"note close": lambda note: "".join(
        line + "\n" for line in note[:-1].split("\n") if "w-outside" not in line
    )}  # fmt: skip
    return checks_that_fail(inside_only)
