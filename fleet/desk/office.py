"""Acts: every change of the fleet's own data is one, and leaves an audit line in the same transaction."""

import json
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from fleet.audit import store as audit
from fleet.db import Connection, Engine, reading, take_turn, writing
from fleet.desk import store
from fleet.desk.clock import Clock
from fleet.desk.desk import Desk, Letter
from wire.fields import Body

FLEET: Final = "fleet"
"""Who acts when no person does, in the audit log. No account can have this name."""
Detail = str | int | bool | None | list[str]
RandomBytes = Callable[[int], bytes]


@dataclass(slots=True)
class Act:
    """One change under way. Leaving the `with` block by an exception undoes all of it, its line included."""

    connection: Connection
    now_ms: int
    account: str
    _desk: Desk
    _seq: int = 0
    detail: dict[str, Detail] = field(default_factory=dict)

    def record(self, body: Body) -> int:
        """Sign this into the hall log; its seq in the desk's chain."""
        self._seq = self._desk.record(self.connection, body)
        return self._seq

    def tell(self, *letters: Letter) -> None:
        """Tell devices, once the records of this act so far are leaves."""
        self._desk.tell(self.connection, letters, self._seq)

    def forget(self, audience: str, *, but: str) -> None:
        """Say nothing of what this audience was told any more, except of this kind, told a moment ago: its
        row has the newest id, over which ids go on rising."""
        store.forget_outgoing(self.connection, audience, but)

    def amend(self, kind: str, pages: Collection[int], change: Callable[[Body], Body]) -> None:
        """Change these pages that devices were told, under the generation that they have."""
        self._desk.amend(self.connection, kind, pages, change)

    def take_back(self, kinds: Collection[str]) -> None:
        """Say nothing of these kinds any more, to nobody. Something of another kind was told a moment ago:
        its row has the newest id, over which ids go on rising."""
        store.take_back(self.connection, kinds)

    def take_back_some(self, kinds: Collection[str], which: Callable[[str, Body], bool]) -> None:
        """The same, of those alone that `which` picks by audience and body."""
        self._desk.take_back(self.connection, kinds, which)

    def note(self, **detail: Detail) -> None:
        """Add to the audit line. No secret, no name of a person."""
        self.detail.update(detail)


class Office:
    """Where acts are made: the database, the desk and the clock of this process."""

    def __init__(self, engine: Engine, desk: Desk, clock: Clock, random: RandomBytes) -> None:
        self.engine = engine
        self.desk = desk
        self.clock = clock
        self.random = random
        # The chains of desk and audit log have one next link each: acts of this process take turns.
        self._turn = threading.Lock()

    @contextmanager
    def act(self, account: str, action: str, subject: str) -> Iterator[Act]:
        """One transaction with its audit line. action: `what.done`; subject: the id of what it is done to."""
        with self._change() as connection:
            act = Act(connection, self.clock.wall_ms(), account, self.desk)
            yield act
            detail = json.dumps(act.detail, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            audit.append(connection, act.now_ms, account, action, subject, detail)

    @contextmanager
    def look(self) -> Iterator[Connection]:
        """One consistent view; changes nothing."""
        with reading(self.engine) as connection:
            yield connection

    @contextmanager
    def keep(self) -> Iterator[Connection]:
        """A transaction for what nobody did: sign-in times, failure counts, expiries, renewed signatures."""
        with self._change() as connection:
            yield connection

    @contextmanager
    def _change(self) -> Iterator[Connection]:
        with self._turn, writing(self.engine) as connection:
            take_turn(connection)
            yield connection


def lines(items: Sequence[str], at_most: int = 20) -> list[str]:
    """Ids for an audit detail: the first few, and how many more."""
    head = list(items[:at_most])
    return head if len(items) <= at_most else [*head, f"… {len(items) - at_most} more"]
