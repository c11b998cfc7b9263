from pathlib import Path

import pytest

from tests.models.gate_models import ready_cache


@pytest.fixture(scope="session")
def model_cache() -> Path:
    return ready_cache()
