"""`hallward officer key | charter | pin`: an officer's own key, and the charter that all of them stand in."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from ballot.documents.charter import CHARTER_BYTES_MAX, parse_charter
from ballot.documents.describe import describe_charter
from ballot.hashing import hash_of
from ballot.seeds import fingerprint
from officers.confirm import confirm
from officers.files import read_whole, write_new
from officers.keys import passphrase
from officers.keys.charter_toml import charter_in, key_line
from officers.keys.folder import OfficerFolder
from officers.means import Means, add_common, means_of
from officers.person import tell
from officers.words import words as said


def run_key(words: Sequence[str], means: Means | None = None) -> int:
    """Make the key, once; print its line for the charter, and its fingerprint. Raises OfficerError."""
    parser = argparse.ArgumentParser(prog="hallward officer key", description="An officer's own key.")
    parser.add_argument("folder", type=Path, help="folder of this officer alone")
    parser.add_argument("--name", required=True, help="as it will stand in the charter: a-z, 0-9, '-'")
    parser.add_argument("--congress", required=True)
    add_common(parser)
    given = parser.parse_args(words)
    real = means_of(given, means)
    folder = OfficerFolder(given.folder, real.sealing)
    with folder.locked():
        signer = folder.make_identity(given.name, given.congress, passphrase.ask_new(real.person))
    key = signer.public_key.raw
    tell(real.person, said("key-line", line=key_line(given.name, key), fingerprint=fingerprint(hash_of(key))))
    return 0


def run_charter(words: Sequence[str], means: Means | None = None) -> int:
    """A charter from a TOML of public key lines. Raises BadInput, BadDocument, ConfigError."""
    parser = argparse.ArgumentParser(
        prog="hallward officer charter", description="Assemble the charter from the lines of `officer key`."
    )
    parser.add_argument("toml", type=Path, help="who holds which key: see docs/runbooks/election-officers.md")
    parser.add_argument("charter", type=Path, help="the file to write; never replaced")
    add_common(parser)
    given = parser.parse_args(words)
    person = means_of(given, means).person
    charter = charter_in(read_whole(given.toml, CHARTER_BYTES_MAX), str(given.toml))
    for line in describe_charter(charter):
        person.say(line)
    for officer in charter.by_name.values():
        person.say(f"  {officer.name}: {fingerprint(hash_of(officer.key))}")
    write_new(given.charter, charter.encode())
    tell(person, said("wrote", path=given.charter, fingerprint=fingerprint(charter.hash)))
    return 0


def run_pin(words: Sequence[str], means: Means | None = None) -> int:
    """Pin a charter in an officer's folder, once they have read it. Raises OfficerError, BadDocument."""
    parser = argparse.ArgumentParser(
        prog="hallward officer pin", description="Pin the charter in an officer's folder, for good."
    )
    parser.add_argument("folder", type=Path, help="folder of this officer")
    parser.add_argument("charter", type=Path)
    add_common(parser)
    given = parser.parse_args(words)
    real = means_of(given, means)
    content = read_whole(given.charter, CHARTER_BYTES_MAX)
    charter = parse_charter(content)
    for line in describe_charter(charter):
        real.person.say(line)
    folder = OfficerFolder(given.folder, real.sealing)
    with folder.locked():
        confirm(real.person, charter.hash)
        folder.pin(content)
    tell(real.person, said("pinned", folder=given.folder, fingerprint=fingerprint(charter.hash)))
    return 0
