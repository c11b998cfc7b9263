"""The device's one loop: it owns the outbox and the uplink, believes what is signed, and tells the firmware.

Everything that happens is an event of one queue, handled in order by one thread. A simulated hall calls
`begin`, `handle` and `tick` itself; a device calls `run`. The process may be killed at any moment: whatever
was told to anybody is in the outbox.
"""

import contextlib
import logging
import queue
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from edge.device import uplink
from edge.device.announce import Announcer, health_of
from edge.device.clock import CLOCK_FLOOR, HallClock
from edge.device.closing import close_each
from edge.device.commands import PREFIX, Verdict, load_done, weigh
from edge.device.downlink import Downlink
from edge.device.errors import DeviceError, StoreError
from edge.device.events import Call, Event, Stop
from edge.device.firmware import Firmware
from edge.device.freshness import STOPPING, Freshness, Lifeline
from edge.device.health import INTERVAL_MS, Counters, readings
from edge.device.outbox import NO_VALUES, Mark
from edge.device.parts import Parts
from edge.device.ports import Arrived, LinkDown, LinkEvent, LinkUp
from edge.device.twin import COMMON_KEYS, Lease, Now, Scalar, TwinHolder, TwinKey
from edge.device.word import word_of_the_store
from wire import cbor, topics
from wire.down import Certified, CommandMessage, DownMessage, FreezeNotice, Receipt, Resend, TimeNotice, Twin
from wire.envelope import Purpose, seal
from wire.errors import HallError, RecordRejected
from wire.fields import Body
from wire.ids import SittingId
from wire.records import Alarm
from wire.up import Birth, Health, encode_up
from wire.voting import BoardAnswer, Carried, SessionKey, encode_board_message

_TWIN_BYTES_MAX: Final = 128 * 1024
TICK_MS: Final = 500
"""Greatest time between two ticks of the firmware."""
FLOOR_STEP_MS: Final = 60_000
"""How far the clock's floor may run ahead of the persisted one: a notice every few seconds must not wear out
a card."""
BATCH_MAX: Final = 64
INBOX_MAX: Final = 512
SHORT_LIVED_MS: Final = 60_000
"""A command that expires so soon is obeyed though it cannot be written down that it was."""
CALL_TIMEOUT_S: Final = 5.0
_log: Final = logging.getLogger("hallward.device")


class DeviceRuntime:
    """Raises StoreError when the outbox cannot even count this start."""

    def __init__(self, parts: Parts) -> None:
        self.identity: Final = parts.identity
        self.outbox: Final = parts.outbox
        self.counters: Final = Counters()
        self.clock: Final = HallClock(
            parts.clock, _integer(parts.outbox.value(CLOCK_FLOOR)), parts.outbox.begin_boot()
        )
        self.is_connected = self.is_measuring = False
        self.freshness: Final = Freshness(self.clock.monotonic_ms)
        self.holds: Final[dict[str, str]] = {}
        """Said in each birth beside the twin's keys; texts of 80 bytes. A change waits for the next birth."""
        self._parts = parts
        self._lifeline = Lifeline(self.freshness, parts.supervisor.watchdog_ms)
        self._inbox: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._downlink = Downlink(parts.identity, parts.outbox)
        self._uplink = uplink.Uplink(parts.outbox.marked_seq, parts.outbox.last_seq, parts.outbox.first_seq)
        self._floor_kept_ms = self.clock.floor_ms
        self._commands_done = load_done(parts.outbox.values(PREFIX))
        kept_twin = parts.outbox.value("twin")
        self._twin = TwinHolder(cbor.decode(kept_twin, _TWIN_BYTES_MAX) if kept_twin else {})
        self._announcer = Announcer(
            parts.identity, parts.outbox, self._twin, self.clock, parts.software, self.holds
        )
        self._health_due_ms = int(parts.jitter() * INTERVAL_MS)
        self._ever_connected = False
        self._stopping = False
        self._closers: list[Callable[[], None]] = []
        self._tickers: list[Callable[[], None]] = []
        self._on_freeze: list[Callable[[SittingId | None], None]] = []
        self._lease_told = self._twin.lease
        self._on_board_answer: Callable[[BoardAnswer], None] = lambda _: None
        self._wake_ms: int | None = None
        self._said: set[str] = set()

    @property
    def twin(self) -> Mapping[str, Scalar]:
        """What is desired of this device, and holds. It outlives restarts."""
        return self._twin.values

    @property
    def is_frozen(self) -> bool:
        """Software, models, thresholds and question texts do not change now; also while what ran under a
        freeze is measured at its end."""
        return self._twin.is_frozen or self.is_measuring

    @property
    def lease(self) -> Lease:
        """The freeze as it stands, lifted or not."""
        return self._twin.lease

    @property
    def secret_open(self) -> bool:
        """A secret question is open here."""
        return self._firmware.secret_open

    # -- what the firmware calls -------------------------------------------------------------------------

    def append(self, body: Body, values: Mapping[str, bytes | None] = NO_VALUES) -> int:
        """Sign and keep a record, and these named values with it; it is sent from now on until it is stored.

        Returns its seq. Raises StoreError: tell the person `not stored`.
        """
        seq = self.outbox.append(body, self.clock.stamp(), values).seq
        self._drive(uplink.Appended(seq, self.clock.monotonic_ms()))
        return seq

    def alarm(self, alarm: Alarm) -> None:
        """Say it once. A disk that cannot keep it is logged, never raised: an alarm must not stop a
        device."""
        try:
            done = self.outbox.alarm_once(alarm, self.clock.stamp())
        except StoreError as err:
            self._store_failed(err)
            return
        if done is not None:
            _log.error("%s: %s", alarm.code, alarm.detail)
            self._drive(uplink.Appended(done.seq, self.clock.monotonic_ms()))

    def report(self, key: str, status: str) -> None:
        """A twin key that takes its time is `applying` now, or `ok`, or `rejected: reason`."""
        if key in self._twin.status:
            self._twin.status[key] = status
            self._birth_if_changed()

    def post(self, what: Callable[[], None]) -> None:
        """Have something done in the loop's thread, from any thread."""
        self._inbox.put(Call(what))

    def ask(self, question: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The same, and wait for the answer. Raises its HallError, or DeviceError when the loop does not
        come."""
        done = threading.Event()
        answer: dict[str, Any] = {}
        refused: list[HallError] = []

        def reply() -> None:
            try:
                answer.update(question())
            except HallError as err:
                refused.append(err)
            done.set()

        self.post(reply)
        if not done.wait(CALL_TIMEOUT_S):
            raise DeviceError("the device is busy; ask again")
        if refused:
            raise refused[0]
        return answer

    def hear_board(self, on_answer: Callable[[BoardAnswer], None]) -> None:
        """From now on the store's answers about board entries come here: signed by it, for this device, and
        nothing else of them is believed yet."""
        self._on_board_answer = on_answer

    def send_board(self, message: Carried | SessionKey) -> None:
        """Towards the election board, beside the records: nothing of it is kept, or sent again, here."""
        purpose = Purpose.CARRIED if isinstance(message, Carried) else Purpose.SESSION_KEY
        topic = topics.up(self.identity.hall, self.identity.device, topics.Up.BOARD)
        self._parts.link.publish(topic, seal(encode_board_message(message), purpose, self.identity.signer))

    def jitter(self) -> float:
        """Uniform in [0, 1)."""
        return self._parts.jitter()

    def wake_at(self, at_ms: int) -> None:
        """Tick at this moment, if not before. One moment is remembered, the earliest."""
        self._wake_ms = at_ms if self._wake_ms is None else min(self._wake_ms, at_ms)

    def on_close(self, close: Callable[[], None]) -> None:
        """Called when `run` ends, before link and outbox are closed."""
        self._closers.append(close)

    def on_tick(self, tick: Callable[[], None]) -> None:
        """Called at least every TICK_MS, in the loop's thread."""
        self._tickers.append(tick)

    def on_freeze(self, changed: Callable[[SittingId | None], None]) -> None:
        """Called in the loop's thread whenever `lease` has changed, with the sitting for which nothing may
        change from now on; None: it may. At once if something is frozen already."""
        self._on_freeze.append(changed)
        if self.lease.sitting is not None:
            changed(self.lease.holds)

    def stop(self) -> None:
        """From any thread or a signal handler: end `run` after the event at hand."""
        self._inbox.put(Stop())

    # -- the loop ----------------------------------------------------------------------------------------

    def run(self, firmware: Firmware) -> None:
        """Until `stop`. Leaves link and outbox closed."""
        try:
            self.begin(firmware)
            self._parts.link.start(self._take)
            while not self._stopping:
                due_ms = self.tick()
                wait_s = max(0, due_ms - self.clock.monotonic_ms()) / 1000
                with contextlib.suppress(queue.Empty):
                    self.handle(self._inbox.get(timeout=wait_s))
                    self._handle_waiting()
        finally:
            self._parts.supervisor.say(STOPPING)
            close_each(*self._closers, self._parts.link.close, self.outbox.close)

    def _take(self, event: LinkEvent) -> None:
        """From the link's thread. A broker that floods us loses what we cannot hold: the fleet repeats
        itself."""
        if not isinstance(event, Arrived) or self._inbox.qsize() < INBOX_MAX:
            self._inbox.put(event)

    def _handle_waiting(self) -> None:
        """A batch of them: then the clock is looked at again, however much is waiting. Raises queue.Empty."""
        for _ in range(BATCH_MAX):
            if self._stopping:
                return
            self.handle(self._inbox.get_nowait())

    def begin(self, firmware: Firmware) -> None:
        """Come back to where the last start was cut off. Nothing is sent before the link is up."""
        self._firmware = firmware
        unsaid = self.outbox.unsaid_alarm()
        if unsaid is not None:
            _log.error("%s: %s; this device begins a new epoch", unsaid.code, unsaid.detail)
            self.append(unsaid, {"unsaid-alarm": None})
        firmware.on_start()
        for message in self._downlink.in_force(self.clock.wall_ms(), self.clock.proved_ms()):
            self._obey(message)
        firmware.on_receipt(self.outbox.marked_seq)

    def handle(self, event: Event) -> None:
        if isinstance(event, Call):
            event.what()
        elif isinstance(event, Arrived):
            self._arrived(event)
        elif isinstance(event, LinkUp):
            self._connected()
        elif isinstance(event, LinkDown):
            self.is_connected = False
            self._drive(uplink.Disconnected())
        else:
            self._stopping = True

    def tick(self) -> int:
        """Do what is due. Returns when the next tick is due at the latest, in monotonic ms of the clock."""
        now_ms = self.clock.monotonic_ms()
        if self._wake_ms is not None and self._wake_ms <= now_ms:
            self._wake_ms = None
        self._drive(uplink.Tick(now_ms))
        self._settled(self._twin.expire(self._now, self._twin_keys))
        if now_ms >= self._health_due_ms:
            self._health_due_ms = now_ms + INTERVAL_MS
            self._send_health()
        for each in (self._firmware.on_tick, *self._tickers):
            each()
        for words in self._lifeline.step(now_ms, "connected" if self.is_connected else "no connection"):
            self._parts.supervisor.say(words)
        due = (self._health_due_ms, now_ms + TICK_MS, self._uplink.deadline_ms, self._wake_ms)
        return min(at_ms for at_ms in due if at_ms is not None)

    # -- up ----------------------------------------------------------------------------------------------

    def _drive(self, event: uplink.Event) -> None:
        self._uplink, effects = uplink.step(self._uplink, event, self._parts.jitter())
        for effect in effects:
            if isinstance(effect, uplink.Publish):
                self._publish(effect)
            elif isinstance(effect, uplink.GoBack):
                self.counters.go_backs += 1

    def _publish(self, span: uplink.Publish) -> None:
        topic = topics.up(self.identity.hall, self.identity.device, topics.Up.REC)
        try:
            rows = self.outbox.read(span.first, span.last - span.first + 1)
        except StoreError as err:
            self._store_failed(err)  # the uplink comes back to them when its patience ends
            return
        for _, envelope in rows:
            self._parts.link.publish(topic, envelope)

    def _connected(self) -> None:
        self.is_connected = True
        if self._ever_connected:
            self.counters.reconnects += 1
        self._ever_connected = True
        self._send_birth()
        self._drive(uplink.Connected(self.clock.monotonic_ms()))

    def _send_birth(self, *, again: bool = False) -> None:
        self._send(self._announcer.birth(again=again), Purpose.BIRTH, topics.Up.BIRTH)

    def _birth_if_changed(self) -> None:
        if self.is_connected and self._announcer.is_outdated:
            self._send_birth()

    def _send_health(self) -> None:
        if not self.is_connected:
            return
        found = readings(
            self.counters,
            self._parts.gauges.read(),
            last_seq=self.outbox.last_seq,
            marked_seq=self.outbox.marked_seq,
            uptime_s=self.clock.monotonic_ms() // 1000,
            secret_open=self._firmware.secret_open,
        )
        report = health_of(self.identity, self.clock, found)
        self._send(report, Purpose.HEALTH, topics.Up.HEALTH)

    def _send(self, message: Birth | Health, purpose: Purpose, kind: topics.Up) -> None:
        topic = topics.up(self.identity.hall, self.identity.device, kind)
        self._parts.link.publish(topic, seal(encode_up(message), purpose, self.identity.signer))

    # -- down --------------------------------------------------------------------------------------------

    def _arrived(self, event: Arrived) -> None:
        try:
            if event.topic == topics.down(self.identity.hall, self.identity.device, topics.Down.ACK):
                self._word_of_the_store(event.payload)
            else:
                self._accept(event.payload)
        except RecordRejected as err:
            self.counters.drops[err.code] += 1
            if err.code not in self._said:
                self._said.add(err.code)
                _log.warning("dropped a message from the network (%s): %s", err.code, err.what)
        except StoreError as err:
            self._store_failed(err)  # unmarked and unobeyed: the fleet says it again

    def _word_of_the_store(self, envelope: bytes) -> None:
        word = word_of_the_store(envelope, self.identity)
        if isinstance(word, BoardAnswer):
            self._on_board_answer(word)
        elif isinstance(word, Resend):
            done = self.outbox.resend(word)
            if done is Mark.MARKED:
                self._drive(uplink.ResendFrom(self.outbox.marked_seq + 1, self.clock.monotonic_ms()))
                self._firmware.on_receipt(self.outbox.marked_seq)
            elif done is Mark.OTHER_EPOCH and self._announcer.may_say_again:
                self._send_birth(again=True)
        else:
            self._receipt(word, envelope)

    def _receipt(self, receipt: Receipt, envelope: bytes) -> None:
        done = self.outbox.mark(receipt, envelope)
        if done is Mark.MARKED:
            self._drive(uplink.ReceiptUp(self.outbox.marked_seq, self.clock.monotonic_ms()))
            self._firmware.on_receipt(self.outbox.marked_seq)
        elif done in (Mark.OTHER_BYTES, Mark.NEVER_SAID):
            self.alarm(Alarm(f"receipt-{done.value}", f"record {receipt.seq} differs at the store"))

    def _accept(self, envelope: bytes) -> None:
        message = self._downlink.accept(envelope, self.clock.wall_ms(), self.clock.proved_ms())
        if message is None:
            return
        body = message.body
        if isinstance(body, TimeNotice):
            self._learn_time(message, body.wall_ms)
            return
        if isinstance(body, CommandMessage):
            self._command(message, envelope, body)
            return
        try:
            self._downlink.keep(message, envelope, NO_VALUES)
        except StoreError as err:
            self._store_failed(
                err
            )  # a full disk must not keep a ballot open: obeyed now, said again after a restart
            self._downlink.remember(message)
        self._obey(message)

    def _obey(self, message: DownMessage) -> None:
        body = message.body
        if isinstance(body, Twin | FreezeNotice):
            self._settled(self._twin.take(message, self._twin_keys, self._now))
        elif isinstance(body, Certified) and self.outbox.certified(body.epoch, body.seq):
            self._drive(uplink.Pruned(self.outbox.first_seq))
        self._firmware.on_down(message)

    @property
    def _twin_keys(self) -> tuple[TwinKey, ...]:
        return (*COMMON_KEYS, *self._firmware.twin_keys)

    def _settled(self, changed: bool) -> None:
        if changed:
            try:
                self.outbox.keep({"twin": self._twin.encoded()})
            except StoreError as err:
                self._store_failed(err)
        if self._lease_told != self.lease:
            self._lease_told = self.lease
            for tell in self._on_freeze:
                tell(self.lease.holds)
        self._birth_if_changed()

    @property
    def _now(self) -> Now:
        return Now(self.clock.proved_ms(), self.clock.monotonic_ms(), self.clock.is_synchronised)

    def _learn_time(self, message: DownMessage, wall_ms: int) -> None:
        self.clock.learn(wall_ms)
        floor_ms = self.clock.floor_ms
        if floor_ms - self._floor_kept_ms >= FLOOR_STEP_MS:
            self._downlink.keep(message, b"", {CLOCK_FLOOR: cbor.encode(floor_ms)})
            self._floor_kept_ms = floor_ms
        else:
            self._downlink.remember(message)

    def _command(self, message: DownMessage, envelope: bytes, command: CommandMessage) -> None:
        now_ms = self.clock.wall_ms()
        found = weigh(command, message.expires_ms, self._commands_done, self._firmware.commands, now_ms)
        try:
            self._downlink.keep(message, envelope, found.changes)
        except StoreError as err:
            if message.expires_ms - now_ms > SHORT_LIVED_MS:
                raise
            self._store_failed(err)  # an usher's word must not wait for a disk; it expires before a restart
            self._downlink.remember(message)
        self._commands_done = found.done
        if found.verdict is Verdict.UNKNOWN:
            _log.warning("command %s is not known to this firmware", command.command)
        elif found.verdict is Verdict.RUN:
            self._firmware.on_command(command)

    def _store_failed(self, err: StoreError) -> None:
        self.counters.store_errors += 1
        if err.what not in self._said:
            self._said.add(err.what)
            _log.error("%s", err.diagnostics())


def _integer(data: bytes | None) -> int:
    return 0 if data is None else int(cbor.decode(data, 16))
