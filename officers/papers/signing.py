"""What an officer may sign, and what they are asked before (ballot/SPEC §2.2)."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from ballot.ceremony.key_record import check_key_record
from ballot.documents.bodies import BODIES, Bind, KeyRecord, Manifest, Roll, RollRows
from ballot.documents.charter import OFFICE, Charter, Office
from ballot.documents.describe import describe
from ballot.documents.document import (
    SIGNED_BY,
    Document,
    lacking,
    parse_document,
    signers,
    with_signature,
)
from ballot.documents.faults import bad
from ballot.documents.manifest import check_manifest
from ballot.documents.opened import opened
from ballot.group import Group
from ballot.seeds import fingerprint
from officers.confirm import confirm
from officers.errors import BadInput, OfficerError
from officers.keys.opened import OfficerKeys
from officers.person import Person, tell
from officers.words import words

_ELSEWHERE: Final = frozenset({Office.TRUSTEES, Office.WITNESSES})
"""They sign by programs that check everything first."""
_ONCE: Final = ("roll/1", "manifest/1", "close/1", "cancel/1", "result/1", "bind/1")
"""Of these a key signs one for each contest; of binds one for each voter and generation: of two the fleet
could choose."""


def may_sign(kind: str, name: str, charter: Charter) -> None:
    """Raises OfficerError, BadDocument."""
    if kind not in SIGNED_BY:
        raise bad("not-a-document", what=f"kind {kind!r:.40}")
    offices = {office for office, _ in SIGNED_BY[kind]}
    if not offices:
        raise OfficerError("nobody-signs", kind=kind)
    if offices & _ELSEWHERE:
        raise OfficerError("trustee-signs-elsewhere", kind=kind)
    if not any(officer.name == name for office in offices for officer in charter.of(office)):
        raise OfficerError("not-yours-to-sign", name=name, kind=kind)


def show(person: Person, document: Document, charter: Charter | None) -> None:
    """In words; and, under a charter, who signed and who is missing. Raises BadDocument."""
    for line in describe(document):
        person.say(line)
    if charter is None:
        return
    names = signers(document, charter)
    lacks = lacking(document.kind, names, charter)
    for lack in lacks:
        vi, en = OFFICE[lack.office]
        facts = {"have": lack.have, "need": lack.need}
        person.say(words("lacks", office=vi, **facts)[0])
        person.say(words("lacks", office=en, **facts)[1])
    if not lacks:
        tell(person, words("in-force"))


def sign(
    person: Person,
    keys: OfficerKeys,
    document: Document,
    beside: Sequence[bytes],
    group: Group,
    keep: Callable[[], None] | None = None,
) -> Document:
    """The document with this officer's signature, after they have read it.

    (1) it is theirs to sign, (2) every signature on it verifies, (3) what it stands on holds, (4) shown, and
    the first block of its fingerprint typed, (5) no other of its kind was signed for this contest: written
    down before the signature leaves. keep: writes down what else must be known by then. Raises OfficerError,
    BadDocument; then nothing was signed.
    """
    charter = keys.folder.charter()
    may_sign(document.kind, keys.name, charter)
    signers(document, charter)
    body: Any = BODIES[document.kind].parse(document.body)
    if getattr(body, "congress", charter.congress) != charter.congress:
        raise bad("other-congress", found=body.congress, expected=charter.congress)
    stands_on(body, beside, charter, group)
    show(person, document, charter)
    confirm(person, document.hash)
    if document.kind in _ONCE:
        _once(keys, document, body)
    if keep is not None:
        keep()
    return with_signature(document, keys.name, keys.signer)


def _once(keys: OfficerKeys, document: Document, body: Any) -> None:
    line = f"{document.kind} {body.contest.hex()}"
    if isinstance(body, Bind):
        line += f" {body.voter.hex()} {body.generation}"
    known = keys.memory.get(line, document.hash)
    if known != document.hash:
        raise OfficerError("second-document", kind=document.kind, fingerprint=fingerprint(known))
    keys.remember({line: document.hash})


def stands_on(body: Any, beside: Sequence[bytes], charter: Charter, group: Group) -> None:
    """A manifest is signed beside its key record and roll, a roll beside its rows: a hash alone tells nobody
    anything. Raises BadInput, BadDocument."""
    papers = {parse_document(content).kind: content for content in beside}
    if isinstance(body, Manifest):
        key_record = opened(_of(papers, KeyRecord.kind), charter, KeyRecord).body
        faults = [vi + " " + en for vi, en in check_key_record(group, key_record, charter)]
        roll = opened(_of(papers, Roll.kind), charter, Roll, body.contest).body
        faults += [f"{each.vi} {each.en}" for each in check_manifest(body, charter, key_record, roll)]
        if faults:
            raise BadInput("paper-fault", what=" ".join(faults))
    if isinstance(body, Roll):
        rows = parse_document(_of(papers, RollRows.kind))
        RollRows.parse(rows.body).check(body)


def _of(papers: dict[str, bytes], kind: str) -> bytes:
    if kind not in papers:
        raise BadInput("needs-beside", kind=kind)
    return papers[kind]
