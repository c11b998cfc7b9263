"""Who is admitted, and who is sent to the badge lane instead."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rollcall_gate.eyes.embed import fuse, unit
from edge.rollcall_gate.eyes.quality import Fault
from edge.rollcall_gate.frames import EMBEDDING_DIMS
from edge.rollcall_gate.who.compare import compare
from edge.rollcall_gate.who.decide import (
    DEFAULT,
    Admitted,
    Ambiguous,
    LowQuality,
    NoFace,
    NoMatch,
    Sample,
    decide,
    enough,
)
from edge.rollcall_gate.who.gallery import Gallery, Reference
from tests.edge.rollcall_gate.synthetic import EMBEDDER, at_angle, member

GALLERY = Gallery.of(
    EMBEDDER,
    [
        Reference(member(1), at_angle(0)),
        Reference(member(2), at_angle(90)),
        Reference(member(3), at_angle(180)),
    ],
)


def probes(*degrees: float) -> list[Sample]:
    return [Sample(probe=at_angle(d)) for d in degrees]


def test_a_near_and_unrivalled_face_is_admitted() -> None:
    decision = decide(probes(10, 12, 8), GALLERY)
    assert isinstance(decision, Admitted)
    assert (decision.member, decision.method) == (member(1), "face")
    assert decision.score == pytest.approx(np.cos(np.radians(10)), abs=1e-3)


def test_a_stranger_is_nobody() -> None:
    assert isinstance(decide([Sample(probe=at_angle(90, axis=5))], GALLERY), NoMatch)


def test_an_empty_roster_admits_nobody() -> None:
    assert decide(probes(0), Gallery.of(EMBEDDER, [])) == NoMatch(-1.0)


def test_a_face_between_two_members_is_for_a_human_to_decide() -> None:
    assert isinstance(decide(probes(45), GALLERY), Ambiguous)


def test_the_margin_is_what_separates_them() -> None:
    lenient = replace(DEFAULT, margin_min=0.0)
    assert isinstance(decide(probes(44), GALLERY), Ambiguous)
    assert isinstance(decide(probes(44), GALLERY, lenient), Admitted)


def test_two_people_before_one_camera_are_never_fused_into_a_third() -> None:
    assert isinstance(decide(probes(0, 78), GALLERY), Ambiguous)


def test_bad_samples_are_said_to_be_bad_and_not_unknown() -> None:
    samples = [
        Sample(fault=Fault.BLURRED),
        Sample(fault=Fault.TOO_FAR),
        Sample(fault=Fault.TOO_FAR),
        Sample(),
    ]
    assert decide(samples, GALLERY) == LowQuality(Fault.TOO_FAR)


def test_one_good_sample_outweighs_bad_ones() -> None:
    assert isinstance(decide([Sample(fault=Fault.BLURRED), *probes(5)], GALLERY), Admitted)


def test_nobody_is_nobody() -> None:
    assert decide([], GALLERY) == NoFace()
    assert decide([Sample(), Sample()], GALLERY) == NoFace()


def test_three_good_probes_are_enough() -> None:
    assert not enough([*probes(1, 2), Sample(fault=Fault.BLURRED), Sample()], 0)
    assert enough(probes(1, 2, 3), 0)


def test_references_of_one_member_become_one_row() -> None:
    gallery = Gallery.of(EMBEDDER, [Reference(member(1), at_angle(d)) for d in (0, 20, 40)])
    assert len(gallery) == 1
    assert compare(at_angle(20), gallery).best is not None
    assert compare(at_angle(20), gallery).best.score == pytest.approx(1, abs=1e-6)
    assert compare(at_angle(20), gallery).runner_up is None


def test_embeddings_of_another_model_are_never_compared() -> None:
    foreign = replace(EMBEDDER, runtime="test-runtime 2")
    with pytest.raises(ValueError, match="different"):
        compare(at_angle(0, embedder=foreign), GALLERY)
    with pytest.raises(ValueError, match="another model"):
        Gallery.of(EMBEDDER, [Reference(member(1), at_angle(0, embedder=foreign))])
    with pytest.raises(ValueError, match="one model"):
        fuse([at_angle(0), at_angle(0, embedder=foreign)])


def test_a_vector_without_direction_is_no_embedding() -> None:
    for bad in (np.zeros(EMBEDDING_DIMS, np.float32), np.full(EMBEDDING_DIMS, np.nan, np.float32)):
        with pytest.raises(ValueError, match="direction"):
            unit(bad, EMBEDDER)


@given(st.lists(st.floats(-40, 40, width=32), min_size=1, max_size=5), st.randoms())
def test_the_order_of_frames_does_not_matter(degrees: list[float], random) -> None:
    shuffled = list(degrees)
    random.shuffle(shuffled)
    one, other = decide(probes(*degrees), GALLERY), decide(probes(*shuffled), GALLERY)
    assert type(one) is type(other)
    if isinstance(one, Admitted) and isinstance(other, Admitted):
        assert one.member == other.member


@given(st.floats(-1, 1, width=32))
def test_nobody_below_the_threshold_is_ever_admitted(cosine: float) -> None:
    decision = decide(probes(float(np.degrees(np.arccos(cosine)))), GALLERY)
    if isinstance(decision, Admitted):
        assert decision.score is not None
        assert decision.score >= DEFAULT.match_min


@given(st.integers(1, 60), st.integers(1, 4), st.integers(0, 2**32 - 1), st.sampled_from([0, 1e-7, 1e-3, 1]))
def test_the_two_nearest_are_those_of_exact_arithmetic(
    members: int, distinct: int, seed: int, apart: float
) -> None:
    """Ties and near ties included: within what float32 can tell, nobody else was nearer."""
    rng = np.random.default_rng(seed)
    middles = rng.normal(size=(distinct, EMBEDDING_DIMS))
    noise = rng.normal(size=(members, EMBEDDING_DIMS))
    faces = [
        unit(v.astype(np.float32), EMBEDDER) for v in middles[np.arange(members) % distinct] + apart * noise
    ]
    probe = unit(rng.normal(size=EMBEDDING_DIMS).astype(np.float32), EMBEDDER)
    found = compare(probe, Gallery.of(EMBEDDER, [Reference(member(n), face) for n, face in enumerate(faces)]))
    exact = {
        member(n): float(f.vector.astype(float) @ probe.vector.astype(float)) for n, f in enumerate(faces)
    }
    chosen = [candidate for candidate in (found.best, found.runner_up) if candidate is not None]
    assert len({candidate.member for candidate in chosen}) == min(2, members)
    for candidate, score in zip(chosen, sorted(exact.values(), reverse=True), strict=False):
        assert candidate.score == pytest.approx(exact[candidate.member], abs=1e-6)
        assert exact[candidate.member] == pytest.approx(score, abs=1e-6)
