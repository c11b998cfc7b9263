import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from edge.rollcall_gate.eyes.pipeline import Pipeline
from edge.rollcall_gate.eyes.vision import open_pipeline
from fleet.accounts.rules import Role
from fleet.db import database_url, open_engine
from models.places import model_files, package_folder, photograph_folder
from tests.edge.enrol.desk_under_test import DeskUnderTest
from tests.fleet.hall_under_test import HallUnderTest, hasty, made
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


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[HallUnderTest]:
    """With one gate."""
    folder = tmp_path / "fleet"
    folder.mkdir()
    with made(hasty(open_engine(database_url(folder, {})))) as hall:
        hall.register(hall.client(Role.TECHNICIAN), "gate-1", "gate")
        yield hall


@pytest.fixture
def desk(tmp_path: Path, hall: HallUnderTest, pipeline: Pipeline) -> Iterator[DeskUnderTest]:
    desk = DeskUnderTest(tmp_path / "station", hall, pipeline)
    yield desk
    desk.stop()


@pytest.fixture
def fleet_url(hall: HallUnderTest) -> Iterator[str]:
    """The same fleet, on a socket of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(hall.app, log_level="warning", log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listener.close()
