"""One rule, one array: what is not exactly that is refused."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.rules import facts as facts_of
from ballot.rules.facts import Facts
from ballot.rules.presets import PRESETS, preset
from ballot.rules.rule import QUORUM_OF, Base, Elect, Rule, SecondRound, Tie, encode, parse
from wire import cbor
from wire.errors import BadSchema

_fractions = st.tuples(st.integers(0, 1_000_000), st.integers(1, 1_000_000))
_quorums = st.none() | st.tuples(st.sampled_from(QUORUM_OF), st.sampled_from(Base), _fractions)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    num, den = draw(_fractions)
    quorum = draw(_quorums)
    again = draw(st.sampled_from(SecondRound))
    rule = Rule(
        draw(st.from_regex(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?", fullmatch=True)),
        draw(st.sampled_from(Elect)), draw(st.sampled_from(Base)), num, den, strict=draw(st.booleans()),
        seats=draw(st.integers(0, 1000)), blank_allowed=draw(st.booleans()), tie=draw(st.sampled_from(Tie)),
        rounds_max=draw(st.integers(1, 9)), second_round=again,
        second_round_m=draw(st.integers(1, 1000)) if again is SecondRound.TOP_M else 0,
        surplus_percent_max=draw(st.none() | st.integers(0, 1000)), recused_in_base=draw(st.booleans()),
        reveal_s=draw(st.integers(0, 3600)),
    )  # fmt: skip
    if quorum is None:
        return rule
    of, base, (quorum_num, quorum_den) = quorum
    return replace(rule, quorum_of=of, quorum_base=base, quorum_num=quorum_num, quorum_den=quorum_den)


@given(rules())
def test_a_rule_comes_back_from_its_bytes(rule: Rule) -> None:
    array = encode(rule)
    assert parse(cbor.decode(cbor.encode(array), limit=1024)) == rule
    assert encode(parse(array)) == array
    assert len(array) == 20


FULL = encode(
    replace(
        preset("vn-list-with-surplus", seats=3), quorum_of=Base.PRESENT_AT_OPEN, quorum_base=Base.SUMMONED,
        quorum_num=2, quorum_den=3, second_round=SecondRound.TOP_M, second_round_m=5,
    )
)  # fmt: skip
BARE = encode(preset("simple-majority"))
ODD: list[Any] = [
    None, True, False, -1, 2**31, 1.0, "", "x", b"x", b"", [], [1], {}, {"a": 1}, "MOTION", "rule/2", " top",
]  # fmt: skip


@pytest.mark.parametrize("array", [FULL, BARE], ids=["full", "bare"])
def test_no_other_value_fits_a_place(array: list[Any]) -> None:
    refused = 0
    for at in range(len(array)):
        for odd in [*ODD, *([int(array[at])] if type(array[at]) is bool else [])]:
            changed = [*array[:at], odd, *array[at + 1 :]]
            try:
                again = encode(parse(changed))
            except BadSchema:
                refused += 1
                continue
            # A value that fits is another rule, and stands in its array exactly as it came.
            assert [(type(item), item) for item in again] == [(type(item), item) for item in changed]
    assert refused > len(array) * (len(ODD) - 4)


@pytest.mark.parametrize("array", [FULL, BARE], ids=["full", "bare"])
def test_one_item_more_or_less_is_no_rule(array: list[Any]) -> None:
    for at in range(len(array)):
        with pytest.raises(BadSchema):
            parse(array[:at] + array[at + 1 :])
        for extra in (None, 0, True, array[at]):
            with pytest.raises(BadSchema):
                parse([*array[:at], extra, *array[at:]])
    with pytest.raises(BadSchema):
        parse([*array, None])


@pytest.mark.parametrize("at", [4, 5, 9, 10, 11, 14, 16, 17, 19])
def test_one_beyond_each_range_is_refused(at: int) -> None:
    lowest = {5: 1, 10: 1, 14: 1, 16: 1}.get(at, 0)
    highest = {11: 1000, 14: 9, 16: 1000, 17: 1000, 19: 3600}.get(at, 1_000_000)
    for inside in (lowest, highest):
        changed = [*FULL[:at], inside, *FULL[at + 1 :]]
        assert encode(parse(changed)) == changed
    for outside in (lowest - 1, highest + 1):
        with pytest.raises(BadSchema):
            parse([*FULL[:at], outside, *FULL[at + 1 :]])


@pytest.mark.parametrize("bad", [None, 1, "rule/1", b"", {}, [], [None], [True], ["rule/1"], tuple(BARE)])
def test_what_is_no_array_is_no_rule(bad: Any) -> None:
    with pytest.raises(BadSchema):
        parse(bad)


@pytest.mark.parametrize("lost", [7, 8, 9, 10])
def test_half_a_quorum_is_none(lost: int) -> None:
    with pytest.raises(BadSchema, match="quorum"):
        parse([*FULL[:lost], None, *FULL[lost + 1 :]])
    with pytest.raises(BadSchema, match="quorum"):
        encode(replace(preset("simple-majority"), quorum_num=1))


def test_the_arrays_of_the_presets_never_change() -> None:
    """A released rule is hashed into manifests: the same name never means other bytes."""
    assert encode(preset("vn-list-with-surplus", seats=3)) == [
        "rule/1", "vn-list-with-surplus", "top", "summoned_minus_excluded", 1, 2, True,
        None, None, None, None, 3, False, "reballot", 2, "remaining", 0, 30, True, 0,
    ]  # fmt: skip
    assert encode(preset("two-thirds")) == [
        "rule/1", "two-thirds", "motion", "summoned", 2, 3, False,
        None, None, None, None, 0, False, "none", 1, "none", 0, None, True, 0,
    ]  # fmt: skip
    assert all(parse(encode(known.rule)) == known.rule for known in PRESETS.values())


def test_facts_come_back_from_their_array_and_nothing_else_does() -> None:
    facts = Facts(52, 1, 1, 60, 50, 49, 1, 0, issued=50, returned=None)
    array = facts_of.encode(facts)
    assert array == ["facts/1", 52, 1, 1, 60, 50, 49, 1, 0, 50, None]
    assert facts_of.parse(array) == facts
    short, long, later = array[:-1], [*array, 0], ["facts/2", *array[1:]]
    for bad in (None, [], array[1:], short, long, later):
        with pytest.raises(BadSchema):
            facts_of.parse(bad)
    for at in range(1, 9):
        for odd in (None, -1, True, "1", 2**32):
            with pytest.raises(BadSchema):
                facts_of.parse([*array[:at], odd, *array[at + 1 :]])
