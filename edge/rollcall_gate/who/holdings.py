"""What this gate holds of people, in memory alone: references and the lane list; and how it forgets them.

Every deletion is said by a signed record. One that a full disk refused is said again until it is kept.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from edge.device.errors import DeviceError, StoreError
from edge.device.runtime import DeviceRuntime
from edge.rollcall_gate.frames import EmbedderId
from edge.rollcall_gate.who import lane, roster
from edge.rollcall_gate.who.lane import Lane
from edge.rollcall_gate.who.roster import Keys, Roster
from wire import cbor
from wire.down import Forget, LaneList, References, ReferencesDelta
from wire.errors import RecordRejected
from wire.ids import MemberRef
from wire.records import Alarm, Deletion

FORGOTTEN: Final = "forgotten"
"""Value of the outbox: generation of the last `forget/1` that was carried out."""
ANSWERED: Final = "answered/"
"""Of the names under which an outbox keeps whose withdrawal was answered: the base then held, by generation.

Deltas name everybody who withdrew, again and again. With another base it is said once more, because this gate
may have slept through an enrolment between two withdrawals.
"""
_log: Final = logging.getLogger("hallward.gate")


class Holdings:
    """Called by the loop only.

    new_key: destroys the gate's sealing key and makes another. Raises DeviceError when it cannot.
    """

    def __init__(
        self,
        runtime: DeviceRuntime,
        keys: Keys,
        embedder: EmbedderId,
        alarm: Callable[[Alarm], None],
        new_key: Callable[[], X25519PrivateKey],
    ) -> None:
        self._runtime = runtime
        self._keys = keys
        self._embedder = embedder
        self._alarm = alarm
        self._new_key = new_key
        kept = runtime.outbox.value(FORGOTTEN)
        self._forgotten = 0 if kept is None else int(cbor.decode(kept, 16))
        self._answered: dict[str, int] = {
            name: int(cbor.decode(base, 16)) for name, base in runtime.outbox.values(ANSWERED).items()
        }
        self._unsaid: list[tuple[Deletion, dict[str, bytes | None]]] = []
        self.roster: Roster = roster.empty(embedder)
        self.lane = Lane()
        runtime.holds["embedder"] = embedder.model_sha256.hex()

    def references(self, page: References | ReferencesDelta, generation: int) -> None:
        """One page of a roster, or of what has changed since."""
        if generation <= self._forgotten:
            return
        loaded = roster.take_page(self.roster, page, generation, self._keys)
        self.roster = loaded.roster
        self._runtime.holds["references"] = loaded.roster.edition
        if loaded.opened is None:
            return
        self._say_gone(loaded.gone, loaded.roster.delta_generation)  # it is what named them
        _log.info("%d references of %d members", loaded.opened, len(self.roster.gallery))
        if loaded.refused:
            _log.error("%d references cannot be used: %s", loaded.refused, loaded.reason)
            self._alarm(Alarm("references-refused", f"{loaded.refused} references cannot be used"))

    def lane_list(self, page: LaneList, generation: int) -> None:
        """One page of the lane list."""
        if generation <= self._forgotten:
            return
        try:
            self.lane = lane.take_page(self.lane, page, generation, self._keys)
        except RecordRejected as err:
            _log.error("%s", err.diagnostics())
            self._alarm(Alarm("lane-list-refused", "the lane list was not made for this gate"))

    def forget(self, message: Forget) -> None:
        """The congress is over: forget everybody, and the key that opened them. Once per message."""
        if message.generation <= self._forgotten:
            return
        self._forgotten = message.generation  # in this start none of it comes back, whatever the disk does
        count = sum(self.roster.held.values())
        self.roster, self.lane = roster.empty(self._embedder), Lane()
        self._runtime.holds["references"] = self.roster.edition
        try:
            self._keys = replace(self._keys, sealing_key=self._new_key())
        except DeviceError as err:
            _log.error("%s", err.diagnostics())
            self._alarm(Alarm("key-not-destroyed", "the sealing key could not be replaced"))
            return  # it is tried again with the next start; nothing is said to be destroyed that is not
        public = self._keys.sealing_key.public_key().public_bytes_raw()
        done = Deletion("congress", None, count, message.generation, public)
        self._say(done, {FORGOTTEN: cbor.encode(message.generation)})

    def tick(self) -> None:
        """Say what a full disk has held up, in order."""
        while self._unsaid:
            try:
                self._runtime.append(*self._unsaid[0])
            except StoreError:
                return  # said when it happened
            del self._unsaid[0]

    def _say_gone(self, gone: Mapping[MemberRef, int], generation: int) -> None:
        base = self.roster.generation
        for member, count in sorted(gone.items()):
            name = ANSWERED + member.hex()
            if count or self._answered.get(name) != base:
                self._answered[name] = base
                values: dict[str, bytes | None] = {name: cbor.encode(base)}
                self._say(Deletion("member", member, count, generation, None), values)

    def _say(self, deletion: Deletion, values: dict[str, bytes | None]) -> None:
        try:
            self._runtime.append(deletion, values)
        except StoreError as err:
            _log.error("a deletion was not stored: %s", err.diagnostics())
            self._unsaid.append((deletion, values))
