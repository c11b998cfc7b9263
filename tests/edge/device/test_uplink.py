"""Go-back-N over a network that loses, doubles and reorders: everything arrives, once, in order."""

import random
from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.device.backoff import decorrelated
from edge.device.uplink import (
    PATIENCE_CAP_MS,
    PATIENCE_MS,
    WINDOW,
    Appended,
    Connected,
    Disconnected,
    Effect,
    Event,
    GoBack,
    Pruned,
    Publish,
    ReceiptUp,
    ResendFrom,
    Tick,
    Uplink,
    Wait,
    step,
)


class Channel:
    """Packets up, receipts down; each may be lost, doubled or overtaken, while `faulty`."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.faulty = True
        self.queue: deque[int] = deque()

    def send(self, packet: int) -> None:
        if not self.faulty:
            self.queue.append(packet)
            return
        fate = self.random.random()
        if fate < 0.25:
            return
        for _ in range(2 if fate > 0.85 else 1):
            self.queue.insert(self.random.randint(0, len(self.queue)), packet)

    def receive(self) -> int | None:
        return self.queue.popleft() if self.queue else None


class Hall:
    """A device and a store with a bad network between them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.state = Uplink(marked=0, last=0)
        self.up, self.down = Channel(seed + 1), Channel(seed + 2)
        self.stored: list[int] = []
        self.now_ms = 0

    def device(self, event: Event) -> None:
        self.state, effects = step(self.state, event, self.random.random())
        assert self.state.sent - self.state.marked <= WINDOW
        spans = [effect for effect in effects if isinstance(effect, Publish)]
        assert len(spans) <= 1
        for span in spans:
            assert self.state.connected
            assert 0 < span.last - span.first + 1 <= WINDOW
            assert span.last <= self.state.last
            for seq in range(span.first, span.last + 1):
                self.up.send(seq)

    def store(self) -> None:
        packet = self.up.receive()
        if packet is None:
            return
        if packet == len(self.stored) + 1:
            self.stored.append(packet)
        self.down.send(len(self.stored))

    def turn(self) -> None:
        self.now_ms += 50
        for _ in range(8):
            self.store()
        for _ in range(8):
            receipt = self.down.receive()
            if receipt:
                self.device(ReceiptUp(receipt, self.now_ms))
        self.device(Tick(self.now_ms))


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    happenings=st.lists(
        st.sampled_from(["append", "append", "burst", "cut", "heal", "time", "restore"]), max_size=60
    ),
)
def test_everything_arrives_in_order_and_the_outbox_drains_when_faults_heal(
    seed: int, happenings: list[str]
) -> None:
    hall = Hall(seed)
    for happening in happenings:
        if happening in ("append", "burst"):
            for _ in range(100 if happening == "burst" else 1):
                hall.device(Appended(hall.state.last + 1, hall.now_ms))
        elif happening == "cut":
            hall.device(Disconnected())
            hall.up.queue.clear()
        elif happening == "heal":
            hall.device(Connected(hall.now_ms))
        elif happening == "restore" and hall.stored:
            del hall.stored[len(hall.stored) // 2 :]
            hall.device(ResendFrom(len(hall.stored) + 1, hall.now_ms))
            hall.down.queue.clear()
        for _ in range(20):
            hall.turn()
        assert hall.stored == list(range(1, len(hall.stored) + 1))
    hall.up.faulty = hall.down.faulty = False
    hall.device(Connected(hall.now_ms))
    for _ in range(3000):
        hall.turn()
        if hall.state.marked == hall.state.last:
            break
    assert hall.stored == list(range(1, hall.state.last + 1))
    assert hall.state.marked == hall.state.last
    assert hall.state.deadline_ms is None


def run(state: Uplink, *events: Event, fraction: float = 0.5) -> tuple[Uplink, tuple[Effect, ...]]:
    effects: tuple[Effect, ...] = ()
    for event in events:
        state, effects = step(state, event, fraction)
    return state, effects


def test_nothing_is_published_while_disconnected() -> None:
    state, effects = run(Uplink(0, 0), Appended(1, 0), Tick(100_000), ReceiptUp(0, 0), ResendFrom(1, 0))
    assert effects == ()
    assert state.sent == 0


def test_a_connection_begins_one_behind_the_mark() -> None:
    _, effects = run(Uplink(marked=7, last=9), Connected(1000))
    assert effects == (Publish(8, 9), Wait(1000 + PATIENCE_MS))


def test_the_window_bounds_what_is_in_flight_and_moves_with_receipts() -> None:
    state, effects = run(Uplink(0, 1000), Connected(0))
    assert effects[0] == Publish(1, WINDOW)
    state, effects = run(state, Appended(1001, 1))
    assert not any(isinstance(effect, Publish) for effect in effects)
    state, effects = run(state, ReceiptUp(10, 2))
    assert effects[0] == Publish(WINDOW + 1, WINDOW + 10)


def test_two_seconds_without_progress_go_back_to_the_mark() -> None:
    state, _ = run(Uplink(0, 5), Connected(0), ReceiptUp(2, 100))
    _, effects = run(state, Tick(100 + PATIENCE_MS - 1))
    assert effects == (Wait(100 + PATIENCE_MS),)
    _, effects = run(state, Tick(100 + PATIENCE_MS))
    assert effects[:2] == (GoBack(3), Publish(3, 5))


def test_waits_grow_with_jitter_up_to_a_cap_and_are_short_again_after_progress() -> None:
    state, _ = run(Uplink(0, 1), Connected(0))
    waits = []
    for _ in range(12):
        assert state.deadline_ms is not None
        now_ms = state.deadline_ms
        state, _ = run(state, Tick(now_ms), fraction=0.99)
        assert state.deadline_ms is not None
        waits.append(state.deadline_ms - now_ms)
    assert waits[0] > PATIENCE_MS
    assert max(waits) == waits[-1] == PATIENCE_CAP_MS
    state, _ = run(state, ReceiptUp(1, 0), Appended(2, 10))
    assert state.deadline_ms == 10 + PATIENCE_MS


def test_a_receipt_that_repeats_the_mark_is_no_progress() -> None:
    state, _ = run(Uplink(2, 5), Connected(0), ReceiptUp(2, 1500))
    assert state.deadline_ms == PATIENCE_MS


def test_a_new_life_of_the_store_sends_everything_again() -> None:
    state, _ = run(Uplink(0, 5), Connected(0), ReceiptUp(5, 10))
    state, effects = run(state, ReceiptUp(2, 20))
    assert effects[0] == Publish(3, 5) or effects[:2] == (GoBack(3), Publish(3, 5))
    assert state.marked == 2


def test_a_receipt_beyond_the_last_record_marks_no_further_than_there_is() -> None:
    state, _ = run(Uplink(0, 5), Connected(0), ReceiptUp(99, 10))
    assert state.marked == 5


def test_pruned_records_are_not_asked_of_the_outbox() -> None:
    _, effects = run(Uplink(5, 9), Pruned(6), Connected(0), ResendFrom(1, 10))
    assert Publish(6, 9) in effects


@given(previous=st.integers(0, 10**6), fraction=st.floats(0, 1, exclude_max=True))
def test_jittered_waits_stay_between_base_and_cap(previous: int, fraction: float) -> None:
    assert 1000 <= decorrelated(previous, 1000, 8000, fraction) <= 8000


@pytest.mark.parametrize(("fraction", "wait_ms"), [(0.0, 1000), (0.5, 2000), (0.999, 2998)])
def test_devices_that_fell_together_do_not_return_together(fraction: float, wait_ms: int) -> None:
    assert decorrelated(1000, 1000, 8000, fraction) == wait_ms
