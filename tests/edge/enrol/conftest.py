from pathlib import Path

import pytest

from edge.rollcall_gate.pipeline import Pipeline
from edge.rollcall_gate.vision import open_pipeline
from models.places import model_files, package_folder, photograph_folder
from tests.models.gate_models import ready_cache


@pytest.fixture(scope="session")
def models_folder() -> Path:
    return package_folder(ready_cache())


@pytest.fixture(scope="session")
def photographs() -> Path:
    return photograph_folder(ready_cache())


@pytest.fixture(scope="session")
def pipeline() -> Pipeline:
    return open_pipeline(model_files(ready_cache()))
