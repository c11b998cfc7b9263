from collections.abc import Callable
from pathlib import Path

import pytest

from tests.edge.rollcall_gate.updates import bad_models

Made = Callable[[str], Path]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The folder that a function of bad_models fills, made once. Not to be written to."""
    kept: dict[str, Path] = {}

    def folder(name: str) -> Path:
        if name not in kept:
            kept[name] = getattr(bad_models, name)(tmp_path_factory.mktemp("models") / name)
        return kept[name]

    return folder
