"""Whether a trustee may sign a tally, or give a share: the pure part, from what was read and what is
remembered (ballot/SPEC §7, rules 16 to 18). Everything that is wrong is said, not only the first."""

from collections.abc import Sequence
from dataclasses import dataclass

from ballot.board.contest import Contest
from ballot.board.heads import Head
from ballot.documents.bodies import Tally
from ballot.group import Group
from ballot.tally.count import Electing, electing
from ballot.tally.objections import objections
from officers.tally.memory import last_seen, signed_before
from officers.tally.ports import Memory
from officers.tally.reading import Reading
from officers.tally.words import TallyRefused, said
from officers.words import Words
from wire.errors import RecordRejected
from wire.ids import ContestId


@dataclass(frozen=True, slots=True)
class Approved:
    """The tally that may be signed, and the head under which all of it was checked."""

    tally: Tally
    head: Head
    found: Electing


@dataclass(frozen=True, slots=True)
class Refused:
    """why: every reason, (vi, en). faults: of the file, as they were found."""

    why: tuple[Words, ...]
    faults: tuple[str, ...]


def choose(reading: Reading, wanted: ContestId | None) -> Contest:
    """The contest that is meant. Raises TallyRefused when that is unclear."""
    contests = reading.board.contests
    if wanted is not None:
        if wanted not in contests:
            raise TallyRefused("no-contest")
        return contests[wanted]
    ready = [each for each in contests.values() if each.course.closed is not None] or list(contests.values())
    if len(ready) != 1:
        ids = ", ".join(each.id.hex() for each in ready)
        raise TallyRefused("which-contest", n=len(ready), ids=ids)
    return ready[0]


def head_from_witness(reading: Reading, note: str, memories: Sequence[Memory]) -> Head:
    """The newest state that witnesses vouch for, if it grew from what this trustee saw last. Raises
    TallyRefused."""
    try:
        head = reading.head(note)
    except RecordRejected as err:
        raise TallyRefused("bad-note", what=err.what) from None
    if not head.is_witnessed(reading.board.charter):
        raise TallyRefused("note-unwitnessed")
    seen = last_seen(memories, reading.header.hall)
    if seen is not None and head.size < seen.size:
        raise TallyRefused("cut", size=head.size, seen=seen.size)
    if seen is not None and reading.replay.root(seen.size) != seen.root:
        raise TallyRefused("forked", seen=seen.size)
    return head


def decide_tally(
    group: Group,
    reading: Reading,
    contest: Contest,
    head: Head,
    memories: Sequence[Memory],
    proposed: Tally | None,
) -> Approved | Refused:
    """Whether this trustee may sign. proposed: the tally that another signed first, None to begin one."""
    why: list[Words] = []
    size, root = (head.size, head.root) if proposed is None else (proposed.size, proposed.root)
    if size > head.size or reading.replay.root(size) != root:
        why.append(said("unseen-state"))
    elif not _is_witnessed(reading, head, size):
        why.append(said("unwitnessed-state"))
    heads = [*reading.heads, head]
    why += [(each.vi, each.en) for each in objections(contest, reading.replay.root, heads, size)]
    found = electing(group, contest)
    if reading.faults or why or found is None:
        return Refused(tuple(why), tuple(reading.faults))
    tally = found.tally(size, root)
    if proposed is not None and proposed != tally:
        why.append(said("other-tally", here=tally.counted, there=proposed.counted))
    # A second tally of one contest would show the difference of the two.
    if signed_before(memories, tally.key_record_hash, contest.id) - {tally.hash}:
        why.append(said("second-tally"))
    if {signed.hash for signed in contest.course.tallies} - {tally.hash}:
        why.append(said("second-in-log"))
    return Refused(tuple(why), ()) if why else Approved(tally, head, found)


def decide_share(
    group: Group, reading: Reading, contest: Contest, head: Head, memories: Sequence[Memory]
) -> Approved | Refused:
    """Whether this trustee may open the tally that stands in the log."""
    course = contest.course
    if not course.tallies:
        return Refused((said("no-tally"),), tuple(reading.faults))
    signed = course.tallies[0]
    if signed.leaf >= head.size:
        return Refused((said("tally-unseen", leaf=signed.leaf),), tuple(reading.faults))
    return decide_tally(group, reading, contest, head, memories, signed.body)


def _is_witnessed(reading: Reading, head: Head, size: int) -> bool:
    charter = reading.board.charter
    return any(each.size == size and each.is_witnessed(charter) for each in [head, *reading.heads])
