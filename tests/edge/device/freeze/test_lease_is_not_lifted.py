"""A freeze holds against a stolen broker, a lost server, a reboot and a wrong clock; it ends by itself, or by
the desk's word alone."""

from collections.abc import Callable

import pytest

from tests.edge.conftest import NOW_MS, Device, Fleet, signer
from wire.down import FreezeNotice, TimeNotice, Twin
from wire.ids import SittingId
from wire.updates import Order, encode_order

S1, S2 = SittingId("s1"), SittingId("s2")
ME = "keypad-01"
HOURS_12 = 12 * 3_600_000
YEAR_MS = 366 * 86_400_000
FROZEN, OPEN = FreezeNotice(S1, frozen=True), FreezeNotice(S1, frozen=False)


@pytest.fixture
def frozen(device: Device, fleet: Fleet, recorder: Callable) -> Device:
    """A device under a lease of twelve hours, that runs with threshold 1; the desk wants 2."""
    device.start(recorder)
    fleet.say(TimeNotice(NOW_MS))
    fleet.say(Twin({"threshold": 1}), ME)
    fleet.say(FROZEN, expires_in_ms=HOURS_12)
    fleet.say(Twin({"threshold": 2}), ME)
    device.settle()
    return device


def holds(device: Device) -> bool:
    """Frozen, and nothing has changed."""
    return device.runtime.is_frozen and device.runtime.twin == {"threshold": 1}


def reboot(device: Device, recorder: Callable, *, wall_ms: int, connected: bool = False) -> None:
    """The computer starts anew: its monotonic clock too, and the wall clock is whatever it woke up with."""
    device.kill()
    device.clock.monotonic, device.clock.wall = 10, wall_ms
    device.start(recorder, connected=connected)


def test_thresholds_and_orders_to_update_wait_for_the_end(
    frozen: Device, fleet: Fleet, recorder: Callable
) -> None:
    order = encode_order(Order("r1", 1, "models", "install", 0, NOW_MS + YEAR_MS))
    fleet.say(Twin({"threshold": 2, "update": order, "seat": "A1"}), ME)
    frozen.settle()
    assert frozen.runtime.twin == {"threshold": 1, "seat": "A1"}
    assert fleet.births[-1].reported == {"threshold": "frozen", "update": "frozen", "seat": "ok"}
    fleet.say(OPEN)
    frozen.settle()
    assert frozen.runtime.twin == {"threshold": 2, "update": order, "seat": "A1"}


@pytest.mark.parametrize("forger", ["store", "registrar", "desk"])
def test_nobody_but_the_desk_lifts_it(frozen: Device, fleet: Fleet, forger: str) -> None:
    key = fleet.store if forger == "store" else signer(forger, 9)
    for audience in ("all", ME):
        fleet.say(OPEN, audience, by=key, generation=999)
    frozen.settle()
    assert holds(frozen)


def test_what_the_desk_said_before_the_opening_does_not_lift_it(
    device: Device, fleet: Fleet, recorder: Callable
) -> None:
    device.start(recorder)
    fleet.say(TimeNotice(NOW_MS))
    closing = [fleet.envelope(OPEN, audience, expires_in_ms=HOURS_12) for audience in ("all", ME)]
    fleet.say(FROZEN)
    fleet.say(FROZEN, ME)
    for envelope in closing:
        fleet.publish(envelope)
    device.settle()
    assert device.runtime.is_frozen
    assert device.runtime.counters.drops["replayed"] == 2


def test_it_outlives_a_reboot_without_network_and_without_a_clock(frozen: Device, recorder: Callable) -> None:
    for wall_ms in (0, NOW_MS, NOW_MS + 20 * YEAR_MS):
        reboot(frozen, recorder, wall_ms=wall_ms)
        assert holds(frozen), wall_ms
        frozen.pass_ms(HOURS_12 // 2, step_ms=600_000)
        assert holds(frozen), wall_ms


def test_a_twin_that_it_held_back_does_not_come_through_a_restart_before_a_renewed_lease(
    frozen: Device, fleet: Fleet, recorder: Callable
) -> None:
    fleet.say(FROZEN, expires_in_ms=HOURS_12)  # renewed: its generation is above that of the twin
    frozen.settle()
    reboot(frozen, recorder, wall_ms=NOW_MS)
    assert holds(frozen)


def test_it_lets_go_by_itself_when_nobody_renews_it(frozen: Device) -> None:
    frozen.link.cut()
    frozen.pass_ms(HOURS_12, step_ms=600_000)
    assert holds(frozen)
    frozen.pass_ms(1000)
    assert not frozen.runtime.is_frozen
    assert frozen.runtime.twin == {"threshold": 2}


@pytest.mark.parametrize("wall_ms", [0, NOW_MS + 20 * YEAR_MS])
def test_it_lets_go_without_a_clock_too_when_its_life_has_passed_since_the_start(
    frozen: Device, recorder: Callable, wall_ms: int
) -> None:
    reboot(frozen, recorder, wall_ms=wall_ms)
    frozen.pass_ms(HOURS_12 + 1000, step_ms=600_000)
    assert not frozen.runtime.is_frozen


def test_the_end_of_another_sitting_ends_it_only_by_its_place_in_the_desks_order(
    frozen: Device, fleet: Fleet
) -> None:
    fleet.say(FreezeNotice(S2, frozen=True))
    frozen.settle()
    assert frozen.runtime.lease.holds == S2


def test_who_asked_is_told_of_each_change(device: Device, fleet: Fleet, recorder: Callable) -> None:
    told: list[SittingId | None] = []
    runtime = device.start(recorder)
    runtime.on_freeze(told.append)
    for body in (FROZEN, FROZEN, OPEN):
        fleet.say(body)
    fleet.say(FROZEN, expires_in_ms=60_000)
    device.settle()
    device.pass_ms(61_000, step_ms=10_000)
    assert told == [S1, None, S1, None]
    fleet.say(FROZEN)
    device.settle()
    runtime.on_freeze(lambda sitting: told.append(sitting and S2))
    assert told[-1] == S2, "who comes later is told what holds"


# -- lifted by two people ------------------------------------------------------------------------------------


def test_lifted_for_this_device_it_changes_until_the_lift_ends_by_itself(
    frozen: Device, fleet: Fleet
) -> None:
    fleet.say(OPEN, ME, expires_in_ms=60_000)
    frozen.settle()
    assert frozen.runtime.twin == {"threshold": 2}
    assert frozen.runtime.lease.is_lifted
    frozen.link.cut()
    frozen.pass_ms(61_000, step_ms=10_000)
    assert frozen.runtime.is_frozen, "the server need not be there to freeze again"


def test_a_lift_is_ended_early_by_the_desk_and_stays_ended_when_it_is_replayed(
    frozen: Device, fleet: Fleet
) -> None:
    lift = fleet.say(OPEN, ME, expires_in_ms=3_600_000)
    frozen.settle()
    assert not frozen.runtime.is_frozen
    fleet.say(FROZEN, ME)
    fleet.publish(lift)
    frozen.settle()
    assert frozen.runtime.is_frozen


def test_a_lift_does_not_hold_while_the_time_is_not_known(
    frozen: Device, fleet: Fleet, recorder: Callable
) -> None:
    """Otherwise a broker that keeps the time back would keep it lifted for ever."""
    fleet.say(OPEN, ME, expires_in_ms=3_600_000)
    frozen.settle()
    reboot(frozen, recorder, wall_ms=0, connected=True)
    assert frozen.runtime.is_frozen
    frozen.clock.wall = NOW_MS + 60_000
    fleet.say(TimeNotice(NOW_MS + 60_000))
    frozen.pass_ms(1000)
    assert not frozen.runtime.is_frozen


def test_a_lift_is_of_one_sitting(frozen: Device, fleet: Fleet) -> None:
    fleet.say(OPEN, ME, expires_in_ms=HOURS_12)
    fleet.say(FreezeNotice(S2, frozen=True), expires_in_ms=HOURS_12)
    frozen.settle()
    assert frozen.runtime.lease.holds == S2


def test_said_to_one_device_a_notice_freezes_nothing(
    device: Device, fleet: Fleet, recorder: Callable
) -> None:
    """So no device stays frozen behind a sitting that was closed for all."""
    device.start(recorder)
    fleet.say(TimeNotice(NOW_MS))
    fleet.say(FROZEN, ME, expires_in_ms=HOURS_12)
    device.settle()
    assert not device.runtime.is_frozen
