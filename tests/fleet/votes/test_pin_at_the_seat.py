"""A sitting that asks for a badge's PIN at the seat: which keypad hears which, and what nobody hears."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from edge.ballot_keypad.unlock.asked import Ask, Asked, Reader
from fleet import app
from fleet.api.access import ACCESS, NAMES, OFFICE
from fleet.db import reading
from fleet.desk import store as settings
from fleet.devices import store as devices
from fleet.lane import store as lane
from fleet.votes.unlock import routes
from fleet.votes.watch import Watch
from tests.fleet.hall_under_test import CONGRESS, HallUnderTest, members_of, ok, refused
from tests.fleet.lane.lane_at_gates import heard
from wire.down import Twin
from wire.ids import DeviceId, MemberRef

pytestmark = pytest.mark.slow

LINES = {
    ("GET", "/api/sittings/{sitting}/unlock"): NAMES,
    ("PUT", "/api/sittings/{sitting}/unlock"): OFFICE,
    ("PUT", "/api/sittings/{sitting}/seats/{device}/pin-waiver"): OFFICE,
    ("DELETE", "/api/sittings/{sitting}/seats/{device}/pin-waiver"): OFFICE,
}


@pytest.fixture(autouse=True)
def served(monkeypatch: pytest.MonkeyPatch) -> None:
    for line, rule in LINES.items():
        monkeypatch.setitem(ACCESS, line, rule)
    if routes not in app._ROUTERS:
        monkeypatch.setattr(app, "_ROUTERS", (*app._ROUTERS, routes))


class Seats:
    """Lan, Minh and Nga at three keypads; the third was provisioned before keypads had sealing keys."""

    def __init__(self, hall: HallUnderTest) -> None:
        self.hall = hall
        self.chair, self.technician = hall.client("secretariat"), hall.client("technician")
        self.keys: dict[str, X25519PrivateKey] = {}
        for name in ("keypad-1", "keypad-2", "keypad-4"):
            self.register(name)
        hall.register(self.technician, "keypad-3")
        self.members = members_of(hall, self.chair, ["Lan", "Minh", "Nga"])
        self.badges = {row["member"]: row for row in self.issue(*self.members)}
        roll = [
            {"member": member, "device": f"keypad-{number}", "seat": f"A{number}"}
            for number, member in enumerate(self.members, start=1)
        ]
        body = {"sitting": "s1", "title": "One", "quorum_num": 1, "quorum_den": 2, "roll": roll}
        ok(self.chair.post("/api/sittings", json=body), 201)
        self.watch = Watch(hall.office)

    def register(self, name: str) -> None:
        """Or give it another key."""
        self.keys[name] = X25519PrivateKey.generate()
        device = self.hall.devices.get(name) or self.hall.provisioned(name)
        body = {
            "role": "keypad",
            "place": name,
            "certificate": device.certificate,
            "sealing_key": self.keys[name].public_key().public_bytes_raw().hex(),
        }
        ok(self.technician.post("/api/devices", json=body), 201)
        self.hall.devices[name] = device

    def issue(self, *members: str, replace: bool = False, days: int = 3) -> list[dict[str, object]]:
        body = {"members": list(members), "days": days, "replace": replace}
        issued: list[dict[str, object]] = ok(self.chair.post("/api/badges", json=body), 201)
        return issued

    def open(self) -> "Seats":
        ok(self.chair.post("/api/sittings/s1/open", json={}))
        return self.tick()

    def ask(self, unlock: str = "pin") -> dict[str, object]:
        found: dict[str, object] = ok(self.chair.put("/api/sittings/s1/unlock", json={"unlock": unlock}))
        return found

    def tick(self) -> "Seats":
        self.hall.append()
        self.watch.tick()
        return self

    def seat(self, keypad: str, member: str | None) -> "Seats":
        ok(self.technician.put(f"/api/sittings/s1/seats/{keypad}", json={"member": member}))
        return self.tick()

    def twin(self, keypad: str) -> dict[str, object]:
        with reading(self.hall.engine) as connection:
            return dict(devices.twin(connection, keypad))

    def read(self, keypad: str) -> Asked:
        """As this keypad reads the newest twin that it is told."""
        told = heard(self.hall, keypad, Twin.kind)[-1].body
        assert isinstance(told, Twin)
        assert dict(told.desired) == self.twin(keypad)
        member = told.desired.get("member")
        reader = Reader(CONGRESS, DeviceId(keypad), self.keys.get(keypad))
        return reader.read(
            told.desired.get("unlock"), MemberRef(member) if isinstance(member, bytes) else None
        )

    def pin(self, keypad: str) -> str | None:
        code = self.read(keypad).code
        return code.pin if code else None

    def lines(self, action: str) -> list[dict[str, object]]:
        found = ok(self.hall.client("auditor").get("/api/audit"))
        return [line for line in found if line["action"] == action]


@pytest.fixture
def seats(hall: HallUnderTest) -> Seats:
    return Seats(hall)


def test_nobody_is_asked_unless_the_sitting_asks(seats: Seats) -> None:
    seats.open()
    assert all("unlock" not in seats.twin(f"keypad-{number}") for number in range(1, 5))
    assert ok(seats.chair.get("/api/sittings/s1/unlock")) == {"unlock": "none", "seats": []}
    assert not seats.lines("keypads.pin-asked")


def test_each_seated_keypad_with_a_key_hears_the_pin_of_its_own_member_and_the_others_are_named(
    seats: Seats,
) -> None:
    answer = seats.ask()
    assert answer["seats"] == [
        {"seat": "A1", "keypad": "keypad-1", "state": "asks"},
        {"seat": "A2", "keypad": "keypad-2", "state": "asks"},
        {"seat": "A3", "keypad": "keypad-3", "state": "no-key"},
    ]
    seats.open()
    for number in (1, 2):
        assert seats.pin(f"keypad-{number}") == seats.badges[seats.members[number - 1]]["pin"]
    assert all("unlock" not in seats.twin(name) for name in ("keypad-3", "keypad-4"))
    assert json.loads(str(seats.lines("sitting.pin-asked")[0]["detail"]))["no_key"] == ["keypad-3"]


def test_one_keypad_cannot_open_what_was_sealed_to_another(seats: Seats) -> None:
    seats.ask()
    seats.open()
    stolen = seats.twin("keypad-1")["unlock"]
    for thief in ("keypad-2", "keypad-4"):
        reader = Reader(CONGRESS, DeviceId(thief), seats.keys[thief])
        assert reader.read(stolen, MemberRef(bytes.fromhex(seats.members[0]))).ask is Ask.UNREADABLE


def test_neither_twin_nor_audit_log_holds_a_pin(seats: Seats) -> None:
    seats.ask()
    seats.open()
    pins = [str(badge["pin"]) for badge in seats.badges.values()]
    lines = json.dumps(ok(seats.hall.client("auditor").get("/api/audit")))
    for number in (1, 2):
        value = seats.twin(f"keypad-{number}")["unlock"]
        assert isinstance(value, bytes)
        assert len(value) == 96
        assert not [pin for pin in pins if pin.encode() in value or f'"{pin}"' in lines]


def test_the_pin_moves_with_its_member_and_the_keypad_left_behind_has_none(seats: Seats) -> None:
    seats.ask()
    seats.open()
    seats.seat("keypad-4", seats.members[0])
    assert seats.pin("keypad-4") == seats.badges[seats.members[0]]["pin"]
    assert "unlock" not in seats.twin("keypad-1")
    seats.seat("keypad-4", None)
    assert "unlock" not in seats.twin("keypad-4")


def test_a_seating_said_again_does_not_leave_the_seat_unlocked(seats: Seats) -> None:
    seats.ask()
    seats.open()
    seats.seat("keypad-1", seats.members[0])
    assert seats.pin("keypad-1") == seats.badges[seats.members[0]]["pin"]


def test_a_keypad_that_may_not_vote_keeps_its_pin_beside_the_reason(seats: Seats) -> None:
    seats.ask()
    seats.open()
    body = {"question": "q1", "text": "?", "presence": True}
    ok(seats.chair.post("/api/sittings/s1/questions", json=body), 201)
    ok(seats.chair.post("/api/questions/q1/open", json={"accept_missing": True}))
    seats.tick().tick()
    assert seats.twin("keypad-1")["why"] == "absent"
    assert seats.pin("keypad-1") is not None


def test_a_new_badge_brings_its_own_pin_and_an_expired_one_leaves_none(seats: Seats) -> None:
    seats.ask()
    seats.open()
    (badge,) = seats.issue(seats.members[0], replace=True, days=1)
    assert seats.tick().pin("keypad-1") == badge["pin"] != seats.badges[seats.members[0]]["pin"]
    seats.hall.clock.step(24 * 3600 * 1000 + 1)
    with seats.hall.office.keep() as connection:
        seats.hall.office.desk.renew(connection)
    seats.tick()
    assert seats.read("keypad-1").ask is Ask.NO_BADGE
    assert seats.read("keypad-2").ask is Ask.PIN
    chair = seats.hall.client("secretariat", account="another")
    rows = ok(chair.get("/api/sittings/s1/unlock"))["seats"]
    assert [row["state"] for row in rows] == ["no-badge", "asks", "no-key"]


def test_whose_badge_is_revoked_by_a_withdrawal_finds_a_unit_that_says_so(seats: Seats) -> None:
    seats.ask()
    seats.open()
    ok(seats.chair.delete(f"/api/members/{seats.members[1]}"))
    assert seats.tick().read("keypad-2").ask is Ask.NO_BADGE
    assert len(seats.twin("keypad-2")["unlock"]) == 96  # type: ignore[arg-type]  # bytes, as long as ever


def test_a_keypad_with_a_new_sealing_key_is_told_under_it(seats: Seats) -> None:
    seats.ask()
    seats.open()
    seats.register("keypad-1")
    assert seats.read("keypad-1").ask is Ask.UNREADABLE
    assert seats.tick().read("keypad-1").ask is Ask.PIN


def test_when_nothing_has_changed_nothing_is_told(seats: Seats) -> None:
    seats.ask()
    seats.open()
    before = [heard(seats.hall, f"keypad-{number}", Twin.kind) for number in (1, 2)]
    for _ in range(3):
        seats.tick()
    assert [heard(seats.hall, f"keypad-{number}", Twin.kind) for number in (1, 2)] == before
    assert len(seats.lines("keypads.pin-asked")) == 1


def test_a_fleet_that_starts_again_tells_the_same_pins_once(seats: Seats) -> None:
    seats.ask()
    seats.open()
    seats.watch = Watch(seats.hall.office)
    seats.tick().tick()
    assert seats.pin("keypad-1") == seats.badges[seats.members[0]]["pin"]
    assert len(seats.lines("keypads.pin-asked")) == 2


def test_a_sitting_that_asks_no_longer_or_is_closed_leaves_no_pin_in_any_twin(seats: Seats) -> None:
    seats.ask()
    seats.open()
    assert seats.ask("none") == {"unlock": "none", "seats": []}
    assert "unlock" not in seats.tick().twin("keypad-1")
    assert seats.twin("keypad-1")["seat"] == "A1"
    seats.ask()
    assert "unlock" in seats.tick().twin("keypad-1")
    ok(seats.chair.post("/api/sittings/s1/close", json={}))
    assert "unlock" not in seats.tick().twin("keypad-1")
    refused(seats.chair.put("/api/sittings/s1/unlock", json={"unlock": "pin"}), 409, "wrong-state")


def test_no_lane_key_is_made_again_for_twins_that_only_forget(seats: Seats) -> None:
    seats.ask()
    seats.open()
    ok(seats.chair.post("/api/sittings/s1/close", json={}))
    seats.hall.append()
    ok(seats.chair.post("/api/references/destroy", json={"confirm": CONGRESS}))
    seats.tick()
    assert "unlock" not in seats.twin("keypad-1")
    with reading(seats.hall.engine) as connection:
        assert settings.setting(connection, lane.KEY) is None


def test_a_waiver_opens_one_seat_for_one_member_with_a_reason_in_the_audit_log(seats: Seats) -> None:
    seats.ask()
    seats.open()
    path = "/api/sittings/s1/seats/keypad-1/pin-waiver"
    rows = ok(seats.chair.put(path, json={"reason": "quên thẻ, đã xem CCCD"}))["seats"]
    assert [row["state"] for row in rows] == ["waived", "asks", "no-key"]
    assert "unlock" not in seats.tick().twin("keypad-1")
    assert "unlock" in seats.twin("keypad-2")
    (line,) = seats.lines("seat.pin-waived")
    assert json.loads(str(line["detail"])) == {
        "member": seats.members[0],
        "reason": "quên thẻ, đã xem CCCD",
    }
    ok(seats.chair.delete(path))
    assert seats.tick().pin("keypad-1") == seats.badges[seats.members[0]]["pin"]


def test_a_waiver_is_not_inherited_by_who_sits_there_next(seats: Seats) -> None:
    seats.ask()
    seats.open()
    ok(seats.chair.put("/api/sittings/s1/seats/keypad-1/pin-waiver", json={"reason": "forgotten"}))
    seats.tick().seat("keypad-1", seats.members[1])
    assert seats.pin("keypad-1") == seats.badges[seats.members[1]]["pin"]


def test_a_waiver_names_no_person_and_needs_a_seat_a_reason_and_an_officer(seats: Seats) -> None:
    seats.ask()
    path = "/api/sittings/s1/seats/keypad-1/pin-waiver"
    named = seats.chair.put(path, json={"reason": "LAN forgot it"})
    assert "leave the name out" in refused(named, 422, "bad-input")
    refused(seats.chair.put(path, json={"reason": ""}), 422, "bad-input")
    free = path.replace("keypad-1", "keypad-4")
    refused(seats.chair.put(free, json={"reason": "x"}), 404, "not-found")
    refused(seats.chair.put(path.replace("s1", "s9"), json={"reason": "x"}), 404, "not-found")
    usher = seats.hall.client("usher")
    refused(usher.put(path, json={"reason": "x"}), 403, "forbidden")
    assert ok(usher.get("/api/sittings/s1/unlock"))["unlock"] == "pin"
