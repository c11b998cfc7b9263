"""What the verbs share: an authority's folder, a fleet signed in at, a password that nobody else sees."""

import argparse
import getpass
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeAlias

from cryptography import x509

from provisioning.adapters.fleet_api import FleetApi
from provisioning.authority.folder import AuthorityFolder, Means, open_authority
from provisioning.errors import ConfigError

PASSWORD_VARIABLE: Final = "HALLWARD_PASSWORD"  # noqa: S105 - the name of a variable
Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001  # it has no other name
Verb = Callable[[argparse.Namespace], int]
"""Exit status: 0 done."""


def verb(verbs: Verbs, name: str, call: Verb, what: str) -> argparse.ArgumentParser:
    """One more word after `hallward provision`."""
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=what, description=what)
    parser.set_defaults(verb=call)
    return parser


def add_authority(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--authority", type=Path, required=True, metavar="DIR", help="the authority's folder")


def add_fleet(parser: argparse.ArgumentParser, *, required: bool = False) -> None:
    parser.add_argument(
        "--fleet",
        metavar="URL",
        required=required,
        help="the fleet's address, https://host:port, or http://… on this machine",
    )
    parser.add_argument(
        "--fleet-ca",
        type=Path,
        metavar="FILE",
        help="authority of an https fleet, PEM (default: the system's)",
    )
    parser.add_argument("--account", help=f"who signs in; the password is read from {PASSWORD_VARIABLE}")


def means() -> Means:
    return Means(now=lambda: datetime.now(UTC), serial=x509.random_serial_number)


def opened(given: argparse.Namespace) -> AuthorityFolder:
    return open_authority(given.authority, means())


def fleet_of(given: argparse.Namespace) -> FleetApi | None:
    """Signed in at the fleet, if one was named."""
    return signed_in(given) if given.fleet else None


def signed_in(given: argparse.Namespace) -> FleetApi:
    """The password comes from the environment or is asked for. Raises ConfigError, FleetRefused."""
    if not given.account:
        raise ConfigError("--account is missing: the fleet wants to know who registers its devices")
    fleet = FleetApi(given.fleet, given.fleet_ca)
    fleet.sign_in(given.account, secret_of(PASSWORD_VARIABLE, f"password of {given.account}"))
    return fleet


def secret_of(variable: str, what: str) -> str:
    """From the environment, or typed at the terminal; never from the command line. Raises ConfigError."""
    found = os.environ.get(variable)
    if found is not None:
        return found
    if not sys.stdin.isatty():
        raise ConfigError(f"set {variable}: there is no terminal to ask for the {what}")
    return getpass.getpass(f"{what}: ")
