"""Rules 8 and 10 with a real process, a real disk and SIGKILL: at every durable step of a secret vote, before
and behind it, the process ends itself. Another one comes back on its file, and the vote is counted once."""

import os
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.device.adapters.sqlite_outbox import SqliteOutboxStore
from edge.device.ports import Change
from tests.ballot.board.election import HALL
from tests.edge.ballot_keypad.secret.hall import DEVICE, Hall
from tests.edge.ballot_keypad.secret.test_power_lost import alphas, counted
from wire.board import Prepared
from wire.voting import Carried

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning"),  # the child only votes and dies
]

STEPS = 40
"""More than a vote with a check takes; beyond the last the process lives on."""
PRESSES = (("ok", "yes", "ok"), ("check", "ok"), ("ok",), ("ok", "no", "ok"), ("ok",))
LENGTH_BYTES = 4


class Killed(SqliteOutboxStore):
    """Ends its process at one write: as it begins, or once it is durable."""

    def __init__(self, file: Path, at: int, *, is_behind: bool) -> None:
        super().__init__(file)
        self._left = at
        self._is_behind = is_behind

    def write(self, change: Change) -> None:
        self._left -= 1
        if self._left == 0 and not self._is_behind:
            os.kill(os.getpid(), signal.SIGKILL)
        super().write(change)
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def voted_until_killed(hall: Hall, open_store: Callable[[], SqliteOutboxStore]) -> tuple[bool, list[Carried]]:
    """Whether another process, which votes at this seat, was killed, and what of it had left before."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reads)
        _vote(hall, open_store, writes)
    os.close(writes)
    with os.fdopen(reads, "rb") as stream:
        said = stream.read()
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the process failed of itself"
    found: list[Carried] = []
    while said:
        end = LENGTH_BYTES + int.from_bytes(said[:LENGTH_BYTES], "big")
        found.append(Carried(HALL, DEVICE, 0, said[LENGTH_BYTES:end]))
        said = said[end:]
    return os.WIFSIGNALED(status), found


def _vote(hall: Hall, open_store: Callable[[], SqliteOutboxStore], writes: int) -> None:
    """In the child: every entry is in the pipe before the store judges it. Never returns."""
    answer = hall.answer

    def tell(carried: Carried) -> None:
        os.write(writes, len(carried.entry).to_bytes(LENGTH_BYTES, "big") + carried.entry)
        answer(carried)

    try:
        hall.answer = tell  # type: ignore[method-assign]
        hall.seat.open_store = open_store
        hall.seat.start().pass_ms(20_000)
        for each in PRESSES:
            hall.seat.press(*each).wait()
        os._exit(0)
    finally:
        os._exit(1)


def opened(file: Path) -> Hall:
    """An open question at a seat whose process has ended."""
    hall = Hall()
    hall.seat.open_store = lambda: SqliteOutboxStore(file)
    hall.open()
    hall.seat.kill()
    hall.seat.runtime.outbox.close()
    return hall


@pytest.mark.parametrize("is_behind", [False, True], ids=["before", "behind"])
def test_killed_at_every_write_nothing_is_lost_doubled_or_drawn_twice(
    tmp_path: Path, is_behind: bool
) -> None:
    for at in range(1, STEPS):
        file = tmp_path / f"{at}.db"
        hall = opened(file)
        was_killed, carried = voted_until_killed(hall, lambda: Killed(file, at, is_behind=is_behind))  # noqa: B023  # used at once
        if not was_killed:
            assert at > 10
            return
        for each in carried:
            hall.take(each.entry)
        hall.carried += carried
        seat = hall.seat
        seat.start().pass_ms(25_000)
        if seat.state != "recorded":
            assert seat.state == "choosing", (at, seat.screen)
            seat.vote()
        assert (seat.state, counted(hall)) == ("recorded", 1), at
        found = alphas(hall.carried)
        assert len(found) == len(set(found))
        seqs = [entry.seq for entry in hall.entries if isinstance(entry, Prepared)]
        assert len(seqs) == len(set(seqs))
        seat.kill()
        seat.runtime.outbox.close()
        with sqlite3.connect(file) as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        db.close()
    pytest.fail("there were more steps than were cut")
