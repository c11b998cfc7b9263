"""One hall under one root, for all claims of a module: making a root's key costs a second."""

import pytest

from tests.edge.device.hall_desk import Hall, make_hall


@pytest.fixture(scope="package")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Hall:
    return make_hall(tmp_path_factory.mktemp("hall"))
