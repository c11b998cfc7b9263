"""The desk's announcement by multicast DNS, on this machine's own interface."""

import pytest
from zeroconf import Zeroconf

from provisioning.adapters.announce import announced, own_addresses
from wire.enrol import SERVICE_TYPE

pytestmark = pytest.mark.slow


def test_a_device_finds_address_and_port_by_the_halls_name() -> None:
    with announced("hall-1", 8443, addresses=["127.0.0.1"], interfaces=["127.0.0.1"]):
        listener = Zeroconf(interfaces=["127.0.0.1"])
        try:
            found = listener.get_service_info(SERVICE_TYPE, f"hall-1.{SERVICE_TYPE}", timeout=5000)
        finally:
            listener.close()
    assert found is not None
    assert (found.parsed_addresses(), found.port) == (["127.0.0.1"], 8443)


def test_this_machine_has_an_address() -> None:
    assert own_addresses()
