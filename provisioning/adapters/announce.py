"""The desk's announcement by multicast DNS, so that a device finds it without an address."""

import ipaddress
import socket
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

import ifaddr
from zeroconf import Error, InterfaceChoice, IPVersion, ServiceInfo, Zeroconf

from provisioning.errors import ConfigError
from wire.enrol import SERVICE_TYPE


@contextmanager
def announced(
    name: str, port: int, *, addresses: Sequence[str], interfaces: Sequence[str] = ()
) -> Iterator[None]:
    """Say `name` on the network while this lasts, and good-bye at its end.

    name: of the hall. addresses: where the desk is reached. interfaces: by their addresses; empty: all.
    Raises ConfigError where there is no network.
    """
    chosen = list(interfaces) or InterfaceChoice.All
    shown = [ipaddress.ip_address(address).packed for address in addresses]
    try:
        network = Zeroconf(interfaces=chosen, ip_version=IPVersion.V4Only)
    except OSError as err:
        raise ConfigError(
            f"nothing can be announced by multicast DNS ({err.strerror}): connect the network, or start the "
            "desk with --no-announce and name its address in the seed files"
        ) from err
    info = ServiceInfo(
        SERVICE_TYPE, f"{name}.{SERVICE_TYPE}", port=port, addresses=shown, server=f"{name}-desk.local."
    )
    try:
        # Two desks may say one name: devices try every answer, and believe those under their root.
        network.register_service(info, allow_name_change=True)
        try:
            yield
        finally:
            with suppress(Error, OSError):
                network.unregister_service(info)
    finally:
        network.close()


def own_addresses() -> list[str]:
    """IPv4 addresses of this machine that others can reach, the one of its default route first; the
    loopback's only where there is no other. The interfaces are asked: a hall without an uplink has no
    default route, and many machines know themselves by name as 127.0.1.1."""
    found: dict[str, None] = {}
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # A documentation address (RFC 5737): nothing is sent, a route is chosen.
        probe.connect(("192.0.2.1", 9))
        found[probe.getsockname()[0]] = None
    for adapter in ifaddr.get_adapters():
        found |= {address.ip: None for address in adapter.ips if isinstance(address.ip, str)}
    return reachable(found)


def reachable(addresses: Iterable[str]) -> list[str]:
    """Of this machine's addresses those that can be told to others."""
    outside = [address for address in addresses if not ipaddress.ip_address(address).is_loopback]
    return outside or ["127.0.0.1"]
