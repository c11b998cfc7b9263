from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.edge.device.hall_desk import make_hall
from tests.edge.device.updates.listener import Listening


@pytest.fixture(scope="session")
def listening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listening]:
    """A listener of one hall, and a device's folder for it. What it answers is a test's to say."""
    hall = make_hall(tmp_path_factory.mktemp("hall"))
    with Listening(hall, hall.folder()) as found:
        yield found


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"
