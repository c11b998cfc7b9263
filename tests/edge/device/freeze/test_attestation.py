"""What a device ran under a freeze is said once, hash for hash, whatever is cut off in between."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

from edge.device.adapters.memory_outbox import MemoryOutboxStore
from edge.device.adapters.simulated_link import SimulatedBroker
from edge.device.attesting import ATTEST, Attesting, Begun, Due, due
from edge.device.errors import StoreError
from edge.device.runtime import DeviceRuntime
from edge.device.twin import NOTHING_FROZEN, Lease
from tests.edge.conftest import NOW_MS, Device, Fleet, HandClock
from tests.edge.device.conftest import Recorder
from wire import cbor
from wire.down import FreezeNotice, TimeNotice
from wire.ids import SittingId
from wire.updates import Attestation

S1, S2 = SittingId("s1"), SittingId("s2")
ME = "keypad-01"
HOUR_MS = 3_600_000
OLD, NEW = b"o" * 32, b"n" * 32


@dataclass
class Measured:
    """A device that attests; its files are what the test says they are."""

    device: Device
    fleet: Fleet
    files: dict[str, bytes | None] = field(default_factory=lambda: {"firmware": OLD, "models": None})
    measured: int = 0
    secret_open: bool = False
    works: list[Callable[[], None]] = field(default_factory=list)
    waits: bool = False

    def start(self) -> None:
        self.device.start(self._build)
        self.recorder.secret_open = self.secret_open

    def restart(self) -> None:
        self.device.kill()
        self.start()

    def _build(self, runtime: DeviceRuntime) -> Recorder:
        self.attesting = Attesting(runtime, self._measure, self._begin)
        self.recorder = Recorder(runtime, secret_open=self.secret_open)
        return self.recorder

    def _begin(self, work: Callable[[], None]) -> None:
        if self.waits:
            self.works.append(work)
        else:
            work()

    def _measure(self) -> Mapping[str, bytes | None]:
        self.measured += 1
        return self.files

    def say(self, sitting: SittingId, frozen: bool, audience: str = "all", **how: object) -> None:
        self.fleet.say(TimeNotice(self.device.clock.wall))
        self.fleet.say(FreezeNotice(sitting, frozen), audience, **how)
        self.device.settle()
        self.device.pass_ms(500)

    @property
    def words(self) -> list[Attestation]:
        found = [record.body for record in self.fleet.records]
        return [body for body in found if isinstance(body, Attestation)]


@pytest.fixture
def measured(device: Device, fleet: Fleet) -> Measured:
    found = Measured(device, fleet)
    found.start()
    return found


def test_a_sitting_under_which_nothing_changed(measured: Measured) -> None:
    measured.say(S1, True)
    measured.device.pass_ms(60_000, step_ms=1000)
    measured.say(S1, False)
    (word,) = measured.words
    assert word.unchanged
    assert word.rows == (("firmware", OLD, OLD),), "what was never there is not mentioned"
    assert (word.sitting, word.boots, word.lifted) == (S1, 0, False)
    assert NOW_MS <= word.from_ms < word.to_ms - 59_000
    assert measured.measured == 2, "once at the beginning, once at the end"
    measured.device.pass_ms(60_000, step_ms=1000)
    measured.restart()
    assert measured.measured == 2
    assert len(measured.words) == 1


def test_what_has_changed_is_named(measured: Measured) -> None:
    measured.say(S1, True)
    measured.files = {"firmware": OLD, "models": NEW}
    measured.say(S1, False)
    assert not measured.words[0].unchanged
    assert measured.words[0].rows == (("firmware", OLD, OLD), ("models", None, NEW))


def test_it_is_said_when_the_lease_ends_without_a_word_of_the_server(measured: Measured) -> None:
    measured.say(S1, True, expires_in_ms=60_000)
    measured.device.pass_ms(62_000, step_ms=1000)
    assert len(measured.words) == 1


def test_a_lease_that_is_taken_up_again_is_compared_with_the_beginning(measured: Measured) -> None:
    measured.say(S1, True, expires_in_ms=60_000)
    measured.device.pass_ms(62_000, step_ms=1000)
    measured.files = {"firmware": NEW}
    measured.say(S1, True)
    measured.say(S1, False)
    assert [word.unchanged for word in measured.words] == [True, False]
    assert measured.words[1].from_ms == measured.words[0].from_ms


def test_a_sitting_that_ended_unheard_is_said_when_the_next_one_begins(measured: Measured) -> None:
    measured.say(S1, True)
    measured.say(S2, True)
    measured.say(S2, False)
    assert [word.sitting for word in measured.words] == [S1, S2]
    assert measured.measured == 3


def test_starts_in_between_and_a_lift_are_on_it(measured: Measured) -> None:
    measured.say(S1, True)
    measured.restart()
    measured.say(S1, False, ME, expires_in_ms=60_000)
    measured.restart()
    measured.say(S1, False)
    (word,) = measured.words
    assert (word.boots, word.lifted, word.unchanged) == (2, True, True)


def test_a_device_that_was_off_at_the_end_says_it_after_its_next_start(measured: Measured) -> None:
    measured.say(S1, True, expires_in_ms=60_000)
    measured.device.kill()
    measured.device.clock.pass_ms(HOUR_MS)
    measured.start()
    measured.fleet.say(TimeNotice(measured.device.clock.wall))
    measured.device.settle()
    measured.device.pass_ms(1000)
    assert [word.boots for word in measured.words] == [1]


def test_nothing_is_said_while_a_secret_question_is_open(measured: Measured) -> None:
    measured.say(S1, True, expires_in_ms=60_000)
    measured.recorder.secret_open = True
    measured.device.pass_ms(120_000, step_ms=1000)
    assert measured.words == []
    assert measured.measured == 2, "as it was when the freeze ended"
    measured.files = {"firmware": NEW}
    measured.recorder.secret_open = False
    measured.device.pass_ms(1000)
    assert measured.words[0].unchanged


def test_nothing_changes_before_the_end_is_measured(measured: Measured) -> None:
    measured.say(S1, True)
    measured.waits = True
    measured.say(S1, False)
    assert measured.device.runtime.lease.holds is None
    assert measured.device.runtime.is_frozen
    measured.works.pop()()
    measured.device.settle()
    assert not measured.device.runtime.is_frozen
    assert len(measured.words) == 1


def test_what_is_taken_back_because_of_the_freeze_is_back_before_it_is_measured(measured: Measured) -> None:
    """Whoever hears of the freeze has its turn before files are read."""
    measured.files = {"firmware": NEW}

    def back(sitting: SittingId | None) -> None:
        measured.files = {"firmware": OLD}

    measured.device.runtime.on_freeze(back)
    measured.say(S1, True)
    measured.say(S1, False)
    assert measured.words[0].rows == (("firmware", OLD, OLD),)


def test_a_measure_that_comes_late_is_not_taken_for_another_sitting(measured: Measured) -> None:
    measured.waits = True
    measured.say(S1, True)
    measured.say(S1, False)
    measured.works.pop()()
    measured.device.settle()
    measured.files = {"firmware": NEW}
    measured.say(S2, True)
    measured.works.pop()()
    measured.device.settle()
    measured.say(S2, False)
    measured.works.pop()()
    measured.device.settle()
    (word,) = measured.words
    assert word.unchanged


def test_files_read_before_a_sitting_are_not_what_it_began_with(measured: Measured) -> None:
    """The sitting before was over while they were being read, and in between an update is allowed."""
    measured.waits = True
    measured.say(S1, True)
    (late,) = measured.works
    measured.say(S1, False)
    measured.say(S2, True)
    late()
    measured.files = {"firmware": NEW}
    measured.device.settle()
    measured.works.pop()()
    measured.device.settle()
    measured.waits = False
    measured.say(S2, False)
    (word,) = measured.words
    assert (word.sitting, word.rows) == (S2, (("firmware", NEW, NEW),))


def test_files_read_at_an_end_that_was_none_are_not_those_of_the_end(measured: Measured) -> None:
    """The lease ran out and was taken up again, and ended while the first look was still under way."""
    measured.say(S1, True)
    measured.waits = True
    measured.say(S1, False)
    measured.say(S1, True)
    measured.say(S1, False)
    first, second = measured.works
    first()
    measured.files = {"firmware": NEW}
    measured.device.settle()
    assert measured.words == []
    assert measured.device.runtime.is_frozen
    second()
    measured.device.settle()
    (word,) = measured.words
    assert word.rows == (("firmware", OLD, NEW),)
    assert not measured.device.runtime.is_frozen


def test_an_end_that_is_read_late_does_not_begin_the_next_sitting(measured: Measured) -> None:
    measured.say(S1, True)
    measured.waits = True
    measured.say(S1, False)
    measured.say(S2, True)
    measured.works.pop()()
    measured.files = {"firmware": NEW}
    measured.device.pass_ms(1000)
    measured.works.pop()()
    measured.device.settle()
    measured.waits = False
    measured.say(S2, False)
    first, second = measured.words
    assert (first.sitting, first.unchanged) == (S1, True)
    assert (second.sitting, second.unchanged) == (S2, True)


def test_power_cut_at_each_durable_step_loses_no_word_and_says_none_twice(
    clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each write of the outbox in a whole freeze, once before it and once after it."""
    cuts = 0
    while True:
        broker = SimulatedBroker()
        fleet = Fleet(broker, clock)
        one = Measured(Device(fleet, broker, clock, "keypad"), fleet)
        if not _freeze_cut_at(one, cuts + 1, monkeypatch):
            break
        cuts += 1
    assert cuts == 12


class Cut(BaseException):
    """The power is gone."""


def _freeze_cut_at(one: Measured, blow_at: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Odd: before a write; even: after it. False: the freeze was over before."""
    write, count, is_cut = MemoryOutboxStore.write, 0, False

    def cutting(store: MemoryOutboxStore, change: object) -> None:
        nonlocal count, is_cut
        for half in (1, 2):
            count += 1
            if count == blow_at:
                is_cut = True
                raise Cut
            if half == 1:
                write(store, change)  # type: ignore[arg-type]  # passed on as it came

    one.fleet.join()
    one.start()
    monkeypatch.setattr(MemoryOutboxStore, "write", cutting)
    try:
        for frozen in (True, False):
            try:
                one.say(S1, frozen)
            except Cut:
                monkeypatch.setattr(MemoryOutboxStore, "write", write)
                one.restart()
                one.say(S1, frozen)
    finally:
        monkeypatch.setattr(MemoryOutboxStore, "write", write)
        one.device.pass_ms(1000)
        one.fleet.link.close()
        one.device.kill()
    assert [word.sitting for word in one.words] == [S1], blow_at
    assert one.words[0].unchanged
    return is_cut


def test_a_full_disk_is_asked_again_and_not_measured_again(
    measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured.say(S1, True)
    before = measured.measured
    with monkeypatch.context() as full:

        def no_room(*_: object) -> None:
            raise StoreError("the disk is full")

        full.setattr(MemoryOutboxStore, "write", no_room)
        measured.say(S1, False)
        measured.device.pass_ms(10_000)
        assert measured.words == []
    measured.device.pass_ms(1000)
    assert len(measured.words) == 1
    assert measured.measured == before + 1


def test_what_is_due_is_said_by_a_table() -> None:
    lease = Lease(S1)
    begun = Begun(S1, NOW_MS, 1, lifted=False, said=False, hashes={"firmware": OLD})
    said = Begun(S1, NOW_MS, 1, lifted=False, said=True, hashes={"firmware": OLD})
    table = [
        (None, NOTHING_FROZEN, Due.NOTHING),
        (None, lease, Due.BEGIN),
        (begun, lease, Due.NOTHING),
        (begun, Lease(S1, is_lifted=True), Due.LIFTED),
        (begun, NOTHING_FROZEN, Due.END),
        (begun, Lease(S2), Due.END),
        (said, lease, Due.RESUME),
        (said, Lease(S2), Due.BEGIN),
        (said, NOTHING_FROZEN, Due.NOTHING),
    ]
    for found, under, expected in table:
        assert due(found, under) is expected


def test_what_is_kept_is_what_was_measured(measured: Measured) -> None:
    measured.say(S1, True)
    kept = measured.device.runtime.outbox.value(ATTEST)
    assert kept is not None
    assert OLD in kept


@pytest.mark.parametrize(
    "kept",
    [
        b"",
        b"\xff",
        cbor.encode({"sitting": "s1"}),
        cbor.encode(["s1", 1, 1, False, False]),
        cbor.encode(["s1", "then", 1, False, False, [["firmware", OLD]]]),
        cbor.encode(["s1", 1, "first", False, False, [["firmware", OLD]]]),
        cbor.encode(["s1", 1, 1, False, False, [["firmware", "old"]]]),
        cbor.encode(["s1", 1, 1, False, False, [[1, OLD]]]),
        cbor.encode(["s1", 1, 1, False, 0, [["firmware", OLD]]]),
    ],
)
def test_what_another_firmware_measured_in_another_form_does_not_end_this_one(
    measured: Measured, kept: bytes
) -> None:
    """Whoever is returned to would end at each start, and golden after it."""
    measured.say(S1, True)
    measured.device.disk.named[ATTEST] = kept
    measured.restart()
    measured.device.pass_ms(2_000)
    measured.say(S1, False)
    (word,) = measured.words
    assert (word.rows, word.boots) == ((("firmware", OLD, OLD),), 0)
