"""The way of a record at the fleet, in order, one turn at a time: arrive, verify, commit, acknowledge,
answer.

One thread does it all; verification alone happens in other processes. Nothing is acknowledged before its
commit. When the store fails, what has arrived stays here, the broker keeps the rest, and the same batch is
tried again until it succeeds.
"""

from collections import deque
from collections.abc import Callable
from functools import cached_property
from typing import Final, NamedTuple

from ballot.hall_log.leaf import CheckedRecord
from fleet.db import reading
from fleet.errors import StoreError
from fleet.ingest import store
from fleet.ingest.accept import ChainKey, Decisions, Verified
from fleet.ingest.answers import Sparingly, signed_resend, signed_time
from fleet.ingest.ballots.answer import AnswerPress, Asked, Head, best_head, board_answer
from fleet.ingest.ballots.polling import Polling
from fleet.ingest.ballots.session_keys import SessionKeys
from fleet.ingest.codes import DROPPED
from fleet.ingest.downlink import Downlink, held_references
from fleet.ingest.draft import Now
from fleet.ingest.drops import Drops
from fleet.ingest.ledger import Batch, Ledger
from fleet.ingest.notices import Notices
from fleet.ingest.pool import Verifier
from fleet.ingest.ports import Arrival, Clock, Link
from fleet.ingest.presence import Presence
from fleet.ingest.verify import Answer, Drop, Question
from wire.down import NO_EPOCH, Resend
from wire.ids import DeviceId, Epoch
from wire.keys import PublicKey, Signer
from wire.up import Birth, Health
from wire.voting import Carried, SessionKey

BATCH_MAX: Final = 500
ANSWER_GAP_MS: Final = 200
BACKLOG_MAX: Final = 2 * BATCH_MAX
"""Verified records that wait for a commit; beyond it nothing more is taken from the link."""
LINGER_MS: Final = 10
"""How long a verified record waits for those that are still being verified: one commit costs as much as 30
records.
"""
POLL_MS: Final = 50
RESCAN_MS: Final = 5000
FLUSH_MS: Final = 250
TIME_MS: Final = 5000
TIME_GAP_MS: Final = 1000
BIRTH_GAP_MS: Final = 5000
"""How long a device has to say the birth it was asked for."""
BEHIND_MS: Final = 3000
"""How long a device that was born with newer records may take to send them before it is asked."""
SAY_MAX: Final = 100
RETRY_MS_MIN: Final = 200
RETRY_MS_MAX: Final = 5000
_STORE: Final = "store"


class _Asked(NamedTuple):
    arrival: Arrival
    key: PublicKey


class _Behind(NamedTuple):
    due_ms: int
    last_seq: int


class Pipeline:
    """Everything ingest does but starting and stopping."""

    def __init__(
        self,
        link: Link,
        verifier: Verifier[Question, Answer],
        polling: Polling,
        ledger: Ledger,
        signer: Signer,
        clock: Clock,
        notices: Notices,
        jitter: Callable[[int, int], int],
    ) -> None:
        self._link, self._verifier, self._ledger, self._signer = link, verifier, ledger, signer
        self._clock, self._notices, self._jitter = clock, notices, jitter
        self._polling, self._session_keys = polling, SessionKeys()
        self._cosigned: Head | None = None
        self._answers = Sparingly(ANSWER_GAP_MS)
        self._asked: deque[_Asked] = deque()
        self._strangers: list[Arrival] = []
        self._verified: deque[tuple[Arrival, Verified]] = deque()
        self._presence = Presence()
        self._downlink = Downlink()
        self._resends = Sparingly()
        self._births_asked = Sparingly(BIRTH_GAP_MS)
        self._behind: dict[ChainKey, _Behind] = {}
        self._drops = Drops(())
        self._retry_ms: int | None = None
        self._retry_wait_ms = RETRY_MS_MIN
        self._poll_ms = self._rescan_ms = self._flush_ms = self._time_ms = 0
        self._time_said_ms = -TIME_MS
        self._oldest_ms = 0
        self._desk_waits = False
        self._was_connected = False

    def open(self) -> None:
        """Read the stored state. Raises StoreError, ConfigError."""
        now = self._now()
        self._ledger.open(now)
        with reading(self._ledger.engine) as connection:
            self._drops = Drops(store.drop_names(connection))
            self._presence.open(store.read_births(connection))
        for (
            key
        ) in self._ledger.state.leaf_indexes:  # asks each device once whether this store is older than it
            if self._ledger.state.registry.get(key[0]) is not None:
                self._expect(key, now.monotonic_ms + self._jitter(BEHIND_MS, 3 * BEHIND_MS), 2**32)

    def turn(self, timeout_s: float) -> None:
        """One round. Raises nothing for the store's or the network's sake."""
        self._link.pump(self._wait_s(timeout_s), [*self._verifier.waitables(), *self._polling.waitables()])
        now = self._now()
        self._connected(now)
        if self._retry_ms is not None and now.monotonic_ms < self._retry_ms:
            return
        try:
            if self._retry_ms is not None:
                self._ledger.open(now)
            self._ask()
            self._gather(now)
            self._poll(now)
            self._commit(now)
        except StoreError as err:
            self._failed(err, now)
            return
        if self._retry_ms is not None:
            self._retry_ms, self._retry_wait_ms = None, RETRY_MS_MIN
            self._notices.over(
                _STORE, "The store works again; records are stored and acknowledged as before."
            )
        self._ask_the_silent(now)

    @property
    def idle(self) -> bool:
        """Nothing is on its way through here."""
        return not (self._asked or self._verified or self._strangers) and self._polling.idle

    def _now(self) -> Now:
        return Now(self._clock.wall_ms(), self._clock.monotonic_ms())

    def _wait_s(self, timeout_s: float) -> float:
        hurries = self._poll_ms == 0 or self._strangers or (self._verified and not self._lingers())
        if self._retry_ms is None and hurries:
            return 0.0
        if self._retry_ms is None and self._link.waiting and self._verifier.room():
            return 0.0
        next_due = self._downlink.next_due_ms() if self._link.connected else None
        if next_due is not None:
            timeout_s = min(timeout_s, max(0, next_due - self._clock.monotonic_ms()) / 1000)
        return min(timeout_s, POLL_MS / 1000)

    def _lingers(self) -> bool:
        """Whether to wait for more before committing: others are being verified, and nobody has waited
        long.
        """
        if not self._asked or len(self._verified) >= BATCH_MAX:
            return False
        return self._clock.monotonic_ms() - self._oldest_ms < LINGER_MS

    def _connected(self, now: Now) -> None:
        if self._link.connected and not self._was_connected:
            self._presence.connected()
            self._downlink.broadcast_soon(now.monotonic_ms)
            self._time_ms = now.monotonic_ms
        self._was_connected = self._link.connected

    def _failed(self, err: StoreError, now: Now) -> None:
        self._notices.say(
            _STORE, f"{err.diagnostics()}. Nothing is acknowledged until it works, and nothing is lost."
        )
        self._retry_ms = now.monotonic_ms + self._retry_wait_ms
        self._retry_wait_ms = self._jitter(RETRY_MS_MIN, min(RETRY_MS_MAX, 3 * self._retry_wait_ms))

    # -- arrive and verify
    # -----------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        room = min(self._verifier.room(), BACKLOG_MAX - len(self._verified))
        if room <= 0:
            return
        registry = self._ledger.state.registry
        questions: list[Question] = []
        met, self._strangers = self._strangers, []
        is_desk_read = not self._desk_waits
        for number, arrival in enumerate([*met, *self._link.take(room)]):
            known = registry.get(arrival.device)
            if known is None and number < len(met) and is_desk_read:
                self._drop(arrival, "unknown-device")
                continue
            if known is None:
                # The broker may know a newcomer before its line in the desk's chain is a leaf.
                self._strangers.append(arrival)
                self._desk_waits = True
                continue
            key = known.key
            self._asked.append(_Asked(arrival, key))
            questions.append(Question(arrival.kind, arrival.device, key.alg, key.raw, arrival.payload))
        if questions:
            self._verifier.ask(questions)

    def _gather(self, now: Now) -> None:
        for answer in self._verifier.answers():
            arrival, key = self._asked.popleft()
            if isinstance(answer, CheckedRecord):
                if not self._verified:
                    self._oldest_ms = now.monotonic_ms
                self._verified.append((arrival, Verified(answer, key)))
            elif isinstance(answer, Drop):
                self._drop(arrival, answer.code)
            else:
                self._heard(arrival, answer, now)
        self._polling.gather()

    def _heard(self, arrival: Arrival, message: Birth | Health | Carried | SessionKey, now: Now) -> None:
        known = self._ledger.state.registry.get(arrival.device)
        if known is None or known.revoked:
            self._drop(arrival, "revoked" if known else "unknown-device")
        elif message.hall != self._ledger.life.hall:
            self._drop(arrival, "wrong-hall")
        elif isinstance(message, Carried):
            code = self._polling.arrived(message.device, message, self._ledger.elections)
            self._done_or_dropped(arrival, code)
        elif isinstance(message, SessionKey):
            elections, congress = self._ledger.elections, self._ledger.life.congress
            board = elections.board if elections else None
            held = self._session_keys.said(message, congress, board, now.wall_ms)
            self._done_or_dropped(arrival, None if held else "bad-session-key")
        elif isinstance(message, Health):
            fresh = self._presence.reported(message, now.wall_ms)
            self._done_or_dropped(arrival, None if fresh else "replayed")
            if self._presence.is_unborn(message):
                self._ask_for_birth(message.device, now)
        else:
            comes_back = not message.is_again or self._presence.has_started_anew(message)
            fresh = self._presence.born(message, now.wall_ms, self._ledger.state.leaf_indexes)
            self._done_or_dropped(arrival, None if fresh else "replayed")
            if fresh:
                self._born(message, now, comes_back=comes_back)

    def _born(self, birth: Birth, now: Now, *, comes_back: bool) -> None:
        """Who comes back may have missed everything in force. Who was only asked, and has not started since
        it was last heard here, is told nothing anew: a whole hall that is asked must not set off a storm."""
        self._expect((birth.device, birth.epoch), now.monotonic_ms + BEHIND_MS, birth.last_seq)
        if comes_back:
            self._downlink.born(birth.device, now.monotonic_ms, held_references(birth.reported))
            self._time_ms = min(self._time_ms, max(now.monotonic_ms, self._time_said_ms + TIME_GAP_MS))

    def _done_or_dropped(self, arrival: Arrival, code: str | None) -> None:
        """What matters of this a device says again until it is here: the broker need not."""
        if code is None:
            self._link.acknowledge([arrival])
        else:
            self._drop(arrival, code)

    def _drop(self, arrival: Arrival, code: str) -> None:
        """Count it and be done: an unacknowledged one would come again and block the window."""
        self._drops.count(arrival.device, code)
        self._link.acknowledge([arrival])
        self._notices.say(
            f"drop-{arrival.device}-{code}",
            f"Bytes from {arrival.device} are dropped, {code}: {DROPPED[code]} More are only counted.",
        )

    # -- commit and answer
    # -----------------------------------------------------------------------------------------------

    def _commit(self, now: Now) -> None:
        said = self._presence or self._drops.counts or self._session_keys
        flush = now.monotonic_ms >= self._flush_ms and bool(said)
        ready = bool(self._verified) and not self._lingers()
        if not (ready or flush or self._desk_waits or self._polling.waits):
            return
        taken = [self._verified[at] for at in range(min(BATCH_MAX, len(self._verified)))]
        entries = self._polling.ready(BATCH_MAX)
        births, health = self._presence.rows() if flush else ([], [])
        counts = dict(self._drops.counts) if flush else {}
        desk_before = (self._ledger.desk_epoch, self._ledger.desk_seq)
        decisions = self._ledger.commit(
            Batch(
                [verified for _, verified in taken],
                [arrival.payload for arrival, _ in taken],
                births,
                health,
                entries,
                self._session_keys.rows() if flush else (),
                counts,
            ),
            now,
        )
        for _ in taken:
            self._verified.popleft()
        if flush:
            self._presence.written()
            self._session_keys.written()
            self._drops.counts.clear()
            self._flush_ms = now.monotonic_ms + FLUSH_MS
        self._desk_waits = False
        if (self._ledger.desk_epoch, self._ledger.desk_seq) != desk_before:
            self._poll_ms = 0  # the desk's messages may go out now
        self._link.acknowledge([arrival for arrival, _ in taken])
        self._answer(decisions, now)
        for asked in [*self._polling.committed(entries), *self._polling.repeats()]:
            self._answer_unit(asked, now)

    def _answer(self, decisions: Decisions, now: Now) -> None:
        for key in decisions.receipts:
            self._link.publish(*self._ledger.receipt(key), qos=0)  # said again with every duplicate
        for key, from_seq in decisions.gaps.items():
            self._ask_again(key, from_seq, now)
        for device, code in decisions.dropped:
            self._drops.count(device, code)

    def _answer_unit(self, asked: Asked, now: Now) -> None:
        """Prove to a unit where its entry stands. Said again with every repeat of the entry."""
        elections, life = self._ledger.elections, self._ledger.life
        if elections is None or not self._answers.may((asked.device, asked.entry_hash), now.monotonic_ms):
            return
        shelf = elections.shelf(asked.contest)
        head = best_head(shelf, asked.entry_hash, self._ledger.head, self._cosigned)
        found = board_answer(asked, shelf, elections.tree, head, life.hall, life.store_id)
        if found is not None:
            self._link.publish(*self._answer_press.press(found), qos=0)

    @cached_property
    def _answer_press(self) -> AnswerPress:
        return AnswerPress.of(self._signer, self._ledger.life.hall)

    def _ask_again(self, key: ChainKey, from_seq: int, now: Now) -> None:
        if self._resends.may(key, now.monotonic_ms):
            self._say_resend(key, from_seq)

    def _ask_for_birth(self, device: DeviceId, now: Now) -> None:
        if self._births_asked.may((device, NO_EPOCH), now.monotonic_ms):
            self._say_resend((device, NO_EPOCH), 1)

    def _say_resend(self, key: ChainKey, from_seq: int) -> None:
        life = self._ledger.life
        resend = Resend(life.hall, DeviceId(key[0]), life.store_id, Epoch(key[1]), from_seq)
        self._link.publish(*signed_resend(resend, self._signer), qos=0)

    def _expect(self, key: ChainKey, due_ms: int, last_seq: int) -> None:
        chain = self._ledger.state.chains.get(key)
        if (chain.seq if chain else 0) < last_seq:
            self._behind[key] = _Behind(due_ms, last_seq)

    def _ask_the_silent(self, now: Now) -> None:
        """Devices that have records which this store lacks: it was restored, or the records were lost on
        their way.
        """
        if not self._link.connected:
            return
        for key in [key for key, behind in self._behind.items() if behind.due_ms <= now.monotonic_ms][
            :SAY_MAX
        ]:
            behind = self._behind.pop(key)
            chain = self._ledger.state.chains.get(key)
            seq = chain.seq if chain else 0
            if seq < behind.last_seq:
                self._ask_again(key, seq + 1, now)

    # -- from the desk to the devices
    # ------------------------------------------------------------------------------------

    def _poll(self, now: Now) -> None:
        if now.monotonic_ms >= self._time_ms and self._link.connected:
            self._time_said_ms, self._time_ms = now.monotonic_ms, now.monotonic_ms + TIME_MS
            self._link.publish(*signed_time(self._ledger.life.hall, now.wall_ms, self._signer), qos=1)
        due_now = self._downlink.next_due_ms()
        poll = now.monotonic_ms >= self._poll_ms
        say = due_now is not None and due_now <= now.monotonic_ms and self._link.connected
        if not poll and not say:
            return
        with reading(self._ledger.engine) as connection:
            if poll:
                self._poll_ms = now.monotonic_ms + POLL_MS
                self._desk_waits = bool(store.desk_waiting(connection, 1))
                if self._ledger.elections is not None:
                    cosigned = store.cosigned_note(connection, self._ledger.origin)
                    self._cosigned = Head(*cosigned) if cosigned else None
                if now.monotonic_ms >= self._rescan_ms:
                    self._rescan_ms = now.monotonic_ms + RESCAN_MS
                    self._downlink.keep_only(store.notice_ids(connection))
                notices = store.notices_after(connection, self._downlink.last_id)
                self._downlink.learn(notices, self._ledger.desk_seq, now.monotonic_ms)
            due = self._downlink.due(now.monotonic_ms, now.wall_ms, SAY_MAX) if self._link.connected else []
            envelopes = store.notice_envelopes(connection, [each.id for each in due]) if due else {}
        for each in due:
            envelope = envelopes.get(each.id)
            if envelope is None:
                self._downlink.forget(each.id)
            else:
                self._link.publish(each.topic, envelope, qos=1 if each.fresh else 0)
