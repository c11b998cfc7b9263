from pathlib import Path

import pytest

from tests.edge.device.hall_desk import Hall, make_hall


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Hall:
    return make_hall(tmp_path_factory.mktemp("hall"))


@pytest.fixture
def pinned(hall: Hall, tmp_path: Path) -> Path:
    """A folder that pins the hall's root."""
    (tmp_path / "root.crt").write_bytes((hall.path / "root" / "root.crt").read_bytes())
    return tmp_path
