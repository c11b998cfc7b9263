"""A bouncing contact is one press, at once; a person is never pressed for or ignored."""

from hypothesis import given
from hypothesis import strategies as st

from edge.ballot_keypad.press import BOUNCE_MS, Button, Contacts, Edge, step


def presses(edges):
    contacts, found = Contacts(), []
    for edge in edges:
        contacts, button = step(contacts, edge)
        if button is not None:
            found.append((button, edge.at_ms))
    return found


def test_the_first_closing_edge_counts_at_once_and_its_bounces_do_not():
    edges = [Edge(Button.YES, down, at) for at, down in enumerate([True, False, True, False, True])]
    assert presses(edges) == [(Button.YES, 0)]


def test_bounces_of_the_release_are_no_second_press():
    edges = [Edge(Button.YES, True, 0), Edge(Button.YES, False, 200)]
    edges += [Edge(Button.YES, True, 203), Edge(Button.YES, False, 205)]
    assert presses(edges) == [(Button.YES, 0)]


def test_a_second_press_after_the_contact_was_still_counts():
    edges = [Edge(Button.OK, down, at) for at, down in ((0, True), (80, False), (80 + BOUNCE_MS, True))]
    assert presses(edges) == [(Button.OK, 0), (Button.OK, 80 + BOUNCE_MS)]


def test_two_buttons_do_not_disturb_each_other():
    assert presses([Edge(Button.YES, True, 0), Edge(Button.NO, True, 1)]) == [(Button.YES, 0), (Button.NO, 1)]


def test_a_button_that_is_stuck_is_one_press():
    assert presses([Edge(Button.OK, True, at) for at in range(0, 10_000, 100)]) == [(Button.OK, 0)]


@given(
    pushes=st.lists(
        st.tuples(st.sampled_from(Button), st.lists(st.integers(0, 8), max_size=6), st.integers(0, 500)),
        max_size=10,
    )
)
def test_however_each_contact_bounces_every_push_is_exactly_one_press(pushes):
    edges, expected, now_ms = [], [], 0
    for button, bounces, held_ms in pushes:
        now_ms += 1000
        expected.append((button, now_ms))
        for moment in (now_ms, now_ms + 100 + held_ms):
            down = moment == now_ms
            edges.append(Edge(button, down, moment))
            for delay in sorted(bounces):
                edges += [Edge(button, not down, moment + delay), Edge(button, down, moment + delay)]
    assert presses(edges) == expected
