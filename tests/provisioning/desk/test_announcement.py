"""The desk's announcement by multicast DNS, on this machine's own interface."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from zeroconf import Zeroconf

from provisioning.adapters.announce import announced, own_addresses, reachable
from provisioning.errors import ConfigError
from provisioning.verbs.desk import certified_names, page_address
from tests.provisioning.desk.conftest import DeskUnderTest
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


def test_a_machine_that_knows_itself_as_127_0_1_1_does_not_tell_that_to_others() -> None:
    assert reachable(["127.0.1.1", "192.0.2.7", "127.0.0.1", "198.51.100.7"]) == ["192.0.2.7", "198.51.100.7"]
    assert reachable(["127.0.1.1"]) == ["127.0.0.1"], "a hall on one machine"


def test_whatever_is_announced_stands_in_the_certificate(desk: DeskUnderTest) -> None:
    addresses = ["192.0.2.7", "198.51.100.7"]
    names = certified_names(["desk.hall", "192.0.2.7"], addresses)
    made = desk.authority.issue_desk(ec.generate_private_key(ec.SECP256R1()).public_key(), names)
    held = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {str(one) for one in held.get_values_for_type(x509.IPAddress)} >= set(addresses)
    assert "desk.hall" in held.get_values_for_type(x509.DNSName)


def test_a_name_that_no_device_could_be_told_is_refused_at_the_start() -> None:
    assert page_address("desk.hall", 8443) == "https://desk.hall:8443"
    assert page_address("fd00::1", 8443) == "https://[fd00::1]:8443"
    with pytest.raises(ConfigError, match="too long"):
        page_address("d" * 63 + "." + "e" * 63 + "." + "f" * 63, 8443)
