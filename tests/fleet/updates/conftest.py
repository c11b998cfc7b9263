"""Fixtures: a first release, signed and not imported yet; the same, imported."""

from pathlib import Path

import pytest

from tests.fleet.updates.released import Released


@pytest.fixture
def released(tmp_path: Path) -> Released:
    return Released.begun(tmp_path)


@pytest.fixture
def published(released: Released) -> Released:
    released.take_in()
    return released
