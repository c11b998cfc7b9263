"""Entries on their way: judged cheaply, worked on elsewhere, ready for the log, to be answered.

Nothing here is durable and nothing need be: a unit says its entry again until it is answered.
"""

from collections import Counter, deque
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Final, NamedTuple, TypeAlias

from ballot.board.verdicts import Drop, Pending, Repeat
from ballot.hashing import hash_of
from fleet.ingest.ballots.answer import Asked
from fleet.ingest.ballots.elections import Elections
from fleet.ingest.ballots.work import WorkAnswer, WorkQuestion
from fleet.ingest.pool import Verifier
from wire.ids import ContestId, VoterRef
from wire.voting import Carried

UNDER_WAY_MAX: Final = 4096
"""Beyond it an entry is let go unanswered: its unit says it again."""
OF_ONE_VOTER_MAX: Final = 2
"""A unit says one at a time, and a second unit of the voter may be there after a swap. One that signs the
same ballot a thousand ways fills no queue and keeps nobody's proofs waiting but its own."""


Who: TypeAlias = tuple[ContestId, VoterRef]


class Ready(NamedTuple):
    """To be judged again, and to become a leaf or a refusal. pending: None when no work was needed."""

    envelope: bytes
    pending: Pending | None
    code: str | None


class Polling:
    """Used from one thread."""

    def __init__(self, works: Verifier[WorkQuestion, WorkAnswer]) -> None:
        self._works = works
        self._asked: dict[bytes, Asked] = {}
        self._voter_of: dict[bytes, Who] = {}
        self._under_way: Counter[Who] = Counter()
        self._working: deque[Pending] = deque()
        self._ready: deque[Ready] = deque()
        self._repeats: list[Asked] = []

    def arrived(self, device: str, carried: Carried, elections: Elections | None) -> str | None:
        """Take an entry that a device carried here. Returns the code under which it is dropped, if it is."""
        entry_hash = hash_of(carried.entry)
        contest = None if elections is None else elections.board.contest_of(carried.entry)
        if elections is None or contest is None:
            return "no-contest"
        asked = Asked(device, contest.id, entry_hash, carried.known_size)
        if entry_hash in self._asked:
            self._asked[entry_hash] = asked
            return None
        found = contest.judge_cheap(carried.entry)
        if isinstance(found, Drop):
            return "bad-ballot"
        if isinstance(found, Repeat):
            self._repeats.append(asked)
        elif len(self._asked) < UNDER_WAY_MAX and self._begun((contest.id, found.entry.voter), entry_hash):
            self._asked[entry_hash] = asked
            if isinstance(found, Pending):
                self._working.append(found)
                self._works.ask([WorkQuestion(found.work)])
            else:
                self._ready.append(Ready(carried.entry, None, None))
        return None

    def _begun(self, who: Who, entry_hash: bytes) -> bool:
        """False: this voter has as many under way as one may."""
        if self._under_way[who] >= OF_ONE_VOTER_MAX:
            return False
        self._under_way[who] += 1
        self._voter_of[entry_hash] = who
        return True

    def gather(self) -> None:
        """Take in what the workers found."""
        for answer in self._works.answers():
            pending = self._working.popleft()
            self._ready.append(Ready(pending.envelope, pending, answer.code))

    @property
    def waits(self) -> bool:
        """Something is to be committed or answered."""
        return bool(self._ready or self._repeats)

    @property
    def idle(self) -> bool:
        return not (self._asked or self._repeats)

    def ready(self, at_most: int) -> list[Ready]:
        """The oldest, which stay here until `committed`: a commit may fail."""
        return [self._ready[at] for at in range(min(at_most, len(self._ready)))]

    def committed(self, ready: Sequence[Ready]) -> list[Asked]:
        """These are in the log, or refused there, or dropped. Returns who is to be answered."""
        for _ in ready:
            self._ready.popleft()
        hashes = [hash_of(each.envelope) for each in ready]
        for entry_hash in hashes:
            who = self._voter_of.pop(entry_hash)
            self._under_way[who] -= 1
            if not self._under_way[who]:
                del self._under_way[who]
        return [self._asked.pop(entry_hash) for entry_hash in hashes]

    def repeats(self) -> list[Asked]:
        """Who asked again about what has its place already."""
        found, self._repeats = self._repeats, []
        return found

    def waitables(self) -> list[Connection]:
        return self._works.waitables()
