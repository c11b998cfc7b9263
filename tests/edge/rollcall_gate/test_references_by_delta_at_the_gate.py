"""A base of references and all that has changed since, in whatever order the network brings them."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from edge.rollcall_gate.who.decide import Sample
from edge.rollcall_gate.who.roster import Keys, empty, take_page
from tests.edge.rollcall_gate.rig import CONGRESS, GATE, SEALING_KEY, Rig, delta_of, page_of
from tests.edge.rollcall_gate.synthetic import EMBEDDER, at_angle, member
from wire.ids import MemberRef
from wire.records import Deletion

KEYS = Keys(CONGRESS, GATE, SEALING_KEY)
A, B, C = (member(1), 0, at_angle(0)), (member(2), 0, at_angle(90)), (member(3), 0, at_angle(180))
ELSEWHERE = (member(1), 0, at_angle(90, axis=9))
OTHER = replace(EMBEDDER, runtime="other-runtime 9")


@pytest.fixture
def rig() -> Rig:
    made = Rig()
    made.open_sitting()
    made.say(page_of([A, B], EMBEDDER), generation=10)
    return made


def admitted(rig: Rig, degrees: float, axis: int = 1) -> MemberRef | None:
    """Who is let in by this face just now; they walk on."""
    rig.wait(5_000)
    before = rig.gate.decisions
    rig.walk(*[Sample(at_angle(degrees, axis), track=rig.gate.decisions + 100)] * 3)
    assert rig.gate.decisions == before + 1
    if rig.seen["decision"] != "Admitted":
        return None
    assert rig.go_through()
    return rig.passages()[-1].member


def member_deletions(rig: Rig) -> list[tuple[MemberRef | None, int, int]]:
    assert all((d.scope, d.sealing_key) == ("member", None) for d in rig.deletions())
    return [(d.member, d.references, d.generation) for d in rig.deletions()]


# -- at the gate ----------------------------------------------------------------------------------------


def test_who_is_new_is_known_and_who_withdrew_is_not(rig: Rig) -> None:
    rig.say(delta_of(10, [C], EMBEDDER, gone=(member(2),)), generation=11)
    assert admitted(rig, 180) == member(3)
    assert admitted(rig, 90) is None
    assert admitted(rig, 0) == member(1)
    assert member_deletions(rig) == [(member(2), 1, 11)]


def test_who_enrolled_again_is_known_by_the_new_references_alone(rig: Rig) -> None:
    rig.say(delta_of(10, [ELSEWHERE], EMBEDDER), generation=11)
    assert admitted(rig, 0) is None
    assert admitted(rig, 90, axis=9) == member(1)
    assert rig.deletions() == []


def test_a_delta_before_its_base_waits_for_it() -> None:
    rig = Rig()
    rig.open_sitting()
    rig.say(delta_of(10, [C], EMBEDDER, gone=(member(2),)), generation=11)
    assert (rig.seen["references"], rig.deletions()) == (0, [])
    rig.say(page_of([A, B], EMBEDDER), generation=10)
    assert admitted(rig, 90) is None
    assert admitted(rig, 180) == member(3)
    assert rig.runtime.holds["references"] == "10/11"


def test_a_later_delta_takes_the_place_of_an_earlier_one(rig: Rig) -> None:
    rig.say(delta_of(10, [C], EMBEDDER), generation=11)
    rig.say(delta_of(10, [], EMBEDDER, gone=(member(1),)), generation=12)
    assert admitted(rig, 180) is None
    assert admitted(rig, 0) is None
    assert admitted(rig, 90) == member(2)
    assert member_deletions(rig) == [(member(1), 1, 12)]  # member 3 has not withdrawn


def test_an_earlier_delta_that_comes_late_brings_nobody_back(rig: Rig) -> None:
    rig.say(delta_of(10, [], EMBEDDER, gone=(member(1),)), generation=12)
    rig.say(delta_of(10, [A], EMBEDDER), generation=11)
    assert admitted(rig, 0) is None


def test_pages_hold_when_the_last_has_come_in_any_order_and_number(rig: Rig) -> None:
    one = delta_of(10, [C], EMBEDDER, page=0, pages=2)
    two = delta_of(10, [], EMBEDDER, page=1, pages=2, gone=(member(2),))
    rig.say(two, generation=11)
    rig.say(two, generation=11)
    assert admitted(rig, 90) == member(2)
    rig.say(one, generation=11)
    assert admitted(rig, 90) is None
    assert rig.seen["references"] == 2
    rig.say(one, generation=11)
    rig.say(two, generation=11)
    assert member_deletions(rig) == [(member(2), 1, 11)]


def test_half_of_an_older_delta_is_dropped_for_a_newer(rig: Rig) -> None:
    rig.say(delta_of(10, [C], EMBEDDER, page=0, pages=2), generation=11)
    rig.say(delta_of(10, [], EMBEDDER, page=0, pages=2, gone=(member(2),)), generation=12)
    rig.say(delta_of(10, [], EMBEDDER, page=1, pages=2, gone=(member(1),)), generation=11)
    assert rig.seen["references"] == 2
    rig.say(delta_of(10, [], EMBEDDER, page=1, pages=2), generation=12)
    assert rig.seen["references"] == 1
    assert admitted(rig, 0) == member(1)


def test_while_a_newer_delta_arrives_the_one_before_holds(rig: Rig) -> None:
    rig.say(delta_of(10, [], EMBEDDER, gone=(member(2),)), generation=11)
    rig.say(delta_of(10, [C], EMBEDDER, page=0, pages=2), generation=12)
    assert admitted(rig, 90) is None
    assert admitted(rig, 180) is None


def test_another_base_takes_the_delta_of_the_one_before_with_it(rig: Rig) -> None:
    rig.say(delta_of(10, [C], EMBEDDER), generation=11)
    rig.say(page_of([A], EMBEDDER), generation=20)
    assert rig.runtime.holds["references"] == "20/0"
    assert admitted(rig, 180) is None
    assert admitted(rig, 0) == member(1)
    assert member_deletions(rig) == []  # nobody has withdrawn
    rig.say(delta_of(10, [C], EMBEDDER), generation=11)
    assert admitted(rig, 180) is None


def test_a_base_that_comes_anew_with_its_delta_deletes_nobody(rig: Rig) -> None:
    rig.say(delta_of(20, [C], EMBEDDER, gone=(member(2),)), generation=21)
    rig.say(page_of([A, B], EMBEDDER), generation=20)
    assert member_deletions(rig) == [(member(2), 1, 21)]
    assert admitted(rig, 0) == member(1)
    assert admitted(rig, 180) == member(3)


# -- deletions ------------------------------------------------------------------------------------------


def test_a_deletion_is_said_once_for_a_base_however_often_it_is_repeated(rig: Rig) -> None:
    for generation in (11, 12, 13):
        rig.say(delta_of(10, [], EMBEDDER, gone=(member(2), member(8))), generation=generation)
    assert member_deletions(rig) == [(member(2), 1, 11), (member(8), 0, 11)]
    rig.say(page_of([A], EMBEDDER), generation=20)
    rig.say(delta_of(20, [], EMBEDDER, gone=(member(2), member(8))), generation=21)
    assert member_deletions(rig)[2:] == [(member(2), 0, 21), (member(8), 0, 21)]  # another base: once more
    again = rig.restarted()
    again.say(page_of([A], EMBEDDER), generation=20)
    again.say(delta_of(20, [], EMBEDDER, gone=(member(2), member(8))), generation=21)
    assert len(again.deletions()) == 4


def test_a_roster_that_does_not_open_deletes_nobody(rig: Rig) -> None:
    rig.say(page_of([A, B], replace(EMBEDDER, runtime="another 1.0")), generation=20)
    assert member_deletions(rig) == []
    assert rig.alarms() == ["references-refused"]


def test_after_a_restart_it_is_said_again_that_nothing_is_held(rig: Rig) -> None:
    rig.say(delta_of(10, [], EMBEDDER, gone=(member(2),)), generation=11)
    again = rig.restarted()
    again.say(page_of([A, B], EMBEDDER), generation=10)
    again.say(delta_of(10, [], EMBEDDER, gone=(member(2),)), generation=11)
    assert member_deletions(again) == [(member(2), 1, 11)] * 2


def test_who_came_back_and_withdraws_again_is_deleted_again(rig: Rig) -> None:
    rig.say(delta_of(10, [], EMBEDDER, gone=(member(2),)), generation=11)
    rig.say(delta_of(10, [B], EMBEDDER), generation=12)
    rig.say(delta_of(10, [], EMBEDDER, gone=(member(2),)), generation=13)
    assert member_deletions(rig) == [(member(2), 1, 11), (member(2), 1, 13)]


def test_each_reference_of_a_member_is_counted() -> None:
    rig = Rig()
    rig.say(page_of([(member(1), n, at_angle(n)) for n in range(3)], EMBEDDER), generation=10)
    rig.say(delta_of(10, [], EMBEDDER, gone=(member(1),)), generation=11)
    assert rig.deletions() == [Deletion("member", member(1), 3, 11, None)]


def test_a_deletion_that_a_full_disk_refused_is_said_when_there_is_room(rig: Rig) -> None:
    rig.disk.full = True
    rig.say(delta_of(10, [], EMBEDDER, gone=(member(1), member(2))), generation=11)
    assert rig.seen["references"] == 0
    rig.wait(1_000)
    assert rig.deletions() == []
    rig.disk.full = False
    rig.wait(500)
    assert member_deletions(rig) == [(member(1), 1, 11), (member(2), 1, 11)]
    rig.wait(500)
    assert len(rig.deletions()) == 2


# -- what cannot be used --------------------------------------------------------------------------------

UNUSABLE = {
    "made with another runtime": (OTHER, SEALING_KEY),
    "wrapped to another key": (EMBEDDER, X25519PrivateKey.generate()),
}


@pytest.mark.parametrize("why", UNUSABLE)
def test_references_that_do_not_open_cost_their_member_the_face_and_nobody_else(rig: Rig, why: str) -> None:
    embedder, key = UNUSABLE[why]
    face = (member(1), 0, at_angle(90, axis=9, embedder=embedder))
    rig.say(delta_of(10, [face], embedder, sealed_to=key), generation=11)
    assert rig.alarms() == ["references-refused"]
    assert admitted(rig, 0) is None, "the references of before were to be replaced, and are not used on"
    assert admitted(rig, 90) == member(2)
    rig.badge(member(1))
    assert rig.go_through()


def test_a_withdrawal_needs_no_key(rig: Rig) -> None:
    page = delta_of(10, [], OTHER, gone=(member(1),), sealed_to=X25519PrivateKey.generate())
    rig.say(replace(page, wrapped_key=b""), generation=11)
    assert admitted(rig, 0) is None
    assert rig.alarms() == []
    assert member_deletions(rig) == [(member(1), 1, 11)]


def test_references_of_one_member_that_cancel_each_other_hold_up_no_withdrawal(rig: Rig) -> None:
    nonsense = [(member(4), 0, at_angle(0)), (member(4), 1, at_angle(180))]
    rig.say(delta_of(10, [*nonsense, C], EMBEDDER, gone=(member(2),)), generation=11)
    assert rig.alarms() == ["references-refused"]
    assert admitted(rig, 90) is None
    assert admitted(rig, 180) == member(3)
    rig.say(page_of([*nonsense, B], EMBEDDER), generation=20)
    assert rig.seen["references"] == 1
    assert admitted(rig, 90) == member(2)


# -- any order ------------------------------------------------------------------------------------------

FACES = {1: 0.0, 2: 40.0, 3: 80.0, 4: 120.0}


def expected(base: list[int], brought: list[int], gone: list[int]) -> set[MemberRef]:
    return {member(n) for n in ({*base} - {*gone}) | {*brought}}


@given(
    st.lists(st.sampled_from([1, 2, 3, 4]), unique=True),
    st.lists(st.sampled_from([1, 2, 3, 4]), unique=True),
    st.lists(st.sampled_from([1, 2, 3, 4]), unique=True),
    st.randoms(use_true_random=False),
)
def test_however_pages_are_ordered_and_doubled_the_same_members_are_held(
    base: list[int], changed: list[int], old: list[int], random
) -> None:
    brought, gone = changed[::2], changed[1::2]

    def rows(numbers):
        return [(member(n), 0, at_angle(FACES[n])) for n in numbers]

    said = [
        (page_of(rows(base[:2]), EMBEDDER, page=0, pages=2), 10),
        (page_of(rows(base[2:]), EMBEDDER, page=1, pages=2), 10),
        (delta_of(10, rows(old), EMBEDDER), 11),
        (delta_of(10, rows(brought), EMBEDDER, page=0, pages=2), 12),
        (delta_of(10, [], EMBEDDER, page=1, pages=2, gone=tuple(map(member, gone))), 12),
        (page_of(rows([1, 2, 3, 4]), EMBEDDER), 9),
        (delta_of(9, rows([1, 2, 3, 4]), EMBEDDER), 9),
    ]
    said += random.sample(said, 3)
    random.shuffle(said)
    roster = empty(EMBEDDER)
    for page, generation in said:
        roster = take_page(roster, page, generation, KEYS).roster
    assert set(roster.gallery.members) == expected(base, brought, gone)
    assert set(roster.held) == set(roster.gallery.members)
    assert roster.edition == "10/12"
