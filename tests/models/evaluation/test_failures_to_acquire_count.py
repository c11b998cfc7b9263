from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edge.rollcall_gate.errors import CameraError
from edge.rollcall_gate.eyes.embed import unit
from edge.rollcall_gate.eyes.pipeline import Pipeline, View
from edge.rollcall_gate.eyes.quality import Fault
from edge.rollcall_gate.frames import EMBEDDING_DIMS, EmbedderId, Embedding, FaceBox, Frame, Landmarks
from models.evaluation.acquire import acquire
from models.evaluation.bootstrap import resamplings
from models.evaluation.persons import persons_of
from models.evaluation.tables import Pair
from models.evaluation.verification import listed_pairs, verify_pairs
from tests.models.evaluation.made_faces import acquired_of, at_angles

EMBEDDER = EmbedderId(bytes(32), "test 1")
WHITE, GREY, BLACK, DIM = 250, 128, 0, 60


@dataclass
class BrightnessPipeline(Pipeline):
    """Sees a good face in white, a dark one in dim, none in black, and nothing to embed in grey."""

    limits: Any = None

    def view(self, frame: Frame) -> View | None:
        level = int(frame.pixels.mean())
        if level < 10:
            return None
        face = FaceBox(0, 0, 8, 8, 1.0, np.zeros((6, 2), np.float32))
        marks = Landmarks(np.zeros((5, 2), np.float32), 1.0)
        wrong = {True: (Fault.TOO_DARK, Fault.BLURRED), False: ()}[level < 100]
        return View(face, marks, None, (Fault.TOO_FAR,) if 100 <= level < 200 else wrong)

    def embed(self, view: View) -> Embedding | None:
        if view.faults[:1] == (Fault.TOO_FAR,):
            return None
        return unit(np.ones(EMBEDDING_DIMS, np.float32), EMBEDDER)


def photograph(folder: Path, name: str, level: int) -> str:
    assert cv2.imwrite(str(folder / name), np.full((16, 16, 3), level, np.uint8))
    return name


def test_every_photograph_is_kept_whatever_it_gave(tmp_path: Path) -> None:
    levels = {"a.png": WHITE, "b.png": BLACK, "c.png": GREY, "d.png": DIM}
    found = acquire(BrightnessPipeline(), tmp_path, [photograph(tmp_path, n, v) for n, v in levels.items()])
    assert found.names == tuple(levels)
    assert found.acquired.tolist() == [True, False, False, True]
    assert found.failures == 2
    assert found.refused.tolist() == [False, False, False, True]
    assert found.refusals() == {Fault.TOO_DARK: 1}
    assert found.embeddings.shape == (4, EMBEDDING_DIMS)
    assert np.linalg.norm(found.embeddings, axis=1) == pytest.approx([1, 0, 0, 1])
    limited = found.within_limits()
    assert limited.acquired.tolist() == [True, False, False, False]
    assert np.linalg.norm(limited.embeddings, axis=1) == pytest.approx([1, 0, 0, 0])


def test_a_file_that_is_no_photograph_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.jpg").write_bytes(b"hello")
    with pytest.raises(CameraError, match=r"x\.jpg: not a JPEG or PNG photograph"):
        acquire(BrightnessPipeline(), tmp_path, ["x.jpg"])


NAMES, ROWS = at_angles(a_1=0, a_2=0.1, b_1=2, b_2=2.1, c_1=4, c_2=4.1)
PAIRS = [
    Pair("1", True, "a_1.jpg", "a_2.jpg"),
    Pair("1", False, "a_1.jpg", "b_1.jpg"),
    Pair("2", True, "b_1.jpg", "b_2.jpg"),
    Pair("2", False, "a_2.jpg", "b_2.jpg"),
    Pair("2", True, "c_1.jpg", "c_2.jpg"),
    Pair("2", False, "a_1.jpg", "c_2.jpg"),
]


def test_a_failed_genuine_pair_is_a_miss_and_a_failed_impostor_pair_a_refusal() -> None:
    persons = persons_of(NAMES, PAIRS)
    weights = resamplings(persons.count, rounds=10)
    whole = listed_pairs(acquired_of(NAMES, ROWS), persons, PAIRS, 0.56, weights)
    lacking = listed_pairs(acquired_of(NAMES, ROWS, failed=["c_2.jpg"]), persons, PAIRS, 0.56, weights)
    assert (whole.genuine, whole.impostor) == (lacking.genuine, lacking.impostor) == (3, 3)
    for found, fnmr, accuracy in ((whole, 0.0, 1.0), (lacking, 1 / 3, (1 + 3 / 4) / 2)):
        assert found.fnmr is not None
        assert found.fmr is not None
        assert found.accuracy is not None
        assert found.fnmr.value == pytest.approx(fnmr)
        assert found.fmr.value == 0
        assert found.accuracy.value == pytest.approx(accuracy)
    assert whole.accuracy_sd == 0
    assert lacking.accuracy_sd == pytest.approx(1 / 8)


def test_the_quality_limits_make_a_refused_photograph_a_failure() -> None:
    acquired = acquired_of(NAMES, ROWS, blurred=["a_2.jpg", "c_2.jpg"])
    persons = persons_of(NAMES, PAIRS)
    whole = verify_pairs(acquired, persons, PAIRS, 0.9).listed.fnmr
    limited = verify_pairs(acquired.within_limits(), persons, PAIRS, 0.9).listed.fnmr
    assert whole is not None
    assert limited is not None
    assert (whole.value, limited.value) == pytest.approx((0, 2 / 3))


def test_nothing_acquired_at_all_is_a_rate_and_no_crash() -> None:
    found = verify_pairs(acquired_of(NAMES, ROWS, failed=NAMES), persons_of(NAMES, PAIRS), PAIRS, 0.5)
    assert found.listed.fnmr is not None
    assert found.listed.fmr is not None
    assert (found.listed.fnmr.value, found.listed.fmr.value) == (1, 0)
    assert found.all_vs_all is not None
    assert found.all_vs_all.fnmr is not None
    assert found.all_vs_all.fnmr.value == 1


def test_a_single_fold_has_no_accuracy_and_keeps_the_other_rates() -> None:
    pairs = [Pair("1", pair.same, pair.a, pair.b) for pair in PAIRS]
    found = verify_pairs(acquired_of(NAMES, ROWS), persons_of(NAMES, pairs), pairs, 0.56).listed
    assert (found.accuracy, found.accuracy_sd, found.folds) == (None, None, 1)
    assert found.eer is not None
    assert found.eer.value == 0


def test_names_that_tell_nobody_apart_have_no_all_against_all() -> None:
    names, rows = at_angles(u=0, v=0.1, w=2)
    pairs = [Pair("1", True, "u.jpg", "v.jpg"), Pair("2", False, "v.jpg", "w.jpg")]
    found = verify_pairs(acquired_of(names, rows), persons_of(names, pairs), pairs, 0.5)
    assert found.all_vs_all is None
    assert found.listed.fnmr is not None
