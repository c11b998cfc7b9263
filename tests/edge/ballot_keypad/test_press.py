"""One push is one press; two keys at once are none; a key that sticks does not vote."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.ballot_keypad.keys.layout import AT
from edge.ballot_keypad.keys.matrix import read
from edge.ballot_keypad.keys.press import (
    BOUNCE_MS,
    Button,
    Contacts,
    KeyFreed,
    KeyStuck,
    Pressed,
    Sample,
    Times,
    Together,
    step,
)

pytestmark = pytest.mark.slow

TIMES = Times(bounce_ms=30, stuck_ms=2_000)
SCAN_MS = 5
POINTS = sorted(AT)


class Fingers:
    """Samples every SCAN_MS of whatever is closed, from a keypad at rest."""

    def __init__(self, *, has_diodes: bool = False) -> None:
        self.at_ms = 0
        self.contacts = Contacts(is_locked=False)
        self.events: list[object] = []
        self.has_diodes = has_diodes

    def see(self, *buttons: Button, for_ms: int = 0) -> "Fingers":
        end_ms = self.at_ms + max(for_ms, SCAN_MS)
        while self.at_ms < end_ms:
            self.at_ms += SCAN_MS
            sample = Sample(frozenset(buttons), self.at_ms)
            self.contacts, events = step(self.contacts, sample, TIMES)
            self.events += events
        return self

    def touch(self, *points: tuple[int, int], for_ms: int) -> "Fingers":
        """On a matrix, where current finds its ways."""
        closed = set(points)
        grown = not self.has_diodes
        while grown:
            ways = {(r, c) for r, _ in closed for _, c in closed if (r, c) not in closed}
            new = {point for point in ways if _joined(closed, point)}
            grown = bool(new)
            closed |= new
        wires = [[(r, c) in closed for r in range(5)] for c in range(4)]
        end_ms = self.at_ms + for_ms
        while self.at_ms < end_ms:
            self.at_ms += SCAN_MS
            sample = read(wires, self.at_ms, has_diodes=self.has_diodes)
            self.contacts, events = step(self.contacts, sample, TIMES)
            self.events += events
        return self

    def rest(self) -> "Fingers":
        return self.see(for_ms=2 * BOUNCE_MS)

    @property
    def presses(self) -> list[Button]:
        return [event.button for event in self.events if isinstance(event, Pressed)]


def _joined(closed: set[tuple[int, int]], point: tuple[int, int]) -> bool:
    """Whether three corners of a rectangle are closed, and the point is the fourth."""
    row, col = point
    return any(
        (row, other) in closed and (r, other) in closed and (r, col) in closed
        for r in range(5)
        for other in range(4)
        if r != row and other != col
    )


def test_a_press_counts_once_the_contact_was_still_and_never_repeats() -> None:
    fingers = Fingers().see(Button.YES, for_ms=BOUNCE_MS)
    assert fingers.presses == []
    fingers.see(Button.YES, for_ms=1_500)
    assert fingers.presses == [Button.YES]
    assert fingers.rest().see(Button.YES, for_ms=100).presses == [Button.YES] * 2


@given(st.lists(st.integers(1, BOUNCE_MS // SCAN_MS - 1), max_size=4))
def test_a_worn_contact_that_lets_go_for_a_moment_does_not_press_again(gaps: list[int]) -> None:
    fingers = Fingers().see(Button.DIGIT_7, for_ms=100)
    for gap in gaps:
        fingers.see(for_ms=gap * SCAN_MS).see(Button.DIGIT_7, for_ms=100)
    assert fingers.rest().presses == [Button.DIGIT_7]


def test_a_spark_is_no_press() -> None:
    assert Fingers().see(Button.OK, for_ms=BOUNCE_MS - SCAN_MS).rest().events == []


bounces = st.lists(st.booleans(), max_size=BOUNCE_MS // SCAN_MS)


@given(closing=bounces, opening=bounces, button=st.sampled_from(Button))
def test_however_a_contact_bounces_within_its_window_a_push_is_exactly_one_press(
    closing: list[bool], opening: list[bool], button: Button
) -> None:
    fingers = Fingers()
    for is_closed in closing:
        fingers.see(*[button] if is_closed else [])
    fingers.see(button, for_ms=2 * BOUNCE_MS)
    for is_closed in opening:
        fingers.see(*[button] if is_closed else [])
    fingers.rest()
    assert fingers.events == [Pressed(button)]
    assert fingers.contacts.is_at_rest


@pytest.mark.parametrize("has_diodes", [False, True])
@pytest.mark.parametrize("count", [2, 3, 4])
def test_no_two_three_or_four_keys_of_the_matrix_held_together_are_a_press(
    count: int, has_diodes: bool
) -> None:
    for points in combinations(POINTS, count):
        fingers = Fingers(has_diodes=has_diodes).touch(*points, for_ms=2 * BOUNCE_MS).rest()
        assert fingers.events == [Together()], points
        assert fingers.contacts.is_at_rest


@given(
    st.lists(st.sets(st.sampled_from(POINTS), max_size=6), min_size=1, max_size=12),
    st.tuples(st.integers(0, 3), st.integers(0, 2)),
)
def test_whatever_flickers_while_three_corners_are_held_nothing_is_pressed(
    flicker: list[set[tuple[int, int]]], corner: tuple[int, int]
) -> None:
    row, col = corner
    held = {(row, col), (row + 1, col), (row, col + 1)}
    fingers = Fingers()
    for more in flicker:
        fingers.touch(*held, *more, for_ms=SCAN_MS)
    fingers.touch(*held, for_ms=100)
    assert fingers.presses == []
    assert fingers.rest().events == [Together()]


@given(st.lists(st.sets(st.sampled_from([Button.YES, Button.NO, Button.OK])), max_size=BOUNCE_MS // SCAN_MS))
def test_two_keys_that_bounce_while_they_go_down_together_are_refused_once(bounce: list[set[Button]]) -> None:
    fingers = Fingers().see(Button.YES, Button.NO)
    for closed in bounce:
        fingers.see(*closed)
    fingers.see(Button.YES, Button.NO, for_ms=100).rest()
    assert fingers.events == [Together()]


def test_a_second_key_refuses_both_and_names_the_first_until_all_are_up() -> None:
    fingers = Fingers().see(Button.YES, for_ms=100).see(Button.YES, Button.NO, for_ms=100)
    assert fingers.events == [Pressed(Button.YES), Together(withdrawn=Button.YES)]
    fingers.see(Button.NO, for_ms=200).see(Button.NO, Button.OK, for_ms=200).see(Button.OK, for_ms=200)
    assert len(fingers.events) == 2
    assert fingers.rest().see(Button.NO, for_ms=100).presses == [Button.YES, Button.NO]


def test_one_key_after_the_other_counts_although_the_first_still_settles() -> None:
    fingers = Fingers().see(Button.DIGIT_1, for_ms=60).see(for_ms=SCAN_MS).see(Button.DIGIT_2, for_ms=60)
    assert fingers.presses == [Button.DIGIT_1, Button.DIGIT_2]


def test_a_key_that_is_down_when_the_power_comes_was_not_pressed() -> None:
    fingers = Fingers()
    fingers.contacts = Contacts()
    assert fingers.see(Button.OK, for_ms=500).rest().events == []
    assert fingers.see(Button.OK, for_ms=100).presses == [Button.OK]


def test_a_stuck_key_is_named_once_does_not_vote_and_keeps_nobody_from_voting() -> None:
    fingers = Fingers()
    fingers.contacts = Contacts()
    fingers.see(Button.YES, for_ms=3_000)
    assert fingers.events == [KeyStuck(Button.YES)]
    fingers.see(Button.YES, Button.NO, for_ms=100).see(Button.YES, for_ms=100)
    assert fingers.events == [KeyStuck(Button.YES), Pressed(Button.NO)]
    fingers.rest()
    assert fingers.events[2:] == [KeyFreed(Button.YES)]
    assert fingers.see(Button.YES, for_ms=100).presses == [Button.NO, Button.YES]


def test_a_hand_that_lies_on_the_keys_makes_them_stuck_and_not_voted() -> None:
    fingers = Fingers().see(Button.YES, Button.NO, Button.OK, for_ms=3_000)
    assert fingers.presses == []
    assert {event.button for event in fingers.events if isinstance(event, KeyStuck)} == {
        Button.YES,
        Button.NO,
        Button.OK,
    }


def test_a_ghost_of_stuck_keys_refuses_the_key_that_raises_it() -> None:
    stuck = ((1, 0), (1, 1))
    fingers = Fingers().touch(*stuck, for_ms=3_000)
    fingers.touch(*stuck, (2, 0), for_ms=100)
    assert fingers.presses == []
    assert fingers.touch(*stuck, for_ms=100).touch(*stuck, (4, 2), for_ms=100).presses == [Button.OK]


def test_one_key_that_may_be_a_ghost_is_not_believed() -> None:
    """Two stuck keys and a third corner, before the fourth was seen."""
    stuck = frozenset({Button.DIGIT_1, Button.DIGIT_2})
    fingers = Fingers().see(*stuck, for_ms=3_000)
    sample = Sample(stuck | {Button.DIGIT_4}, fingers.at_ms + SCAN_MS, stuck | {Button.DIGIT_4})
    assert step(fingers.contacts, sample, TIMES)[1] == (Together(),)
