"""The desk signs: acts of officers into the hall log, and what devices are told about them (SPEC §5, §6)."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fleet.db import Connection
from fleet.desk import store
from fleet.desk.clock import Clock
from wire import topics
from wire.down import (
    AUDIENCE_ALL,
    PAGED,
    ROSTER_PAGES,
    BallotNotice,
    Certified,
    CommandMessage,
    Counted,
    DownMessage,
    Forget,
    FreezeNotice,
    LaneList,
    References,
    ReferencesDelta,
    SittingNotice,
    Twin,
    encode_down,
    parse_down,
)
from wire.envelope import Purpose, seal, verify
from wire.fields import Body
from wire.ids import DESK, CongressId, DeviceId, Epoch, HallId
from wire.keys import Signer
from wire.records import Record, Stamp, encode_record, parse_record
from wire.voting import ContestNotice, DocumentPage, RollEntry

DOWN_LIFE_MS: Final = 12 * 3600 * 1000
"""How long a message stays in force by the device's clock; renewed at half of it while it should go on."""
COMMAND_LIFE_MS: Final = 15_000
"""A command is for now: what a gate has not heard by then, nobody waits for any more. Never renewed."""
FOREVER_MS: Final = 2**62
_BROADCAST: Final = {
    SittingNotice.kind: topics.All.SITTING,
    BallotNotice.kind: topics.All.BALLOT,
    Counted.kind: topics.All.BALLOT,
    FreezeNotice.kind: topics.All.FREEZE,
    ContestNotice.kind: topics.All.BALLOT,
    DocumentPage.kind: topics.All.BALLOT,
}
_DOWN: Final = {
    Twin.kind: topics.Down.TWIN,
    References.kind: topics.Down.TWIN,
    ReferencesDelta.kind: topics.Down.TWIN,
    LaneList.kind: topics.Down.TWIN,
    Forget.kind: topics.Down.TWIN,
    DocumentPage.kind: topics.Down.TWIN,
    RollEntry.kind: topics.Down.TWIN,
    FreezeNotice.kind: topics.Down.TWIN,
    Certified.kind: topics.Down.CMD,
    CommandMessage.kind: topics.Down.CMD,
}
ROSTER: Final = ROSTER_PAGES | {Forget.kind}
"""One count of generations for all of these and all gates: one act has one generation everywhere, and what
comes after a `forget/1` is above it."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one audience: `all`, or a device. until_ms: it ends then and is not renewed; None: it
    stays in force until something takes its place."""

    audience: str
    body: Body
    until_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """One start of the desk. It works inside the caller's transaction, so an act and its record are one."""

    signer: Signer
    congress: CongressId
    hall: HallId
    boot: int
    clock: Clock

    def record(self, connection: Connection, body: Body) -> int:
        """Sign a record and queue it for the hall log; its seq in the desk's chain."""
        epoch = store.epoch(connection)
        if epoch is None:
            raise AssertionError("the desk's epoch is made by `hallward fleet init`")
        last, prev_hash = store.chain_head(connection, epoch)
        now_ms = self.clock.wall_ms()
        record = Record(
            congress=self.congress,
            hall=self.hall,
            device=DESK,
            epoch=epoch,
            seq=last + 1,
            prev_hash=prev_hash,
            stamp=Stamp(self.boot, self.clock.monotonic_ms(), now_ms, 0),
            body=body,
        )
        store.enqueue(connection, record.seq, seal(encode_record(record), Purpose.RECORD, self.signer))
        return record.seq

    def tell(self, connection: Connection, letters: Sequence[Letter], after_seq: int) -> None:
        """Put messages in force once desk record `after_seq` is a leaf (0: at once).

        Several letters of one kind to one audience are its pages, in order; together they take the place of
        everything of that kind that this audience was told before, under one higher generation. Commands
        are no state: those that have not expired stay in force beside a new one. A delta is told on the base
        that its audience has, or gets with it.
        """
        now_ms = self.clock.wall_ms()  # once: what is told in one act has one generation, whoever hears it
        pages: dict[str, dict[str, list[Body]]] = defaultdict(lambda: defaultdict(list))
        ends: dict[tuple[str, str], int] = {}
        for letter in letters:
            pages[letter.body.kind][letter.audience].append(letter.body)
            if letter.until_ms is not None:
                ends[letter.body.kind, letter.audience] = letter.until_ms
        for kind in sorted(pages, key=lambda kind: kind == ReferencesDelta.kind):
            by_audience = pages[kind]
            generations = self._generations(connection, kind, by_audience)
            if kind == ReferencesDelta.kind:
                by_audience = _based(by_audience, store.generations(connection, [References.kind]))
            rows = [
                row
                for audience, bodies in by_audience.items()
                for row in self._sealed(
                    audience,
                    bodies,
                    max(generations[audience] + 1, now_ms),
                    now_ms,
                    after_seq,
                    ends.get((kind, audience)),
                )
            ]
            _remember(connection, kind, by_audience, rows)
            if kind == CommandMessage.kind:
                store.add_outgoing(connection, kind, rows, self.clock.wall_ms())
            else:
                store.replace_outgoing(connection, kind, by_audience, rows)

    def renew(self, connection: Connection) -> int:
        """Sign again what would expire within half a life; how many. Contents stay; generations rise but for
        pages."""
        soon = store.expiring(connection, self.clock.wall_ms() + DOWN_LIFE_MS // 2)
        expiring = [row for row in soon if not _ends_by_itself(row)]
        self._say_again(connection, [row for row in expiring if row.kind not in PAGED])
        expires_ms = self.clock.wall_ms() + DOWN_LIFE_MS
        pages = [row for row in expiring if row.kind in PAGED]
        store.replace_pages(connection, [self._signed_again(row, expires_ms=expires_ms) for row in pages])
        return len(expiring)

    def amend(
        self, connection: Connection, kind: str, pages: Collection[int], change: Callable[[Body], Body]
    ) -> None:
        """Change these pages of this kind, of every audience, under the generation that they have: who holds
        them keeps what it has, who comes later gets them like this."""
        rows = store.outgoing(connection, kind, pages)
        store.replace_pages(connection, [self._signed_again(row, change=change) for row in rows])

    def take_back(
        self, connection: Connection, kinds: Collection[str], which: Callable[[str, Body], bool]
    ) -> None:
        """Say nothing any more of those messages of these kinds that `which` picks by audience and body. A
        message of another kind was told a moment ago (see store.replace_outgoing)."""
        rows = store.outgoing_of(connection, kinds)
        gone = [row for row in rows if which(row.audience, self._opened(row).body)]
        store.drop_pages(connection, gone)

    def _generations(self, connection: Connection, kind: str, audiences: Iterable[str]) -> dict[str, int]:
        """The last generation that must be passed, per audience."""
        if kind in ROSTER:
            newest = max(store.generations(connection, ROSTER).values(), default=0)
            return dict.fromkeys(audiences, newest)
        told = store.generations(connection, [kind])
        return {audience: told.get(audience, 0) for audience in audiences}

    def _opened(self, row: store.Outgoing) -> DownMessage:
        verified = verify(row.envelope, Purpose.DOWN, DESK, self.signer.public_key)
        return parse_down(verified, self.hall, DeviceId(row.audience), now_ms=0)

    def _signed_again(
        self,
        row: store.Outgoing,
        *,
        expires_ms: int | None = None,
        change: Callable[[Body], Body] | None = None,
    ) -> store.Outgoing:
        message = self._opened(row)
        message = replace(
            message,
            issued_ms=self.clock.wall_ms(),
            expires_ms=expires_ms or message.expires_ms,
            body=change(message.body) if change else message.body,
        )
        envelope = seal(encode_down(message), Purpose.DOWN, self.signer)
        return replace(row, expires_ms=message.expires_ms, envelope=envelope)

    def _say_again(self, connection: Connection, rows: Sequence[store.Outgoing]) -> None:
        by_after: dict[int, list[Letter]] = defaultdict(list)
        for row in rows:
            until_ms = row.expires_ms if _ends_by_itself(row) else None
            by_after[row.after_desk_seq].append(Letter(row.audience, self._opened(row).body, until_ms))
        for after_seq, letters in by_after.items():
            self.tell(connection, letters, after_seq)

    def begin_epoch(self, connection: Connection, epoch: Epoch) -> None:
        """Begin a new chain: at init, and after a restore, since lost records may be known elsewhere.

        Acts that were not yet in the log are signed again in the new chain, and everything in force is said
        again: devices may have heard later generations than this store remembers.
        """
        waiting = [
            parse_record(verify(envelope, Purpose.RECORD, DESK, self.signer.public_key)).body
            for envelope in store.waiting(connection)
        ]
        store.begin_epoch(connection, epoch)
        for body in waiting:
            self.record(connection, body)
        self._say_again(connection, store.expiring(connection, before_ms=FOREVER_MS))

    def _sealed(
        self, audience: str, bodies: list[Body], generation: int, now_ms: int, after_seq: int,
        until_ms: int | None,
    ) -> list[store.Outgoing]:  # fmt: skip
        command = any(isinstance(body, CommandMessage) for body in bodies)
        expires_ms = until_ms or now_ms + (COMMAND_LIFE_MS if command else DOWN_LIFE_MS)
        return [
            store.Outgoing(
                audience=audience,
                kind=body.kind,
                page=page,
                generation=generation,
                expires_ms=expires_ms,
                after_desk_seq=after_seq,
                topic=self._topic(audience, body.kind),
                envelope=seal(
                    encode_down(DownMessage(self.hall, audience, generation, now_ms, expires_ms, body)),
                    Purpose.DOWN,
                    self.signer,
                ),
            )
            for page, body in enumerate(bodies)
        ]

    def _topic(self, audience: str, kind: str) -> str:
        if audience == AUDIENCE_ALL:
            return topics.broadcast(self.hall, _BROADCAST[kind])
        return topics.down(self.hall, DeviceId(audience), _DOWN[kind])


def _ends_by_itself(row: store.Outgoing) -> bool:
    """A freeze that is lifted for one device is so for a while, whatever becomes of this server."""
    return row.kind == FreezeNotice.kind and row.audience != AUDIENCE_ALL


def _remember(
    connection: Connection, kind: str, told: Mapping[str, list[Body]], rows: Sequence[store.Outgoing]
) -> None:
    """Who is told references, or to forget them, in the act that tells it: a proof of deletion is asked of
    just these."""
    if kind in (References.kind, ReferencesDelta.kind):
        for gate, generation in {row.audience: row.generation for row in rows}.items():
            store.told_references(connection, gate, generation)
    if kind == Forget.kind:
        for gate, bodies in told.items():
            for body in bodies:
                if isinstance(body, Forget):
                    store.told_to_forget(connection, gate, body.generation)


def _based(deltas: Mapping[str, list[Body]], bases: Mapping[str, int]) -> dict[str, list[Body]]:
    return {
        audience: [
            replace(body, base=bases.get(audience, 0)) for body in bodies if isinstance(body, ReferencesDelta)
        ]
        for audience, bodies in deltas.items()
    }
