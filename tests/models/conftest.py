from pathlib import Path

import pytest

from models import card, card_measured, guard
from models.runtimes import RUNTIMES
from tests.models.gate_models import ready_cache
from tests.models.spoilt_build import FAST, HERE, ON_X86_64, copied


@pytest.fixture(scope="session")
def model_cache() -> Path:
    return ready_cache()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Speed has tests of its own; measuring it takes a second."""
    monkeypatch.setattr(guard, "speed", lambda *_: FAST)


@pytest.fixture(scope="session")
def current_cards(model_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As the build makes them, whatever is committed at the moment."""
    folder = copied(card.FOLDER, tmp_path_factory.mktemp("current") / "cards")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(card, "FOLDER", folder)
        if len(HERE) == len(RUNTIMES) and ON_X86_64:
            card.write_cards(model_cache)
    return folder


@pytest.fixture
def cards(current_cards: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of cards that may be spoilt."""
    monkeypatch.setattr(card, "FOLDER", copied(current_cards, tmp_path / "cards"))
    return tmp_path / "cards"


@pytest.fixture
def kept_reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(card_measured, "REPORTS", copied(card_measured.REPORTS, tmp_path / "reports"))
    return tmp_path / "reports"
