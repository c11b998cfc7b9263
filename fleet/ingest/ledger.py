"""The only writer of the hall log: one transaction per batch, in which everything happens or nothing does.

Order within a transaction: the desk's waiting records, then the devices' records, each refused one
followed by its refusal. So a ballot that was stored before the desk's CLOSE stands before it, and one that
had no receipt yet when the desk closed stands after it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ballot.hall_log.leaf import CheckedRecord, checked_record
from ballot.hall_log.verdict import OK, Chain, Registry, office_fault
from fleet.db import Connection, Engine, writing
from fleet.desk.store import forget_generation
from fleet.errors import StoreError
from fleet.ingest import life as lives
from fleet.ingest import store
from fleet.ingest.accept import ChainKey, Conflict, Decisions, Verified, decide, earlier
from fleet.ingest.answers import ReceiptPress
from fleet.ingest.ballots.answer import Head
from fleet.ingest.ballots.appending import append_entries
from fleet.ingest.ballots.elections import Elections, StoredRecord
from fleet.ingest.ballots.opening import goes_by_charter, open_elections
from fleet.ingest.ballots.polling import Ready
from fleet.ingest.draft import Draft, Now, State
from fleet.ingest.life import Life, RandomBytes
from fleet.ingest.words import keep_words
from fleet.lane.sealing import can_seal_to
from fleet.log import store as log_store
from wire.checkpoint import Checkpoint, origin, sign_checkpoint
from wire.envelope import Purpose, verify
from wire.errors import BadSchema, RecordRejected
from wire.fields import Body
from wire.ids import DESK, STORE, CongressId, DeviceId
from wire.keys import PublicKey, Signer
from wire.merkle import Frontier
from wire.records import Alarm, Deletion, StoreBegun, parse_record
from wire.voting import ContestChanged, DocumentPage

DESK_BATCH_MAX: Final = 200
ALARMS_PER_CHAIN_MAX: Final = 8


@dataclass(slots=True)
class Batch:
    """What is to be stored together. envelopes stand beside records."""

    records: list[Verified] = field(default_factory=list)
    envelopes: list[bytes] = field(default_factory=list)
    births: Sequence[Mapping[str, Any]] = ()
    health: Sequence[Mapping[str, Any]] = ()
    entries: Sequence[Ready] = ()
    session_keys: Sequence[Mapping[str, Any]] = ()
    drops: Mapping[tuple[str, str], int] = field(default_factory=dict)


class Ledger:
    """Keeps the log's state in memory beside the stored one. After a StoreError, `open` reads it again: a
    commit that failed may still have happened."""

    def __init__(
        self,
        engine: Engine,
        signer: Signer,
        desk_key: PublicKey,
        congress: str,
        hall: str,
        random: RandomBytes,
        notice: Callable[[str, str], None],
    ) -> None:
        self.engine, self._signer, self._desk_key = engine, signer, desk_key
        self._congress, self._hall, self._random, self._notice = congress, hall, random, notice
        self._alarms: dict[ChainKey, set[bytes]] = {}
        self._boot_counted = False
        self._state: State | None = None
        self._root = b""
        self._press: ReceiptPress | None = None
        self.desk_epoch = b""
        self.elections: Elections | None = None
        """None until a charter is installed."""
        self.head = Head(0, "")

    @property
    def state(self) -> State:
        if self._state is None:
            raise AssertionError("open() comes first")
        return self._state

    @property
    def life(self) -> Life:
        return self.state.life

    @property
    def origin(self) -> str:
        """Under which the checkpoints of this life stand."""
        return origin(self.life.congress, self.life.hall, self.life.store_id)

    @property
    def desk_seq(self) -> int:
        """The desk's last record that is a leaf, in the desk's present epoch; 0 before the first."""
        chain = self.state.chains.get((DESK, self.desk_epoch))
        return chain.seq if chain else 0

    def open(self, now: Now) -> None:
        """Read the stored state; begin the store's life if it has none. Raises StoreError, ConfigError."""
        self._state, self._press, self.elections = None, None, None
        self._alarms.clear()  # those of a commit that failed may not be in the log
        with writing(self.engine) as connection:
            settings = store.read_settings(connection)
            if lives.STORE_ID not in settings:
                settings |= lives.first_settings(self._congress, self._hall, self._random)
            settings.setdefault(lives.DESK_EPOCH, self._random(8).hex())
            if not self._boot_counted:
                settings[lives.STORE_BOOT] = str(int(settings[lives.STORE_BOOT]) + 1)
            store.write_settings(connection, settings)
            state = _read_state(
                connection, lives.read_life(settings, self._congress, self._hall), self._desk_key
            )
            draft = Draft(state, self._signer, now)
            if (STORE, state.life.store_epoch) not in state.chains:
                draft.say(StoreBegun(state.life.store_id, state.life.restored_from))
                self._save(connection, draft)
            self.elections = open_elections(
                connection, self._congress, self._hall, self._desk_key, self._signer
            )
            self.head = Head(*log_store.checkpoint_note(connection))
        self._boot_counted = True
        self.desk_epoch = bytes.fromhex(settings[lives.DESK_EPOCH])
        self._adopt(draft)

    def commit(self, batch: Batch, now: Now) -> Decisions:
        """Store a batch and whatever the desk has waiting. Raises StoreError: nothing of it may be
        acknowledged.
        """
        state = self.state
        draft = Draft(state, self._signer, now)
        with writing(self.engine) as connection:
            if store.head_size(connection) != state.frontier.size:
                raise StoreError("the log has grown without this process: another ingest runs on this store")
            desk_leaves = self._append_desk(connection, draft)
            decisions = self._append_devices(connection, draft, batch)
            if self.elections is not None:
                append_entries(draft, self.elections, batch.entries, self._random)
            for conflict in decisions.conflicts:
                self._alarm(draft, conflict)
            if draft.rows:
                self._save(connection, draft)
                store.desk_appended(connection, desk_leaves)
            store.write_session_keys(connection, batch.session_keys)
            store.write_births(connection, batch.births)
            store.write_health(connection, batch.health)
            store.add_drops(connection, batch.drops, now.wall_ms)
        self._adopt(draft)
        return decisions

    def receipt(self, key: ChainKey) -> tuple[str, bytes]:
        """(topic, payload) of the signed receipt that tells a device where one of its chains ends."""
        state = self.state
        if self._press is None:
            self._press = ReceiptPress(state.life.hall, state.life.store_id, self._signer)
        return self._press.press(
            *key, state.chains[key], state.leaf_indexes[key], state.frontier.size, self._root
        )

    def _append_desk(self, connection: Connection, draft: Draft) -> dict[int, int]:
        """Leaves by desk seq. Stops at the first record that may not stand in the log, and says so: what
        follows it could mean something else without it."""
        leaves: dict[int, int] = {}
        for waiting in store.desk_waiting(connection, DESK_BATCH_MAX):
            found = self._desk_record(draft, waiting)
            if isinstance(found, str):
                self._notice(
                    "desk",
                    f"Desk record {waiting.seq} cannot enter the log ({found}); no act of the desk counts "
                    "until the store is repaired or restored from a backup.",
                )
                break
            record, body = found
            try:
                draft.learn(body)
            except BadSchema as err:
                self._notice(f"desk-{waiting.seq}", f"Desk record {waiting.seq} has no effect: {err.what}.")
            leaf = leaves[waiting.seq] = draft.add(record, waiting.envelope, OK)
            self.desk_epoch = record.epoch
            if isinstance(body, DocumentPage | ContestChanged):
                self._tell_elections(connection, StoredRecord(leaf, body, waiting.envelope))
        return leaves

    def _tell_elections(self, connection: Connection, stored: StoredRecord) -> None:
        if not goes_by_charter(connection, self.elections):  # it was installed while this process ran
            self.elections = open_elections(
                connection, self._congress, self._hall, self._desk_key, self._signer
            )
        if self.elections is None:
            return
        self.elections.record(stored)
        for fault in self.elections.faults:
            self._notice(f"election-{stored.leaf}", f"In the hall log, leaf {stored.leaf}: {fault}")
        self.elections.faults.clear()

    def _desk_record(self, draft: Draft, waiting: store.Waiting) -> tuple[CheckedRecord, Body | None] | str:
        """The record, or in words why it may not stand in the log."""
        try:
            verified = verify(waiting.envelope, Purpose.RECORD, DESK, self._desk_key)
            record, body = checked_record(verified, waiting.envelope)
        except RecordRejected as err:
            return err.what
        if record.seq != waiting.seq:
            return f"it is signed as {record.seq}"
        fault = office_fault(record, draft.chain((DESK, record.epoch)), self._congress, self._hall)
        return fault or (record, body)

    def _append_devices(self, connection: Connection, draft: Draft, batch: Batch) -> Decisions:
        chains = draft.base.chains
        stored = store.stored_hashes(connection, earlier(batch.records, chains))
        decisions = decide(batch.records, chains, stored, draft.registry, self._congress, self._hall)
        for position, verdict in decisions.leaves:
            verified, envelope = batch.records[position], batch.envelopes[position]
            leaf = draft.add(verified.record, envelope, verdict)
            if verdict == OK and verified.record.kind == Deletion.kind:
                self._learn_sealing_key(connection, verified, envelope)
            elif verdict == OK:
                keep_words(connection, leaf, verified, envelope, draft.now.wall_ms)
        return decisions

    def _learn_sealing_key(self, connection: Connection, verified: Verified, envelope: bytes) -> None:
        """After a congress a gate says its new sealing key in the record that the old one is destroyed: the
        registry follows with the leaf, or nothing could be wrapped to that gate again. Only a gate that was
        told to forget so much has a new key, and only one to which something can be sealed is a key."""
        device = DeviceId(verified.record.device)
        body = parse_record(verify(envelope, Purpose.RECORD, device, verified.key)).body
        if not isinstance(body, Deletion) or body.scope != "congress" or body.sealing_key is None:
            return
        if body.generation > forget_generation(connection, device):
            fault = "it was not told to forget"
        elif not can_seal_to(body.sealing_key, CongressId(self._congress), device):
            fault = "nothing can be sealed to it"
        else:
            store.set_sealing_key(connection, device, body.sealing_key)
            return
        self._notice(
            f"sealing-key-{device}",
            f"{device} has signed another sealing key, and {fault}: the registry keeps the key it has; look "
            "at the gate, and renew it with the key that `hallward gate check` prints there.",
        )

    def _alarm(self, draft: Draft, conflict: Conflict) -> None:
        """Keep the proof in the log, once for each other record, and a few per chain: a cloned device says
        many.
        """
        seen = self._alarms.setdefault((conflict.device, conflict.epoch), set())
        if conflict.other_hash in seen or len(seen) >= ALARMS_PER_CHAIN_MAX:
            return
        seen.add(conflict.other_hash)
        place = f"{conflict.device} {conflict.epoch.hex()} {conflict.seq}"
        draft.say(
            Alarm(
                "seq-conflict",
                f"{place}: the log has {conflict.stored_hash.hex()[:32]}, "
                f"the device also signed {conflict.other_hash.hex()[:32]}",
            )
        )
        self._notice(
            f"conflict-{conflict.device}",
            f"{conflict.device} has signed two records with seq {conflict.seq}: its store was copied or "
            "reset, or its key is in other hands; look at the device, revoke it if in doubt.",
        )

    def _save(self, connection: Connection, draft: Draft) -> None:
        life, frontier = draft.base.life, draft.frontier
        store.append_leaves(connection, draft.rows)
        store.write_chains(
            connection,
            [
                store.StoredChain(*key, chain.seq, chain.record_hash, draft.leaf_indexes[key])
                for key, chain in draft.chains.items()
            ],
        )
        checkpoint = Checkpoint(
            origin(life.congress, life.hall, life.store_id), frontier.size, frontier.root()
        )
        note = sign_checkpoint(checkpoint, self._signer)
        store.write_head(connection, store.Head(frontier.size, frontier.peaks, note), draft.now.wall_ms)
        self.head = Head(frontier.size, note)

    def _adopt(self, draft: Draft) -> None:
        self._state = draft.adopted()
        if self.elections is not None:
            for row in draft.rows[self.elections.tree.size - (self._state.frontier.size - len(draft.rows)) :]:
                self.elections.tree.append(row.leaf_hash)
        self._root = self._state.frontier.root()


def _read_state(connection: Connection, life: Life, desk_key: PublicKey) -> State:
    head = store.read_head(connection)
    stored = store.read_chains(connection)
    registry = Registry()
    for envelope in store.registrations(connection):
        try:
            registry.learn(parse_record(verify(envelope, Purpose.RECORD, DESK, desk_key)).body)
        except RecordRejected:
            continue  # said when it became a leaf; the audit names it
    return State(
        life,
        Frontier(head.size, head.peaks),
        {(row.device, row.epoch): Chain(row.seq, row.record_hash) for row in stored},
        {(row.device, row.epoch): row.leaf_index for row in stored},
        registry,
    )
