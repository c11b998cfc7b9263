"""A keypad dies in an open ballot and a spare takes over: in whatever order its votes, the swap and the
spare's votes reach the log, the member is counted exactly once, and nothing of the old one is believed
after the swap."""

from concurrent.futures import ThreadPoolExecutor
from itertools import product
from threading import Barrier

import pytest

from tests.fleet.hall_under_test import HallUnderTest, ok, refused
from tests.fleet.places.swapped import QUESTION, SwapHall
from wire.ids import DeviceId, MemberRef
from wire.records import DeviceRevoked, Seating

pytestmark = pytest.mark.slow

OLD, NEW = "keypad-1", "keypad-9"
ARRIVALS = ("never", "before", "with", "after")
"""Of the old unit's vote: before the act, in the same commit as its leaves, or behind them."""


def count_of(hall: SwapHall) -> list[tuple[str, str]]:
    return [(row["seat"], row["choice"]) for row in hall.close()["choices"]]


@pytest.mark.parametrize(
    ("arrives", "spare_votes", "revote"), list(product(ARRIVALS, (False, True), (False, True)))
)
def test_a_vote_on_either_unit_is_counted_once(
    hall: HallUnderTest, arrives: str, spare_votes: bool, revote: bool
) -> None:
    swap_hall = SwapHall(hall, revote=revote)
    old = None if arrives == "never" else swap_hall.say(OLD, "yes")
    if arrives == "before" and old is not None:
        swap_hall.turn((OLD, old))
    told = ok(swap_hall.swap())
    assert told["voted"] is (arrives == "before")
    swap_hall.turn(*([(OLD, old)] if arrives == "with" and old is not None else []))
    if arrives == "after" and old is not None:
        swap_hall.turn((OLD, old))
    swap_hall.watch.tick()
    assert swap_hall.twin(NEW).get("cast") == ("q1 yes" if arrives == "before" else None)
    if spare_votes:
        swap_hall.turn((NEW, swap_hall.say(NEW, "no")))
    expected = {
        # (the old unit's vote was a leaf, the spare voted, revote) -> what counts of Lan
        (True, False, False): "yes", (True, False, True): "yes",
        (True, True, False): "yes", (True, True, True): "no",
        (False, True, False): "no", (False, True, True): "no",
    }.get((arrives == "before", spare_votes, revote))  # fmt: skip
    assert count_of(swap_hall) == ([] if expected is None else [("A1", expected)])
    if arrives in ("with", "after"):
        assert swap_hall.verdicts(OLD) == ["revoked"]


def test_the_old_units_outbox_that_comes_later_counts_for_nothing(hall: HallUnderTest) -> None:
    swap_hall = SwapHall(hall, revote=True)
    first, second, third = (swap_hall.say(OLD, choice) for choice in ("yes", "no", "abstain"))
    swap_hall.turn((OLD, first))
    assert ok(swap_hall.swap())["voted"] is True
    swap_hall.turn((OLD, second))
    swap_hall.turn((NEW, swap_hall.say(NEW, "no")), (OLD, third))
    assert swap_hall.verdicts(OLD) == ["ok", "revoked", "revoked"]
    assert count_of(swap_hall) == [("A1", "no")]


def test_both_units_votes_in_one_commit_count_once_in_either_order(hall: HallUnderTest) -> None:
    swap_hall = SwapHall(hall)
    old = swap_hall.say(OLD, "yes")
    ok(swap_hall.swap())
    new = swap_hall.say(NEW, "no")
    swap_hall.turn((NEW, new), (OLD, old))
    assert count_of(swap_hall) == [("A1", "no")]


def test_one_act_moves_place_seat_and_seating_and_ends_the_old_one(any_hall: HallUnderTest) -> None:
    swap_hall = SwapHall(any_hall)
    swap_hall.turn((OLD, swap_hall.say(OLD, "yes")))
    told = ok(swap_hall.swap())
    moved = ("s-1", "Hàng A ghế 1", OLD, NEW, ["s1"])
    assert tuple(told[key] for key in ("place", "label", "dead", "spare", "sittings")) == moved
    assert (told["question"], told["voted"]) == (QUESTION, True)
    member = MemberRef(bytes.fromhex(swap_hall.members[0]))
    *_, revoked, seated = swap_hall.hall.desk_bodies()
    assert revoked == DeviceRevoked(DeviceId(OLD), "does not start")
    assert isinstance(seated, Seating)
    assert (seated.device, seated.member) == (NEW, member)
    assert swap_hall.twin(NEW) == {"seat": "A1", "member": member, "cast": "q1 yes"}
    assert swap_hall.twin(OLD) == {}
    place = swap_hall.floor.places()["s-1"]
    assert (place["device"], place["serial"], place["state"]) == (NEW, "KP-9", "active")
    assert swap_hall.floor.device(OLD)["state"] == "revoked"
    assert swap_hall.floor.device(OLD)["place_id"] is None
    roll = {row["name"]: row["device"] for row in ok(swap_hall.chair.get("/api/sittings/s1/roll"))}
    assert roll == {"Lan": NEW, "Minh": "keypad-2"}
    (line,) = swap_hall.floor.lines_of("device.swapped")
    assert (line["subject"], line["account"]) == (f"{OLD}/{NEW}", "technician")
    assert "device.revoked" not in {
        each["action"] for each in ok(any_hall.client("auditor").get("/api/audit"))
    }


def test_the_same_swap_again_says_the_same_and_does_nothing(hall: HallUnderTest) -> None:
    swap_hall = SwapHall(hall)
    first = ok(swap_hall.swap())
    before = len(hall.desk_bodies())
    assert ok(swap_hall.swap()) == first
    assert len(hall.desk_bodies()) == before
    assert len(swap_hall.floor.lines_of("device.swapped")) == 1


def test_of_two_swaps_of_one_device_the_second_is_told_that_its_spare_stands_nowhere(
    hall: HallUnderTest,
) -> None:
    swap_hall = SwapHall(hall)
    ok(swap_hall.swap(OLD, NEW))
    before = hall.desk_bodies(), swap_hall.floor.places(), swap_hall.floor.device("keypad-8")
    assert "another unit stands in for it already" in refused(
        swap_hall.swap(OLD, "keypad-8"), 409, "already-replaced"
    )
    assert (hall.desk_bodies(), swap_hall.floor.places(), swap_hall.floor.device("keypad-8")) == before


def test_two_people_who_swap_one_device_at_the_same_moment_bring_one_spare_to_its_place(
    any_hall: HallUnderTest,
) -> None:
    swap_hall = SwapHall(any_hall)
    clients = [any_hall.client("technician"), any_hall.client("technician")]
    both = Barrier(2)

    def swaps(number: int) -> int:
        both.wait(timeout=60)
        body = {"dead": OLD, "spare": ("keypad-8", NEW)[number], "reason": "dark"}
        return int(clients[number].post("/api/swap", json=body).status_code)

    with ThreadPoolExecutor(2) as hands:
        assert sorted(hands.map(swaps, range(2))) == [200, 409]
    assert swap_hall.floor.places()["s-1"]["device"] in ("keypad-8", NEW)
    assert len([body for body in any_hall.desk_bodies() if isinstance(body, DeviceRevoked)]) == 1
    assert len([body for body in any_hall.desk_bodies() if isinstance(body, Seating)]) == 1


def test_a_device_that_was_revoked_before_is_swapped_all_the_same(hall: HallUnderTest) -> None:
    swap_hall = SwapHall(hall)
    ok(swap_hall.floor.technician.post(f"/api/devices/{OLD}/revoke", json={"reason": "stolen"}))
    told = ok(swap_hall.swap())
    assert (told["place"], told["sittings"], told["voted"]) == ("s-1", ["s1"], False)
    revocations = [body for body in hall.desk_bodies() if isinstance(body, DeviceRevoked)]
    assert len(revocations) == 1
    assert swap_hall.twin(OLD) == {}
    swap_hall.turn((NEW, swap_hall.say(NEW, "yes")))
    assert count_of(swap_hall) == [("A1", "yes")]


def test_a_spare_that_fails_in_its_turn_is_swapped_and_the_vote_goes_on_with_it(hall: HallUnderTest) -> None:
    swap_hall = SwapHall(hall)
    swap_hall.turn((OLD, swap_hall.say(OLD, "yes")))
    ok(swap_hall.swap())
    swap_hall.turn()
    told = ok(swap_hall.swap(NEW, "keypad-8"))
    assert (told["place"], told["voted"]) == ("s-1", True)
    assert swap_hall.twin("keypad-8")["cast"] == "q1 yes"
    swap_hall.turn()
    assert count_of(swap_hall) == [("A1", "yes")]


def test_while_the_question_is_held_the_vote_is_told_and_after_the_close_nothing_is(
    hall: HallUnderTest,
) -> None:
    swap_hall = SwapHall(hall)
    swap_hall.turn((OLD, swap_hall.say(OLD, "no")))
    ok(swap_hall.chair.post(f"/api/questions/{QUESTION}/hold", json={}))
    swap_hall.turn()
    assert ok(swap_hall.swap())["question"] == QUESTION
    assert swap_hall.twin(NEW)["cast"] == "q1 no"
    swap_hall.close()
    told = ok(swap_hall.swap("keypad-2", "keypad-8"))
    assert (told["question"], told["voted"], told["sittings"]) == (None, None, ["s1"])
    assert "cast" not in swap_hall.twin("keypad-8")


def test_a_vote_that_became_a_leaf_while_the_act_was_under_way_is_told_a_tick_later(
    hall: HallUnderTest,
) -> None:
    swap_hall = SwapHall(hall)
    vote = swap_hall.say(OLD, "yes")
    ok(swap_hall.swap())
    assert "cast" not in swap_hall.twin(NEW)
    with_vote_first(swap_hall, vote)
    swap_hall.watch.tick()
    assert swap_hall.twin(NEW)["cast"] == "q1 yes"
    lines = swap_hall.floor.lines_of("keypads.cast-told")
    swap_hall.watch.tick()
    assert len(lines) == len(swap_hall.floor.lines_of("keypads.cast-told")) == 1
    assert count_of(swap_hall) == [("A1", "yes")]


def with_vote_first(swap_hall: SwapHall, vote: bytes) -> None:
    """As on PostgreSQL, where ingest may commit between what an act reads and its own commit."""
    waiting = swap_hall.desk_waits()
    swap_hall.turn((OLD, vote))
    swap_hall.desk_goes_on(waiting)
    swap_hall.turn()


@pytest.mark.parametrize(
    ("dead", "spare", "status", "code", "says"),
    [
        ("keypad-7", NEW, 404, "not-found", "no device keypad-7"),
        (OLD, "keypad-7", 404, "not-found", "no device keypad-7"),
        (OLD, OLD, 422, "bad-input", "cannot stand in for itself"),
        (OLD, "gate-1", 422, "wrong-role", "take a keypad as the spare"),
        (OLD, "keypad-2", 409, "spare-taken", "it stands at Hàng A ghế 2"),
        (OLD, "keypad-8", 409, "spare-revoked", "take another spare"),
    ],
)
def test_what_cannot_be_swapped_is_said_in_words_and_changes_nothing(
    hall: HallUnderTest, dead: str, spare: str, status: int, code: str, says: str
) -> None:
    swap_hall = SwapHall(hall)
    swap_hall.floor.register("gate-1", "gate")
    ok(swap_hall.floor.technician.post("/api/devices/keypad-8/revoke", json={"reason": "broken"}))
    before = hall.desk_bodies(), swap_hall.floor.places()
    assert says in refused(swap_hall.swap(dead, spare), status, code)
    assert (hall.desk_bodies(), swap_hall.floor.places()) == before


def test_a_keypad_that_a_roll_names_is_no_spare(hall: HallUnderTest) -> None:
    swap_hall = SwapHall(hall)
    body = {"sitting": "s2", "title": "Phiên hai", "quorum_num": 1, "quorum_den": 2,
            "roll": [{"member": swap_hall.members[0], "device": NEW}]}  # fmt: skip
    ok(swap_hall.chair.post("/api/sittings", json=body), 201)
    assert "the roll of s2 names it" in refused(swap_hall.swap(), 409, "spare-taken")
