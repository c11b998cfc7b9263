"""Beside the records: what goes to the election board, and what the store answers, told apart by purpose."""

from collections.abc import Callable

import pytest

from edge.device.runtime import TICK_MS, DeviceRuntime
from tests.edge.conftest import HALL, Device, Fleet, signer
from wire import topics
from wire.down import Twin
from wire.envelope import Purpose, seal, verify
from wire.ids import ContestId, DeviceId, StoreId
from wire.voting import (
    BoardAnswer,
    Carried,
    DocumentPage,
    SessionKey,
    encode_board_message,
    parse_carried,
    parse_session_key,
)

DEVICE = DeviceId("keypad-01")
CONTEST = ContestId(b"c" * 16)


def answer(device: str = DEVICE) -> BoardAnswer:
    return BoardAnswer(
        HALL, DeviceId(device), StoreId(b"A" * 16), CONTEST, bytes(32), True, b"", 0, bytes(53 * 32), b"", 0,
        b"", "note", 0, bytes(53 * 32), b"", 0, b"",
    )  # fmt: skip


@pytest.fixture
def heard(device: Device, recorder: Callable[[DeviceRuntime], object]) -> list[BoardAnswer]:
    found: list[BoardAnswer] = []
    device.start(recorder)
    device.runtime.hear_board(found.append)
    return found


def test_an_answer_longer_than_any_receipt_reaches_whoever_listens(
    heard: list[BoardAnswer], fleet: Fleet, device: Device
) -> None:
    envelope = seal(encode_board_message(answer()), Purpose.BOARD_ANSWER, fleet.store)
    assert len(envelope) > Purpose.RECEIPT.limit
    fleet.ack(envelope)
    device.settle()
    assert heard == [answer()]


def test_answers_that_the_store_did_not_sign_or_that_are_another_s_are_counted_and_dropped(
    heard: list[BoardAnswer], fleet: Fleet, device: Device
) -> None:
    fleet.ack(seal(encode_board_message(answer()), Purpose.BOARD_ANSWER, signer("store", 9)))
    fleet.ack(seal(encode_board_message(answer("keypad-02")), Purpose.BOARD_ANSWER, fleet.store))
    fleet.ack(seal(encode_board_message(answer()), Purpose.CARRIED, fleet.store))
    device.settle()
    assert heard == []
    assert device.runtime.counters.drops == {"bad-signature": 2, "bad-schema": 1}


def test_a_device_that_does_not_listen_is_not_troubled(
    device: Device, fleet: Fleet, recorder: Callable[[DeviceRuntime], object]
) -> None:
    device.start(recorder)
    fleet.ack(seal(encode_board_message(answer()), Purpose.BOARD_ANSWER, fleet.store))
    device.settle()
    assert not device.runtime.counters.drops


def test_entries_and_session_keys_leave_sealed_each_for_its_own_purpose(
    device: Device, fleet: Fleet, recorder: Callable[[DeviceRuntime], object]
) -> None:
    fleet.link.subscriptions = ()
    device.start(recorder)
    device.runtime.send_board(Carried(HALL, DEVICE, 7, b"entry"))
    device.runtime.send_board(SessionKey(HALL, DEVICE, CONTEST, bytes(32), bytes(64)))
    topic = topics.up(HALL, DEVICE, topics.Up.BOARD)
    carried, key = (payload for at, payload in fleet.broker.published if at == topic)
    own = fleet.device.public_key
    assert parse_carried(verify(carried, Purpose.CARRIED, DEVICE, own)).entry == b"entry"
    assert parse_session_key(verify(key, Purpose.SESSION_KEY, DEVICE, own)).contest == CONTEST


def test_pages_of_documents_pass_whatever_their_generation_and_leave_none_behind(
    device: Device, fleet: Fleet, recorder: Callable[[DeviceRuntime], object]
) -> None:
    device.start(recorder)
    pages = [DocumentPage("manifest/1", CONTEST, bytes(32), page, 2, b"x") for page in (0, 1)]
    for generation, page in ((9, pages[0]), (9, pages[1]), (3, pages[0])):
        fleet.say(page, generation=generation)
    device.settle()
    assert device.firmware.down == [pages[0], pages[1], pages[0]]  # type: ignore[attr-defined]
    assert not [name for name in device.disk.named if "document" in name]


def test_the_generations_of_everything_else_are_compared_as_ever(
    device: Device, fleet: Fleet, recorder: Callable[[DeviceRuntime], object]
) -> None:
    device.start(recorder)
    fleet.say(Twin({"seat": "A"}), generation=9)
    fleet.say(Twin({"seat": "B"}), generation=8)
    device.settle()
    assert device.runtime.twin["seat"] == "A"


def test_the_loop_wakes_at_the_moment_it_was_asked_for(
    device: Device, recorder: Callable[[DeviceRuntime], object]
) -> None:
    device.start(recorder)
    now_ms = device.runtime.clock.monotonic_ms()
    device.runtime.wake_at(now_ms + 120)
    device.runtime.wake_at(now_ms + 300)
    assert device.runtime.tick() == now_ms + 120
    device.clock.pass_ms(130)
    assert device.runtime.tick() > now_ms + 130
    assert TICK_MS > 120
