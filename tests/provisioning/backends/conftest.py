"""A balena on this machine, and the adapter that speaks to it. Nobody sleeps: pauses are written down."""

import itertools
import threading
from collections.abc import Iterator

import pytest

from provisioning.backends.balena.account import Account
from provisioning.backends.balena.adapters.backend import BalenaBackend
from provisioning.backends.balena.adapters.transport import Transport
from tests.provisioning.backends.balena_fake import NOW, TOKEN, BalenaFake
from tests.provisioning.backends.connected import Balena, Connect


@pytest.fixture
def fake() -> Iterator[BalenaFake]:
    server = BalenaFake()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.closing.set()
    server.shutdown()
    thread.join()
    server.server_close()
    assert not server.strangers, "asked around our transport"


@pytest.fixture
def connect(fake: BalenaFake) -> Iterator[Connect]:
    opened: list[Transport] = []

    def make(
        *, token: str = TOKEN, fleet: str = "hall/keypads", timeout_s: float = 5.0, api: str = ""
    ) -> Balena:
        pauses: list[float] = []
        names = (f"batch-{number}" for number in itertools.count())
        account = Account(api or f"{fake.host}/", token)
        transport = Transport(account, now=lambda: NOW, sleep=pauses.append, timeout_s=timeout_s)
        opened.append(transport)
        backend = BalenaBackend(transport, fleet, now=lambda: NOW, key_name=lambda: next(names))
        return Balena(backend, transport, pauses)

    yield make
    for transport in opened:
        transport.close()


@pytest.fixture
def balena(connect: Connect) -> Balena:
    return connect()
