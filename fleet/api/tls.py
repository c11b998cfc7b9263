"""Whether the API speaks https itself, and with which certificate: that of the hall's server, made when the
hall was provisioned. What would not serve is said before anything starts."""

import ipaddress
import logging
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509

from fleet.config import FILE_NAME, FleetConfig
from fleet.errors import ConfigError

log = logging.getLogger(__name__)
_EVERYWHERE: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104  # compared with, not listened on


@dataclass(frozen=True, slots=True)
class Certified:
    """Files in PEM that fit each other."""

    certificate: Path
    key: Path


def certified(config: FleetConfig) -> Certified | None:
    """None while api.tls is off, which is said where others than this machine may call.

    Raises ConfigError for files that are missing, do not fit each other, or name another host than api.host.
    """
    if not config.api_tls:
        if not _is_own(config.api_host):
            log.warning(
                "%s: api.host %s is open to the network and api.tls is off: passwords travel in the "
                "clear, and no witness connects; set `tls = true` in [api]",
                config.data / FILE_NAME,
                config.api_host,
            )
        return None
    own = Certified(config.server_certificate, config.server_key)
    names = _names(config, own)
    host = config.api_host.lower()
    if host not in _EVERYWHERE and host not in names:
        raise ConfigError(
            f"{own.certificate} is for {', '.join(sorted(names))}, not for api.host {config.api_host}: "
            f"{_remedy(config, config.api_host)}"
        )
    return own


def _names(config: FleetConfig, own: Certified) -> set[str]:
    """Host names and addresses that the certificate is for, once it is known to be one, with its key."""
    for path in (own.certificate, own.key):
        if not path.exists():
            raise ConfigError(f"{path} is missing, and api.tls is on: {_remedy(config, 'HOST')}")
    try:
        # a password: or a key that is locked would ask for it on the terminal of a service
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(own.certificate, own.key, password="")
        certificate = x509.load_pem_x509_certificate(own.certificate.read_bytes())
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    except (OSError, ValueError) as err:
        raise ConfigError(
            f"{own.certificate} and {own.key.name} cannot be used ({err}): {_remedy(config, 'HOST')}"
        ) from None
    hosts = found.get_values_for_type(x509.DNSName)
    addresses = found.get_values_for_type(x509.IPAddress)
    return {host.lower() for host in hosts} | {str(address) for address in addresses}


def _remedy(config: FleetConfig, host: str) -> str:
    tls = config.data / "tls"
    return f"make it with `hallward provision hall {config.hall} … --name {host} --fleet-tls {tls}`"


def _is_own(host: str) -> bool:
    """Whether only this machine itself can call there."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
