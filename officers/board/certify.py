"""`hallward officer certify`: the counting board signs the result that the trustees opened, after working out
anew what the rule makes of it."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from ballot.adapters.libsodium import Libsodium
from ballot.documents.bodies import Manifest, Result, Tally
from ballot.documents.charter import Charter
from ballot.documents.opened import Opened, opened
from ballot.rules import facts as rules_facts
from ballot.rules.counted import from_tally
from ballot.rules.decide import decide
from ballot.rules.facts import Facts
from ballot.rules.refusals import Refused
from officers.board.commands import parser_of
from officers.errors import BadInput
from officers.files import read_whole
from officers.means import Means, means_of
from officers.papers.commands import opened_keys
from officers.papers.issue import issue
from officers.papers.words_typed import hex_of
from wire import cbor
from wire.errors import RecordRejected
from wire.ids import CONTEST_BYTES, ContestId

_FIELDS: Final = ("contest", "manifest", "tally", "counts", "root", "size")


def run_certify(words: Sequence[str], means: Means | None = None) -> int:
    """The result, as the trustees opened it. Raises OfficerError, BadDocument."""
    parser = parser_of("certify", "Certify the result that `hallward trustee result` wrote.")
    parser.add_argument("result", type=Path, help="its file")
    parser.add_argument("out", type=Path, help="the file to write")
    parser.add_argument("--manifest", type=Path, required=True, help="signed by the board")
    parser.add_argument("--tally", type=Path, required=True, help="signed by trustees and witnesses")
    parser.add_argument(
        "--facts", type=Path, required=True, help="how many are summoned, present …, from the fleet"
    )
    parser.add_argument("--order", help="after a tie: the people in the order that was decided, as 3,1,2")
    given = parser.parse_args(words)
    real = means_of(given, means)
    papers = read_whole(given.manifest), read_whole(given.tally)
    facts, order = _facts(given.facts), _order(given.order)
    with opened_keys(given.folder, real) as keys:
        charter = keys.folder.charter()
        result = _result(read_whole(given.result), given.result, charter, papers, (facts, order))
        issue(real, keys, result, given.out, Libsodium())
    return 0


def _result(
    content: bytes,
    path: Path,
    charter: Charter,
    papers: tuple[bytes, bytes],
    told: tuple[Facts, tuple[int, ...] | None],
) -> Result:
    """The body of a result whose every number stands in a signed paper. Raises BadInput, BadDocument."""
    found, (facts, order) = _numbers(content, path), told
    contest = ContestId(hex_of(str(found["contest"]), "contest", CONTEST_BYTES))
    manifest = opened(papers[0], charter, Manifest, contest)
    tally = opened(papers[1], charter, Tally, contest)
    counts = _counts(found, path, manifest, tally)
    rule = manifest.body.rule
    try:
        outcome = decide(rule, facts, from_tally(rule, counts, tally.body.counted), order)
    except Refused as err:
        raise BadInput("other-result", path=path, what=err) from None
    return Result(
        charter.congress,
        manifest.body.hall,
        contest,
        manifest.hash,
        tally.hash,
        counts,
        cbor.encode(rules_facts.encode(facts)),
        order,
        outcome.text,
        tally.body.root,
        tally.body.size,
    )


def _counts(
    found: dict[str, Any], path: Path, manifest: Opened[Manifest], tally: Opened[Tally]
) -> tuple[int, ...]:
    due = {
        "manifest": manifest.hash.hex(),
        "tally": tally.hash.hex(),
        "root": tally.body.root.hex(),
        "size": tally.body.size,
    }
    for what, value in due.items():
        if found[what] != value:
            raise BadInput("other-result", path=path, what=what)
    counts = found["counts"]
    if type(counts) is not list or len(counts) != len(manifest.body.labels):
        raise BadInput("other-result", path=path, what="counts")
    if any(type(count) is not int or not 0 <= count <= tally.body.counted for count in counts):
        raise BadInput("other-result", path=path, what="counts")
    if tally.body.manifest_hash != manifest.hash:
        raise BadInput("other-result", path=path, what="manifest")
    return tuple(counts)


def _numbers(content: bytes, path: Path) -> dict[str, Any]:
    found = _json(content, path)
    if set(found) != set(_FIELDS):
        raise BadInput("bad-result", path=path, what=", ".join(_FIELDS))
    return found


def _facts(path: Path) -> Facts:
    """From the fleet's result (`GET /api/contests/…/result`), whose `facts` are an array; or from a JSON
    object with the names of `Facts`, where what is not named is 0, or unknown."""
    found = _json(read_whole(path), path)
    try:
        told = found.get("facts") or rules_facts.encode(Facts(**found))
        return rules_facts.parse(told)
    except (TypeError, RecordRejected) as err:
        raise BadInput("bad-facts", path=path, what=err) from None


def _order(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    numbers = text.split(",")
    if not all(number.isascii() and number.isdigit() and len(number) <= 3 for number in numbers):
        raise BadInput("bad-order", what=text)
    return tuple(map(int, numbers))


def _json(content: bytes, path: Path) -> dict[str, Any]:
    try:
        found: Any = json.loads(content)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as err:
        raise BadInput("bad-result", path=path, what=err) from None
    if type(found) is not dict:
        raise BadInput("bad-result", path=path, what="JSON")
    return found
