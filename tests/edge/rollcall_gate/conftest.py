from pathlib import Path

import pytest

from edge.rollcall_gate.eyes.pipeline import Pipeline
from edge.rollcall_gate.eyes.vision import ModelFiles, open_pipeline
from models.places import model_files, photograph_folder
from tests.models.gate_models import ready_cache


@pytest.fixture(scope="session")
def gate_models() -> ModelFiles:
    return model_files(ready_cache())


@pytest.fixture(scope="session")
def photographs() -> Path:
    """One folder per person, from the registry."""
    return photograph_folder(ready_cache())


@pytest.fixture(scope="session")
def pipeline(gate_models: ModelFiles) -> Pipeline:
    return open_pipeline(gate_models)
