"""What goes over beside the vote: seats of sittings to come, the PIN, a waiver, a gate's hold and lane list;
and the words for what no swap may do by itself."""

import pytest

from fleet.db import writing
from fleet.people import store as people
from officers.commission.commands import run_bind
from tests.fleet.hall_under_test import HallUnderTest, ok
from tests.fleet.lane.lane_at_gates import gate_with_key, opened
from tests.fleet.places.floor import Floor, gate_line
from tests.fleet.places.swapped import SwapHall
from tests.fleet.votes.test_pin_at_the_seat import Seats
from wire.ids import DeviceId
from wire.records import Seating

pytestmark = pytest.mark.slow


def test_a_sitting_that_is_prepared_gets_the_spare_in_its_roll_and_nothing_in_the_log(
    hall: HallUnderTest,
) -> None:
    swap_hall = SwapHall(hall)
    later = {
        "sitting": "s2", "title": "Phiên hai", "quorum_num": 1, "quorum_den": 2,
        "roll": [{"member": swap_hall.members[1], "device": "keypad-1", "seat": "B5"}],
    }  # fmt: skip
    ok(swap_hall.chair.post("/api/sittings", json=later), 201)
    before = len([body for body in hall.desk_bodies() if isinstance(body, Seating)])
    assert ok(swap_hall.swap())["sittings"] == ["s1", "s2"]
    (row,) = ok(swap_hall.chair.get("/api/sittings/s2/roll"))
    assert (row["device"], row["seat"]) == ("keypad-9", "B5")
    assert len([body for body in hall.desk_bodies() if isinstance(body, Seating)]) == before + 1


def test_a_spare_of_the_pool_stands_nowhere_until_it_is_used(hall: HallUnderTest) -> None:
    swap_hall = SwapHall(hall)
    listed = {row["device"]: row for row in ok(swap_hall.floor.technician.get("/api/devices"))}
    assert [name for name, row in listed.items() if row["place_id"] is None] == ["keypad-8", "keypad-9"]
    ok(swap_hall.swap())
    assert swap_hall.floor.device("keypad-9")["place"] == "Hàng A ghế 1"
    assert swap_hall.floor.device("keypad-1")["place"] == "dự phòng / spare"


def test_a_device_that_stands_nowhere_on_the_plan_is_swapped_by_its_seat_alone(hall: HallUnderTest) -> None:
    swap_hall = SwapHall(hall)
    ok(swap_hall.floor.put("s-1", None))
    told = ok(swap_hall.swap())
    assert (told["place"], told["label"], told["sittings"]) == (None, "A1", ["s1"])
    assert ok(swap_hall.swap()) == told


# -- the PIN at the seat --------------------------------------------------------------------------------


@pytest.fixture
def seats(hall: HallUnderTest) -> Seats:
    found = Seats(hall)
    found.ask()
    return found.open()


def swap(seats: Seats) -> dict[str, list[str]]:
    body = {"dead": "keypad-1", "spare": "keypad-4", "reason": "dark"}
    told: dict[str, list[str]] = ok(seats.technician.post("/api/swap", json=body))
    return told


def test_the_spare_asks_for_the_pin_of_the_member_from_the_first_twin_on(seats: Seats) -> None:
    assert swap(seats)["notes_en"] == []
    assert seats.pin("keypad-4") == seats.badges[seats.members[0]]["pin"]
    assert seats.twin("keypad-1") == {}


def test_a_seat_that_an_officer_freed_from_its_pin_stays_free(seats: Seats) -> None:
    path = "/api/sittings/s1/seats/keypad-1/pin-waiver"
    ok(seats.chair.put(path, json={"reason": "forgot it, papers seen"}))
    seats.tick()
    assert swap(seats)["notes_en"] == ["This seat needs no PIN, as before the swap."]
    assert "unlock" not in seats.tick().twin("keypad-4")
    states = {row["keypad"]: row["state"] for row in ok(seats.chair.get("/api/sittings/s1/unlock"))["seats"]}
    assert states["keypad-4"] == "waived"


# -- gates ----------------------------------------------------------------------------------------------


def test_a_gate_hands_on_its_place_its_hold_and_its_lane_list(hall: HallUnderTest) -> None:
    floor = Floor(hall)
    floor.plan(gate_line(1))
    key = gate_with_key(hall, floor.technician, "gate-9")
    gate_with_key(hall, floor.technician, "gate-1")
    ok(floor.put("g-1", "gate-1"))
    chair = hall.client("secretariat")
    ok(chair.post("/api/members", json={"members": [{"name": "Lan"}]}), 201)
    ok(chair.put("/api/gates/gate-1/hold", json={"held": True}))
    with writing(hall.engine) as connection:
        people.set_wrapped_key(connection, DeviceId("gate-1"), b"k" * 80)
    body = {"dead": "gate-1", "spare": "gate-9", "reason": "camera dark"}
    told = ok(floor.technician.post("/api/swap", json=body))
    assert (told["place"], told["label"], told["sittings"], told["question"]) == ("g-1", "Cửa 1", [], None)
    assert "gate-9 has no key to the face references" in told["notes_en"][0]
    gates = {row["gate"]: row for row in ok(chair.get("/api/gates"))}
    assert gates["gate-9"]["held"] is True
    assert [greeting.name for _, greeting in opened(hall, "gate-9", key).values()] == ["Lan"]
    assert floor.device("gate-1")["desired"] == {}
    assert "gate-1" not in {row["device"] for row in ok(chair.get("/api/references"))["gates"]}


# -- the command that is named in words -----------------------------------------------------------------


def test_the_command_for_the_commission_has_the_options_that_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from fleet.places.swap_words import BIND

    with pytest.raises(SystemExit):
        run_bind(["--help"])
    known = capsys.readouterr().out
    options = [word for word in BIND.split() if word.startswith("--")]
    assert len(options) == 5
    assert [option for option in options if option not in known] == []
