"""Presence, recusal and hand counts decide by the order of the leaves, like everything else."""

from ballot.counting import Result, Why
from tests.ballot.test_counting import (
    QUESTION,
    SITTING,
    change,
    counted,
    member,
    press,
    roll,
    totals,
    whys,
)
from wire.ids import SittingId
from wire.records import Passage
from wire.voting import PaperCount, Recusal, Terms


def terms(*, presence: bool = True) -> Terms:
    return Terms(SITTING, QUESTION, False, b"\x80", presence, 0)


def passage(number: int, direction: str = "in", sitting: SittingId = SITTING) -> Passage:
    return Passage(sitting, member(number), direction, "face")


def recusal(number: int, *, recused: bool = True) -> Recusal:
    return Recusal(SITTING, QUESTION, member(number), recused, "")


def box(name: str, yes: int, no: int) -> PaperCount:
    rows = (("yes", yes, 0), ("no", no, 0), ("abstain", 0, 0))
    return PaperCount(SITTING, QUESTION, name, "lan", "minh", 9, yes + no, yes + no, 0, 0, 0, rows)


def present(result: Result) -> tuple[set[bytes], set[bytes]]:
    return set(result.present_at_open), set(result.present_at_close)


def test_where_presence_is_asked_a_ballot_counts_only_while_its_member_is_inside() -> None:
    result = counted(
        roll(1, 2), terms(), passage(1), change("open"), press(1), press(2), passage(2), press(2, "no"),
        passage(1, "out"), press(1, "no"), change("closed"),
    )  # fmt: skip
    assert totals(result) == (1, 1, 0)
    assert whys(result) == [(5, Why.ABSENT), (9, Why.ABSENT)]


def test_where_it_is_not_asked_the_gates_decide_nothing() -> None:
    assert totals(counted(roll(1), terms(presence=False), change("open"), press(1))) == (1, 0, 0)
    assert totals(counted(roll(1), change("open"), press(1))) == (1, 0, 0)


def test_presence_is_that_of_this_sitting() -> None:
    result = counted(roll(1), terms(), passage(1, sitting=SittingId("other")), change("open"), press(1))
    assert whys(result) == [(4, Why.ABSENT)]


def test_terms_said_after_the_opening_bend_nothing() -> None:
    result = counted(roll(1), terms(presence=False), change("open"), terms(), press(1), change("closed"))
    assert totals(result) == (1, 0, 0)
    assert result.terms == terms(presence=False)


def test_terms_said_anew_before_the_opening_take_the_place_of_the_first() -> None:
    result = counted(roll(1), terms(presence=False), terms(), change("open"), press(1))
    assert whys(result) == [(4, Why.ABSENT)]


def test_a_recusal_takes_the_ballot_out_that_was_cast_before_it() -> None:
    result = counted(
        roll(1, 2), change("open"), press(1), press(2), recusal(1), press(1, "no"), change("closed")
    )
    assert totals(result) == (1, 0, 0)
    assert whys(result) == [(2, Why.RECUSED), (5, Why.RECUSED)]
    assert result.recused == {member(1)}


def test_who_takes_part_again_votes_anew_even_without_revoting() -> None:
    result = counted(
        roll(1), change("open", revote=False), press(1), recusal(1), recusal(1, recused=False), press(1, "no")
    )
    assert totals(result) == (0, 1, 0)
    assert result.recused == set()


def test_a_recusal_after_the_close_and_of_a_stranger_changes_nothing() -> None:
    result = counted(roll(1), change("open"), press(1), recusal(9), change("closed"), recusal(1))
    assert (totals(result), result.recused) == ((1, 0, 0), set())


def test_who_was_inside_at_the_opening_and_at_the_close_is_of_the_roll() -> None:
    result = counted(
        roll(1, 2, 3), passage(1), passage(9), change("open"), passage(2), passage(1, "out"), change("held"),
        change("closed"), passage(3),
    )  # fmt: skip
    assert present(result) == ({member(1)}, {member(2)})


def test_boxes_counted_by_hand_take_the_place_of_every_ballot() -> None:
    result = counted(
        roll(1), change("open"), press(1), box("a", 2, 1), box("b", 1, 0), box("a", 3, 1), change("closed"),
        box("c", 9, 0),
    )  # fmt: skip
    assert (totals(result), result.choices) == ((0, 0, 0), ())
    assert whys(result) == [(2, Why.BY_PAPER)]
    assert {paper.box: paper.rows[0][1] for paper in result.papers} == {"a": 3, "b": 1}
