"""`hallward officer close`: the chair ends the vote, at a checkpoint that witnesses have signed."""

import argparse
import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ballot.adapters.libsodium import Libsodium
from ballot.documents.bodies import Close
from ballot.documents.charter import Charter
from officers.errors import BadInput
from officers.files import read_whole
from officers.means import Means, add_common, means_of
from officers.papers.commands import opened_keys
from officers.papers.issue import issue
from officers.papers.words_typed import hex_of, name_of
from officers.person import tell
from officers.words import words as said
from wire.checkpoint import NOTE_MAX, Checkpoint, cosigners
from wire.errors import RecordRejected
from wire.ids import CONTEST_BYTES, ContestId, HallId

AGE_S_MAX: Final = 300
"""Of the last cosignature. An older checkpoint would leave ballots out of sight of what the chair names."""


def run_close(words: Sequence[str], means: Means | None = None) -> int:
    """close/1, signed. Raises OfficerError, BadDocument; then nothing was written."""
    parser = argparse.ArgumentParser(
        prog="hallward officer close", description="Close a vote. Ballots after this never count."
    )
    parser.add_argument("folder", type=Path, help="folder of the chair")
    parser.add_argument("checkpoint", type=Path, help="a recent checkpoint with its cosignatures")
    parser.add_argument("out", type=Path, help="the file to write")
    parser.add_argument("--hall", required=True)
    parser.add_argument("--contest", required=True, metavar="HEX")
    add_common(parser)
    given = parser.parse_args(words)
    real = means_of(given, means)
    hall = HallId(name_of(given.hall))
    contest = ContestId(hex_of(given.contest, "--contest", CONTEST_BYTES))
    with opened_keys(given.folder, real) as keys:
        charter, now_ms = keys.folder.charter(), real.now_ms()
        checkpoint, names = witnessed(given.checkpoint, charter, hall, now_ms // 1000)
        tell(real.person, said("checkpoint", size=checkpoint.size, names=", ".join(names)))
        close = Close(charter.congress, hall, contest, checkpoint.size, checkpoint.root, now_ms)
        issue(real, keys, close, given.out, Libsodium())
    return 0


def witnessed(path: Path, charter: Charter, hall: HallId, now_s: int) -> tuple[Checkpoint, list[str]]:
    """A checkpoint of this hall that enough witnesses signed lately. Raises BadInput, ConfigError."""
    try:
        note = read_whole(path, NOTE_MAX).decode()
        keys = {witness.name: witness.public_key for witness in charter.witnesses}
        times = cosigners(note, charter.congress, keys)
        where, size, root = note.split("\n")[:3]  # in their one form: cosigners has read them
        checkpoint = Checkpoint(where, int(size), base64.b64decode(root))
    except (UnicodeDecodeError, RecordRejected) as err:
        raise BadInput("bad-line", path=path, line=1, what=err) from None
    place = f"hallward/{charter.congress}/{hall}/"
    if not checkpoint.origin.startswith(place):
        raise BadInput("other-hall", path=path, found=checkpoint.origin, expected=place)
    external = any(witness.external for witness in charter.witnesses if witness.name in times)
    if len(times) < charter.witness_quorum or not external:
        raise BadInput("too-few-witnesses", path=path, have=len(times), need=charter.witness_quorum)
    age = now_s - max(times.values())
    if abs(age) > AGE_S_MAX:
        raise BadInput("old-checkpoint", path=path, age=age, most=AGE_S_MAX)
    return checkpoint, sorted(times)
