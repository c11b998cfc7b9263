from pathlib import Path

import numpy as np
import pytest

from edge.rollcall_gate.decide import Sample
from edge.rollcall_gate.embed import unit
from edge.rollcall_gate.frames import EMBEDDING_DIMS, EmbedderId
from models.errors import ModelsMissing
from models.evaluate import Pair, best_threshold, equal_error_rate, read_pairs, report

EMBEDDER = EmbedderId(bytes(32), "test 1")


def face(angle: float) -> Sample:
    vector = np.zeros(EMBEDDING_DIMS, np.float32)
    vector[:2] = np.cos(angle), np.sin(angle)
    return Sample(probe=unit(vector, EMBEDDER))


def test_separable_scores_have_no_error() -> None:
    assert equal_error_rate(np.array([0.8, 0.9]), np.array([0.1, 0.2])) == 0
    scores, same = np.array([0.1, 0.2, 0.8, 0.9]), np.array([False, False, True, True])
    assert best_threshold(scores, same) == pytest.approx(0.5)


def test_one_swapped_pair_in_four_is_an_error_of_a_quarter() -> None:
    genuine, impostor = np.array([0.9, 0.8, 0.7, 0.1]), np.array([0.2, 0.3, 0.4, 0.75])
    assert equal_error_rate(genuine, impostor) == pytest.approx(0.25)


def test_the_best_threshold_may_lie_beyond_either_end() -> None:
    scores = np.array([0.2, 0.4])
    assert best_threshold(scores, np.array([True, True])) <= 0.2
    assert best_threshold(scores, np.array([False, False])) > 0.4


def test_a_photograph_without_a_sample_is_counted_apart() -> None:
    samples = {"a": face(0), "b": face(0.1), "c": face(2), "d": face(2.1), "e": Sample()}
    pairs = [
        Pair("1", True, "a", "b"),
        Pair("1", False, "a", "c"),
        Pair("2", True, "c", "d"),
        Pair("2", False, "b", "d"),
        Pair("2", True, "a", "e"),
    ]
    found = report(pairs, samples, 0.49)
    assert (found.pairs, found.photographs, found.no_sample) == (5, 5, 1)
    assert (found.accuracy, found.eer, found.fmr, found.fnmr) == (1.0, 0.0, 0.0, 0.0)


def test_pairs_of_one_kind_only_are_refused() -> None:
    with pytest.raises(ModelsMissing, match="no impostor"):
        report([Pair("1", True, "a", "a")], {"a": face(0)}, 0.49)


@pytest.mark.parametrize("text", ["a\tb\n", "fold\tsame\ta\tb\n1\t2\tx\ty\n", "fold\tsame\ta\tb\n1\t1\tx\n"])
def test_a_bad_table_names_its_line(tmp_path: Path, text: str) -> None:
    table = tmp_path / "pairs.tsv"
    table.write_text(text, "utf-8")
    with pytest.raises(ModelsMissing, match="line"):
        read_pairs(table)


def test_a_good_table_is_read(tmp_path: Path) -> None:
    table = tmp_path / "pairs.tsv"
    table.write_text("fold\tsame\ta\tb\n3\t1\tx.jpg\ty.jpg\n", "utf-8")
    assert read_pairs(table) == [Pair("3", True, "x.jpg", "y.jpg")]
