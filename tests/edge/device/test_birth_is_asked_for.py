"""A fleet that does not know who is there asks, by a resend of an epoch that is nobody's; a device says its
birth again, once in a while, to its own store alone."""

from collections.abc import Callable

import pytest

from edge.device.announce import AGAIN_GAP_MS
from edge.device.firmware import Firmware
from edge.device.runtime import DeviceRuntime
from tests.edge.conftest import HALL, Device, Fleet, signer
from wire.down import NO_EPOCH, Resend, Twin, encode_store_message
from wire.envelope import Purpose, seal
from wire.ids import DeviceId, Epoch, StoreId
from wire.records import Alarm
from wire.up import BIRTH_AGAIN, BIRTH_KEY, REPORTED_MAX


@pytest.fixture
def started(device: Device, fleet: Fleet, recorder: Callable[[DeviceRuntime], Firmware]) -> DeviceRuntime:
    runtime = device.start(recorder)
    runtime.holds["hardware"] = "pi-zero-2-w"
    runtime.append(Alarm("test", "hello"))
    device.settle()
    device.pass_ms(AGAIN_GAP_MS)
    assert len(fleet.births) == 1
    return runtime


def ask(fleet: Fleet, device: Device, epoch: Epoch = NO_EPOCH) -> None:
    fleet.resend(1, epoch)
    device.settle()


def test_the_birth_that_is_asked_for_says_how_things_are_now_and_that_it_was_asked_for(
    started: DeviceRuntime, device: Device, fleet: Fleet
) -> None:
    ask(fleet, device)
    first, again = fleet.births
    assert not first.is_again
    assert again.is_again
    assert again.reported == {"hardware": "pi-zero-2-w", BIRTH_KEY: BIRTH_AGAIN}
    assert (again.epoch, again.boot, again.last_seq) == (started.outbox.epoch, started.outbox.boot, 1)


def test_who_repeats_the_question_for_ever_gets_a_birth_in_five_seconds_and_no_record_again(
    started: DeviceRuntime, device: Device, fleet: Fleet
) -> None:
    received, marked = fleet.received, started.outbox.marked_seq
    for _ in range(100):
        ask(fleet, device)
        device.pass_ms(AGAIN_GAP_MS // 50, AGAIN_GAP_MS // 50)
    assert len(fleet.births) == 1 + 2
    assert (fleet.received, started.outbox.marked_seq) == (received, marked)


def test_a_birth_of_a_moment_ago_is_not_said_again(
    started: DeviceRuntime, device: Device, fleet: Fleet
) -> None:
    device.link.cut()
    device.settle()
    device.link.heal()
    device.settle()
    ask(fleet, device)
    assert [birth.is_again for birth in fleet.births] == [False, False]


@pytest.mark.usefixtures("started")
def test_a_resend_of_the_present_epoch_is_answered_by_records_alone(device: Device, fleet: Fleet) -> None:
    ask(fleet, device, device.runtime.outbox.epoch)
    assert len(fleet.births) == 1


@pytest.mark.usefixtures("started")
def test_only_the_store_may_ask(device: Device, fleet: Fleet) -> None:
    word = Resend(HALL, DeviceId(fleet.device.kid), fleet.store_id, NO_EPOCH, 1)
    for stranger in (signer("store", 9), fleet.desk):
        fleet.ack(seal(encode_store_message(word), Purpose.RESEND, stranger))
    device.settle()
    assert len(fleet.births) == 1


def test_a_store_that_was_left_is_not_answered_and_its_successor_is(
    started: DeviceRuntime, device: Device, fleet: Fleet
) -> None:
    left = fleet.store_id
    fleet.store_id = StoreId(b"B" * 16)
    fleet.receipt(1, started.outbox.epoch)
    fleet.store_id = left
    ask(fleet, device)
    assert len(fleet.births) == 1
    fleet.store_id = StoreId(b"C" * 16)
    ask(fleet, device)
    assert len(fleet.births) == 2
    assert started.outbox.store_id == StoreId(b"B" * 16), "a question moves no mark"


@pytest.mark.usefixtures("started")
@pytest.mark.parametrize("is_asked", [False, True])
def test_a_birth_has_room_for_what_the_firmware_holds_beside_a_twin_that_is_full(
    device: Device, fleet: Fleet, *, is_asked: bool
) -> None:
    fleet.say(Twin({"seat": "A1", **{f"unknown-{n}": n for n in range(63)}}), fleet.device.kid)
    device.settle()
    if is_asked:
        device.pass_ms(AGAIN_GAP_MS)
        ask(fleet, device)
    last = fleet.births[-1]
    assert last.is_again is is_asked
    assert len(last.reported) == REPORTED_MAX
    assert (last.reported["hardware"], last.reported["seat"]) == ("pi-zero-2-w", "ok")
    assert last.twin_generation == fleet.generation
