"""Halls of real processes, one per broker for all tests whose fault leaves it well, and private ones for the
rest."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from tests.servers.brokers import KINDS, require
from tests.servers.postgres import PostgresCluster
from tests.system.gate import Station
from tests.system.hall import SystemHall

HallFactory = Callable[..., SystemHall]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/system" in item.path.as_posix():
            for mark in (pytest.mark.system, pytest.mark.broker, pytest.mark.slow):
                item.add_marker(mark)
            if any("postgres" in name for name in getattr(item, "fixturenames", ())):
                item.add_marker(pytest.mark.postgres)


@contextmanager
def _running(hall: SystemHall) -> Iterator[SystemHall]:
    try:
        hall.start()
        yield hall
    finally:
        hall.stop()


@pytest.fixture(scope="session", params=KINDS)
def hall(request: pytest.FixtureRequest) -> Iterator[SystemHall]:
    """Shared: a test that uses it must leave it able to vote, which is what the tests here are about."""
    require(request.param)
    with _running(SystemHall(request.param)) as shared:
        yield shared


@pytest.fixture(scope="session")
def station(hall: SystemHall) -> Station:
    """Of the shared hall: a test that has somebody withdraw must enrol them again."""
    return Station(hall)


@pytest.fixture(scope="session")
def postgres_hall(postgres: PostgresCluster) -> Iterator[SystemHall]:
    """Shared: a small hall whose store is a PostgreSQL."""
    require("nats")
    with _running(SystemHall("nats", 2, database_url=postgres.new_database())) as shared:
        yield shared


@pytest.fixture
def private_hall() -> Iterator[HallFactory]:
    """Halls of a test's own, started at once, stopped at its end."""
    with ExitStack() as halls:

        def make(kind: str = "nats", keypads: int = 2, **options: object) -> SystemHall:
            require(kind)
            return halls.enter_context(_running(SystemHall(kind, keypads, **options)))  # type: ignore[arg-type]  # passed on

        yield make


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[Path, int], None]]:
    """Make a folder a disk of its own, of this many KiB: a tmpfs, so that ENOSPC is the kernel's own word."""
    mounted: list[Path] = []

    def mount(folder: Path, kib: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={kib}k,mode=700", "hallward-test", str(folder)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            pytest.skip(f"a small disk cannot be mounted here (needs root): {done.stderr.strip()}")
        mounted.append(folder)

    yield mount
    for folder in reversed(mounted):
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        with suppress(OSError):  # a hall that has been removed could not remove what was mounted in it
            folder.rmdir()
            folder.parent.rmdir()
