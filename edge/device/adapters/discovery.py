"""Provisioning desks in this network, by multicast DNS (RFC 6762, RFC 6763)."""

import ipaddress
import logging
import threading
from collections.abc import Sequence
from typing import Final

import ifaddr
from zeroconf import Error, IPVersion, ServiceBrowser, ServiceListener, Zeroconf

from edge.device.config import DeskAddress
from wire.enrol import SERVICE_TYPE

LISTEN_S: Final = 3.0
"""For answers, at most; after the first one no longer than SETTLE_S."""
SETTLE_S: Final = 0.5
RESOLVE_MS: Final = 1_000
DESKS_MAX: Final = 16
"""Whoever floods the network with desks costs no more than the time for these."""
_log: Final = logging.getLogger("hallward.claim")


class MdnsDiscovery:
    """Implements Discovery. interfaces: addresses of those to ask on; None: all."""

    def __init__(self, interfaces: Sequence[str] | None = None, listen_s: float = LISTEN_S) -> None:
        self._interfaces = interfaces
        self._listen_s = listen_s

    def has_address(self) -> bool:
        """Any but the loopback's, and those that IPv6 gives itself as soon as a cable is in."""
        found = (ip.ip for adapter in ifaddr.get_adapters() for ip in adapter.ips)
        texts = (address if isinstance(address, str) else address[0] for address in found)
        return any(_is_of_a_network(ipaddress.ip_address(text)) for text in texts)

    def find(self) -> tuple[DeskAddress, ...]:
        try:
            asking = (
                Zeroconf(ip_version=IPVersion.V4Only)
                if self._interfaces is None
                else Zeroconf(interfaces=list(self._interfaces), ip_version=IPVersion.V4Only)
            )
        except (OSError, RuntimeError) as err:  # the latter where no interface has an address yet
            _log.warning("multicast DNS cannot be asked: %s", err)
            return ()
        try:
            return self._answers(asking)
        finally:
            asking.close()

    def close(self) -> None:
        """Nothing stays open between two looks."""

    def _answers(self, asking: Zeroconf) -> tuple[DeskAddress, ...]:
        heard = _Heard()
        browser = ServiceBrowser(asking, SERVICE_TYPE, listener=heard)
        try:
            if heard.first.wait(self._listen_s):
                threading.Event().wait(min(SETTLE_S, self._listen_s))
        finally:
            browser.cancel()
        desks: list[DeskAddress] = []
        for name in heard.names[:DESKS_MAX]:
            desks += _addresses(asking, name)
        return tuple(dict.fromkeys(desks))[:DESKS_MAX]


def _is_of_a_network(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return not (address.is_loopback or (address.version == 6 and address.is_link_local))


def _addresses(asking: Zeroconf, name: str) -> list[DeskAddress]:
    """None for a name that nobody stands behind, or that is no name of a desk: anybody may announce
    anything."""
    try:
        found = asking.get_service_info(SERVICE_TYPE, name, timeout=RESOLVE_MS)
    except (Error, OSError, ValueError) as err:
        _log.warning("%r announces itself as a desk, and cannot be asked: %s", name, err)
        return []
    if found is None or not found.port:
        return []
    return [DeskAddress(address, found.port) for address in found.parsed_addresses(IPVersion.V4Only)]


class _Heard(ServiceListener):
    """Names as they come, on zeroconf's own thread."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.first = threading.Event()

    def add_service(self, zc: Zeroconf, type_: str, name: str) -> None:  # noqa: ARG002  # the library's port
        self.names.append(name)
        self.first.set()

    def update_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        """Addresses are asked for once all names are there."""

    def remove_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        """A desk that says goodbye does not answer, which is found out soon enough."""


class SimulatedDiscovery:
    """Implements Discovery in a network of one's own. Hands: `announce`, `unplug`, `plug_in`."""

    def __init__(self) -> None:
        self._announced: list[DeskAddress] = []
        self._is_plugged = True

    def has_address(self) -> bool:
        return self._is_plugged

    def find(self) -> tuple[DeskAddress, ...]:
        return tuple(self._announced[:DESKS_MAX]) if self._is_plugged else ()

    def close(self) -> None:
        """There is nothing to give back."""

    def announce(self, desk: DeskAddress) -> None:
        if desk not in self._announced:
            self._announced.append(desk)

    def unplug(self) -> None:
        self._is_plugged = False

    def plug_in(self) -> None:
        self._is_plugged = True
