"""A real unit at a seat of an election in memory: its mind, its disk, and a line that can be cut."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ballot.board.verdicts import Drop
from ballot.documents.bodies import KeyRecord
from ballot.documents.pages import pages_of
from ballot.documents.roll import encode_row, roll_tree
from ballot.prove import Prover
from edge.ballot_keypad.keys.press import Button
from edge.ballot_keypad.secret.kept import ROOM
from edge.ballot_keypad.secret.life import State
from edge.ballot_keypad.secret.question import Question
from edge.ballot_keypad.secret.questions import Questions
from edge.ballot_keypad.secret.trust import Pinned
from edge.ballot_keypad.secret.unit import Unit
from edge.device.adapters.sqlite_outbox import SqliteOutboxStore
from edge.device.ports import Change
from tests.attacks.row import honest
from tests.attacks.rows.receipts import READER, answered
from tests.ballot.board.election import (
    CHARTER,
    CONGRESS,
    CONTEST,
    GROUP,
    HALL,
    QUESTION,
    SITTING,
    STORE_ID,
    TRUSTEES,
    Election,
    signed,
)
from wire.ids import StoreId
from wire.voting import BoardAnswer, Carried, ContestNotice, RollEntry, SessionKey

FAR_MS = 2**50
Line = Callable[[BoardAnswer], BoardAnswer | None]
"""What becomes of an answer on its way."""


def through(answer: BoardAnswer) -> BoardAnswer | None:
    return answer


def cut(_: BoardAnswer) -> BoardAnswer | None:
    return None


class Disk:
    """What is durable: in memory, or in the outbox's own SQLite file."""

    def __init__(self, path: Path | None = None) -> None:
        self.memory: dict[str, bytes] = {}
        self.path = path
        self._store = None if path is None else SqliteOutboxStore(path)

    def keep(self, values: Mapping[str, bytes | None]) -> None:
        if self._store is not None:
            self._store.write(Change(values=values))
        for name, value in values.items():
            if value is None:
                self.memory.pop(name, None)
            else:
                self.memory[name] = value

    def image(self) -> bytes:
        """Every byte of the folder, as after a kill."""
        if self.path is None:
            return b"".join(name.encode() + value for name, value in self.memory.items())
        return b"".join(path.read_bytes() for path in sorted(self.path.parent.iterdir()))

    def close(self) -> None:
        if self._store is not None:
            self._store.close()


@dataclass
class Means:
    """The unit's world, held by the test: fixed randomness and clock. burn: at both sides of a durable
    step."""

    first: bytes
    disk: Disk
    burn: Callable[[str], None] = lambda _: None
    now: int = 1_000_000
    drawn: list[bytes] = field(default_factory=list)
    sent: list[tuple[int, Carried | SessionKey]] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)

    def random(self, count: int, /) -> bytes:
        value = self.first if not self.drawn else hashlib.shake_256(b"%d" % len(self.drawn)).digest(count)
        self.drawn.append(value)
        return value

    def now_ms(self) -> int:
        return self.now

    def wall_ms(self) -> int:
        return self.now

    def jitter(self) -> float:
        return 0.5

    def keep(self, values: Mapping[str, bytes | None], /) -> None:
        self.burn("before")
        self.disk.keep(values)
        self.burn("after")

    def send(self, message: Carried | SessionKey, /) -> None:
        self.sent.append((self.now, message))

    def alarm(self, code: str, detail: str, /) -> None:
        self.alarms.append(code)

    def is_connected(self) -> bool:
        return True

    def wake_at(self, at_ms: int, /) -> None:
        pass

    def store_id(self) -> StoreId | None:
        return STORE_ID


class Seat:
    """Where the first voter of an election sits. `line` says what becomes of answers."""

    def __init__(self, election: Election, path: Path | None = None) -> None:
        self.election = election
        voter = election.units[0]
        first = hashlib.sha256(voter.key.encode()).digest()
        self.means = Means(first, Disk(path))
        self.line: Line = through
        self._told = 0
        self.start()

    def start(self) -> None:
        """As after a power cut: only what is on the disk is known."""
        unit = Unit(self.means, Pinned(CHARTER, HALL, GROUP), READER)
        values = {name: value for name, value in self.means.disk.memory.items() if name.startswith(ROOM)}
        self.questions = Questions(unit, values)

    @property
    def question(self) -> Question:
        found = self.questions.front()
        honest(found is not None, "the unit shows the question")
        assert found is not None
        return found

    @property
    def state(self) -> State:
        return self.question.state

    def notice(self, state: str, counter: int, expires_ms: int = FAR_MS) -> None:
        notice = ContestNotice(CONGRESS, SITTING, QUESTION, CONTEST, counter, state, "Tán thành?")
        self.questions.noticed(notice, expires_ms)

    def document(self, data: bytes, kind: str) -> list[str]:
        """What the unit says of it, in English; nothing when it is content."""
        contest = None if kind == KeyRecord.kind else CONTEST
        said = [self.questions.page(page) for page in pages_of(data, kind, contest)]
        return [words[1] for words in said if words is not None]

    def roll(self) -> list[str]:
        rows = self.election.rows.rows
        roll = signed(self.election.rows.roll(CONGRESS), ("comm-1", "comm-2"))
        path = b"".join(roll_tree(rows).inclusion(0))
        return self.row(RollEntry(CONTEST, roll, 0, encode_row(rows[0]), path))

    def row(self, entry: RollEntry) -> list[str]:
        words = self.questions.roll_entry(entry)
        return [] if words is None else [words[1]]

    def manifest(self) -> list[str]:
        return self.document(signed(self.election.manifest, ("board-1", "board-2")), "manifest/1")

    def key_record(self) -> list[str]:
        return self.document(signed(self.election.record, TRUSTEES), KeyRecord.kind)

    def seated(self) -> "Seat":
        """The question is open, and its papers are believed."""
        self.notice("prepared", 1)
        said = [*self.key_record(), *self.manifest(), *self.roll()]
        honest(said == [] and self.state is State.READY, f"it is ready: {said}")
        self.notice("open", 2)
        return self

    def run(self, turns: int = 20, step_ms: int = 500) -> State:
        for _ in range(turns):
            self.means.now += step_ms
            self.questions.tick()
            self._carry()
        return self.state

    def press(self, *buttons: Button) -> State:
        for button in buttons:
            self.questions.pressed(button)
        return self.state

    def entries(self) -> list[bytes]:
        """All that it ever asked the store to take, repeats included."""
        return [message.entry for _, message in self.means.sent if isinstance(message, Carried)]

    def _carry(self) -> None:
        while self._told < len(self.means.sent):
            _, message = self.means.sent[self._told]
            self._told += 1
            if not isinstance(message, Carried) or isinstance(self.election.offer(message.entry), Drop):
                continue
            answer = self.line(answered(self.election, message.entry, message.known_size))
            if answer is not None:
                self.questions.answered(answer)


def voting(election: Election, path: Path | None = None) -> Seat:
    """Up to where a person may choose."""
    seat = Seat(election, path).seated()
    honest(seat.run() is State.CHOOSING, "a person may choose")
    return seat


@contextmanager
def every_ballot_made() -> Iterator[list[bytes]]:
    """The bodies that any prover makes meanwhile, kept or not."""
    made: list[bytes] = []
    honest_body = Prover.body

    def noted(self: Prover, *given: object) -> bytes:
        body = honest_body(self, *given)  # type: ignore[arg-type]
        made.append(body)
        return body

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Prover, "body", noted)
        yield made
