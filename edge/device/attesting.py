"""What this device ran while a sitting was frozen, hash for hash, in its own signed word (SPEC §5.2,
`attestation/1`).

Its files are measured when the freeze begins and again when it ends, each time once and on a thread of its
own. What the first measure found is durable, so a cut between the two loses nothing: the next start measures
the end. A lease that ran out and was taken up again for the same sitting goes by what was measured first. The
word waits while a secret question is open, as every word does that a press could delay.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from edge.device.errors import StoreError
from edge.device.runtime import DeviceRuntime
from edge.device.twin import Lease
from wire import cbor, fields
from wire.errors import RecordRejected
from wire.ids import SittingId
from wire.updates import PARTS_MAX, Attestation

ATTEST: Final = "attest"
"""Name of the kept value."""
_BYTES_MAX: Final = 4096
_log: Final = logging.getLogger("hallward.device")
Hashes = Mapping[str, bytes | None]
"""SHA-256 by the name of a part; None: it is not there, or cannot be read."""
Start = Callable[[Callable[[], None]], None]


@dataclass(frozen=True, slots=True)
class Begun:
    """What was so when the freeze began. boot: the number of that start. said: the word is in the outbox."""

    sitting: SittingId
    from_ms: int
    boot: int
    lifted: bool
    said: bool
    hashes: Hashes

    def encoded(self) -> bytes:
        rows = [[name, self.hashes[name]] for name in sorted(self.hashes)]
        return cbor.encode([self.sitting, self.from_ms, self.boot, self.lifted, self.said, rows])


def decode_begun(data: bytes | None) -> Begun | None:
    """What cannot be read is none: another firmware may have written it, and the one that is returned to must
    start all the same. Then the freeze is measured from this start on."""
    if data is None:
        return None
    try:
        sitting, from_ms, boot, lifted, said, rows = cbor.decode(data, _BYTES_MAX)
        begun = Begun(SittingId(sitting), from_ms, boot, lifted, bool(fields.flag(said)), dict(rows))
        attested(begun, begun.hashes, from_ms, boot).values()
    except (TypeError, ValueError, RecordRejected):
        _log.warning("what was measured when a sitting was frozen cannot be read, and is measured anew")
        return None
    return begun


class Due(Enum):
    """What is to be done now."""

    NOTHING = "nothing"
    BEGIN = "begin"
    """Measure what runs under this freeze."""
    RESUME = "resume"
    """The lease of the same sitting again: its end is to be said anew."""
    LIFTED = "lifted"
    """Somebody lifted the freeze: that is to be remembered."""
    END = "end"
    """Measure again, and say it."""


def due(begun: Begun | None, lease: Lease) -> Due:
    """Pure."""
    if begun is not None and not begun.said and begun.sitting != lease.sitting:
        return Due.END
    if lease.sitting is None:
        return Due.NOTHING
    if begun is None or begun.sitting != lease.sitting:
        return Due.BEGIN
    if begun.said:
        return Due.RESUME
    return Due.LIFTED if lease.is_lifted and not begun.lifted else Due.NOTHING


def attested(begun: Begun, now: Hashes, to_ms: int, boot: int) -> Attestation:
    """The word, of the parts that were there then or are now. Pure."""
    names = sorted(begun.hashes.keys() | now.keys())[:PARTS_MAX]
    rows = tuple((name, begun.hashes.get(name), now.get(name)) for name in names)
    seen = tuple(row for row in rows if row[1:] != (None, None))
    boots = max(0, boot - begun.boot)
    return Attestation(begun.sitting, begun.from_ms, max(begun.from_ms, to_ms), boots, begun.lifted, seen)


def on_a_thread(work: Callable[[], None]) -> None:
    """Ended with the process: a measure that is cut off is begun anew by the next start."""
    threading.Thread(target=work, name="attesting", daemon=True).start()


@dataclass(slots=True, eq=False)
class _Measure:
    """One look at the files. under: whose lease stood when it began. hashes: None while it is under way."""

    what: Due
    under: SittingId | None
    hashes: Hashes | None = None

    def serves(self, what: Due, lease: Lease) -> bool:
        """An end stays one when the next sitting begins meanwhile; a beginning is of one sitting."""
        return self.what is what and (what is Due.END or self.under == lease.sitting)


class Attesting:
    """Over a runtime that has not begun yet. measure: may take seconds; raises nothing."""

    def __init__(
        self, runtime: DeviceRuntime, measure: Callable[[], Hashes], start: Start = on_a_thread
    ) -> None:
        self._runtime = runtime
        self._measure_files = measure
        self._start = start
        self._begun = decode_begun(runtime.outbox.value(ATTEST))
        self._measure: _Measure | None = None
        self._trouble = ""
        runtime.on_freeze(lambda _: self._on_freeze())
        runtime.on_tick(self.step)

    def _on_freeze(self) -> None:
        """An end is measured before anything else can follow from it; a beginning with the next tick, when
        whatever had to be taken back for it is back."""
        if due(self._begun, self._runtime.lease) is not Due.BEGIN:
            self.step()

    def step(self) -> None:
        """Do what is due; in the loop's thread. A disk that does not keep it is asked again at each tick."""
        try:
            self._step()
        except StoreError as err:
            if err.what != self._trouble:
                self._trouble = err.what
                _log.error("%s", err.diagnostics())

    def _step(self) -> None:
        lease = self._runtime.lease
        what = due(self._begun, lease)
        if self._measure is not None and not self._measure.serves(what, lease):
            self._become(None)  # whatever it finds now was so before what is due now
        if what in (Due.BEGIN, Due.END):
            self._look(what, lease)
        elif self._begun is not None and what is Due.RESUME:
            self._keep(replace(self._begun, said=False))
        elif self._begun is not None and what is Due.LIFTED:
            self._keep(replace(self._begun, lifted=True))

    def _look(self, what: Due, lease: Lease) -> None:
        measure = self._measure
        if measure is None:
            begun = _Measure(what, lease.sitting)
            self._become(begun)
            self._start(lambda: self._work(begun))
        elif measure.hashes is not None and (what is Due.BEGIN or not self._runtime.secret_open):
            self._settle(measure, measure.hashes)

    def _become(self, measure: _Measure | None) -> None:
        self._measure = measure
        self._runtime.is_measuring = (
            measure is not None and measure.what is Due.END and measure.hashes is None
        )

    def _work(self, measure: _Measure) -> None:
        hashes = dict(self._measure_files())
        self._runtime.post(lambda: self._measured(measure, hashes))

    def _measured(self, measure: _Measure, hashes: Hashes) -> None:
        if measure is not self._measure:
            return  # nobody waits for it any more
        measure.hashes = hashes
        self._become(measure)
        self.step()

    def _settle(self, measure: _Measure, hashes: Hashes) -> None:
        """What was measured is kept, or said; what ends one sitting begins the next, if that had begun when
        it was measured."""
        runtime, next_one = self._runtime, None
        now_ms, boot, lease = runtime.clock.wall_ms(), runtime.outbox.boot, runtime.lease
        if lease.sitting is not None and measure.under == lease.sitting:
            next_one = Begun(lease.sitting, now_ms, boot, lease.is_lifted, said=False, hashes=hashes)
        if measure.what is Due.END and self._begun is not None:
            after = next_one or replace(self._begun, said=True)
            runtime.append(attested(self._begun, hashes, now_ms, boot), {ATTEST: after.encoded()})
            self._begun = after
        elif next_one is not None:
            self._keep(next_one)
            _log.info("sitting %s is frozen, and what runs here is measured", next_one.sitting)
        self._become(None)

    def _keep(self, begun: Begun) -> None:
        self._runtime.outbox.keep({ATTEST: begun.encoded()})
        self._begun = begun
