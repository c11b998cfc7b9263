import os
import shutil
from pathlib import Path

import pytest

from tests.release.officers import Table


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return Table(tmp_path)


@pytest.fixture(scope="session")
def _ceremony(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The room after the first ceremony, once."""
    table = Table(tmp_path_factory.mktemp("ceremony"))
    table.sit_down("an", "binh", "chi")
    assert table.sign("an")[0] == 1
    assert table.sign("binh")[0] == 0
    return table.room


@pytest.fixture
def sworn(_ceremony: Path, tmp_path: Path) -> Table:
    """An, Bình and Chi, 2 of 3; everything is signed, nothing is listed."""
    return Table(Path(shutil.copytree(_ceremony, tmp_path / "room")))
