"""golden.json: damaged, of another processor, of a runtime that was never tried."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.rollcall_gate.errors import ModelError
from edge.rollcall_gate.frames import Floats, Pixels
from edge.rollcall_gate.trial import golden
from edge.rollcall_gate.trial.golden import (
    GOLDEN_FILE,
    PICTURES,
    compared,
    encode_golden,
    measured,
    picture,
    read_golden,
)

SIDE_PX = 16
TOLERANCE = 0.15


class Summing:
    """Implements Inference: the sums of rows, times a factor."""

    model_sha256 = bytes(32)
    runtime = "a runtime 1"

    def __init__(self, factor: float = 1) -> None:
        self.factor = factor

    def run(self, picture: Pixels) -> tuple[Floats, ...]:
        return (np.asarray(picture.sum((1, 2)) * self.factor, np.float32),)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / GOLDEN_FILE
    path.write_bytes(encode_golden({("pad", Summing.runtime): measured(Summing(), SIDE_PX, TOLERANCE)}))
    return path


def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(golden, "this_processor", lambda: "another")


def test_the_same_bits_have_no_distance(file: Path) -> None:
    assert compared(Summing(), "pad", SIDE_PX, read_golden(file)) == 0


def test_on_the_same_processor_one_bit_is_too_much(file: Path) -> None:
    with pytest.raises(ModelError, match="computes something else"):
        compared(Summing(1 + 2**-20), "pad", SIDE_PX, read_golden(file))


def test_on_another_one_rounding_is_allowed_and_no_more(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere(monkeypatch)
    assert compared(Summing(1.1), "pad", SIDE_PX, read_golden(file)) == pytest.approx(0.1, rel=0.01)
    for factor in (1.2, float("nan")):
        with pytest.raises(ModelError, match="computes something else"):
            compared(Summing(factor), "pad", SIDE_PX, read_golden(file))


def test_a_runtime_or_network_that_was_never_tried_is_refused(file: Path) -> None:
    other = Summing()
    other.runtime = "a runtime 2"
    with pytest.raises(ModelError, match="a runtime 2"):
        compared(other, "pad", SIDE_PX, read_golden(file))
    with pytest.raises(ModelError, match="the detector computes"):
        compared(Summing(), "detector", SIDE_PX, read_golden(file))


def without_a_picture(found: dict[str, Any]) -> None:
    del found["networks"]["pad"][Summing.runtime]["pictures"]["oval"]


def of_another_form(found: dict[str, Any]) -> None:
    found["golden"] = 2


def that_allows_everything(found: dict[str, Any]) -> None:
    found["networks"]["pad"][Summing.runtime]["tolerance_ppm"] = 10**9


def with_words_for_numbers(found: dict[str, Any]) -> None:
    found["networks"]["pad"][Summing.runtime]["pictures"]["oval"]["outputs"] = [["many"]]


@pytest.mark.parametrize(
    "spoil", [without_a_picture, of_another_form, that_allows_everything, with_words_for_numbers]
)
def test_a_file_that_is_not_what_it_must_be_is_refused(
    file: Path, spoil: Callable[[dict[str, Any]], None]
) -> None:
    found = json.loads(file.read_bytes())
    spoil(found)
    file.write_text(json.dumps(found))
    with pytest.raises(ModelError, match="not a list of golden outputs"):
        read_golden(file)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"[" * 100_000, b"\xff"])
def test_what_is_no_such_file_is_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(ModelError):
        read_golden(file)


def test_the_pictures_are_the_same_everywhere() -> None:
    corners = {name: picture(name, SIDE_PX)[[0, 7, 15], [3, 7, 15], [0, 1, 2]].tolist() for name in PICTURES}
    assert corners == {"gradients": [6, 24, 77], "grain": [246, 225, 80], "oval": [40, 166, 30]}
