"""What a trustee does after the close, step by step: the shell around `decide`, for a terminal and for tests.

Order of `approve` and `share`: read all, decide, let the person confirm, remember in both places, print the
line for the minutes, and only then make and write what leaves this machine (rule 18)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from ballot.ceremony.key_record import ceremony_id_in, share_key
from ballot.documents.bodies import Share, Tally
from ballot.documents.charter import Charter
from ballot.documents.document import (
    Document,
    encode_document,
    parse_document,
    signers,
    with_signature,
)
from ballot.documents.faults import bad
from ballot.documents.opened import opened
from ballot.errors import BadDocument
from ballot.group import Group
from ballot.seeds import fingerprint
from ballot.tally.count import Counts, counts_of, electing, share_of
from ballot.tally.report import contests_of
from ballot.tally.shares import RAND_BYTES, make_rows
from officers.confirm import confirm
from officers.person import Person, tell
from officers.tally.decide import Approved, Refused, choose, decide_share, decide_tally, head_from_witness
from officers.tally.memory import head_line, tally_line
from officers.tally.ports import KeyFile, Memory
from officers.tally.reading import Progress, Reading, Workers, read
from officers.tally.words import TallyRefused, said
from wire.errors import BadSchema
from wire.ids import ContestId

FAULTS_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Desk:
    """What a trustee's program sits at. charter: the pinned one."""

    charter: Charter
    group: Group
    workers: Workers
    person: Person
    random: Callable[[int], bytes]
    show: Progress

    def read(self, data: bytes, path: str) -> Reading:
        """Raises TallyRefused for a file without a header; every other fault is in the reading."""
        try:
            return read(data, self.charter, self.group, self.workers, self.show)
        except BadSchema as err:
            raise TallyRefused("unreadable", path=path, what=err.what) from None


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be approved or opened. proposed: the tally document of another trustee, if there is one."""

    export: bytes
    path: str
    note: str
    contest: ContestId | None = None
    proposed: bytes | None = None


def approve(desk: Desk, keys: KeyFile, laptop: Memory, request: Request) -> bytes:
    """The tally document with this trustee's signature. Raises TallyRefused; then nothing was remembered but
    the head."""
    number = _number(desk, keys)
    reading = desk.read(request.export, request.path)
    contest = choose(reading, request.contest)
    memories = (keys, laptop)
    head = head_from_witness(reading, request.note, memories)
    before = None if request.proposed is None else _document(desk, request.proposed)
    proposed = None if before is None else Tally.parse(before.body)
    found = decide_tally(desk.group, reading, contest, head, memories, proposed)
    approved = _believed(desk, found, reading)
    code = fingerprint(approved.tally.hash)
    confirm(desk.person, approved.tally.hash)
    _remember(memories, approved)
    tally = approved.tally
    facts = {"counted": tally.counted, "size": tally.size, "root": tally.root.hex()}
    tell(desk.person, said("minutes", name=f"{keys.name} ({number})", fingerprint=code, **facts))
    document = before or Document(Tally.kind, tally.encode())
    return encode_document(with_signature(document, keys.name, keys.signer))


def share(desk: Desk, keys: KeyFile, laptop: Memory, request: Request) -> bytes:
    """The share document of this trustee, for the tally in the log. Raises TallyRefused."""
    number = _number(desk, keys)
    reading = desk.read(request.export, request.path)
    contest = choose(reading, request.contest)
    memories = (keys, laptop)
    head = head_from_witness(reading, request.note, memories)
    approved = _believed(desk, decide_share(desk.group, reading, contest, head, memories), reading)
    record = approved.found.record
    secret = keys.share(ceremony_id_in(record, desk.charter))
    if desk.group.base(secret) != share_key(desk.group, record, number):
        raise TallyRefused("other-share")
    code = fingerprint(approved.tally.hash)
    confirm(desk.person, approved.tally.hash)
    _remember(memories, approved)
    tell(desk.person, said("share-minutes", name=f"{keys.name} ({number})", fingerprint=code))
    bound = approved.found.bound(approved.tally)
    rands = [desk.random(RAND_BYTES) for _ in bound.aggregate]
    body = share_of(bound, number, make_rows(desk.group, bound, number, secret, rands))
    return encode_document(with_signature(Document(Share.kind, body.encode()), keys.name, keys.signer))


@dataclass(frozen=True, slots=True)
class Opened:
    """The counts, for whoever certifies them."""

    tally: Tally
    labels: tuple[str, ...]
    counts: tuple[int, ...]
    trustees: tuple[int, ...]


def result(desk: Desk, data: bytes, path: str, contest: ContestId | None, shares: Sequence[bytes]) -> Opened:
    """The counts from the shares in the log and in these files; anyone may do this. Raises TallyRefused."""
    reading = desk.read(data, path)
    found = choose(reading, contest)
    electable = electing(desk.group, found)
    if not found.course.tallies or electable is None:
        raise TallyRefused("no-tally")
    tally: Tally = found.course.tallies[0].body
    bodies: list[Share] = [signed.body for signed in found.course.shares]
    for share_data in shares:
        try:
            bodies.append(opened(share_data, desk.charter, Share, found.id).body)
        except BadDocument as err:
            raise TallyRefused("bad-share", what=err.what) from None
    counts = counts_of(desk.group, electable, tally, bodies)
    for what in counts.faults:
        tell(desk.person, said("bad-share", what=what))
    if reading.faults:
        _say_faults(desk.person, tuple(reading.faults))
        raise TallyRefused("faults", n=len(reading.faults))
    return Opened(tally, electable.manifest.labels, _complete(desk, counts), counts.trustees)


def view(desk: Desk, data: bytes, path: str) -> int:
    """Say what the file holds; how many faults it has."""
    reading = desk.read(data, path)
    for report in contests_of(reading.replay, desk.group):
        for line in report.lines():
            desk.person.say(line)
    _say_faults(desk.person, tuple(reading.faults))
    return len(reading.faults)


def _complete(desk: Desk, counts: Counts) -> tuple[int, ...]:
    if counts.counts is None:
        raise TallyRefused("few-shares", have=len(counts.trustees), need=desk.charter.k)
    return counts.counts


def _number(desk: Desk, keys: KeyFile) -> int:
    """i of this trustee. Raises TallyRefused when the key in the folder is not the charter's."""
    number = desk.charter.trustee_number(keys.name)
    if number is None or desk.charter.trustees[number - 1].key != keys.signer.public_key.raw:
        raise TallyRefused("not-a-trustee", name=keys.name)
    return number


def _document(desk: Desk, data: bytes) -> Document:
    """A tally that others have signed, not enough of them yet. Raises BadDocument."""
    document = parse_document(data)
    if document.kind != Tally.kind:
        raise bad("other-kind", found=document.kind, expected=Tally.kind)
    signers(document, desk.charter)
    return document


def _believed(desk: Desk, found: Approved | Refused, reading: Reading) -> Approved:
    if isinstance(found, Refused):
        _say_faults(desk.person, found.faults)
        for why in found.why:
            tell(desk.person, why)
        raise TallyRefused("faults", n=len(found.faults) + len(found.why))
    voters = found.found.contest.course.voters.values()
    facts = {"leaves": reading.size, "counted": found.tally.counted}
    tell(desk.person, said("checked", enabled=sum(voter.enabled for voter in voters), **facts))
    return found


def _say_faults(person: Person, faults: tuple[str, ...]) -> None:
    for number, what in enumerate(faults[:FAULTS_SHOWN], start=1):
        tell(person, said("fault", n=number, what=what))


def _remember(memories: Sequence[Memory], approved: Approved) -> None:
    """In both places, before anything leaves: a trustee who forgets can be asked twice."""
    tally = approved.tally
    lines = head_line(tally.hall, approved.head.size, approved.head.root)
    lines |= tally_line(tally.key_record_hash, tally.contest, tally.hash)
    for memory in memories:
        memory.remember(lines)
