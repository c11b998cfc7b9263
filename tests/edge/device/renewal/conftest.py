from pathlib import Path

import pytest

from tests.edge.device.hall_desk import Hall, make_hall


@pytest.fixture
def hall(tmp_path: Path) -> Hall:
    return make_hall(tmp_path)
