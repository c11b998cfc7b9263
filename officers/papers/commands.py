"""`hallward officer show | sign | merge`: for every kind of document."""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ballot.adapters.libsodium import Libsodium
from ballot.documents.charter import CHARTER_BYTES_MAX, parse_charter
from ballot.documents.document import encode_document, merged, parse_document, signers
from ballot.seeds import fingerprint
from officers.errors import BadInput
from officers.files import read_whole, write_new
from officers.keys import passphrase
from officers.keys.folder import OfficerFolder
from officers.keys.opened import OfficerKeys
from officers.means import Means, add_common, means_of
from officers.papers.issue import free
from officers.papers.signing import may_sign, show, sign
from officers.person import tell
from officers.words import words as said


@contextmanager
def opened_keys(folder: Path, means: Means) -> Iterator[OfficerKeys]:
    """An officer's keys for the length of one command. Raises ConfigError, WrongPassphrase."""
    theirs = OfficerFolder(folder, means.sealing)
    with theirs.locked():
        theirs.charter()
        yield OfficerKeys(theirs, passphrase.ask(means.person))


def run_show(words: Sequence[str], means: Means | None = None) -> int:
    """In words; under a charter also who is missing. Raises ConfigError, BadDocument."""
    parser = argparse.ArgumentParser(prog="hallward officer show", description="A document in words.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--charter", type=Path, help="verify its signatures under this charter")
    add_common(parser)
    given = parser.parse_args(words)
    charter = None
    if given.charter is not None:
        charter = parse_charter(read_whole(given.charter, CHARTER_BYTES_MAX))
    show(means_of(given, means).person, parse_document(read_whole(given.file)), charter)
    return 0


def run_sign(words: Sequence[str], means: Means | None = None) -> int:
    """Sign a copy of a document, beside it. Raises OfficerError, BadDocument; then nothing was signed."""
    parser = argparse.ArgumentParser(
        prog="hallward officer sign", description="Read a document, and sign it beside: FILE.NAME.doc."
    )
    parser.add_argument("folder", type=Path, help="folder of this officer")
    parser.add_argument("file", type=Path)
    parser.add_argument(
        "--beside",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="what it stands on: for a manifest its key record and roll, for a roll its rows",
    )
    add_common(parser)
    given = parser.parse_args(words)
    real = means_of(given, means)
    document = parse_document(read_whole(given.file))
    beside = [read_whole(path) for path in given.beside]
    folder = OfficerFolder(given.folder, real.sealing)
    may_sign(document.kind, folder.owner, folder.charter())
    out = given.file.with_name(f"{given.file.stem}.{folder.owner}.doc")
    free(out)
    with opened_keys(given.folder, real) as keys:
        signed = sign(real.person, keys, document, beside, Libsodium())
        write_new(out, encode_document(signed), step=real.durable)
    tell(real.person, said("signed", path=out, names=", ".join(signed.names)))
    return 0


def run_merge(words: Sequence[str], means: Means | None = None) -> int:
    """Copies of one document, each signed by others, made one. Raises OfficerError, BadDocument."""
    parser = argparse.ArgumentParser(
        prog="hallward officer merge", description="One document with the signatures of all its copies."
    )
    parser.add_argument("out", type=Path, help="the file to write")
    parser.add_argument("copies", type=Path, nargs="+")
    parser.add_argument("--charter", type=Path, required=True, help="signatures must verify under it")
    add_common(parser)
    given = parser.parse_args(words)
    if len(given.copies) < 2:
        raise BadInput("two-or-more")
    real = means_of(given, means)
    charter = parse_charter(read_whole(given.charter, CHARTER_BYTES_MAX))
    whole = parse_document(read_whole(given.copies[0]))
    for path in given.copies:
        document = parse_document(read_whole(path))
        signers(document, charter)
        whole = merged(whole, document)
    write_new(given.out, encode_document(whole), step=real.durable)
    show(real.person, whole, charter)
    tell(real.person, said("wrote", path=given.out, fingerprint=fingerprint(whole.hash)))
    return 0
