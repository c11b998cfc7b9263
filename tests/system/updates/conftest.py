"""Halls that are updated, each of one test's own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.servers.brokers import require
from tests.system.updates.hall import UpdatingHall

Updating = Callable[..., UpdatingHall]


@pytest.fixture
def updating() -> Iterator[Updating]:
    with ExitStack() as halls:

        def make(kind: str = "nats", keypads: int = 3) -> UpdatingHall:
            require(kind)
            hall = UpdatingHall(kind, keypads)
            halls.callback(hall.stop)
            hall.start()
            return hall

        yield make
