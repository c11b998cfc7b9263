"""A keypad whose sitting asks for a PIN: what its delegate meets, and what of it leaves the unit."""

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from edge.ballot_keypad.adapters.simulated_keys import SimulatedKeys
from edge.ballot_keypad.adapters.simulated_screen import SimulatedScreen
from edge.ballot_keypad.config import KeypadConfig
from edge.ballot_keypad.keypad import Keypad
from edge.ballot_keypad.keys.press import BOUNCE_MS, Button
from edge.ballot_keypad.unlock.tries import SLEEP_MS
from edge.device.runtime import DeviceRuntime
from tests.edge.ballot_keypad.conftest import MEMBER, Seat
from tests.edge.power_cut import PowerCut, fuse
from wire.down import Twin
from wire.ids import CongressId, DeviceId, MemberRef
from wire.unlock import Code, seal_unlock

KEY = X25519PrivateKey.from_private_bytes(bytes(31) + b"\x07")
PIN = "068915"


class LockedSeat(Seat):
    key: X25519PrivateKey | None = KEY

    def _build(self, runtime: DeviceRuntime) -> Keypad:
        self.keys = SimulatedKeys(runtime.clock.monotonic_ms)
        self.glass = SimulatedScreen()
        config = KeypadConfig(BOUNCE_MS, {})
        self.keypad = Keypad(runtime, config, self.keys, self.glass, sealing_key=self.key)
        return self.keypad

    def lock(self, pin: str = PIN, member: bytes = MEMBER, serial: int = 417) -> "LockedSeat":
        sealed = seal_unlock(
            Code(MemberRef(member), serial, pin), KEY.public_key().public_bytes_raw(),
            congress=CongressId("c1"), keypad=DeviceId("keypad-01"),
        )  # fmt: skip
        return self.tell(unlock=sealed)

    def tell(self, **more: object) -> "LockedSeat":
        self.fleet.say(Twin({"seat": "A-12", "member": MEMBER, **more}), "keypad-01")
        self.device.settle()
        return self

    def type(self, pin: str = PIN) -> "LockedSeat":
        self.press(*pin, "ok")
        return self

    @property
    def is_locked(self) -> bool:
        return bool(self.keypad.look()["locked"])


@pytest.fixture
def locked(device, fleet) -> LockedSeat:
    seat = LockedSeat(device, fleet)
    seat.start()
    return seat.lock()


def test_no_choice_is_taken_before_the_pin_and_one_is_after_it(locked: LockedSeat) -> None:
    locked.ask()
    assert locked.is_locked
    assert "Mã PIN thẻ" in locked.screen
    locked.press("yes", "ok")
    assert locked.votes == []
    locked.type()
    assert not locked.is_locked
    locked.press("yes", "ok", "no", "ok")  # the vote may be changed without typing it again
    assert locked.votes == ["yes", "no"]


def test_each_question_asks_again_and_a_hold_does_not(locked: LockedSeat) -> None:
    locked.ask().type()
    locked.ask("held").ask()
    assert not locked.is_locked
    locked.press("yes", "ok")
    locked.ask("closed").ask(question="q2")
    assert locked.is_locked


def test_a_unit_without_network_asks_and_opens_all_the_same(locked: LockedSeat, device) -> None:
    locked.ask()
    device.link.cut()
    device.settle()
    assert locked.is_locked
    locked.type()
    locked.press("yes", "ok")
    assert "Đã lưu" in locked.screen


def test_after_a_restart_the_pin_is_asked_again_and_a_vote_that_stands_is_still_shown(
    locked: LockedSeat,
) -> None:
    locked.ask().type()
    locked.press("yes", "ok")
    locked.restart()
    assert "Đã ghi nhận" in locked.screen
    locked.press("no")
    assert locked.is_locked
    locked.press("ok", "clear")  # thinks better of it
    assert "Đã ghi nhận" in locked.screen
    locked.press("no")
    locked.type()
    locked.press("ok")
    assert locked.votes == ["yes", "no"]


def test_the_sleep_outlives_a_restart(locked: LockedSeat, device) -> None:
    locked.ask()
    for _ in range(5):
        locked.type("111111")
    locked.restart()
    assert "Sai mã PIN 5 lần" in locked.screen
    locked.type()
    assert locked.is_locked
    device.pass_ms(SLEEP_MS)
    locked.type()
    assert not locked.is_locked


@pytest.mark.parametrize("step", [1, 2])
def test_a_power_cut_at_either_durable_step_of_a_try_gives_none_back(
    locked: LockedSeat, device, step: int
) -> None:
    locked.ask()
    for _ in range(4):
        locked.type("111111")
    burn = fuse(step)
    keep = device.runtime.outbox.keep

    def keep_until_the_cut(values: dict[str, bytes | None]) -> None:
        burn("before")
        keep(values)
        burn("after")

    device.runtime.outbox.keep = keep_until_the_cut
    locked.press(*"222222")
    with pytest.raises(PowerCut):
        locked.press("ok")
    locked.restart()
    assert ("Sai mã PIN 5 lần" in locked.screen) is (step == 2)
    if step == 1:  # it was not compared either
        locked.type("333333")
        assert "Sai mã PIN 5 lần" in locked.screen


def test_nothing_that_is_typed_leaves_the_unit_or_stands_on_its_disk(
    locked: LockedSeat, device, caplog: pytest.LogCaptureFixture
) -> None:
    locked.ask()
    device.settle()
    before = (locked.fleet.received, len(locked.fleet.births), dict(device.runtime.counters.drops))
    locked.type("424242").press(*PIN)
    shown = locked.screen
    locked.press("ok")
    assert (locked.fleet.received, len(locked.fleet.births), dict(device.runtime.counters.drops)) == before
    kept = repr(device.disk) + caplog.text + shown
    for pin in ("424242", PIN):
        assert pin not in kept
        assert pin.encode().hex() not in kept


def test_two_keys_at_once_take_the_digit_back(locked: LockedSeat, device) -> None:
    locked.ask()
    locked.press("0", "6")
    locked.keypad.pressed(_together(Button.DIGIT_6))
    locked.press("6", "8", "9", "1", "5", "ok")
    assert not locked.is_locked


def _together(button: Button):
    from edge.ballot_keypad.keys.press import Together

    return Together(button)


def test_a_waiver_opens_the_seat_and_the_next_twin_that_asks_locks_it(locked: LockedSeat) -> None:
    locked.ask()
    assert locked.is_locked
    locked.tell()
    assert not locked.is_locked
    locked.press("yes", "ok")
    assert locked.votes == ["yes"]
    locked.lock()
    locked.press("no")
    assert locked.is_locked


def test_who_has_no_badge_in_force_is_sent_to_an_usher(locked: LockedSeat) -> None:
    locked.ask().lock("", serial=0)
    assert "Không có thẻ còn hiệu lực" in locked.screen
    locked.press("yes", "ok", *PIN, "ok")
    assert locked.votes == []


def test_a_damaged_or_foreign_value_locks_the_seat_and_is_reported(locked: LockedSeat) -> None:
    locked.ask()
    locked.tell(unlock=b"\x01" * 96)
    assert "Máy không kiểm được mã PIN" in locked.screen
    locked.press("yes", "ok")
    assert locked.votes == []
    assert locked.fleet.births[-1].reported["unlock"].startswith("rejected: nothing for this unit")
    locked.lock(member=b"x" * 16)
    assert "Máy không kiểm được mã PIN" in locked.screen


def test_a_unit_from_before_sealing_keys_says_that_it_cannot_check(device, fleet) -> None:
    seat = LockedSeat(device, fleet)
    seat.key = None
    seat.start().lock().ask()
    assert "Máy không kiểm được mã PIN" in seat.screen


def test_a_locked_seat_is_not_opened_by_a_sitting_that_asks_nothing_of_a_stranger(locked: LockedSeat) -> None:
    """Who is seated anew has neither the PIN nor the open seat of who was there."""
    locked.ask().type()
    locked.fleet.say(Twin({"seat": "A-12", "member": b"x" * 16, "unlock": b"\x02" * 96}), "keypad-01")
    locked.device.settle()
    assert locked.is_locked
