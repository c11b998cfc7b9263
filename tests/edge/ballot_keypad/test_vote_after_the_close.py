"""A vote pressed in the moment of the close: what its keypad shows in the end is what the log says."""

import pytest

from edge.ballot_keypad.open import ballot as life
from wire.down import BallotNotice, Counted
from wire.ids import MemberRef, QuestionId, SittingId


@pytest.mark.parametrize(
    ("leaf", "state"),
    [
        (41, "recorded"),
        (42, "late"),
        (55, "late"),
        (60, "late"),
        (61, "recorded"),
        (71, "late"),
        (80, "late"),
    ],
)
def test_a_receipt_that_was_heard_before_the_close_is_put_right_by_the_leaves(leaf: int, state: str) -> None:
    """The receipt of a vote may come before the word that its question was closed or held by then."""
    sitting, question, member = SittingId("s1"), QuestionId("q1"), MemberRef(bytes(16))
    opened = life.noticed(
        life.Ballot(member=member), BallotNotice(sitting, question, "open", "?", True), 2**52
    )
    voted = life.saved(opened, life.Cast(sitting, question, member, "yes", 7))
    recorded = life.marked(voted, 7, leaf)
    assert recorded.state == "recorded"
    closed = life.noticed(recorded, BallotNotice(sitting, question, "closed", "?", True), 2**52)
    assert life.counted(closed, Counted(sitting, question, ((17, 42), (60, 71)))).state == state


def test_a_vote_that_was_called_late_too_early_is_recorded_after_all() -> None:
    """The close was heard before the receipt, and the leaf had come in time."""
    sitting, question, member = SittingId("s1"), QuestionId("q1"), MemberRef(bytes(16))
    opened = life.noticed(
        life.Ballot(member=member), BallotNotice(sitting, question, "open", "?", True), 2**52
    )
    voted = life.saved(opened, life.Cast(sitting, question, member, "yes", 7))
    closed = life.noticed(voted, BallotNotice(sitting, question, "closed", "?", True), 2**52)
    assert closed.state == "late"
    settled = life.counted(closed, Counted(sitting, question, ((17, 42),)))
    assert settled.state == "late"
    assert life.marked(settled, 7, 41).state == "recorded"
    assert life.marked(settled, 7, 43).state == "late"
    assert life.marked(life.marked(settled, 7, 41), 6, None).state == "late"


def test_a_question_that_a_restored_store_closes_again_is_not_judged_by_the_leaves_of_the_lost_one() -> None:
    sitting, question, member = SittingId("s1"), QuestionId("q1"), MemberRef(bytes(16))
    said = [BallotNotice(sitting, question, state, "?", True) for state in ("open", "closed")]
    opened, closed = said
    before = life.counted(
        life.noticed(life.Ballot(member=member), closed, 2**52), Counted(sitting, question, ((17, 60),))
    )
    again = life.saved(life.noticed(before, opened, 2**52), life.Cast(sitting, question, member, "yes", 7))
    assert life.marked(life.noticed(again, closed, 2**52), 7, 46).state == "late"
