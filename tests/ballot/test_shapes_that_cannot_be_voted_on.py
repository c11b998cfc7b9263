"""A shape that no ballot could be made for, or proved, is refused in words when it is made."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.errors import BadShape
from ballot.proofs import Place
from ballot.shape import BITS, LINEAR, Relation, Shape, at_most, each_of, one_of, parse_shape, weights
from ballot.shape_words import WHY
from ballot.verify import Accepted
from scripts.ballot_forger import Forger
from tests.ballot.contests import GROUP, KINDS, THREE, Poll, as_bits, candidates, shapes_with_choices
from wire import cbor
from wire.board import BODY_BYTES_MAX

AB = ("a", "b")


def one_relation(terms: Any = ((0, 1), (1, 1)), lo: int = 0, hi: int = 1, mode: int = LINEAR) -> Shape:
    return Shape(AB, (Relation(terms, lo, hi, mode),))


def pairs_of_many_branches() -> Shape:
    """As many options as may be, in pairs that are each proved with as many branches as may be."""
    pairs = (Relation(((2 * pair, 8), (2 * pair + 1, 8)), 0, 15, LINEAR) for pair in range(65))
    return Shape(candidates(130), tuple(pairs))


def one_option_over_and_over() -> Shape:
    return Shape(("a",), (Relation(((0, 1),), 0, 1, LINEAR),) * 320)


REFUSED: dict[str, list[Callable[[], Shape]]] = {
    "not-a-shape": [lambda: parse_shape(None)],
    "no-options": [lambda: one_of([]), lambda: at_most(1, []), lambda: each_of([]), lambda: Shape((), ())],
    "too-many": [lambda: one_of(candidates(131)), lambda: each_of(candidates(66))],
    "name": [lambda: one_of(["Yes"]), lambda: one_of([""]), lambda: each_of(["c" * 29])],
    "twice": [lambda: one_of(["a", "b", "a"]), lambda: at_most(1, ["blank"])],
    "not-covered": [lambda: Shape(AB, (Relation(((0, 1),), 0, 1, LINEAR),)), lambda: Shape(AB, ())],
    "k": [lambda: at_most(4, candidates(3)), lambda: at_most(0, candidates(3)), lambda: at_most(-1, ["a"])],
    "lo": [lambda: at_most(2, candidates(3), 0), lambda: at_most(2, candidates(3), 3)],
    "blank": [
        lambda: Shape(("a", "blank"), (Relation(((0, 1), (1, 1)), 0, 1, LINEAR),)),
        lambda: Shape(("a", "b", "blank"), (Relation(((0, 1), (1, 1), (2, 1)), 1, 2, LINEAR),)),
        lambda: Shape(("a", "b", "blank"), (Relation(((0, 1), (1, 2), (2, 2)), 1, 2, LINEAR),)),
    ],
    "terms": [
        lambda: one_relation(()),
        lambda: one_relation(((1, 1), (0, 1))),
        lambda: one_relation(((0, 1), (0, 1))),
        lambda: one_relation(((0, 1), (2, 1))),
        lambda: one_relation(((-1, 1), (0, 1))),
    ],
    "weight": [lambda: one_relation(((0, 0), (1, 1))), lambda: one_relation(((0, 1), (1, -1)))],
    "bounds": [
        lambda: one_relation(lo=-1),
        lambda: one_relation(lo=2, hi=1),
        lambda: one_relation(lo=0, hi=3),
    ],
    "range": [lambda: one_relation(((0, 300), (1, 300)), 0, 401, BITS)],
    "mode": [lambda: one_relation(mode=2), lambda: one_relation(mode=-1)],
    "linear": [lambda: one_relation(((0, 9), (1, 9)), 0, 16)],
    "bits": [lambda: one_relation(lo=1, hi=1, mode=BITS)],
    "too-long": [pairs_of_many_branches, one_option_over_and_over],
}


def test_every_reason_is_tried_and_said_in_both_languages() -> None:
    assert REFUSED.keys() == WHY.keys()
    assert all(vi != en and vi.endswith(".") and en.endswith(".") for vi, en in WHY.values())


@pytest.mark.parametrize(("why", "make"), [(why, make) for why, cases in REFUSED.items() for make in cases])
def test_it_is_refused_with_the_reason(why: str, make: Callable[[], Shape]) -> None:
    with pytest.raises(BadShape) as refused:
        make()
    assert refused.value.why == why
    assert refused.value.vi in refused.value.diagnostics()
    assert refused.value.en in refused.value.diagnostics()
    assert "{" not in refused.value.diagnostics()


@pytest.mark.parametrize(
    "value",
    [
        [],
        [["a"]],
        [["a"], [], []],
        [("a",), []],
        [["a"], None],
        [[1], []],
        [["a"], [[[[0, 1]], 0, 1]]],
        [["a"], [[[[0, 1]], 0, 1, 0, 0]]],
        [["a"], [[[[0]], 0, 1, 0]]],
        [["a"], [[[[False, 1]], 0, 1, 0]]],
        [["a"], [[[[0, True]], 0, 1, 0]]],
        [["a"], [[[[0, 1]], False, 1, 0]]],
        [["a"], [[[[0, 1]], 0, True, 0]]],
        [["a"], [[[[0, 1]], 0, 1, False]]],
        [["a"], [[[[0, "1"]], 0, 1, 0]]],
        [["a"], [None]],
    ],
)
def test_other_values_are_no_shape(value: Any) -> None:
    with pytest.raises(BadShape) as refused:
        parse_shape(value)
    assert refused.value.why == "not-a-shape"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 20) | st.text(max_size=3) | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=4),
)


@given(VALUES)
def test_any_value_is_a_shape_or_refused(value: Any) -> None:
    try:
        encoded = parse_shape(value).encoded()
    except BadShape:
        return
    assert encoded == value


@given(shapes_with_choices())
def test_a_shape_comes_back_from_its_encoding(case: tuple[Shape, tuple[int, ...]]) -> None:
    shape, choices = case
    assert parse_shape(cbor.decode(cbor.encode(shape.encoded()), 10_000)) == shape
    assert shape.allows(choices)


def test_the_shapes_of_the_standing_questions() -> None:
    assert THREE.encoded() == [["yes", "no", "abstain"], [[[[0, 1], [1, 1], [2, 1]], 1, 1, 0]]]
    assert at_most(2, ["a", "b", "c"]).encoded() == [
        ["a", "b", "c", "blank"],
        [[[[0, 1], [1, 1], [2, 1], [3, 2]], 1, 2, 0]],
    ]
    assert at_most(16, candidates(20)).relations[0].mode == LINEAR
    assert at_most(17, candidates(20)).relations[0].mode == BITS
    assert at_most(17, candidates(20), lo=2).relations[0].mode == LINEAR
    assert each_of(["c1", "c2"]).encoded() == [
        ["c1-for", "c1-against", "c2-for", "c2-against"],
        [[[[0, 1], [1, 1]], 0, 1, 0], [[[2, 1], [3, 1]], 0, 1, 0]],
    ]


def test_the_longest_lists_of_every_kind_of_question_fit_a_ballot() -> None:
    """What is too long is no question of the standing orders, whatever the number of people."""
    longest = (one_of(candidates(130)), each_of(candidates(65)))
    lists = tuple(at_most(k, candidates(129), lo) for k, lo in ((129, 1), (65, 1), (16, 1), (129, 120)))
    for shape in (*longest, *lists):
        assert len(shape.options) == 130
        assert shape.body_bytes <= BODY_BYTES_MAX


def test_what_has_two_answers_or_none_is_not_allowed() -> None:
    assert [choices for choices in itertools.product((0, 1), repeat=3) if THREE.allows(choices)] == [
        (0, 0, 1),
        (0, 1, 0),
        (1, 0, 0),
    ]
    assert THREE.allows(b"\x01\x00\x00")
    for odd in ((1, 0), (1, 0, 0, 0), (2, -1, 0), (True, 0, 0), (1.0, 0, 0), (None, 1, 0), ()):
        assert not THREE.allows(odd)  # type: ignore[arg-type]  # what a careless caller may pass


def test_the_weights_reach_every_number_and_none_beyond() -> None:
    assert weights(44) == (22, 11, 6, 3, 1, 1)
    for most in range(401):
        sums = {0}
        for weight in weights(most):
            sums |= {total + weight for total in sums}
        assert sums == set(range(most + 1))


def test_the_bits_of_a_ballot_add_up_to_what_is_chosen() -> None:
    for most in range(1, 401):
        shape = Shape(AB, (Relation(((0, most), (1, 1)), 0, most, BITS),))
        for total, choices in ((0, (0, 0)), (1, (0, 1)), (most, (1, 0))):
            bits = shape.plaintexts(choices)[2:]
            assert sum(w * bit for w, bit in zip(weights(most), bits, strict=True)) == total
            assert set(bits) <= {0, 1}


@pytest.mark.parametrize(("n", "k", "lo"), [(3, 2, 1), (4, 3, 2)])
@pytest.mark.parametrize("bits", [False, True], ids=["linear", "bits"])
def test_a_blank_stands_alone_and_an_empty_ballot_does_not(n: int, k: int, lo: int, bits: bool) -> None:
    linear = at_most(k, candidates(n), lo)
    poll = Poll(as_bits(linear) if bits else linear)
    place = Place(poll.voter, poll.generation, poll.session, poll.seq)
    accepted = 0
    for plain in itertools.product((0, 1), repeat=n + 1):
        *chosen, blank = plain
        legal = sum(chosen) == 0 if blank else lo <= sum(chosen) <= k
        assert poll.shape.allows(plain) is legal
        verdicts = set()
        for further in itertools.product((0, 1), repeat=len(poll.shape.relations[0].bits)):
            forger = Forger(GROUP, poll.context, place, f"{plain} {further}")
            lie_or_truth = cbor.encode(forger.parts((*plain, *further)))
            verdicts.add(isinstance(poll.verdict(lie_or_truth), Accepted))
        assert (True in verdicts) is legal
        accepted += legal
    assert accepted == {3: 7, 4: 11}[n]


def test_every_kind_counts_its_ciphertexts() -> None:
    assert {name: shape.ciphertexts for name, shape in KINDS.items()} == {
        "three": 3,
        "linear": 5,
        "bits": 7,
        "each": 4,
    }
