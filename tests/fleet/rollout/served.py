"""A hall under test on a socket of its own, for whoever calls it from outside."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from tests.fleet.hall_under_test import HallUnderTest


@contextmanager
def served(hall: HallUnderTest) -> Iterator[str]:
    """Its address. No ticker runs: the test ticks."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(hall.app, log_level="warning", log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
