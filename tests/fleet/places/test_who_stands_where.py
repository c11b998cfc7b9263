"""Two devices for one place, one serial on two devices, a device of another role: a sentence that says what
to do, and nothing half-claimed."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from tests.fleet.hall_under_test import HallUnderTest, ok, refused
from tests.fleet.places.floor import Floor, gate_line, seat_line
from wire.records import DeviceRegistered


@pytest.fixture
def floor(hall: HallUnderTest) -> Floor:
    found = Floor(hall)
    found.plan(seat_line(1), seat_line(2, "KP-2"), gate_line(1))
    return found


def test_a_claimed_device_stands_at_its_place_with_its_serial(floor: Floor) -> None:
    told = floor.register("keypad-1", place_id="s-1", serial="KP-1")
    assert (told["place"], told["place_id"], told["serial"]) == ("Hàng A ghế 1", "s-1", "KP-1")
    shown = floor.places()["s-1"]
    assert (shown["device"], shown["state"], shown["word"], shown["colour"], shown["age_s"]) == (
        "keypad-1", "active", "never", "grey", None,
    )  # fmt: skip
    floor.hall.alive("keypad-1")
    assert (floor.places()["s-1"]["word"], floor.places()["s-1"]["colour"]) == ("online", "green")
    free = floor.places()["g-1"]
    assert (free["device"], free["state"], free["word"], free["colour"]) == (None, "free", "free", "grey")
    listed = {row["device"]: row for row in ok(floor.technician.get("/api/devices"))}
    assert (listed["keypad-1"]["place_id"], listed["keypad-1"]["serial"]) == ("s-1", "KP-1")


def test_a_taken_place_is_refused_and_nothing_is_half_claimed(floor: Floor) -> None:
    floor.register("keypad-1", place_id="s-1")
    answer = floor.technician.post("/api/devices", json=floor.body("keypad-2", place_id="s-1"))
    assert "keypad-1 stands at Hàng A ghế 1 already" in refused(answer, 409, "place-taken")
    refused(floor.technician.get("/api/devices/keypad-2"), 404, "not-found")
    assert len([body for body in floor.hall.desk_bodies() if isinstance(body, DeviceRegistered)]) == 1


def test_a_place_that_is_not_on_the_plan_and_one_of_another_role_are_refused(floor: Floor) -> None:
    answer = floor.technician.post("/api/devices", json=floor.body("keypad-1", place_id="s-9"))
    assert "no place s-9" in refused(answer, 404, "not-found")
    answer = floor.technician.post("/api/devices", json=floor.body("keypad-1", place_id="g-1"))
    assert "choose a place for a keypad" in refused(answer, 422, "wrong-role")
    answer = floor.technician.post("/api/devices", json=floor.body("keypad-1"))
    assert "say where the device stands" in refused(answer, 422, "bad-input")
    assert floor.hall.desk_bodies() == []


def test_two_devices_with_one_serial_are_refused_until_the_first_is_revoked(floor: Floor) -> None:
    floor.register("keypad-1", place_id="s-1", serial="KP-1")
    second = floor.body("keypad-2", place_id="s-2", serial="KP-1")
    sentence = refused(floor.technician.post("/api/devices", json=second), 409, "serial-exists")
    assert "keypad-1 has the serial KP-1 and another key" in sentence
    assert floor.places()["s-2"]["device"] is None
    ok(floor.technician.post("/api/devices/keypad-1/revoke", json={"reason": "new card"}))
    ok(floor.technician.post("/api/devices", json=second), 201)


def test_a_renewal_keeps_what_it_does_not_say(floor: Floor) -> None:
    floor.register("gate-1", "gate", place_id="g-1", serial="GT-1")
    before = floor.device("gate-1")
    body = {"role": "gate", "certificate": floor.hall.provisioned("gate-1").certificate}
    after = ok(floor.technician.post("/api/devices", json=body), 201)
    kept = ("place", "place_id", "serial", "sealing_key")
    assert (
        [after[key] for key in kept] == [before[key] for key in kept] == ["Cửa 1", "g-1", "GT-1", "ab" * 32]
    )
    assert after["certificate"] != before["certificate"]


def test_a_renewal_moves_a_device_and_never_onto_another(floor: Floor) -> None:
    floor.register("keypad-1", place_id="s-1")
    floor.register("keypad-2", place_id="s-2")
    answer = floor.technician.post("/api/devices", json=floor.body("keypad-1", place_id="s-2"))
    refused(answer, 409, "place-taken")
    ok(floor.put("s-2", None))
    moved = ok(floor.technician.post("/api/devices", json=floor.body("keypad-1", place_id="s-2")), 201)
    assert moved["place_id"] == "s-2"
    assert floor.places()["s-1"]["device"] is None


def test_a_device_is_put_moved_and_taken_away(any_hall: HallUnderTest) -> None:
    floor = Floor(any_hall)
    floor.plan(seat_line(1), seat_line(2), gate_line(1))
    floor.register("keypad-1")
    floor.register("keypad-2")
    assert ok(floor.put("s-1", "keypad-1"))["device"] == "keypad-1"
    assert ok(floor.put("s-1", "keypad-1"))["device"] == "keypad-1"
    assert len(floor.lines_of("place.taken")) == 1
    refused(floor.put("s-1", "keypad-2"), 409, "place-taken")
    refused(floor.put("g-1", "keypad-1"), 422, "wrong-role")
    refused(floor.put("s-1", "keypad-9"), 404, "not-found")
    refused(floor.put("s-9", "keypad-1"), 404, "not-found")
    ok(floor.put("s-2", "keypad-1"))
    assert [floor.places()[place]["device"] for place in ("s-1", "s-2")] == [None, "keypad-1"]
    assert ok(floor.put("s-2", None))["state"] == "free"
    spare = floor.device("keypad-1")
    assert (spare["place_id"], spare["place"]) == (None, "dự phòng / spare")
    ok(floor.technician.post("/api/devices/keypad-2/revoke", json={"reason": "broken"}))
    refused(floor.put("s-1", "keypad-2"), 409, "wrong-state")


def test_a_revoked_device_stays_on_the_plan_until_somebody_acts(floor: Floor) -> None:
    floor.register("keypad-1", place_id="s-1")
    ok(floor.technician.post("/api/devices/keypad-1/revoke", json={"reason": "stolen"}))
    shown = floor.places()["s-1"]
    assert (shown["device"], shown["state"], shown["word"], shown["colour"]) == (
        "keypad-1", "revoked", "revoked", "red",
    )  # fmt: skip
    floor.register("keypad-2", place_id="s-1")
    assert floor.places()["s-1"]["device"] == "keypad-2"
    assert floor.device("keypad-1")["place_id"] is None


def test_whoever_is_put_where_another_was_expected_is_expected_from_now_on(floor: Floor) -> None:
    floor.register("keypad-9", place_id="s-2", serial="KP-9")
    assert floor.places()["s-2"]["serial"] == "KP-9"
    floor.register("keypad-8", place_id="s-1", serial="KP-8")
    assert floor.places()["s-1"]["serial"] is None, "a place for any device stays one"


@pytest.mark.parametrize("serial", ["", " KP", "KP 1", "k" * 65, "KP-1\n", "số"])
def test_a_serial_that_no_label_can_bear_is_refused(floor: Floor, serial: str) -> None:
    answer = floor.technician.post("/api/devices", json=floor.body("keypad-1", place="kho", serial=serial))
    assert refused(answer, 422, "bad-input").startswith("serial: ")


def test_a_second_key_under_a_known_name_moves_nothing(floor: Floor) -> None:
    floor.register("keypad-1", place_id="s-1")
    other = floor.hall.provisioned("keypad-1", key=ed25519.Ed25519PrivateKey.generate())
    body = floor.body("keypad-1", place_id="s-2") | {"certificate": other.certificate}
    refused(floor.technician.post("/api/devices", json=body), 409, "device-exists")
    assert floor.places()["s-2"]["device"] is None
