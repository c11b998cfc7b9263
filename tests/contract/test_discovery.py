"""One suite for every way to find provisioning desks."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Protocol

import pytest
from zeroconf import DNSOutgoing, DNSPointer, IPVersion, Zeroconf, const

from edge.device.adapters.discovery import MdnsDiscovery, SimulatedDiscovery
from edge.device.claim.ports import Discovery
from edge.device.config import DeskAddress
from provisioning.adapters.announce import announced
from tests.servers.ports import free_port
from tests.servers.waiting import wait_until
from wire.enrol import SERVICE_TYPE

pytestmark = pytest.mark.slow
LOOPBACK = ("127.0.0.1",)


class Network(Protocol):
    discovery: Discovery

    def announce(self, name: str, port: int) -> None: ...

    def close(self) -> None: ...


@dataclass
class Multicast:
    """The real thing, on loopback alone, with the very announcement of the desk."""

    discovery: Discovery = field(default_factory=lambda: MdnsDiscovery(LOOPBACK, listen_s=1.5))
    desks: ExitStack = field(default_factory=ExitStack)

    def announce(self, name: str, port: int) -> None:
        self.desks.enter_context(announced(name, port, addresses=LOOPBACK, interfaces=LOOPBACK))

    def close(self) -> None:
        self.desks.close()
        self.discovery.close()


class Simulated:
    def __init__(self) -> None:
        self.discovery = SimulatedDiscovery()

    def announce(self, name: str, port: int) -> None:
        self.discovery.announce(DeskAddress("127.0.0.1", port))

    def close(self) -> None:
        self.discovery.close()


@pytest.fixture(params=[Multicast, Simulated])
def network(request: pytest.FixtureRequest) -> Iterator[Network]:
    made: Callable[[], Network] = request.param
    opened = made()
    yield opened
    opened.close()


def test_nobody_is_found_where_nobody_says_anything(network: Network) -> None:
    assert network.discovery.find() == ()


def test_every_desk_that_says_so_is_found_with_its_address(network: Network) -> None:
    ports = {free_port() for _ in range(2)}
    for port in ports:
        network.announce("hall-1", port)
    wanted = {DeskAddress("127.0.0.1", port) for port in ports}
    found: set[DeskAddress] = set()

    def all_found() -> bool:
        found.update(network.discovery.find())  # one answer may be lost: it is asked again
        return found == wanted

    wait_until(all_found, "both desks")


@pytest.mark.parametrize("name", ["x._other._tcp.local.", f"b\0c.{SERVICE_TYPE}"])
def test_a_name_that_is_no_desks_ends_no_search(name: str, caplog: pytest.LogCaptureFixture) -> None:
    stranger = Zeroconf(interfaces=list(LOOPBACK), ip_version=IPVersion.V4Only)
    answer = DNSOutgoing(const._FLAGS_QR_RESPONSE | const._FLAGS_AA)
    answer.add_answer_at_time(DNSPointer(SERVICE_TYPE, const._TYPE_PTR, const._CLASS_IN, 120, name), 0)
    found: list[tuple[DeskAddress, ...]] = []
    search = threading.Thread(target=lambda: found.append(MdnsDiscovery(LOOPBACK, listen_s=1.5).find()))
    search.start()

    def is_over() -> bool:
        stranger.send(answer)
        search.join(timeout=0.1)
        return not search.is_alive()

    try:
        wait_until(is_over, "the end of the search")
    finally:
        stranger.close()
    assert found == [()]
    assert "announces itself as a desk" in caplog.text


def test_where_no_interface_has_an_address_nobody_is_found() -> None:
    assert MdnsDiscovery(()).find() == ()


def test_a_machine_with_a_network_has_an_address() -> None:
    simulated = SimulatedDiscovery()
    assert simulated.has_address()
    simulated.unplug()
    assert not simulated.has_address()
    assert isinstance(MdnsDiscovery().has_address(), bool)
