"""The claims of a desk and their journal, kept alike: nothing is so before it is on the disk."""

import threading
from datetime import UTC, datetime
from typing import Any, Final

from provisioning.desk.claims import Act, Claim, Event, NotNow, State, facts_of
from provisioning.desk.errors import Refused
from provisioning.desk.journal import Journal
from provisioning.desk.ports import World
from provisioning.desk.words import Words, said
from wire.claim_code import RANDOM_BITS, claim_code
from wire.enrol import CLAIM_BYTES, NONCE_BYTES

EARLIEST_MS: Final = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000)
"""No desk of this release ran before: a clock that stands earlier was never set."""


class Book:
    """lock: held by whoever reads and then writes; it is re-entrant, and nobody waits for a network in it."""

    def __init__(self, journal: Journal, world: World) -> None:
        self.world: Final = world
        self.lock: Final = threading.RLock()
        self.claims: Final = journal.claims()
        self._journal = journal
        self._notes: dict[str, tuple[str, Words]] = {}
        self.claims.hear_all(world.now_ms())

    def open(self, **facts: Any) -> Claim:
        """A new claim: id, nonce and code are made here."""
        with self.lock:
            random = self.world.random
            code = self._free_code()
            nonce = random(NONCE_BYTES)
            return self._write(Act.OPENED, random(CLAIM_BYTES).hex(), nonce=nonce, code=code, **facts)

    def write(self, act: Act, claim: Claim, **facts: Any) -> Claim:
        """One step of a claim. Raises Refused when it is not time for it, ConfigError when the disk is full;
        either way nothing has changed."""
        with self.lock:
            return self._write(act, claim.claim, **facts)

    def refuse(self, claim: Claim, reason: str, words: Words) -> Claim:
        """For good: the claim is over, the words say why."""
        return self.write(Act.REFUSED, claim, why=reason, vi=words[0], en=words[1])

    def note(self, claim: Claim, reason: str, **values: str | int) -> None:
        """What a claim waits for, until its next step. In memory: it is found out again after a restart."""
        with self.lock:
            self._notes[claim.claim] = (reason, said(reason, **values))

    def waits_for(self, claim: Claim) -> tuple[str, Words] | None:
        return self._notes.get(claim.claim)

    def check_clock(self) -> None:
        """Raises Refused while the clock of this machine was never set."""
        check_clock(self.world)

    def sweep(self) -> None:
        """End the claims whose devices have gone."""
        with self.lock:
            for claim in self.claims.silent(self.world.now_ms()):
                self._write(Act.ENDED, claim.claim)

    def remember(self, line: dict[str, Any]) -> None:
        """Something that is no step of a claim, for whoever reads the journal. Raises ConfigError."""
        with self.lock:
            self._journal.note({"at_ms": self.world.now_ms(), **line})

    def _write(self, act: Act, claim: str, **facts: Any) -> Claim:
        event = Event(act, claim, self.world.now_ms(), facts_of(act, **facts))
        try:
            self.claims.check(event)
        except NotNow as err:
            raise Refused("wrong-state") from err
        self._journal.keep(event)
        self._notes.pop(claim, None)
        return self.claims.apply(event)

    def _free_code(self) -> str:
        """A code that no other claim in force has."""
        while True:
            number = int.from_bytes(self.world.random(5), "big") >> (40 - RANDOM_BITS)
            code = claim_code(number)
            if self.claims.by_code(code) is None:
                return code


def check_clock(world: World) -> None:
    """Raises Refused while the clock of this machine was never set."""
    now_ms = world.now_ms()
    if now_ms < EARLIEST_MS:
        raise Refused("clock", 503, year=datetime.fromtimestamp(max(0, now_ms) / 1000, UTC).year)


def shown_state(state: State) -> str:
    """As the wire has it: whoever has installed may still fetch the grant once more."""
    return State.GRANTED.value if state is State.INSTALLED else state.value
