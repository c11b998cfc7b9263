"""How an officer makes a document: shown, confirmed, signed, written; refused before anything is written."""

from collections.abc import Callable, Sequence
from pathlib import Path

from ballot.documents.body import DocumentBody
from ballot.documents.document import Document, encode_document
from ballot.group import Group
from ballot.seeds import fingerprint
from officers.errors import ConfigError
from officers.files import write_new
from officers.keys.opened import OfficerKeys
from officers.means import Means
from officers.papers.signing import may_sign, sign
from officers.person import tell
from officers.words import words


def issue(
    means: Means,
    keys: OfficerKeys,
    body: DocumentBody,
    out: Path,
    group: Group,
    beside: Sequence[bytes] = (),
    keep: Callable[[], None] | None = None,
) -> Document:
    """Sign a body that was made here and write it; the rest as `sign`. Raises OfficerError, BadDocument."""
    document = Document(body.kind, body.encode())
    may_sign(body.kind, keys.name, keys.folder.charter())
    free(out)
    signed = sign(means.person, keys, document, beside, group, keep)
    write_new(out, encode_document(signed), step=means.durable)
    tell(means.person, words("wrote", path=out, fingerprint=fingerprint(signed.hash)))
    return signed


def free(out: Path) -> None:
    """Refuse a name that is taken before anybody reads and types. Raises ConfigError."""
    if out.exists():
        raise ConfigError("exists", path=out)
