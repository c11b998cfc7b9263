"""`hallward witness run | cosign | state`."""

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ballot.documents.document import encode_document, parse_document, with_signature
from officers.files import DOCUMENT_BYTES_MAX, read_whole, write_new
from officers.keys import passphrase
from officers.keys.folder import OfficerFolder
from officers.keys.opened import OfficerKeys
from officers.means import Means, add_common, means_of
from officers.person import tell
from officers.witness.adapters.https import HttpsFleet
from officers.witness.errors import WitnessRefused, said
from officers.witness.ports import parse_offer
from officers.witness.rounds import Rounds
from officers.witness.state import load
from officers.witness.witness import Witness
from wire import fields
from wire.checkpoint import with_cosignatures
from wire.errors import BadSchema
from wire.ids import HallId
from wire.keys import Alg, public_key

BEGUN: Final = "witnessed"
"""In the key file: there is more to remember, in a file that must never be missing again."""


def main(words: Sequence[str], means: Means | None = None) -> int:
    """Raises HallError, OSError."""
    parser = argparse.ArgumentParser(
        prog="hallward witness", description="Cosign what a hall log has become."
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    run = verbs.add_parser("run", help="stay connected to a fleet")
    cosign = verbs.add_parser("cosign", help="files on a stick, for a machine without network")
    verbs.add_parser("state", help="what was signed last, of each hall")
    for verb in verbs.choices.values():
        verb.add_argument(
            "folder", type=Path, metavar="DIR", help="folder of this witness, with the pinned charter"
        )
        add_common(verb)
    run.add_argument("--fleet", required=True, metavar="URL", help="https://host[:port]")
    run.add_argument("--ca", type=Path, metavar="PEM", help="the hall's certificate authority")
    cosign.add_argument(
        "files", type=Path, nargs="+", metavar="FILE", help="checkpoints with proofs, or tallies"
    )
    for verb in (run, cosign):
        verb.add_argument("--hall", required=True, type=_hall)
        verb.add_argument("--store-key", type=_key, metavar="HEX", help="of the hall's store, the first time")
    given = parser.parse_args(words)
    real = means_of(given, means)
    folder = OfficerFolder(given.folder, real.sealing)
    with folder.locked():
        if given.verb == "state":
            return _state(given.folder, real)
        witness = _witness(folder, given, real)
        if given.verb == "cosign":
            refused = [path for path in given.files if not _cosign(witness, given.hall, path)]
            return 1 if refused else 0
        Rounds(witness, given.hall, HttpsFleet(given.fleet, given.ca)).run(time.sleep)
    return 0


def _witness(folder: OfficerFolder, given: argparse.Namespace, real: Means) -> Witness:
    keys = OfficerKeys(folder, passphrase.ask(real.person))
    state = load(given.folder, real.durable)
    if not state.halls and BEGUN in keys.memory:
        raise WitnessRefused("forgotten", path=state.path)
    witness = Witness(
        folder.charter(), keys.name, keys.signer, state, real.person, lambda: real.now_ms() // 1000
    )
    if given.store_key is not None:
        witness.knows(given.hall, given.store_key)
    if state.halls:
        keys.remember({BEGUN: b"\1"})
    return witness


def _cosign(witness: Witness, hall: HallId, path: Path) -> bool:
    """Whether this file was signed; that is written beside it."""
    content = read_whole(path, DOCUMENT_BYTES_MAX)
    try:
        if content.lstrip()[:1] == b"{":
            offer = parse_offer(_json(content))
            line = witness.cosign(hall, offer.note, offer.consistency)
            if line is None:
                return False
            signed = with_cosignatures(offer.note, [line]).encode()
        else:
            witness.sign_tally(content)
            signed = encode_document(with_signature(parse_document(content), witness.name, witness.signer))
        done = path.with_name(f"{path.name}.{witness.name}")
        write_new(done, signed)
    except WitnessRefused as err:
        witness.person.say(f"{path}: {err.diagnostics()}")
        return False
    tell(witness.person, said("wrote", path=done))
    return True


def _state(folder: Path, real: Means) -> int:
    for name, hall in load(folder).halls.items():
        tell(real.person, said("state", hall=name, size=hall.last.size, root=hall.last.root.hex()))
    return 0


def _json(content: bytes) -> object:
    try:
        found: object = json.loads(content)
    except (ValueError, RecursionError):
        raise WitnessRefused("bad-answer", what="JSON") from None
    return found


def _hall(text: str) -> HallId:
    try:
        return HallId(fields.name(text))
    except BadSchema as err:
        raise argparse.ArgumentTypeError(err.what) from None


def _key(text: str) -> bytes:
    try:
        return public_key(Alg.EDDSA, bytes.fromhex(text)).raw
    except (ValueError, BadSchema):
        raise argparse.ArgumentTypeError("an Ed25519 public key is 64 hexadecimal digits") from None
