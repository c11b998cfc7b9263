"""Presence from passages in the order of the log."""

from hypothesis import given
from hypothesis import strategies as st

from fleet.attendance.rules import attendance, presence_of
from wire.ids import MemberRef, SittingId
from wire.records import Passage


def member(number: int) -> MemberRef:
    return MemberRef(bytes([number]) * 16)


def passage(number: int, direction: str, method: str = "face") -> Passage:
    return Passage(SittingId("s1"), member(number), direction, method)


def test_in_again_without_out_is_not_a_second_attendance() -> None:
    presence = presence_of([passage(1, "in"), passage(1, "in", "badge"), passage(1, "in", "badge")])
    assert presence.present == {member(1)}
    assert presence.entries_by_method == {"face": 1}


def test_who_left_attended_but_is_not_present() -> None:
    where = attendance(presence_of([passage(1, "in"), passage(1, "out")]), {member(1), member(2)})
    assert (where.present, where.left, where.absent) == (frozenset(), {member(1)}, {member(2)})


def test_out_without_in_is_no_attendance() -> None:
    where = attendance(presence_of([passage(1, "out")]), {member(1)})
    assert where.absent == {member(1)}


def test_who_comes_back_is_present_again_and_their_way_in_is_counted_again() -> None:
    presence = presence_of([passage(1, "in"), passage(1, "out"), passage(1, "in", "usher")])
    assert presence.present == {member(1)}
    assert presence.entries_by_method == {"face": 1, "usher": 1}


def test_guests_are_seen_and_never_count_for_a_quorum() -> None:
    where = attendance(presence_of([passage(1, "in"), passage(7, "in")]), {member(1)})
    assert (where.present, where.guests) == ({member(1)}, {member(7)})


_passages = st.lists(st.builds(passage, st.integers(1, 5), st.sampled_from(["in", "out"])), max_size=60)


@given(_passages, st.sets(st.integers(1, 5).map(member)))
def test_everybody_summoned_stands_in_exactly_one_place(
    passages: list[Passage], summoned: set[MemberRef]
) -> None:
    presence = presence_of(passages)
    where = attendance(presence, summoned)
    assert where.present | where.left | where.absent == summoned
    assert len(where.present) + len(where.left) + len(where.absent) == len(summoned)
    last = {p.member: p.direction for p in passages}
    assert presence.present == {who for who, direction in last.items() if direction == "in"}
