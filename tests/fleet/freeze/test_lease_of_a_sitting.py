"""The lease begins with the opening, is renewed while the sitting lasts, and ends with the closing."""

import pytest
from httpx import Response

from fleet.desk.desk import DOWN_LIFE_MS
from fleet.freeze.lease import is_frozen
from fleet.sittings import store as sittings
from tests.fleet.freeze.frozen import GATE, KEYPAD, SITTING, FrozenHall, held
from tests.fleet.hall_under_test import HallUnderTest, ok, refused
from tests.fleet.places.floor import gate_line, seat_line, table
from wire.down import FreezeNotice

pytestmark = pytest.mark.slow

FROZEN, OPEN = FreezeNotice(SITTING, frozen=True), FreezeNotice(SITTING, frozen=False)
HOUR_MS = 3_600_000


def test_nothing_is_frozen_before_a_sitting_and_after_it(hall: HallUnderTest) -> None:
    one = FrozenHall(hall)
    assert ok(one.minh.get("/api/freeze"))["sitting"] is None
    one.open()
    assert ok(one.minh.get("/api/freeze"))["sitting"] == SITTING
    with hall.office.look() as connection:
        assert is_frozen(connection) == SITTING
    one.close()
    assert ok(one.minh.get("/api/freeze"))["sitting"] is None
    told = one.told("all")
    assert told is not None
    assert told.body == OPEN


def test_it_is_signed_for_twelve_hours_and_renewed_at_half(frozen: FrozenHall) -> None:
    first = frozen.told("all")
    assert first is not None
    assert first.body == FROZEN
    assert first.expires_ms == frozen.hall.clock.now_ms + DOWN_LIFE_MS
    frozen.step(5 * HOUR_MS)
    assert frozen.told("all") == first
    for hours in range(2, 60, 2):
        frozen.step(2 * HOUR_MS)
        told = frozen.told("all")
        assert told is not None
        assert told.expires_ms >= frozen.hall.clock.now_ms + DOWN_LIFE_MS // 2, hours
        assert told.body == FROZEN
        assert told.generation >= first.generation
    assert told.generation > first.generation


def test_what_was_there_at_the_opening_is_remembered(frozen: FrozenHall) -> None:
    found = ok(frozen.minh.get("/api/freeze"))
    assert found["devices"] == 3
    assert found["allowed"] == [{"role": "gate", "holds": GATE}, {"role": "keypad", "holds": KEYPAD}]


def test_a_device_that_was_away_says_nothing_of_what_may_join(hall: HallUnderTest) -> None:
    one = FrozenHall(hall)
    one.born("keypad-3", {"firmware": held("old", 1)})
    hall.clock.step(60_000)
    one.open()
    assert ok(one.minh.get("/api/freeze"))["allowed"][1]["holds"] == KEYPAD


# -- spares --------------------------------------------------------------------------------------------------


def seat(one: FrozenHall, device: str) -> Response:
    body = {"member": one.members[0], "seat": "A1"}
    return one.technician.put(f"/api/sittings/{SITTING}/seats/{device}", json=body)


def test_a_spare_with_the_same_hashes_takes_a_seat(frozen: FrozenHall) -> None:
    frozen.born("keypad-3", KEYPAD)
    ok(seat(frozen, "keypad-3"))


def test_a_spare_that_runs_something_else_is_refused_with_what_it_must_run(frozen: FrozenHall) -> None:
    frozen.born("keypad-3", {**KEYPAD, "firmware": held("keypad 5", 5)})
    swap = {"dead": "keypad-1", "spare": "keypad-3", "reason": "dead"}
    for answer in (seat(frozen, "keypad-3"), frozen.technician.post("/api/swap", json=swap)):
        said = refused(answer, 409, "spare-differs")
        assert f"firmware {held('keypad 5', 5)[:12]} (release 5)" in said
        assert f"must run {held('keypad 4', 4)[:12]} (release 4)" in said
    frozen.lift("keypad-3")
    ok(frozen.technician.post("/api/swap", json=swap))


def test_a_spare_that_never_connected_is_asked_to(frozen: FrozenHall) -> None:
    assert "switch it on" in refused(seat(frozen, "keypad-3"), 409, "spare-differs")


def test_a_gate_is_not_placed_with_other_models_during_a_sitting(frozen: FrozenHall) -> None:
    frozen.hall.register(frozen.technician, "gate-2", "gate")
    ok(frozen.technician.put("/api/places", json={"csv": table(gate_line(1)), "dry_run": False}))
    frozen.born("gate-2", {**GATE, "models": held("models 3", 3)})
    put = {"device": "gate-2"}
    said = refused(frozen.technician.put("/api/places/g-1/device", json=put), 409, "spare-differs")
    assert "models" in said
    frozen.born("gate-2", GATE)
    ok(frozen.technician.put("/api/places/g-1/device", json=put))


def test_a_keypad_that_is_registered_at_a_place_speaks_for_nobody_before_it_fits(frozen: FrozenHall) -> None:
    ok(frozen.technician.put("/api/places", json={"csv": table(seat_line(1)), "dry_run": False}))
    fresh = frozen.hall.provisioned("keypad-9", "keypad")
    body = {"role": "keypad", "place_id": "s-1", "certificate": fresh.certificate}
    ok(frozen.technician.post("/api/devices", json=body), 201)
    assert "switch it on" in refused(seat(frozen, "keypad-9"), 409, "spare-differs")
    frozen.born("keypad-9", {**KEYPAD, "firmware": held("keypad 5", 5)})
    refused(seat(frozen, "keypad-9"), 409, "spare-differs")
    with frozen.hall.office.look() as connection:
        assert all(each.device != "keypad-9" for each in sittings.places(connection, SITTING))
    frozen.born("keypad-9", KEYPAD)
    ok(seat(frozen, "keypad-9"))


def test_a_gate_that_is_registered_with_other_models_is_named_afterwards(frozen: FrozenHall) -> None:
    frozen.hall.register(frozen.technician, "gate-9", "gate")
    frozen.born("gate-9", {**GATE, "models": held("models 3", 3)})
    frozen.close()
    report = frozen.report()
    assert "Joined with something else: gate-9" in report["en"]
    assert not report["holds"]


def test_between_sittings_anything_may_stand_anywhere(frozen: FrozenHall) -> None:
    frozen.close()
    frozen.born("keypad-3", {"firmware": held("keypad 5", 5)})
    ok(frozen.technician.post("/api/swap", json={"dead": "keypad-1", "spare": "keypad-3", "reason": "dead"}))


def test_a_seat_is_silenced_whatever_its_keypad_runs(frozen: FrozenHall) -> None:
    frozen.born("keypad-1", {"firmware": held("something else", 9)})
    ok(frozen.technician.put(f"/api/sittings/{SITTING}/seats/keypad-1", json={"member": None, "seat": ""}))
