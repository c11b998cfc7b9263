"""The pad at the lane: a badge's number and its PIN, and how often a wrong one may be tried."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rollcall_gate.who import lane
from edge.rollcall_gate.who.decide import Sample
from edge.rollcall_gate.who.pin import (
    EMPTY,
    FORGIVEN_AFTER_MS,
    PAUSE_MS,
    WRONG_ALTOGETHER,
    WRONG_PER_NUMBER,
    Claim,
    Entry,
    Tries,
    press,
)
from tests.edge.rollcall_gate.rig import CONGRESS, LANE_KEY, Rig
from tests.edge.rollcall_gate.synthetic import at_angle, member
from wire.lane import pin_of


def typed(keys: str, entry: Entry = EMPTY, now_ms: int = 50_000) -> tuple[Entry, list[Claim]]:
    claims = []
    for key in keys:
        entry, claim = press(entry, key, now_ms)
        claims += [claim] if claim else []
    return entry, claims


def right(serial: int = 1, who: int = 1) -> str:
    return pin_of(LANE_KEY, congress=CONGRESS, member=member(who), serial=serial)


def wrong(serial: int = 1) -> str:
    return f"{(int(right(serial)) + 1) % 10**6:06}"


@pytest.fixture
def rig() -> Rig:
    made = Rig()
    made.expect(*((member(n), n, f"Người {n}", f"B{n}") for n in range(1, 13)))
    made.open_sitting()
    return made


# -- keys -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "claims"),
    [
        ("12E345678E", [Claim(12, "345678")]),
        ("0012E345678E", [Claim(12, "345678")]),
        ("E12E345678E", [Claim(12, "345678")]),
        ("EEE", []),
        ("9C12E99C12E345678E", [Claim(12, "345678")]),
        ("12E345E", [Claim(12, "345")]),
        ("12EE", [Claim(12, "")]),
        ("12E345678E7E111111E", [Claim(12, "345678"), Claim(7, "111111")]),
        ("12345678901E111111E", []),
        ("1234567890E111111E", [Claim(1_234_567_890, "111111")]),
    ],
)
def test_a_number_and_a_pin_end_with_enter_and_c_clears(keys: str, claims: list[Claim]) -> None:
    assert typed(keys)[1] == claims


def test_a_pin_that_is_too_long_begins_anew() -> None:
    assert typed("12E3456789")[0] == EMPTY


def test_half_a_number_does_not_wait_for_the_next_person() -> None:
    entry, _ = typed("12E345")
    entry, claim = press(entry, "6", 50_000 + PAUSE_MS)
    assert (entry.number, entry.typed, claim) == (None, "6", None)
    entry, _ = typed("12E345")
    entry, _ = press(entry, "6", 50_000 + PAUSE_MS - 1)
    assert entry.typed == "3456"


@given(st.text("0123456789EC", max_size=60))
def test_whatever_is_pressed_an_entry_stays_as_long_as_a_pad_shows(keys: str) -> None:
    entry, claims = typed(keys)
    assert len(entry.typed) <= 10
    assert all(len(claim.pin) <= 6 and 0 <= claim.serial < 10**10 for claim in claims)


# -- at the gate ----------------------------------------------------------------------------------------


def test_number_and_pin_are_as_good_a_way_in(rig: Rig) -> None:
    rig.pin(member(3), 3)
    assert (rig.seen["state"], rig.seen["method"]) == ("released", "pin")
    assert rig.go_through()
    assert [(p.member, p.method) for p in rig.passages()] == [(member(3), "pin")]


def test_a_wrong_pin_gets_a_sentence_and_another_try(rig: Rig) -> None:
    rig.keys(f"1E{wrong()}E")
    assert rig.display.lines[0] == "PIN not right. Please try again."
    assert rig.seen["code"] == "pin-wrong"
    assert rig.door.locked
    rig.pin(member(1))
    assert rig.seen["state"] == "released"


@pytest.mark.parametrize("keys", ["1E2E", "99E123456E", "0E123456E", "1234567890E123456E"])
def test_a_short_pin_and_a_number_of_nobody_are_wrong_in_the_same_words(rig: Rig, keys: str) -> None:
    rig.keys(keys)
    assert rig.display.lines[0] == "PIN not right. Please try again."
    assert rig.alarms() == []


def test_as_much_is_computed_for_a_number_of_nobody(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[int] = []

    def counted(key: bytes, **about):
        computed.append(about["serial"])
        return pin_of(key, **about)

    compared: list[str] = []

    def told(one: str, other: str) -> bool:
        compared.append(other)
        return one == other

    monkeypatch.setattr(lane, "pin_of", counted)
    monkeypatch.setattr(lane, "same_pin", told)
    rig.keys(f"1E{wrong()}E")
    rig.keys("4242E123456E")
    assert computed == [1, 4242]
    assert len(compared) == 2


def test_a_gate_without_a_lane_list_takes_no_pin() -> None:
    rig = Rig()
    rig.open_sitting()
    for key in (bytes(32), LANE_KEY):
        for who in (bytes(16), member(1)):
            pin = pin_of(key, congress=CONGRESS, member=who, serial=1)
            rig.keys(f"1E{pin}E")
            assert rig.seen["decision"] == "WrongPin"


def test_a_withdrawn_badges_pin_is_not_taken(rig: Rig) -> None:
    rig.revoke_badges(1)
    rig.pin(member(1))
    assert rig.seen["decision"] == "Revoked"
    assert rig.alarms() == ["badge-revoked"]
    rig.keys(f"1E{wrong()}E")
    assert rig.seen["decision"] == "WrongPin"  # only the bearer is told


def test_keys_that_came_at_once_let_in_one_person_and_greet_that_one(rig: Rig) -> None:
    rig.keys(f"1E{right(1, 1)}E2E{right(2, 2)}E")
    assert rig.seen["member"] == member(1).hex()
    assert rig.display.lines[0] == "Welcome, Người 1."
    rig.go_through()
    assert [p.member for p in rig.passages()] == [member(1)]


def test_keys_mean_nothing_between_sittings_and_while_somebody_passes(rig: Rig) -> None:
    rig.badge(member(2), serial=2)
    rig.pin(member(1))
    rig.go_through()
    assert [p.member for p in rig.passages()] == [member(2)]
    rig.close_sitting()
    rig.pin(member(1))
    assert rig.seen["decisions"] == 1


def test_dots_stand_for_what_was_typed(rig: Rig) -> None:
    rig.keys("1E34")
    assert rig.seen["view"] == "pin-entry"
    assert rig.display.lines[0].replace("\N{NO-BREAK SPACE}", "") == "••____"
    rig.keys("C")
    assert rig.seen["view"] == "ready"


def test_half_a_number_is_gone_after_a_pause_though_the_camera_is_out(rig: Rig) -> None:
    rig.gate.on_camera(works=False)
    rig.keys("12E34")
    rig.wait(PAUSE_MS)
    assert rig.seen["view"] == "camera-out"


def test_no_pin_stands_in_a_log(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        rig.keys(f"1E{wrong()}E")
        rig.pin(member(1))
        rig.go_through()
    assert right() not in caplog.text
    assert wrong() not in caplog.text
    assert "Người" not in caplog.text


# -- how often ------------------------------------------------------------------------------------------


def fail(rig: Rig, serial: int, times: int) -> None:
    for _ in range(times):
        rig.wait(1_000)
        rig.keys(f"{serial}E{wrong(serial)}E" if serial <= 12 else f"{serial}E123456E")


def test_after_five_wrong_ones_a_number_sleeps_and_the_right_one_does_not_wake_it(rig: Rig) -> None:
    fail(rig, 1, WRONG_PER_NUMBER)
    assert rig.seen["decision"] == "WrongPin"
    rig.pin(member(1))
    assert rig.seen["decision"] == "PinLocked"
    assert rig.door.locked
    assert rig.seen["code"] == "pin-locked"
    assert rig.display.lines[0] == "Please try your PIN again in 296 s."
    assert rig.alarms() == ["pin-locked"]


def test_another_number_is_not_punished_for_it(rig: Rig) -> None:
    fail(rig, 1, WRONG_PER_NUMBER)
    rig.pin(member(2), 2)
    assert rig.seen["state"] == "released"


def test_ten_wrong_ones_of_whatever_numbers_put_the_pad_to_sleep(rig: Rig) -> None:
    for serial in range(101, 101 + WRONG_ALTOGETHER):
        fail(rig, serial, 1)
    rig.pin(member(2), 2)
    assert rig.seen["decision"] == "PinLocked"


def test_the_badge_the_camera_and_the_usher_do_not_sleep(rig: Rig) -> None:
    rig.enrol((member(5), 0, at_angle(0)))
    for serial in range(101, 101 + WRONG_ALTOGETHER):
        fail(rig, serial, 1)
    rig.badge(member(1))
    assert rig.go_through()
    rig.walk(*[Sample(at_angle(0), track=1)] * 3)
    assert rig.go_through()
    rig.usher_admits(member(7))
    assert rig.go_through()
    assert [p.method for p in rig.passages()] == ["badge", "face", "usher"]


def test_a_wrong_one_is_forgiven_after_five_minutes(rig: Rig) -> None:
    fail(rig, 1, WRONG_PER_NUMBER)
    first_ms = rig.clock.ms - (WRONG_PER_NUMBER - 1) * 1_000
    rig.clock.ms = first_ms + FORGIVEN_AFTER_MS - 1
    rig.pin(member(1))
    assert rig.seen["decision"] == "PinLocked"
    assert rig.display.lines[0] == "Please try your PIN again in 1 s."
    rig.clock.ms += 1
    rig.pin(member(1))
    assert rig.seen["state"] == "released"


def test_trying_while_it_sleeps_makes_the_sleep_no_longer(rig: Rig) -> None:
    fail(rig, 1, WRONG_PER_NUMBER)
    until_ms = rig.clock.ms - (WRONG_PER_NUMBER - 1) * 1_000 + FORGIVEN_AFTER_MS
    for _ in range(50):
        rig.wait(1_000)
        rig.keys(f"1E{wrong()}E")
    rig.clock.ms = until_ms
    rig.pin(member(1))
    assert rig.seen["state"] == "released"


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 60_000)), max_size=60))
def test_never_more_than_so_many_tries_within_five_minutes(presses: list[tuple[int, int]]) -> None:
    tries, now_ms, allowed = Tries(), 0, []
    for serial, later_ms in presses:
        now_ms += later_ms
        if tries.wait_ms(serial, now_ms) == 0:
            tries = tries.failed(serial, now_ms)
            allowed.append((serial, now_ms))
        recent = [number for number, at_ms in allowed if now_ms - at_ms < FORGIVEN_AFTER_MS]
        assert len(recent) <= WRONG_ALTOGETHER
        assert all(recent.count(number) <= WRONG_PER_NUMBER for number in recent)
        assert len(tries.wrong) <= WRONG_ALTOGETHER
