"""Who is greeted how, and that a greeting is nowhere but on the display."""

import logging
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from edge.rollcall_gate.who.decide import Sample
from edge.rollcall_gate.who.roster import Keys
from tests.edge.rollcall_gate.rig import GATE, Rig, lane_page
from tests.edge.rollcall_gate.synthetic import at_angle, member
from wire.ids import CongressId, DeviceId

AN = (member(1), 1, "Nguyễn Thị Ánh", "B-12")
BINH = (member(2), 2, "Trần Bình", "")
WELCOME = ("Welcome, Nguyễn Thị Ánh.", "Seat B-12.")
PLAIN = ("Please walk in.",)


def by_face(rig: Rig) -> None:
    rig.walk(*[Sample(at_angle(0), track=1)] * 3)


WAYS = {
    "face": by_face,
    "badge": lambda rig: rig.badge(member(1)),
    "pin": lambda rig: rig.pin(member(1)),
    "usher": lambda rig: rig.usher_admits(member(1)),
}


@pytest.fixture
def rig() -> Rig:
    made = Rig()
    made.enrol((member(1), 0, at_angle(0)))
    made.expect(AN, BINH)
    made.open_sitting()
    return made


@pytest.mark.parametrize("way", WAYS)
def test_whoever_is_admitted_is_welcomed_by_name_and_seat_whichever_way_they_came(rig: Rig, way: str) -> None:
    WAYS[way](rig)
    assert rig.display.lines == WELCOME
    assert rig.go_through()
    assert [p.method for p in rig.passages()] == [way]


def test_somebody_without_a_seat_is_told_none(rig: Rig) -> None:
    rig.badge(member(2), serial=2)
    assert rig.display.lines == ("Welcome, Trần Bình.",)


def test_who_is_on_no_list_is_welcomed_without_a_name(rig: Rig) -> None:
    rig.badge(member(3), serial=3)
    assert rig.display.lines == PLAIN


def test_a_list_takes_the_place_of_the_one_before(rig: Rig) -> None:
    rig.expect(BINH)
    rig.badge(member(1))
    assert rig.display.lines == PLAIN
    rig.wait(6_000)
    rig.pin(member(1))
    assert rig.seen["decision"] == "WrongPin"


def test_a_list_of_several_pages_holds_when_the_last_has_come_and_not_before(rig: Rig) -> None:
    one, two = lane_page([BINH], page=0, pages=2), lane_page([AN], page=1, pages=2)
    rig.say(two, generation=50)
    assert rig.seen["lane"] == 2
    rig.say(two, generation=50)
    rig.say(lane_page([]), generation=49)  # late: it changes nothing
    assert rig.seen["lane"] == 2
    rig.expect()
    rig.say(one, generation=50)
    assert rig.seen["lane"] == 2
    rig.badge(member(1))
    assert rig.display.lines == WELCOME


REFUSED = {
    "another gate's": {"gate": DeviceId("gate-2")},
    "a key that this gate never had": {"sealed_to": X25519PrivateKey.generate()},
}


@pytest.mark.parametrize("how", REFUSED)
def test_a_list_that_was_not_made_for_this_gate_raises_an_alarm_and_the_old_one_stays(
    rig: Rig, how: str
) -> None:
    rig.say(lane_page([(member(1), 1, "Somebody", "else")], **REFUSED[how]))
    assert rig.alarms() == ["lane-list-refused"]
    rig.badge(member(1))
    assert rig.display.lines == WELCOME


@pytest.mark.parametrize("wrapped", [b"", bytes(80), b"\xff" * 256])
def test_a_list_with_a_nonsensical_key_ends_nothing(rig: Rig, wrapped: bytes) -> None:
    rig.say(replace(lane_page([AN]), wrapped_key=wrapped))
    assert rig.alarms() == ["lane-list-refused"]
    assert rig.seen["lane"] == 2


@pytest.mark.parametrize(
    "row",
    [
        (member(1), 1, b""),
        (member(1), 1, bytes(205)),
        (member(1), 99, lane_page([AN]).rows[0][2]),
        (member(1), 1, lane_page([(member(2), 1, "Trần Bình", "A")]).rows[0][2]),
    ],
)
def test_a_greeting_that_does_not_open_costs_a_name_and_nobody_their_way_in(rig: Rig, row) -> None:
    rig.say(replace(lane_page([]), rows=(row,)))
    rig.badge(member(1))
    assert (rig.seen["state"], rig.display.lines) == ("released", PLAIN)


def test_an_old_list_said_again_changes_nothing(rig: Rig) -> None:
    rig.expect(BINH)
    rig.say(lane_page([AN]), generation=2)
    rig.badge(member(1))
    assert rig.display.lines == PLAIN


def test_a_gate_that_restarts_has_forgotten_the_list_and_takes_it_again(rig: Rig) -> None:
    again = rig.restarted()
    assert again.seen["lane"] == 0
    again.open_sitting()
    again.say(lane_page([AN]), generation=2)
    again.badge(member(1))
    assert again.display.lines == WELCOME


def test_the_next_person_is_not_greeted_with_the_name_of_the_one_before(rig: Rig) -> None:
    rig.badge(member(1))
    rig.go_through()
    rig.badge(member(3), serial=3)
    assert rig.display.lines == PLAIN
    rig.wait(6_000)
    assert not any("Ánh" in line for line in rig.display.lines)


@pytest.mark.parametrize("way", WAYS)
def test_a_name_is_on_the_display_and_nowhere_else(
    rig: Rig, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        WAYS[way](rig)
        assert rig.display.lines == WELCOME
        watched = repr(rig.seen)
        rig.go_through()
        watched += repr(rig.seen)
        rig.wait(10_000)
    stored = [*rig.disk.rows.values(), *rig.disk.named.values(), *(p for _, p in rig.broker.published)]
    for word in ("Nguyễn", "Ánh", "B-12"):
        assert word not in watched
        assert word not in caplog.text
        assert not any(word.encode() in bytes(blob) for blob in stored)


def test_in_memory_greetings_stay_sealed_until_somebody_is_admitted(rig: Rig) -> None:
    held = rig.gate._holdings.lane
    assert "Ánh" not in repr(held)
    assert not any("Ánh".encode() in row[2] for row in held.sealed.values())
    rig.badge(member(1))
    rig.go_through()
    assert rig.gate._now.greeting is None


def test_the_keys_of_a_gate_open_no_list_of_another_congress() -> None:
    rig = Rig()
    rig.gate._holdings._keys = Keys(CongressId("another"), GATE, rig.sealing_keys[0])
    rig.expect(AN)
    assert rig.seen["lane"] == 0
    assert rig.alarms() == ["lane-list-refused"]
