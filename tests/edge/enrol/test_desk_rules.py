"""The desk's rules on made-up looks: no network is loaded."""

import math

import numpy as np
import pytest

from edge.enrol import desk
from edge.enrol.consent import Channel, Consent
from edge.enrol.desk import Visit, best_of, with_look
from edge.enrol.finding import ROWS_MAX, found_by
from edge.enrol.look import COMPANION_SIDE_MIN, Advice, Look, Refusal, advice_on, are_two
from edge.enrol.ports import Found
from edge.enrol.words import PAGE, SAY
from edge.rollcall_gate.eyes.embed import unit
from edge.rollcall_gate.eyes.quality import Measured, Pose
from edge.rollcall_gate.frames import EmbedderId, FaceBox
from edge.rollcall_gate.who.decide import DEFAULT
from edge.rollcall_gate.who.gallery import Gallery, Reference
from wire.ids import MemberRef

EMBEDDER = EmbedderId(bytes(32), "runtime 1")
CONSENT = Consent("1", "ab" * 32, "vi", Channel.DESK, "desk-1")
MEMBER, OTHER = MemberRef(b"m" * 16), MemberRef(b"o" * 16)
GOOD = Measured(Pose(0.0, 0.6, 0.0), 60.0, 500.0, 120.0, 1.0)


def look(cosine: float = 1.0, seed: int = 0, quality: float = 0.9) -> Look:
    """At this cosine from the first axis; its picture made from the seed."""
    vector = np.zeros(128, np.float32)
    vector[0], vector[1] = cosine, math.sqrt(1 - cosine**2)
    thumb = np.random.default_rng(seed).standard_normal(2352, np.float32)
    thumb = (thumb - thumb.mean()) / thumb.std()
    return Look(unit(vector, EMBEDDER), quality, (), thumb)


def face(side: float) -> FaceBox:
    return FaceBox(0, 0, side, side, 0.9, np.zeros((6, 2), np.float32))


def visit(*looks: Look) -> Visit:
    return Visit(MEMBER, "", CONSENT, looks)


@pytest.mark.parametrize(("share", "two"), [(COMPANION_SIDE_MIN, True), (COMPANION_SIDE_MIN - 0.01, False)])
def test_a_second_face_counts_from_half_the_first_ones_size(share: float, two: bool) -> None:
    assert are_two([face(100 * share), face(100)]) is two
    assert not are_two([face(100)])
    assert not are_two([])


def test_a_look_joins_only_with_consent_as_a_new_picture_of_the_same_person() -> None:
    assert with_look(Visit(MEMBER, ""), look()) is Refusal.NO_CONSENT
    one = visit(look(seed=1))
    assert with_look(one, look(seed=1)) is Refusal.SAME_PHOTOGRAPH
    assert with_look(one, look(DEFAULT.same_person_min - 0.01, seed=2)) is Refusal.OTHER_PERSON
    both = with_look(one, look(DEFAULT.same_person_min + 0.01, seed=2))
    assert isinstance(both, Visit)
    assert len(both.looks) == 2
    assert with_look(visit(*(look(seed=n) for n in range(5))), look(seed=9)) is Refusal.LOOKS_FULL


def test_consent_taken_back_takes_the_looks_with_it() -> None:
    assert desk.with_consent(visit(look()), None) == Visit(MEMBER, "")


def test_a_duplicate_is_found_at_the_gates_own_threshold() -> None:
    others = Gallery.of(EMBEDDER, [Reference(OTHER, look().embedding)])
    alike = desk.enrolled_as(visit(look(DEFAULT.match_min + 0.01)), others)
    assert alike is not None
    assert alike.member == OTHER
    assert desk.enrolled_as(visit(look(DEFAULT.match_min - 0.01)), others) is None
    assert desk.enrolled_as(visit(look()), Gallery.of(EMBEDDER, [])) is None


def test_the_best_frame_is_taken_and_otherwise_the_commonest_reason() -> None:
    better = look(quality=0.9)
    assert best_of([look(quality=0.2), Refusal.BLURRED, better]) is better
    assert best_of([better, Refusal.TWO_PEOPLE]) is Refusal.TWO_PEOPLE
    assert best_of([Refusal.NO_FACE, Refusal.TOO_DARK, Refusal.TOO_DARK, Refusal.BLURRED]) is Refusal.TOO_DARK
    assert best_of([]) is Refusal.NO_FACE


@pytest.mark.parametrize(
    ("seen", "advice"),
    [
        (GOOD, ()),
        (Measured(GOOD.pose, 30.0, 500.0, 120.0, 1.0), (Advice.CLOSER,)),
        (Measured(GOOD.pose, 60.0, 100.0, 120.0, 1.0), (Advice.SHARPER,)),
        (Measured(GOOD.pose, 60.0, 500.0, 60.0, 1.0), (Advice.LIGHTER,)),
        (Measured(GOOD.pose, 60.0, 500.0, 200.0, 1.0), (Advice.DARKER,)),
        (Measured(GOOD.pose, 60.0, 500.0, 120.0, 0.8), (Advice.FREER,)),
        (Measured(Pose(0.5, 0.6, 0.0), 60.0, 500.0, 120.0, 1.0), (Advice.STRAIGHTER,)),
    ],
)
def test_what_is_short_of_good_is_named(seen: Measured, advice: tuple[Advice, ...]) -> None:
    assert advice_on(seen) == advice


def test_every_reason_and_every_advice_has_both_sentences() -> None:
    for code in (*Refusal, *Advice):
        assert all(SAY[code]), code
    assert all(vietnamese and english for vietnamese, english in (*SAY.values(), *PAGE.values()))


def test_names_are_found_by_the_beginnings_of_their_words() -> None:
    people = [Found(MEMBER, "Nguyễn Thị Đào"), Found(OTHER, "Trần Văn Bình")]
    for typed in ("đào", "DAO", "nguyen d", "thi nguyễn", MEMBER.hex(), f" {MEMBER.hex()} "):
        assert [found.member for found in found_by(typed, people)] == [MEMBER], typed
    for typed in ("", "  ", "ao", "dao binh", "ab" * 16):
        assert found_by(typed, people) == [], typed
    many = [Found(MemberRef(bytes([n]) * 16), f"Lê {n:03}") for n in range(40)]
    assert len(found_by("le", many)) == ROWS_MAX + 1
