"""Worker processes that verify signatures, fed over pipes; answers come back in the order of the questions.

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
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Final, Protocol, cast

from fleet.ingest.verify import Answer, Question, answer
from fleet.log.leaf import CheckedRecord

INLINE_MAX: Final = 4
CHUNK_MAX: Final = 128
"""Questions per message: about 60 kB, less than a pipe holds, so that neither side ever waits for the
other to read.
"""

log: Final = logging.getLogger("hallward.ingest")


class Verifier(Protocol):
    """Answers questions, in order."""

    def ask(self, questions: Sequence[Question]) -> None:
        """Take questions; never blocks for an answer."""

    def answers(self) -> list[Answer]:
        """Those that are ready, in the order of asking."""

    def room(self) -> int:
        """How many questions may be asked now."""

    def waitables(self) -> list[Connection]:
        """What becomes readable when answers arrive."""


class InlineVerifier:
    """Answers in this process: for tests, and for machines with one core."""

    def __init__(self) -> None:
        self._ready: list[Answer] = []

    def ask(self, questions: Sequence[Question]) -> None:
        self._ready += [answer(question) for question in questions]

    def answers(self) -> list[Answer]:
        ready, self._ready = self._ready, []
        return ready

    def room(self) -> int:
        return CHUNK_MAX

    def waitables(self) -> list[Connection]:
        return []


@dataclass(slots=True)
class _Chunk:
    questions: list[Question]
    answers: list[Answer] | None = None


class _Worker:
    """One process and this end of its pipe; at most one chunk is with it."""

    def __init__(self, number: int) -> None:
        context = multiprocessing.get_context(
            "spawn"
        )  # fork would copy the broker connection and the database's
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(
            target=serve, args=(theirs,), name=f"hallward-verify-{number}", daemon=True
        )
        self.process.start()
        theirs.close()
        self.chunk: _Chunk | None = None

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


def serve(pipe: Connection) -> None:
    """A worker's life: ends when the other end of the pipe closes, however that process ended."""
    rest_the_collector()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        while True:
            pipe.send([_packed(answer(Question(*question))) for question in pipe.recv()])
    except (EOFError, OSError):
        return


def _packed(found: Answer) -> Any:
    """Records cross as plain tuples: pickle names the class of every other object, each time."""
    return tuple(found) if type(found) is CheckedRecord else found


def _unpacked(packed: Any) -> Answer:
    return CheckedRecord._make(packed) if type(packed) is tuple else cast(Answer, packed)


class ProcessPool:
    """Worker processes, replaced when they die. Used from one thread."""

    def __init__(self, workers: int) -> None:
        self._workers = [_Worker(number) for number in range(workers)]
        self._chunks: deque[_Chunk] = deque()  # in the order of asking
        self._unsent: deque[_Chunk] = deque()
        self._number_of: dict[int, int] = {}
        self._watch()

    def room(self) -> int:
        idle = sum(worker.chunk is None for worker in self._workers) - len(self._unsent)
        return max(0, idle) * CHUNK_MAX

    def waitables(self) -> list[Connection]:
        return [worker.pipe for worker in self._workers]

    def ask(self, questions: Sequence[Question]) -> None:
        if len(questions) <= INLINE_MAX:
            self._chunks.append(_Chunk([], [answer(question) for question in questions]))
            return
        idle = max(1, sum(worker.chunk is None for worker in self._workers))
        size = min(CHUNK_MAX, -(-len(questions) // idle))
        for start in range(0, len(questions), size):
            chunk = _Chunk(list(questions[start : start + size]))
            self._chunks.append(chunk)
            self._unsent.append(chunk)
        self._send()

    def answers(self) -> list[Answer]:
        self._receive()
        self._send()
        ready: list[Answer] = []
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
        self._workers[number] = _Worker(number)
        self._watch()
        if dead.chunk is not None:
            self._unsent.appendleft(dead.chunk)
