"""Scores of the attack detector over a track: person, picture, or doubt; and what is done about it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rollcall_gate.eyes.quality import Fault
from edge.rollcall_gate.who.compare import compare
from edge.rollcall_gate.who.decide import DEFAULT, Sample
from edge.rollcall_gate.who.presentation import (
    UNCALIBRATED,
    PadThresholds,
    Presentation,
    judge,
    track_score,
)
from edge.rollcall_gate.who.reception import Manner
from tests.edge.rollcall_gate.rig import Rig
from tests.edge.rollcall_gate.synthetic import at_angle, member

DOUBTFUL, REAL, FLAT = 0.35, 0.9, 0.05


def looks(score: float | None, degrees: float = 2.0, axis: int = 1, track: int = 1) -> list[Sample]:
    one = Sample(at_angle(degrees, axis), None, track, bona_fide=score, eye_openness=0.26, yaw=0.0)
    return [one] * 3


def turned(yaw: float, degrees: float = 2.0, track: int = 1) -> Sample:
    return Sample(at_angle(degrees), None, track, bona_fide=DOUBTFUL, eye_openness=0.26, yaw=yaw)


def shut(track: int = 1) -> Sample:
    return Sample(at_angle(2), None, track, bona_fide=DOUBTFUL, eye_openness=0.12, yaw=0.0)


BLINK_DRAW, LEFT_DRAW = 0.0, 0.5


def rig(**how) -> Rig:
    made = Rig(**how)
    made.enrol((member(1), 0, at_angle(0)), (member(2), 0, at_angle(90)))
    made.open_sitting()
    return made


# -- judging --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scores", "what"),
    [
        ((), Presentation.NOT_LOOKED_AT),
        ((None, None), Presentation.NOT_LOOKED_AT),
        ((0.5, 0.5), Presentation.BONA_FIDE),
        ((0.499,), Presentation.DOUBT),
        ((0.2,), Presentation.DOUBT),
        ((0.199,), Presentation.ATTACK),
        ((0.9, 0.0, None), Presentation.DOUBT),
        ((1.0, 1.0, 0.0), Presentation.BONA_FIDE),
    ],
)
def test_a_track_is_judged_by_the_mean_of_what_was_looked_at(scores, what: Presentation) -> None:
    assert judge([Sample(bona_fide=score) for score in scores]) is what


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=8))
def test_a_mean_lies_between_its_scores(scores: list[float | None]) -> None:
    told = [score for score in scores if score is not None]
    found = track_score([Sample(bona_fide=score) for score in scores])
    assert (found is None) == (not told)
    if found is not None:
        assert min(told) - 1e-9 <= found <= max(told) + 1e-9


@pytest.mark.parametrize("pair", [(0.6, 0.5), (-0.1, 0.5), (0.5, 1.1)])
def test_thresholds_in_the_wrong_order_are_no_thresholds(pair: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="attack_below <= bona_fide_from"):
        PadThresholds(*pair)


# -- what is done ---------------------------------------------------------------------------------------


def test_a_person_whom_the_detector_is_sure_of_is_asked_nothing() -> None:
    gate = rig()
    gate.walk(*looks(REAL))
    assert gate.seen["state"] == "released"


def test_a_gate_without_a_detector_admits_by_face_alone() -> None:
    gate = rig()
    gate.walk(*looks(None))
    assert gate.seen["state"] == "released"


def test_a_picture_is_refused_in_the_words_of_a_stranger_and_recorded_for_the_auditor() -> None:
    gate = rig()
    gate.walk(*looks(FLAT))
    assert gate.door.locked
    assert gate.seen["decision"] == "AttackSuspected"
    assert gate.display.lines[0] == "We did not recognise you yet."
    assert gate.seen["code"] == "no-match"
    assert gate.alarms() == ["attack-suspected"]


def test_a_picture_is_compared_with_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[object] = []

    def told(probe, gallery):
        compared.append(probe)
        return compare(probe, gallery)

    monkeypatch.setattr("edge.rollcall_gate.who.decide.compare", told)
    gate = rig()
    gate.walk(*looks(FLAT))
    assert compared == []
    gate.walk(*looks(REAL, track=2))
    assert len(compared) == 1


@pytest.mark.parametrize(
    ("draw", "view", "act"),
    [
        (BLINK_DRAW, "challenge-blink", [shut(), turned(0.0)]),
        (LEFT_DRAW, "challenge-left", [turned(0.3), turned(0.05)]),
        (0.9, "challenge-right", [turned(-0.3), turned(0.0)]),
    ],
)
def test_in_doubt_somebody_who_does_what_is_asked_is_admitted(
    draw: float, view: str, act: list[Sample]
) -> None:
    gate = rig(draw=draw)
    gate.walk(*looks(DOUBTFUL))
    assert (gate.seen["view"], gate.seen["decisions"]) == (view, 0)
    assert gate.door.locked
    gate.walk(*act)
    assert gate.seen["state"] == "released"
    gate.go_through()
    assert [(p.member, p.method) for p in gate.passages()] == [(member(1), "face")]
    assert gate.alarms() == []


def test_in_doubt_whoever_does_nothing_is_sent_to_a_human_after_four_seconds() -> None:
    gate = rig()
    gate.walk(*looks(DOUBTFUL))
    gate.walk(*[turned(0.0)] * 39)
    assert gate.seen["view"] == "challenge-blink"
    gate.walk(turned(0.0))
    assert gate.seen["decision"] == "AttackSuspected"
    assert gate.door.locked
    assert gate.alarms() == ["attack-suspected"]


@pytest.mark.parametrize("draw", [BLINK_DRAW, LEFT_DRAW, 0.9])
@pytest.mark.parametrize("yaw", [0.4, -0.4])
def test_a_print_between_looks_at_somebody_elses_profile_passes_nothing(draw: float, yaw: float) -> None:
    """A profile cannot be compared, so it must not answer for a picture that was."""
    gate = rig(draw=draw)
    gate.walk(*looks(DOUBTFUL))
    profile = replace(turned(yaw), probe=None, fault=Fault.TURNED_AWAY, eye_openness=0.05)
    gate.walk(profile, profile, turned(0.0), profile, turned(0.0))
    assert gate.seen["state"] == "secured"
    assert gate.seen["decisions"] == 0


def test_whoever_walks_away_from_a_question_is_accused_of_nothing() -> None:
    gate = rig()
    gate.walk(*looks(DOUBTFUL))
    gate.walk(*[Sample()] * 10)
    assert gate.seen["view"] == "ready"
    assert (gate.seen["decision"], gate.alarms()) == (None, [])


def test_a_site_without_challenges_sends_doubt_to_a_human_at_once() -> None:
    gate = rig(manner=Manner(DEFAULT, UNCALIBRATED, challenges=False))
    gate.walk(*looks(DOUBTFUL))
    assert gate.seen["decision"] == "AttackSuspected"
    assert gate.alarms() == ["attack-suspected"]


def test_a_face_that_could_not_be_measured_is_not_asked_but_sent_to_a_human() -> None:
    gate = rig()
    gate.walk(*[Sample(at_angle(2), None, 1, bona_fide=DOUBTFUL)] * 3)
    assert gate.seen["decision"] == "AttackSuspected"


def test_a_stranger_in_doubt_is_a_stranger_and_asked_nothing() -> None:
    gate = rig()
    gate.walk(*looks(DOUBTFUL, 90, axis=7))
    assert gate.seen["decision"] == "NoMatch"
    assert gate.alarms() == []


def test_somebody_else_cannot_answer_for_the_one_who_was_asked() -> None:
    """Another track steps before the camera, turns its head, and is looked at from the beginning."""
    gate = rig(draw=LEFT_DRAW)
    gate.walk(*looks(DOUBTFUL))
    gate.walk(turned(0.3, 90, track=2), turned(0.0, 90, track=2))
    assert gate.door.locked
    assert gate.seen["view"] == "look"


def test_a_living_face_that_blinks_in_the_place_of_a_picture_lends_it_nothing() -> None:
    """One place in the picture, so one track: a print is held up, an own face blinks, the print is back."""
    gate = rig()
    gate.walk(*looks(DOUBTFUL))
    own = Sample(at_angle(90, axis=7), None, 1, bona_fide=REAL, eye_openness=0.26, yaw=0.0)
    gate.walk(replace(own, eye_openness=0.1), own, turned(0.0))
    assert gate.door.locked
    assert gate.seen["decision"] == "Ambiguous"


def test_a_blink_in_a_picture_too_dark_to_recognise_anybody_counts_for_nothing() -> None:
    gate = rig()
    gate.walk(*looks(DOUBTFUL))
    dark = [Sample(None, Fault.TOO_DARK, 1, eye_openness=openness, yaw=0.0) for openness in (0.1, 0.26)]
    gate.walk(*dark, turned(0.0))
    assert gate.door.locked
    assert gate.seen["view"] == "challenge-blink"


def test_who_answers_is_let_in_only_by_a_good_look_at_them() -> None:
    gate = rig()
    gate.walk(*looks(DOUBTFUL))
    gate.walk(shut(), Sample(track=1, eye_openness=0.26, yaw=0.0))
    assert gate.door.locked
    gate.walk(turned(0.0))
    assert gate.seen["state"] == "released"


def test_who_is_withdrawn_while_they_are_asked_is_not_admitted_by_face() -> None:
    gate = rig()
    gate.walk(*looks(DOUBTFUL))
    gate.change(1, gone=(member(1),))
    gate.walk(shut(), turned(0.0))
    assert gate.door.locked
    assert gate.seen["decision"] == "NoMatch"


def test_a_badge_is_an_answer_too() -> None:
    gate = rig()
    gate.walk(*looks(DOUBTFUL))
    gate.badge(member(1))
    assert (gate.seen["state"], gate.seen["method"]) == ("released", "badge")


def test_site_thresholds_decide_what_doubt_is() -> None:
    strict = Manner(DEFAULT, PadThresholds(0.5, 0.95), challenges=True)
    gate = rig(manner=strict)
    gate.walk(*looks(REAL))
    assert gate.seen["view"] == "challenge-blink"
    gate = rig(manner=strict)
    gate.walk(*looks(DOUBTFUL))
    assert gate.seen["decision"] == "AttackSuspected"
