"""The desk's announcement by multicast DNS, so that a device finds it without an address."""

import ipaddress
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from zeroconf import Error, InterfaceChoice, ServiceInfo, Zeroconf

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
    chosen = list(interfaces) or InterfaceChoice.Default
    shown = [ipaddress.ip_address(address).packed for address in addresses]
    try:
        network = Zeroconf(interfaces=chosen)
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
    """IPv4 addresses of this machine as its name has them, and the one that its default route uses."""
    found: dict[str, None] = {}
    with suppress(OSError):
        for *_, address in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET):
            found[str(address[0])] = None
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(
            ("192.0.2.1", 9)
        )  # documentation address (RFC 5737): nothing is sent, a route is chosen
        found[probe.getsockname()[0]] = None
    outside = [address for address in found if not ipaddress.ip_address(address).is_loopback]
    return outside or ["127.0.0.1"]
