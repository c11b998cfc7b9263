"""Answers come back in the order of the questions, also when a worker is killed in the middle."""

import os
import signal
from collections.abc import Iterator

import pytest

from ballot.hall_log.leaf import CheckedRecord
from fleet.ingest.pool import SIGNATURES, ProcessPool
from fleet.ingest.verify import Answer, Drop, Question, answer
from tests.fleet.ingest.simulated_hall import Device, ballot, make_signer
from tests.servers.waiting import wait_until
from wire.topics import Up

SIGNER = make_signer("keypad-1")


def questions(count: int) -> list[Question]:
    device = Device("keypad-1", SIGNER)
    key = SIGNER.public_key
    return [
        Question(Up.REC.value, "keypad-1", int(key.alg), key.raw, device.say(ballot())) for _ in range(count)
    ]


@pytest.fixture
def pool() -> Iterator[ProcessPool[Question, Answer]]:
    pool = ProcessPool(2, SIGNATURES)
    yield pool
    pool.stop()


def gathered(pool: ProcessPool[Question, Answer], count: int) -> list[Answer]:
    found: list[Answer] = []

    def enough() -> bool:
        found.extend(pool.answers())
        return len(found) >= count

    wait_until(enough, f"{count} answers")
    return found


@pytest.mark.system
def test_answers_come_in_the_order_of_the_questions(pool: ProcessPool[Question, Answer]) -> None:
    asked = questions(300)
    forged = asked[7]._replace(envelope=asked[7].envelope[:-1] + b"\0")
    asked[7] = forged
    pool.ask(asked)
    found = gathered(pool, 300)
    assert [each.seq if isinstance(each, CheckedRecord) else each for each in found] == [
        Drop("bad-signature") if seq == 8 else seq for seq in range(1, 301)
    ]


@pytest.mark.system
def test_a_killed_worker_is_replaced_and_its_questions_are_asked_again(
    pool: ProcessPool[Question, Answer],
) -> None:
    killed = [worker.process.pid for worker in pool._workers]
    pool.ask(questions(200))
    for pid in killed:
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
    assert [each.seq for each in gathered(pool, 200) if isinstance(each, CheckedRecord)] == list(
        range(1, 201)
    )
    assert not {worker.process.pid for worker in pool._workers} & set(killed)
    pool.ask(questions(100))
    assert len(gathered(pool, 100)) == 100


@pytest.mark.system
def test_a_lone_vote_waits_for_no_other_process(pool: ProcessPool[Question, Answer]) -> None:
    pool.ask(questions(1))
    assert len(pool.answers()) == 1


def test_any_bytes_end_in_an_answer() -> None:
    (good,) = questions(1)
    for envelope in (b"", b"\x84", good.envelope[:40], good.envelope + b"x", bytes(70_000)):
        for kind in Up:
            assert isinstance(answer(good._replace(kind=kind.value, envelope=envelope)), Drop)
    assert isinstance(answer(good._replace(key=bytes(32))), Drop), "a key that is no key verifies nothing"


def test_bytes_over_which_the_program_itself_fails_are_dropped_and_end_no_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr("fleet.ingest.verify.checked_record", fails)
    assert [answer(question) for question in questions(1)] == [Drop("not-judged")]
