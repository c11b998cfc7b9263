"""Which open ballots count is decided by the order of the leaves, and by nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from ballot.counting import Leaf, Result, Uncounted, Why, count
from wire.fields import Body
from wire.ids import DESK, DeviceId, MemberRef, QuestionId, SittingId
from wire.records import OpenBallot, Passage, QuestionChanged, RollPage, Seating

SITTING, QUESTION = SittingId("s1"), QuestionId("q1")


def member(number: int) -> MemberRef:
    return MemberRef(bytes([number]) * 16)


def keypad(number: int) -> DeviceId:
    return DeviceId(f"keypad-{number}")


def roll(*numbers: int) -> RollPage:
    return RollPage(SITTING, 0, 1, tuple((member(n), keypad(n)) for n in numbers))


def change(state: str, *, revote: bool = True, num: int = 1, den: int = 2) -> QuestionChanged:
    return QuestionChanged(SITTING, QUESTION, state, "?", revote, num, den)


def press(number: int, choice: str = "yes", *, of: int | None = None) -> tuple[int, OpenBallot]:
    return number, OpenBallot(SITTING, QUESTION, member(number if of is None else of), choice)


def counted(*spoken: Body | tuple[int, OpenBallot]) -> Result:
    """Leaves 0, 1, 2 …: bodies are the desk's, pairs are a keypad's."""
    leaves = [
        Leaf(at, keypad(said[0]), said[1]) if isinstance(said, tuple) else Leaf(at, DESK, said)
        for at, said in enumerate(spoken)
    ]
    return count(SITTING, QUESTION, leaves)


def totals(result: Result) -> tuple[int, int, int]:
    return result.yes, result.no, result.abstain


def whys(result: Result) -> list[tuple[int, Why]]:
    return [(ballot.leaf, ballot.why) for ballot in result.uncounted]


def test_ballots_between_open_and_closed_count() -> None:
    result = counted(
        roll(1, 2, 3), change("open"), press(1), press(2, "no"), press(3, "abstain"), change("closed")
    )
    assert totals(result) == (1, 1, 1)
    assert (result.cast, result.summoned, result.opened, result.closed) == (3, 3, 1, 5)
    assert [(c.member, c.choice, c.device, c.leaf) for c in result.choices] == [
        (member(1), "yes", "keypad-1", 2),
        (member(2), "no", "keypad-2", 3),
        (member(3), "abstain", "keypad-3", 4),
    ]


def test_a_ballot_before_the_opening_and_one_behind_the_close_do_not_count() -> None:
    result = counted(roll(1, 2), press(1), change("open"), change("closed"), press(2))
    assert totals(result) == (0, 0, 0)
    assert whys(result) == [(1, Why.NOT_OPEN), (4, Why.LATE)]


def test_a_ballot_while_held_does_not_count_and_later_ones_do() -> None:
    result = counted(
        roll(1, 2), change("open"), change("held"), press(1), change("open"), press(2), change("closed")
    )
    assert totals(result) == (1, 0, 0)
    assert whys(result) == [(3, Why.HELD)]


def test_with_revoting_the_last_ballot_counts_and_the_earlier_ones_are_named() -> None:
    result = counted(roll(1), change("open"), press(1, "yes"), press(1, "no"), press(1, "abstain"))
    assert totals(result) == (0, 0, 1)
    assert whys(result) == [(2, Why.SUPERSEDED), (3, Why.SUPERSEDED)]


def test_without_revoting_the_first_ballot_counts_and_the_later_ones_are_named() -> None:
    result = counted(roll(1), change("open", revote=False), press(1, "yes"), press(1, "no"))
    assert totals(result) == (1, 0, 0)
    assert whys(result) == [(3, Why.REVOTE)]


def test_rules_are_those_of_the_opening_whatever_a_later_leaf_says() -> None:
    result = counted(
        roll(1),
        change("prepared", revote=True),
        change("open", revote=False, num=2, den=3),
        press(1, "yes"),
        change("held", revote=True),
        change("open", revote=True, num=0, den=1),
        press(1, "no"),
        change("closed"),
    )
    assert (result.revote, result.majority, totals(result)) == (False, (2, 3), (1, 0, 0))


def test_nothing_reopens_a_closed_question() -> None:
    result = counted(roll(1), change("open"), change("closed"), change("open"), press(1))
    assert totals(result) == (0, 0, 0)
    assert whys(result) == [(4, Why.LATE)]


def test_a_keypad_speaks_for_the_member_it_is_bound_to_at_that_leaf() -> None:
    result = counted(
        roll(1, 2), change("open"), press(1, of=2), press(9),
        Seating(SITTING, keypad(9), member(1)), press(9, "no", of=1), press(1),
    )  # fmt: skip
    assert totals(result) == (0, 1, 0)
    assert whys(result) == [(2, Why.OTHER_MEMBER), (3, Why.NOT_SEATED), (6, Why.NOT_SEATED)]


def test_a_vote_cast_before_the_seat_changed_stays_counted() -> None:
    result = counted(
        roll(1, 2), change("open"), press(1), Seating(SITTING, keypad(1), None), change("closed")
    )
    assert totals(result) == (1, 0, 0)


def test_seating_a_member_elsewhere_silences_the_keypad_they_had() -> None:
    result = counted(
        roll(1),
        change("open", revote=False),
        Seating(SITTING, keypad(5), member(1)),
        press(1),
        press(5, of=1),
    )
    assert [choice.device for choice in result.choices] == ["keypad-5"]
    assert whys(result) == [(3, Why.NOT_SEATED)]


def test_a_roll_takes_force_with_its_last_page() -> None:
    first = RollPage(SITTING, 0, 2, ((member(1), keypad(1)),))
    last = RollPage(SITTING, 1, 2, ((member(2), keypad(2)),))
    half = counted(first, change("open"), press(1))
    assert (half.summoned, whys(half)) == (0, [(2, Why.NOT_SEATED)])
    whole = counted(first, last, change("open"), press(1), press(2))
    assert (whole.summoned, totals(whole)) == (2, (2, 0, 0))
    assert counted(last, first, change("open")).summoned == 0


def test_a_new_roll_replaces_the_old_one_whole() -> None:
    result = counted(roll(1, 2), roll(2, 3), change("open"), press(1), press(3))
    assert (result.summoned, totals(result), whys(result)) == (2, (1, 0, 0), [(3, Why.NOT_SEATED)])


def test_other_sittings_and_questions_change_nothing() -> None:
    other = OpenBallot(SITTING, QuestionId("q2"), member(1), "no")
    elsewhere = Seating(SittingId("s2"), keypad(1), None)
    passage = Passage(SITTING, member(1), "in", "face")
    leaves = [roll(1), change("open"), elsewhere, passage, (1, other), press(1)]
    assert totals(counted(*leaves)) == (1, 0, 0)


def test_the_roll_that_counts_is_that_of_the_close() -> None:
    assert counted(roll(1, 2, 3), change("open"), change("closed"), roll(1)).summoned == 3


_said = st.one_of(
    st.sampled_from(["open", "held", "closed"]).map(change),
    st.builds(press, st.integers(1, 3), st.sampled_from(["yes", "no", "abstain"]), of=st.integers(1, 3)),
    st.builds(
        Seating, st.just(SITTING), st.integers(1, 3).map(keypad), st.none() | st.integers(1, 3).map(member)
    ),
)


@given(st.lists(_said, max_size=40), st.booleans())
def test_every_ballot_is_counted_once_or_named_with_its_reason(
    said: list[Body | tuple[int, OpenBallot]], revote: bool
) -> None:
    spoken = [roll(1, 2, 3), change("open", revote=revote), *said]
    result = counted(*spoken)
    ballots = {at for at, body in enumerate(spoken) if isinstance(body, tuple)}
    accounted = [choice.leaf for choice in result.choices] + [ballot.leaf for ballot in result.uncounted]
    assert sorted(accounted) == sorted(ballots)
    assert len({choice.member for choice in result.choices}) == len(result.choices) == result.cast
    if result.closed is not None:
        assert all(choice.leaf < result.closed for choice in result.choices)


@given(st.lists(_said, max_size=30), st.lists(_said, max_size=10))
def test_nothing_behind_the_close_changes_the_count(
    before: list[Body | tuple[int, OpenBallot]], after: list[Body | tuple[int, OpenBallot]]
) -> None:
    spoken = [roll(1, 2, 3), change("open"), *before, change("closed")]
    short, long = counted(*spoken), counted(*spoken, *after)
    assert (short.choices, totals(short), short.roll) == (long.choices, totals(long), long.roll)
    assert long.uncounted[: len(short.uncounted)] == short.uncounted
    assert all(
        isinstance(later, Uncounted) and later.why is Why.LATE
        for later in long.uncounted[len(short.uncounted) :]
    )
