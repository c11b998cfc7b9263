"""`hallward officer manifest | disposition | cancel`: what the board makes. The result: certify.py."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from ballot.adapters.libsodium import Libsodium
from ballot.ceremony.key_record import check_key_record
from ballot.documents.bodies import Cancel, Disposition, KeyRecord, Roll
from ballot.documents.opened import opened
from officers.board.manifest_toml import manifest_in
from officers.errors import BadInput
from officers.files import read_whole
from officers.means import Means, add_common, means_of
from officers.papers.commands import opened_keys
from officers.papers.issue import issue
from officers.papers.words_typed import hex_of, name_of, reason_of
from wire.ids import CONTEST_BYTES, VOTER_BYTES, ContestId, HallId, VoterRef


def run_manifest(words: Sequence[str], means: Means | None = None) -> int:
    """A manifest from a TOML, signed by one of the board. Raises OfficerError, BadDocument, BadShape."""
    parser = parser_of("manifest", "Make the manifest of one secret question.")
    parser.add_argument(
        "toml", type=Path, help="question, candidates, rule: docs/runbooks/election-officers.md"
    )
    parser.add_argument("out", type=Path, help="the file to write")
    parser.add_argument("--key-record", type=Path, required=True)
    parser.add_argument("--roll", type=Path, required=True, help="signed by the commission")
    given = parser.parse_args(words)
    real = means_of(given, means)
    beside = [read_whole(given.key_record), read_whole(given.roll)]
    with opened_keys(given.folder, real) as keys:
        charter, group = keys.folder.charter(), Libsodium()
        key_record = opened(beside[0], charter, KeyRecord).body
        faults = check_key_record(group, key_record, charter)
        if faults:
            raise BadInput("paper-fault", what=" ".join(faults[0]))
        roll = opened(beside[1], charter, Roll).body
        content = read_whole(given.toml)
        manifest = manifest_in(content, str(given.toml), charter.congress, key_record, roll)
        issue(real, keys, manifest, given.out, group, beside)
    return 0


def run_disposition(words: Sequence[str], means: Means | None = None) -> int:
    """What becomes of voters from whom nothing came. Raises OfficerError, BadDocument."""
    parser = parser_of("disposition", "Say why the count may go on without word from these units.")
    parser.add_argument("out", type=Path, help="the file to write")
    parser.add_argument("--contest", required=True, metavar="HEX")
    parser.add_argument(
        "--voter",
        action="append",
        default=[],
        nargs=2,
        metavar=("HEX", "REASON"),
        help="as `trustee` named it",
    )
    parser.add_argument("--late-close", metavar="REASON", help="accept that the close was witnessed late")
    given = parser.parse_args(words)
    real = means_of(given, means)
    contest = ContestId(hex_of(given.contest, "--contest", CONTEST_BYTES))
    rows: list[tuple[VoterRef | None, str]] = []
    for voter, reason in given.voter:
        row = VoterRef(hex_of(voter, "--voter", VOTER_BYTES)), reason_of(reason)
        if row[0] in [known for known, _ in rows]:
            raise BadInput("option-twice", path="--voter", option=voter)
        rows.append(row)
    if given.late_close is not None:
        rows.append((None, reason_of(given.late_close)))
    if not rows:
        raise BadInput("empty-list", path="--voter")
    with opened_keys(given.folder, real) as keys:
        body = Disposition(keys.folder.charter().congress, contest, tuple(rows))
        issue(real, keys, body, given.out, Libsodium())
    return 0


def run_cancel(words: Sequence[str], means: Means | None = None) -> int:
    """A contest that is never opened. Raises OfficerError, BadDocument."""
    parser = parser_of("cancel", "Cancel a vote: its ballots are never decrypted.")
    parser.add_argument("out", type=Path, help="the file to write")
    parser.add_argument("--hall", required=True)
    parser.add_argument("--contest", required=True, metavar="HEX")
    parser.add_argument("--reason", required=True)
    given = parser.parse_args(words)
    real = means_of(given, means)
    hall, reason = HallId(name_of(given.hall)), reason_of(given.reason)
    contest = ContestId(hex_of(given.contest, "--contest", CONTEST_BYTES))
    with opened_keys(given.folder, real) as keys:
        body = Cancel(keys.folder.charter().congress, hall, contest, reason)
        issue(real, keys, body, given.out, Libsodium())
    return 0


def parser_of(verb: str, what: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"hallward officer {verb}", description=what)
    parser.add_argument("folder", type=Path, help="folder of this member of the counting board")
    add_common(parser)
    return parser
