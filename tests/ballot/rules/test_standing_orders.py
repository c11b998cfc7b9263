"""Numbers in, outcome out, as the cited standing orders have it (one table per source)."""

from dataclasses import replace

import pytest

from ballot.rules.counted import ListCount, Marks, MotionCount
from ballot.rules.decide import decide
from ballot.rules.facts import Facts
from ballot.rules.outcome import Verdict
from ballot.rules.presets import PRESETS, preset
from ballot.rules.rule import Base

EP = "European Parliament, Rule 194(3): only votes for and against count"
BOSCH = "Bosch DCN NG: 1/2 × N + 1 asks 26.5 of 51 and turns a valid 26 away"


@pytest.mark.parametrize(
    ("yes", "no", "abstain", "verdict", "source"),
    [
        (26, 25, 0, Verdict.CARRIED, BOSCH),
        (25, 26, 0, Verdict.NOT_CARRIED, BOSCH),
        (300, 300, 0, Verdict.NOT_CARRIED, EP),
        (301, 300, 104, Verdict.CARRIED, EP),
        (1, 0, 704, Verdict.CARRIED, EP),
        (0, 0, 705, Verdict.NOT_CARRIED, EP),
    ],
)
def test_simple_majority(yes: int, no: int, abstain: int, verdict: Verdict, source: str) -> None:
    outcome = decide(preset("simple-majority"), Facts(705), MotionCount(yes, no, abstain))
    assert outcome.verdict is verdict, source


VN30 = "190-QĐ/TW, Art. 30: more than half of those summoned less the listed exclusions"


@pytest.mark.parametrize(
    ("summoned", "excluded", "yes", "verdict", "source"),
    [
        (52, 0, 26, Verdict.NOT_CARRIED, VN30),
        (52, 0, 27, Verdict.CARRIED, VN30),
        (52, 1, 26, Verdict.CARRIED, VN30 + "; one temporarily transferred"),
        (52, 2, 25, Verdict.NOT_CARRIED, VN30 + "; 25 of 50 is not more than half"),
        (52, 2, 26, Verdict.CARRIED, VN30),
    ],
)
def test_half_of_those_summoned_less_exclusions(
    summoned: int, excluded: int, yes: int, verdict: Verdict, source: str
) -> None:
    facts = Facts(summoned, excluded, present_at_open=40, present_at_close=40)
    assert decide(preset("vn-party-motion"), facts, MotionCount(yes, 3, 1)).verdict is verdict, source


def test_absent_and_silent_delegates_weigh_against_a_half_of_all_members() -> None:
    """Resolution 71/2022/QH15: half of all members, not of those present."""
    rule = preset("half-of-all-members")
    assert decide(rule, Facts(500), MotionCount(250, 0, 0)).verdict is Verdict.NOT_CARRIED
    assert decide(rule, Facts(500), MotionCount(251, 0, 0)).verdict is Verdict.CARRIED


@pytest.mark.parametrize(
    ("name", "base", "yes", "no", "verdict", "source"),
    [
        ("two-thirds", None, 333, 0, Verdict.NOT_CARRIED, "at least 2/3 of 500 is 334"),
        ("two-thirds", None, 334, 0, Verdict.CARRIED, "at least 2/3 of 500 is 334"),
        ("two-thirds", Base.FOR_AGAINST, 66, 33, Verdict.CARRIED, "exactly 2/3 is at least 2/3"),
        ("two-thirds", Base.FOR_AGAINST, 65, 33, Verdict.NOT_CARRIED, "65 of 98"),
        ("four-fifths", None, 400, 100, Verdict.CARRIED, "exactly 4/5 is at least 4/5"),
        ("four-fifths", None, 399, 101, Verdict.NOT_CARRIED, "399 of 500"),
    ],
)
def test_qualified_majorities(
    name: str, base: Base | None, yes: int, no: int, verdict: Verdict, source: str
) -> None:
    outcome = decide(preset(name, base=base), Facts(500), MotionCount(yes, no, 0))
    assert outcome.verdict is verdict, source


UNESCO = "UNESCO ICH, R.39.6: members less absent, blank and invalid"


@pytest.mark.parametrize(
    ("yes", "no", "blank", "invalid", "verdict", "source"),
    [
        (58, 57, 3, 2, Verdict.CARRIED, UNESCO + "; 130 members, 10 absent: 115 count"),
        (57, 58, 3, 2, Verdict.NOT_CARRIED, UNESCO),
        (56, 55, 9, 0, Verdict.CARRIED, UNESCO + "; six more blanks lower the base to 111"),
    ],
)
def test_blank_and_invalid_leave_the_base(
    yes: int, no: int, blank: int, invalid: int, verdict: Verdict, source: str
) -> None:
    facts = Facts(130, present_at_open=120, present_at_close=120)
    outcome = decide(preset("unesco-ich"), facts, MotionCount(yes, no, 0, blank, invalid))
    assert outcome.verdict is verdict, source


ITU = "ITU PP-02: a blank ballot is an abstention; more than one mark is invalid"


@pytest.mark.parametrize(
    ("yes", "no", "blank", "invalid", "verdict"),
    [
        (41, 40, 60, 4, Verdict.CARRIED),
        (40, 40, 60, 4, Verdict.NOT_CARRIED),
        (0, 0, 145, 0, Verdict.NOT_CARRIED),
    ],
)
def test_a_blank_ballot_is_an_abstention(
    yes: int, no: int, blank: int, invalid: int, verdict: Verdict
) -> None:
    outcome = decide(preset("itu-motion"), Facts(150), MotionCount(yes, no, 0, blank, invalid))
    assert outcome.verdict is verdict, ITU


def test_an_election_by_choosing_counts_no_blank_ballots_in_its_base() -> None:
    count = ListCount(valid=100, options=(Marks(51), Marks(49)), blank=40, invalid=5)
    assert decide(preset("itu-election", seats=1), Facts(150), count).text == "elected elected=1", ITU


LIST_FOR_ALL = "190-QĐ/TW, Art. 30, list without surplus: each person needs more than half of the base"


@pytest.mark.parametrize(
    ("votes", "text", "source"),
    [
        ((50, 40, 26), "elected elected=1,2,3", LIST_FOR_ALL),
        ((50, 25, 26), "second-round elected=1,3 next=2 left=1", LIST_FOR_ALL + "; 25 of 50 is not"),
        ((20, 25, 10), "second-round next=1,2,3 left=3", LIST_FOR_ALL),
        ((30, 30, 30), "elected elected=1,2,3", "no surplus, so equal votes are no tie"),
    ],
)
def test_a_list_without_surplus(votes: tuple[int, ...], text: str, source: str) -> None:
    count = ListCount(50, tuple(Marks(number, 50 - number) for number in votes))
    rule = preset("vn-list-without-surplus", seats=3)
    assert decide(rule, Facts(53, excluded=3), count).text == text, source


LIST_BY_CHOICE = "190-QĐ/TW, Art. 30, list with surplus: most votes first, among those with more than half"


@pytest.mark.parametrize(
    ("votes", "text", "source"),
    [
        (
            (40, 41, 42, 27),
            "elected elected=3,2,1",
            LIST_BY_CHOICE + "; the fourth has the majority, no seat",
        ),
        ((40, 41, 25, 24), "second-round elected=2,1 next=3,4 left=1", LIST_BY_CHOICE),
        (
            (49, 40, 30, 30),
            "tie elected=1,2 tied=3,4 next=3,4 left=1 by=reballot",
            "equal votes for the last seat",
        ),
        ((49, 40, 40, 20), "elected elected=1,2,3", "equal votes, but seats for both"),
    ],
)
def test_a_list_with_surplus(votes: tuple[int, ...], text: str, source: str) -> None:
    count = ListCount(50, tuple(map(Marks, votes)))
    rule = preset("vn-list-with-surplus", seats=3)
    assert decide(rule, Facts(50), count).text == text, source


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_every_preset_can_decide_something(name: str) -> None:
    rule = preset(name, seats=1)
    count = MotionCount(9, 0, 0) if rule.elect == "motion" else ListCount(9, (Marks(9),))
    outcome = decide(rule, Facts(9), count)
    assert outcome.verdict in (Verdict.CARRIED, Verdict.ELECTED)
    assert all((*outcome.words, PRESETS[name].source, PRESETS[name].vi, PRESETS[name].en))


def test_recused_members_leave_the_base_only_where_the_rule_says_so() -> None:
    facts = Facts(52, excluded=1, recused=1, present_at_open=51, recused_at_open=1)
    inside = preset("vn-party-motion")
    outside = replace(inside, recused_in_base=False)
    assert decide(inside, facts, MotionCount(25, 25, 0)).verdict is Verdict.NOT_CARRIED
    assert "52 − 1 = 51." in decide(inside, facts, MotionCount(25, 25, 0)).sums[0].en
    assert "52 − 1 − 1 = 50." in decide(outside, facts, MotionCount(26, 24, 0)).sums[0].en
    present = replace(outside, base=Base.PRESENT_AT_OPEN)
    assert "51 − 1 = 50." in decide(present, facts, MotionCount(26, 24, 0)).sums[0].en


def test_without_a_quorum_nothing_is_decided() -> None:
    rule = replace(
        preset("simple-majority"), quorum_of=Base.PRESENT_AT_OPEN, quorum_base=Base.SUMMONED, quorum_num=2,
        quorum_den=3,
    )  # fmt: skip
    outcome = decide(rule, Facts(50, present_at_open=33), MotionCount(33, 0, 0))
    assert outcome.verdict is Verdict.NO_QUORUM
    assert outcome.sums[-1].text == "33 × 3 = 99 < 50 × 2 = 100"
    assert decide(rule, Facts(50, present_at_open=34), MotionCount(33, 0, 0)).verdict is Verdict.CARRIED
