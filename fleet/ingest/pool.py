"""Worker processes that verify, fed over pipes; answers come back in the order of the questions.

A worker that dies is replaced and its questions are asked again: they are only questions, nothing is lost.
A few questions are answered in this process, so that one lone vote does not wait for another process to
wake up.
"""

import gc
import logging
import multiprocessing
import select
import signal
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Final, Generic, Protocol, TypeVar

from ballot.hall_log.leaf import CheckedRecord
from fleet.ingest.verify import Question, answer

Q = TypeVar("Q", bound=tuple[Any, ...])
A = TypeVar("A")
Q_contra = TypeVar("Q_contra", bound=tuple[Any, ...], contravariant=True)

log: Final = logging.getLogger("hallward.ingest")


@dataclass(frozen=True, slots=True)
class Trade(Generic[Q, A]):
    """What the workers of a pool do. answer: a function of a module, total, which they import by its name.

    chunk_max: questions per message, together less than a pipe holds (64 kB), so that neither side waits for
    the other to read. inline_max: so few are answered in this process.
    """

    answer: Callable[[Q], A]
    question: Callable[[Any], Q]
    chunk_max: int
    inline_max: int


SIGNATURES: Final = Trade(answer, Question._make, chunk_max=128, inline_max=4)


class Verifier(Protocol[Q_contra, A]):
    """Answers questions, in order."""

    def ask(self, questions: Sequence[Q_contra]) -> None:
        """Take questions; never blocks for an answer."""

    def answers(self) -> list[A]:
        """Those that are ready, in the order of asking."""

    def room(self) -> int:
        """How many questions may be asked now."""

    def waitables(self) -> list[Connection]:
        """What becomes readable when answers arrive."""


class InlineVerifier(Generic[Q, A]):
    """Answers in this process: for tests, and for machines with one core."""

    def __init__(self, trade: Trade[Q, A]) -> None:
        self._trade = trade
        self._ready: list[A] = []

    def ask(self, questions: Sequence[Q]) -> None:
        self._ready += [self._trade.answer(question) for question in questions]

    def answers(self) -> list[A]:
        ready, self._ready = self._ready, []
        return ready

    def room(self) -> int:
        return self._trade.chunk_max

    def waitables(self) -> list[Connection]:
        return []


@dataclass(slots=True)
class _Chunk(Generic[Q, A]):
    questions: list[Q]
    answers: list[A] | None = None


class _Worker(Generic[Q, A]):
    """One process and this end of its pipe; at most one chunk is with it."""

    def __init__(self, number: int, trade: Trade[Q, A]) -> None:
        context = multiprocessing.get_context(
            "spawn"
        )  # fork would copy the broker connection and the database's
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(
            target=serve, args=(theirs, trade), name=f"hallward-verify-{number}", daemon=True
        )
        self.process.start()
        theirs.close()
        self.chunk: _Chunk[Q, A] | None = None

    def stop(self) -> None:
        self.pipe.close()
        self.process.join(timeout=2)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def rest_the_collector() -> None:
    """Look for garbage cycles seldom: a record makes hundreds of objects, and none of them stands in a
    cycle.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def serve(pipe: Connection, trade: Trade[Any, Any]) -> None:
    """A worker's life: ends when the other end of the pipe closes, however that process ended."""
    rest_the_collector()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        while True:
            pipe.send([_packed(trade.answer(trade.question(question))) for question in pipe.recv()])
    except (EOFError, OSError):
        return


def _packed(found: Any) -> Any:
    """Records cross as plain tuples: pickle names the class of every other object, each time."""
    return tuple(found) if type(found) is CheckedRecord else found


def _unpacked(packed: Any) -> Any:
    return CheckedRecord._make(packed) if type(packed) is tuple else packed


class ProcessPool(Generic[Q, A]):
    """Worker processes, replaced when they die. Used from one thread."""

    def __init__(self, workers: int, trade: Trade[Q, A]) -> None:
        self._trade = trade
        self._workers = [_Worker(number, trade) for number in range(workers)]
        self._chunks: deque[_Chunk[Q, A]] = deque()  # in the order of asking
        self._unsent: deque[_Chunk[Q, A]] = deque()
        self._number_of: dict[int, int] = {}
        self._watch()

    def room(self) -> int:
        idle = sum(worker.chunk is None for worker in self._workers) - len(self._unsent)
        return max(0, idle) * self._trade.chunk_max

    def waitables(self) -> list[Connection]:
        return [worker.pipe for worker in self._workers]

    def ask(self, questions: Sequence[Q]) -> None:
        if len(questions) <= self._trade.inline_max:
            self._chunks.append(_Chunk([], [self._trade.answer(question) for question in questions]))
            return
        idle = max(1, sum(worker.chunk is None for worker in self._workers))
        size = min(self._trade.chunk_max, -(-len(questions) // idle))
        for start in range(0, len(questions), size):
            chunk: _Chunk[Q, A] = _Chunk(list(questions[start : start + size]))
            self._chunks.append(chunk)
            self._unsent.append(chunk)
        self._send()

    def answers(self) -> list[A]:
        self._receive()
        self._send()
        ready: list[A] = []
        while self._chunks and self._chunks[0].answers is not None:
            ready += self._chunks.popleft().answers or ()
        return ready

    def stop(self) -> None:
        for worker in self._workers:
            worker.stop()

    def _send(self) -> None:
        for number, worker in enumerate(self._workers):
            if self._unsent and worker.chunk is None:
                worker.chunk = self._unsent.popleft()
                try:
                    worker.pipe.send([tuple(question) for question in worker.chunk.questions])
                except OSError:
                    self._replace(number)

    def _receive(self) -> None:
        for descriptor, _ in self._poll.poll(0):
            number = self._number_of[descriptor]
            worker = self._workers[number]
            try:
                found = worker.pipe.recv()
            except (EOFError, OSError):
                self._replace(number)
                continue
            if worker.chunk is not None:
                worker.chunk.answers = [_unpacked(packed) for packed in found]
            worker.chunk = None

    def _watch(self) -> None:
        """One poll over all pipes, made anew when a worker is."""
        self._poll = select.poll()
        self._number_of = {}
        for number, worker in enumerate(self._workers):
            self._poll.register(worker.pipe, select.POLLIN)
            self._number_of[worker.pipe.fileno()] = number

    def _replace(self, number: int) -> None:
        dead = self._workers[number]
        dead.stop()
        log.warning("A verifying process ended (exit %s); another takes its place.", dead.process.exitcode)
        self._workers[number] = _Worker(number, self._trade)
        self._watch()
        if dead.chunk is not None:
            self._unsent.appendleft(dead.chunk)
