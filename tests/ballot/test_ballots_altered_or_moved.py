"""A ballot counts only as it was made, and only where it was made for: no bit of it can be another."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballot import proofs
from ballot.group import IDENTITY
from ballot.proofs import Place
from ballot.shape import Shape, at_most
from ballot.verify import Accepted, Refused
from scripts.ballot_forger import Forger, alterations, swaps
from tests.ballot.contests import GROUP, KINDS, THREE, Poll, as_bits, candidates, shapes_with_choices
from tests.ballot.plain_ristretto import PlainRistretto
from wire import cbor

HONEST = Poll().body((0, 1, 0))
LARGE = Poll(as_bits(at_most(15, candidates(20))))


def flipped(body: bytes, bit: int) -> bytes:
    changed = bytearray(body)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@pytest.mark.slow
def test_every_single_bit_matters() -> None:
    poll = Poll()
    assert isinstance(poll.verdict(HONEST), Accepted)
    for bit in range(8 * len(HONEST)):
        assert isinstance(poll.verdict(flipped(HONEST, bit)), Refused), bit


def test_one_bit_of_every_byte_matters() -> None:
    poll = Poll()
    for at in range(len(HONEST)):
        assert isinstance(poll.verdict(flipped(HONEST, 8 * at + at % 8)), Refused), at


@settings(max_examples=40)
@given(st.data())
def test_any_bit_of_a_large_ballot_matters(data: st.DataObject) -> None:
    body = LARGE.body((*[1] * 12, *[0] * 9))
    bit = data.draw(st.integers(0, 8 * len(body) - 1))
    assert isinstance(LARGE.verdict(body), Accepted)
    assert isinstance(LARGE.verdict(flipped(body, bit)), Refused)


@settings(max_examples=25)
@given(shapes_with_choices(), st.data())
def test_any_bit_of_any_ballot_matters(case: tuple[Shape, tuple[int, ...]], data: st.DataObject) -> None:
    poll = Poll(case[0])
    body = poll.body(case[1])
    assert isinstance(poll.verdict(flipped(body, data.draw(st.integers(0, 8 * len(body) - 1)))), Refused)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"voter": bytes(16)}, "bad-body"),
        ({"generation": 1}, "bad-body"),
        ({"seq": 2}, "bad-body"),
        ({"session": bytes(32)}, "bad-proof"),
        ({"manifest": bytes(32)}, "bad-proof"),
        ({"contest": bytes(16)}, "bad-proof"),
        ({"key": GROUP.base(5)}, "bad-proof"),
        ({"shape": Shape(("no", "yes", "abstain"), THREE.relations)}, "bad-proof"),
        ({"shape": Shape(("a", "b", "c"), THREE.relations)}, "bad-proof"),
    ],
    ids=str,
)
def test_a_ballot_counts_nowhere_else(changed: dict[str, Any], code: str) -> None:
    verdict = replace(Poll(), **changed).verdict(HONEST)
    assert isinstance(verdict, Refused)
    assert verdict.code == code


@pytest.mark.parametrize("changed", [{"voter": bytes(16)}, {"generation": 1}, {"seq": 2}], ids=str)
def test_a_ballot_relabelled_for_another_place_is_refused(changed: dict[str, Any]) -> None:
    """Its own words altered as well, so that only the challenge can tell."""
    other = replace(Poll(), **changed)
    parts = cbor.decode(HONEST, len(HONEST))
    parts[1], parts[2], parts[3] = other.voter, other.generation, other.seq
    verdict = other.verdict(cbor.encode(parts))
    assert isinstance(verdict, Refused)
    assert verdict.code == "bad-proof"


def test_pieces_of_two_good_ballots_make_none() -> None:
    poll = Poll()
    one, two = (cbor.decode(poll.body(choices), 1000) for choices in ((1, 0, 0), (0, 1, 0)))
    for place in (4, 5, 6):
        mixed = [*one[:place], two[place], *one[place + 1 :]]
        assert isinstance(poll.verdict(cbor.encode(mixed)), Refused)
    for index in range(3):
        mixed = cbor.decode(cbor.encode(one), 1000)
        mixed[4][index], mixed[6][index] = two[4][index], two[6][index]
        assert isinstance(poll.verdict(cbor.encode(mixed)), Refused)


@pytest.mark.parametrize("name", alterations(HONEST))
def test_what_is_typed_or_sized_otherwise_is_no_ballot(name: str) -> None:
    verdict = Poll().verdict(alterations(HONEST)[name])
    assert isinstance(verdict, Refused)
    assert verdict.code == "bad-body"


@pytest.mark.parametrize("name", swaps(HONEST))
def test_numbers_that_must_not_be_are_refused_by_both_groups(name: str) -> None:
    for group in (GROUP, PlainRistretto()):
        verdict = Poll().verdict(swaps(HONEST)[name], group)
        assert isinstance(verdict, Refused)
        assert verdict.code == "bad-proof"


def place_of(poll: Poll) -> Place:
    return Place(poll.voter, poll.generation, poll.session, poll.seq)


@pytest.mark.parametrize(
    ("kind", "plain"),
    [
        ("three", (2, 0, 0)),
        ("three", (2, 0, -1)),
        ("three", (1, 1, -1)),
        ("three", (1, 1, 0)),
        ("three", (0, 0, 0)),
        ("linear", (1, 1, 1, 0, 0)),
        ("linear", (1, 0, 0, 0, 1)),
        ("linear", (0, 0, 0, 0, 0)),
        ("bits", (1, 1, 1, 1, 0, 1, 1)),
        ("bits", (1, 1, 1, 1, 0, 2, 1)),
        ("bits", (0, 0, 0, 0, 0, 0, -1)),
        ("each", (1, 1, 0, 0)),
        ("each", (1, -1, 0, 0)),
    ],
)
def test_no_lie_is_proved(kind: str, plain: tuple[int, ...]) -> None:
    poll = Poll(KINDS[kind])
    lie = cbor.encode(Forger(GROUP, poll.context, place_of(poll), str(plain)).parts(plain))
    verdict = poll.verdict(lie)
    assert isinstance(verdict, Refused)
    assert verdict.code == "bad-proof"


def test_the_forger_can_tell_the_truth() -> None:
    """What is refused above is refused for the lie in it."""
    for kind, plain in (("three", (0, 1, 0)), ("bits", (1, 1, 1, 0, 0, 1, 1)), ("each", (1, 0, 0, 1))):
        poll = Poll(KINDS[kind])
        truth = cbor.encode(Forger(GROUP, poll.context, place_of(poll), "truth").parts(plain))
        assert isinstance(poll.verdict(truth), Accepted)


def test_a_blinding_of_zero_shows_the_choice_and_is_refused() -> None:
    poll = Poll()
    parts = Forger(GROUP, poll.context, place_of(poll), "zero").parts((1, 0, 0), (0, 5, 6))
    assert parts[4][0][:32] == IDENTITY
    assert isinstance(poll.verdict(cbor.encode(parts)), Refused)


@pytest.mark.parametrize("half", [0, 1], ids=["alpha", "beta"])
def test_a_point_written_twice_is_refused_though_its_proof_is_good(half: int) -> None:
    poll = Poll()
    parts = Forger(GROUP, poll.context, place_of(poll), "alias").parts((1, 0, 0), bit_255_of=[half])
    assert isinstance(poll.verdict(cbor.encode(parts)), Refused)
    first = bytearray(parts[4][0])
    first[31 + 32 * half] &= 0x7F
    assert GROUP.is_point(bytes(first[32 * half : 32 * half + 32]))


def test_weak_fiat_shamir_is_forged_and_ours_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    poll = Poll()
    forged = cbor.encode(Forger(GROUP, poll.context, place_of(poll), "weak").weak())
    verdict = poll.verdict(forged)
    assert isinstance(verdict, Refused)
    assert verdict.code == "bad-proof"
    # The same bytes against a verifier that leaves the ciphertexts out of its challenge.
    strong = proofs.challenge_of
    monkeypatch.setattr(
        "ballot.verify.challenge_of",
        lambda context, place, _, commitments: strong(context, place, [], commitments),
    )
    assert isinstance(poll.verdict(forged), Accepted)


# -- bytes of any kind -----------------------------------------------------------------------------------

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.text(max_size=4)
    | st.binary(max_size=100)
    | st.sampled_from([bytes(16), bytes(32), bytes(64), bytes(96)]),
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.integers(0, 9), inner, max_size=3),
    max_leaves=12,
)


@given(VALUES)
def test_any_value_ends_in_a_verdict(value: Any) -> None:
    assert isinstance(Poll().verdict(cbor.encode(value)), Refused)


@given(st.binary(max_size=700))
def test_any_bytes_end_in_a_verdict(data: bytes) -> None:
    assert isinstance(Poll().verdict(data), Refused)


@given(st.integers(0, 6), VALUES)
def test_any_value_in_any_place_ends_in_a_verdict(place: int, value: Any) -> None:
    parts = cbor.decode(HONEST, len(HONEST))
    if parts[place] == value and type(parts[place]) is type(value):
        return
    parts[place] = value
    assert isinstance(Poll().verdict(cbor.encode(parts)), Refused)


@given(st.sampled_from([4, 6]), st.integers(0, 2), VALUES)
def test_any_value_in_any_list_ends_in_a_verdict(place: int, index: int, value: Any) -> None:
    parts = cbor.decode(HONEST, len(HONEST))
    parts[place][index] = value
    assert isinstance(Poll().verdict(cbor.encode(parts)), Refused)


@given(
    st.lists(st.binary(min_size=64, max_size=64), min_size=3, max_size=3), st.binary(min_size=32, max_size=32)
)
def test_any_numbers_of_the_right_size_end_in_a_verdict(ciphertexts: list[bytes], challenge: bytes) -> None:
    parts = cbor.decode(HONEST, len(HONEST))
    parts[4], parts[5] = ciphertexts, challenge
    assert isinstance(Poll().verdict(cbor.encode(parts)), Refused)
