"""Which contacts of a matrix can be believed, over every set of two, three and four of them."""

from itertools import combinations

from edge.ballot_keypad.keys.layout import AT, COLS, DIRECT, MATRIX, ROWS, Relief
from edge.ballot_keypad.keys.matrix import crosspoints, doubtful, read
from edge.ballot_keypad.keys.press import Button

POINTS = sorted(AT)


def corners(closed: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """By the definition: every rectangle, one by one."""
    found: set[tuple[int, int]] = set()
    for (r, q), (c, d) in (
        (rows, cols) for rows in combinations(range(ROWS), 2) for cols in combinations(range(COLS), 2)
    ):
        hit = {(r, c), (r, d), (q, c), (q, d)} & closed
        if len(hit) >= 3:
            found |= hit
    return found


def test_a_contact_is_doubtful_when_it_stands_in_a_rectangle_with_three_closed_corners() -> None:
    for count in (1, 2, 3, 4):
        for closed in combinations(POINTS, count):
            assert doubtful(closed) == corners(set(closed)), closed


def test_one_or_two_contacts_are_never_doubtful() -> None:
    assert not any(doubtful(pair) for pair in combinations(POINTS, 2))


def test_a_sample_is_read_column_by_column() -> None:
    wires = [[False] * ROWS for _ in range(COLS)]
    wires[1][2] = True
    assert crosspoints(wires) == {(2, 1)}
    assert read(wires, 7, has_diodes=False).closed == {Button.DIGIT_5}


def test_diodes_leave_nothing_to_doubt() -> None:
    wires = [[True] * ROWS for _ in range(COLS)]
    assert len(read(wires, 0, has_diodes=False).doubtful) == ROWS * COLS
    assert read(wires, 0, has_diodes=True).doubtful == frozenset()


def test_a_contact_where_no_key_stands_is_no_key_and_still_casts_its_doubt() -> None:
    keys = {point: button for point, button in AT.items() if point != (0, 0)}
    wires = [[(row, col) in {(0, 0), (0, 1), (1, 0)} for row in range(ROWS)] for col in range(COLS)]
    found = read(wires, 0, has_diodes=False, keys=keys)
    assert found.closed == found.doubtful == {Button.NO, Button.DIGIT_1}


def test_every_button_has_its_place_and_no_place_two() -> None:
    assert set(AT.values()) == set(Button)
    assert len(AT) == len(MATRIX) == ROWS * COLS
    assert set(DIRECT) <= set(Button)


def test_the_raised_dot_is_on_five_alone_and_no_two_shapes_are_alike() -> None:
    assert [cap.button for cap in MATRIX if cap.relief is Relief.DOT] == [Button.DIGIT_5]
    shapes = [cap.relief for cap in MATRIX if cap.relief is not Relief.SMOOTH]
    assert len(shapes) == len(set(shapes))
    smooth = [cap.button for cap in MATRIX if cap.relief is Relief.SMOOTH]
    assert all(button.digit is not None for button in smooth)


def test_digits_stand_as_on_a_telephone() -> None:
    where = {cap.button.digit: (cap.row, cap.col) for cap in MATRIX if cap.button.digit is not None}
    assert [where[n] for n in range(1, 10)] == [(r, c) for r in (1, 2, 3) for c in (0, 1, 2)]
    assert where[0] == (4, 1)
