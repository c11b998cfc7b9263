"""The list that a gate goes by is checked as a gate would read it."""

from pathlib import Path

import pytest

from edge.rollcall_gate.eyes.vision import SUMS
from models import verify
from models.networks import PAD
from tests.models.spoilt_build import SUMS_LINE, linked


@pytest.fixture
def cache(model_cache: Path, tmp_path: Path) -> Path:
    return linked(model_cache, tmp_path / "cache")


def test_a_list_that_names_what_is_there_is_good(cache: Path, quick: None) -> None:
    (line,) = [line for line in verify.files(cache, [PAD]) if line.what.startswith(SUMS_LINE)]
    assert (line.ok, line.found) == (True, "4 networks")


@pytest.mark.parametrize("spoil", ["gone", "of other bytes", "too short", "no list"])
def test_a_list_of_sums_that_a_gate_would_refuse_fails(cache: Path, spoil: str, quick: None) -> None:
    path = cache / "int8" / SUMS
    text = path.read_text()
    path.unlink()
    if spoil != "gone":
        lines = text.splitlines(keepends=True)
        path.write_text(
            {"of other bytes": "0" * 64 + text[64:], "too short": "".join(lines[1:]), "no list": "x"}[spoil]
        )
    (line,) = [line for line in verify.files(cache, [PAD]) if line.what.startswith(SUMS_LINE)]
    assert not line.ok
    assert "hallward models all" in line.found or "not a list" in line.found
