"""A real fleet with an empty plan, and the command line over it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fleet.db import database_url, open_engine
from provisioning.__main__ import main
from tests.fleet.hall_under_test import hasty, made
from tests.fleet.places.floor import Floor
from tests.provisioning.places.fleet_calls import FleetCalls

Typed = Callable[..., int]


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    (tmp_path / "fleet").mkdir()
    with made(hasty(open_engine(database_url(tmp_path / "fleet", {})))) as hall:
        yield Floor(hall)


@pytest.fixture
def typed(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """`hallward provision …` at this fleet; the exit status."""
    calls = FleetCalls(floor.technician)
    for subject in ("places", "template", "swap"):
        monkeypatch.setattr(f"provisioning.verbs.{subject}.signed_in", lambda _given: calls)
    at = ("--fleet", "http://127.0.0.1:1", "--account", "technician")
    return lambda *words: main([*map(str, words), *at])
