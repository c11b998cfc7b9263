"""What the exported hall log says of each unit's voter, read by the papers that the commission signed."""

from dataclasses import dataclass, field
from pathlib import Path

from ballot.documents.bodies import Bind, Manifest, RollRows
from ballot.documents.document import parse_document
from ballot.hall_log.format import LeafItem, parse_leaf
from ballot.seeds import code_of
from hallward.demo.congress import Papers
from wire import cbor
from wire.board import Cast, Checked, Entry, Prepared, is_voter_kid, kid_of, parse_entry
from wire.envelope import Purpose, claimed_signer, verify
from wire.errors import RecordRejected
from wire.keys import Alg, PublicKey


@dataclass(slots=True)
class Said:
    """What one session key said. codes: of the ballots that it prepared."""

    casts: int = 0
    checks: int = 0
    codes: set[str] = field(default_factory=set)


def said_by_key(export: Path, papers: Papers) -> dict[str, Said]:
    """Session key -> what stands of it in the log. An entry whose signature does not hold ends the test."""
    manifest = Manifest.parse(parse_document((papers / "manifest.doc").read_bytes()).body).hash
    keys = _keys(papers)
    found = {key.hex(): Said() for rows in keys.values() for key in rows}
    for item in leaves(export):
        signer = claimed_signer(item.envelope)
        if not is_voter_kid(signer):
            continue
        entry, key = _opened(item, signer, keys[signer])
        said = found[key.hex()]
        said.casts += isinstance(entry.body, Cast)
        said.checks += isinstance(entry.body, Checked)
        if isinstance(entry.body, Prepared):
            body = entry.body
            said.codes.add(code_of(manifest, entry.voter, entry.generation, body.seq, body.body_hash))
    return found


def leaves(export: Path) -> list[LeafItem]:
    items = [value for _, value in cbor.decode_sequence(export.read_bytes())]
    return [parse_leaf(value) for value in items[1:-1]]


def _keys(papers: Papers) -> dict[str, list[bytes]]:
    """Voter -> all session keys that spoke for them."""
    rows = RollRows.parse(parse_document((papers / "roll-rows.doc").read_bytes()).body).rows
    keys = {kid_of(row.voter): [row.session_key] if row.session_key else [] for row in rows}
    for path in papers.folder.glob("bind-*.doc"):
        bind = Bind.parse(parse_document(path.read_bytes()).body)
        if bind.session_key and bind.session_key not in keys[kid_of(bind.voter)]:
            keys[kid_of(bind.voter)].append(bind.session_key)
    return keys


def _opened(item: LeafItem, signer: str, keys: list[bytes]) -> tuple[Entry, bytes]:
    for key in keys:
        try:
            return parse_entry(verify(item.envelope, Purpose.BOARD, signer, PublicKey(Alg.EDDSA, key))), key
        except RecordRejected:  # the next key of this voter
            continue
    raise AssertionError(f"leaf {item.index} of {signer} is signed by none of its keys")
