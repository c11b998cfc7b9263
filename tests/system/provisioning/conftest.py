"""Halls that begin with boxes, one per test and broker."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.servers.brokers import require
from tests.system.provisioning.site import Site


@pytest.fixture
def new_site() -> Iterator[Callable[[str], Site]]:
    """Started at once, stopped at the end of the test."""
    with ExitStack() as sites:

        def make(kind: str) -> Site:
            require(kind)
            site = Site(kind)
            sites.callback(site.stop)
            site.start()
            return site

        yield make
