"""`hallward trustee approve | share | result | view`, `hallward officer check`."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ballot.adapters.libsodium import Libsodium
from ballot.documents.body import CONTEST
from ballot.documents.charter import Charter, parse_charter
from ballot.seeds import fingerprint
from officers.files import DOCUMENT_BYTES_MAX, read_whole, write_new
from officers.keys import passphrase
from officers.keys.folder import OfficerFolder
from officers.keys.opened import OfficerKeys
from officers.means import Means, add_common, means_of
from officers.papers.issue import free
from officers.person import tell
from officers.tally import acts
from officers.tally.acts import Desk, Request
from officers.tally.adapters.pool import InProcesses
from officers.tally.check import check_in, remade
from officers.tally.memory import Laptop
from officers.tally.reading import Progress
from officers.tally.words import TallyRefused, said
from wire.checkpoint import NOTE_MAX
from wire.errors import BadSchema
from wire.ids import ContestId

EXPORT_BYTES_MAX: Final = 2**31


def approve(words: Sequence[str], means: Means | None = None) -> int:
    """Check a whole export, then sign the one tally of a contest. Raises HallError."""
    given, real = _given("approve", "Check everything, and approve the tally of a contest.", words, means)
    return _act("tally", given, real)


def share(words: Sequence[str], means: Means | None = None) -> int:
    """Check a whole export, then give this trustee's share for the tally in it. Raises HallError."""
    given, real = _given(
        "share", "Check everything, and open the tally in the log with your share.", words, means
    )
    return _act("share", given, real)


def result(words: Sequence[str], means: Means | None = None) -> int:
    """The counts, from the shares in the log and in files. Needs no key. Raises HallError."""
    parser = _parser("result", "The counts of a contest, from any k shares; needs no key.")
    parser.add_argument(
        "shares", type=Path, nargs="*", metavar="SHARE", help="shares that the log has not yet"
    )
    parser.add_argument("--charter", type=Path, required=True)
    parser.add_argument("--contest", type=_contest, default=None, metavar="HEX")
    parser.add_argument("--out", type=Path, help="file for `hallward officer certify`; never replaced")
    given = parser.parse_args(words)
    real = means_of(given, means)
    desk = _desk(_charter(given.charter), real, given.jobs)
    shares = [read_whole(path) for path in given.shares]
    export = read_whole(given.export, EXPORT_BYTES_MAX)
    found = acts.result(desk, export, str(given.export), given.contest, shares)
    tell(real.person, said("opened-by", who=", ".join(map(str, found.trustees))))
    for label, count in zip(found.labels, found.counts, strict=True):
        real.person.say(f"  {label}: {count}")
    if given.out is not None:
        tally = found.tally
        lines = {
            "contest": tally.contest.hex(),
            "manifest": tally.manifest_hash.hex(),
            "tally": tally.hash.hex(),
            "counts": list(found.counts),
            "root": tally.root.hex(),
            "size": tally.size,
        }
        write_new(given.out, (json.dumps(lines, indent=1) + "\n").encode())
        tell(real.person, said("wrote", path=given.out))
    return 0


def view(words: Sequence[str], means: Means | None = None) -> int:
    """What an export says of its secret questions, and every fault; 1 if there is one. Raises HallError."""
    parser = _parser("view", "What an export says of its secret questions; needs no key.")
    parser.add_argument("--charter", type=Path, required=True)
    given = parser.parse_args(words)
    real = means_of(given, means)
    desk = _desk(_charter(given.charter), real, given.jobs)
    return 1 if acts.view(desk, read_whole(given.export, EXPORT_BYTES_MAX), str(given.export)) else 0


def check(words: Sequence[str], means: Means | None = None) -> int:
    """A ballot that a unit opened: what it chose, and its code. Needs no key. Raises HallError."""
    parser = _parser(
        "check", "A ballot that a unit opened instead of casting it: what it chose, and its code."
    )
    parser.prog = "hallward officer check"
    parser.add_argument("text", metavar="HV1:…", help="what the QR code on the unit says")
    parser.add_argument("--charter", type=Path, required=True)
    given = parser.parse_args(words)
    real = means_of(given, means)
    shown = check_in(given.text)
    desk = _desk(_charter(given.charter), real, given.jobs)
    reading = desk.read(read_whole(given.export, EXPORT_BYTES_MAX), str(given.export))
    found = remade(desk.group, reading, shown)
    tell(real.person, said("remade", fingerprint=found.code, chosen="; ".join(found.chosen) or "—"))
    return 0


def _act(kind: str, given: argparse.Namespace, real: Means) -> int:
    folder = OfficerFolder(given.folder, real.sealing)
    with folder.locked():
        charter = folder.charter()
        path = given.out or given.export.parent / f"{kind}-{folder.owner}.doc"
        free(path)  # before anything is remembered that could then not be written
        note = read_whole(given.witness_note, NOTE_MAX).decode(errors="replace")
        proposed = None if given.tally is None else read_whole(given.tally, DOCUMENT_BYTES_MAX)
        export = read_whole(given.export, EXPORT_BYTES_MAX)
        keys = OfficerKeys(folder, passphrase.ask(real.person))
        laptop = Laptop(_laptop(given.laptop) / f"trustee-{charter.congress}-{keys.name}", real.durable)
        request = Request(export, str(given.export), note, given.contest, proposed)
        desk = _desk(charter, real, given.jobs)
        act = acts.approve if kind == "tally" else acts.share
        document = act(desk, keys, laptop, request)
        write_new(path, document, step=real.durable)
    tell(real.person, said("wrote", path=path))
    return 0


def _given(
    verb: str, what: str, words: Sequence[str], means: Means | None
) -> tuple[argparse.Namespace, Means]:
    parser = argparse.ArgumentParser(prog=f"hallward trustee {verb}", description=what)
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="folder of this trustee, with the pinned charter"
    )
    parser.add_argument("export", type=Path, help="the hall log, as `hallward export` wrote it")
    parser.add_argument(
        "--witness-note",
        type=Path,
        required=True,
        metavar="FILE",
        help="the newest cosigned checkpoint, from a witness and not from the hall's server",
    )
    parser.add_argument(
        "--contest", type=_contest, default=None, metavar="HEX", help="when there are several"
    )
    parser.add_argument("--tally", type=Path, metavar="FILE", help="the tally as another trustee signed it")
    parser.add_argument("--laptop", type=Path, metavar="DIR", help="where this machine remembers")
    parser.add_argument("--out", type=Path, metavar="FILE", help="what to write; never replaced")
    parser.add_argument("--jobs", type=int, default=None, help="processes; by default one per processor")
    add_common(parser)
    given = parser.parse_args(words)
    return given, means_of(given, means)


def _parser(verb: str, what: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"hallward trustee {verb}", description=what)
    parser.add_argument("export", type=Path, help="the hall log, as `hallward export` wrote it")
    parser.add_argument("--jobs", type=int, default=None, help="processes; by default one per processor")
    add_common(parser)
    return parser


def _contest(text: str) -> ContestId:
    try:
        return ContestId(CONTEST(bytes.fromhex(text)))
    except (ValueError, BadSchema):
        raise argparse.ArgumentTypeError("a contest is 32 hexadecimal digits") from None


def _charter(path: Path) -> Charter:
    return parse_charter(read_whole(path))


def _laptop(chosen: Path | None) -> Path:
    """Beside the officer's folder, which may be a stick: what this machine itself remembers."""
    state = os.environ.get("XDG_STATE_HOME")
    return chosen or (Path(state) if state else Path.home() / ".local" / "state") / "hallward"


def _desk(charter: Charter, real: Means, jobs: int | None) -> Desk:
    if jobs is not None and jobs < 1:
        raise TallyRefused("jobs")
    real.person.say(f"charter {fingerprint(charter.hash)}")
    return Desk(charter, Libsodium(), InProcesses(jobs), real.person, real.random, _progress())


def _progress() -> Progress:
    if not sys.stderr.isatty():
        return lambda *_: None

    def show(what: str, done: int, total: int) -> None:
        print(f"\r{said('checking', what=what, done=done, all=total)[1]}", end="", file=sys.stderr)
        if done >= total:
            print(file=sys.stderr)

    return show
