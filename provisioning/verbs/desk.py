"""`hallward provision desk`: the hall's provisioning desk, until it is told to stop."""

import argparse
import resource
import secrets
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from provisioning.adapters.announce import announced, own_addresses
from provisioning.adapters.fleet_api import FleetGate
from provisioning.authority.folder import AuthorityFolder
from provisioning.authority.issuing import certificate_pem
from provisioning.authority.keys import private_key
from provisioning.authority.lock import alone
from provisioning.commands import end_of_root
from provisioning.desk.book import check_clock
from provisioning.desk.desk import Setup, open_desk
from provisioning.desk.ports import World
from provisioning.desk.settings import load_charter, load_policy
from provisioning.desk.web.serving import Certified, listen, serve
from provisioning.errors import ConfigError, FleetRefused
from provisioning.files import PUBLIC, read_whole, write_whole
from provisioning.updates import load_service
from provisioning.verbs.asked import (
    PASSWORD_VARIABLE,
    Verbs,
    add_authority,
    add_fleet,
    opened,
    secret_of,
    verb,
)
from wire.enrol import PAGE_BYTES_MAX

CERTIFICATE_FILE: Final = "desk.crt"
KEY_FILE: Final = "desk.key"
_WRONG_PASSWORD: Final = 401
PAGE_BASE_BYTES_MAX: Final = PAGE_BYTES_MAX - len("/c/12345678#0123456789abcdef")


def add(verbs: Verbs) -> None:
    desk = verb(verbs, "desk", _desk, "give devices their identity and their place, until it is stopped")
    add_authority(desk)
    add_fleet(desk, required=True)
    desk.add_argument("--password-file", type=Path, metavar="FILE", help="of the account, mode 0600")
    desk.add_argument(
        "--fleet-tls",
        type=Path,
        metavar="DIR",
        help="the tls folder of the fleet's data, for the revocation list",
    )
    desk.add_argument("--host", default="0.0.0.0", help="where it listens (default: everywhere)")  # noqa: S104  # devices come from the network
    desk.add_argument("--port", type=int, default=8443, help="for claims and phones")
    desk.add_argument("--renewal-port", type=int, default=8444)
    desk.add_argument(
        "--name",
        action="append",
        default=[],
        help="host name or address for which it is certified; the first "
        "one stands in QR codes and device settings (default: this machine's address)",
    )
    desk.add_argument(
        "--no-announce", action="store_true", help="no multicast DNS: seed files name the address"
    )


def _desk(given: argparse.Namespace) -> int:
    folder: Path = given.authority
    _lift_file_limit()
    opened(given)  # a wrong folder is said before there is a lock in it
    with alone(folder):
        check_clock(_world())
        authority = opened(given)
        if (ends := end_of_root(authority)) is not None:
            print(f"hallward: {' / '.join(ends)}", file=sys.stderr)
        names = given.name or [own_addresses()[0]]
        with (
            listen(given.host, given.port, "--port") as claims,
            listen(given.host, given.renewal_port, "--renewal-port") as renewals,
        ):
            port, renewal_port = claims.getsockname()[1], renewals.getsockname()[1]
            # Each address that is announced stands in the certificate: a device asks for what it was told.
            addresses = own_addresses() if _is_everywhere(given) else [claims.getsockname()[0]]
            own = _certified(authority, folder, certified_names(names, addresses))
            page = page_address(names[0], port)
            setup = Setup(
                folder=folder,
                page=page,
                renewal=(names[0], renewal_port),
                account=_account(given),
                password=_password(given),
                policy=load_policy(folder),
                charter=load_charter(folder, authority.card),
                update=load_service(folder),
                crl=(given.fleet_tls / "ca.crl",) if given.fleet_tls else (),
            )
            gate = FleetGate(given.fleet, given.fleet_ca)
            _check_account(gate, setup)
            desk = open_desk(setup, authority, gate, _world())
            with _announced(given, authority, addresses, port):
                try:
                    serve(desk, own, (claims, renewals), lambda: _say(page, renewal_port))
                finally:
                    desk.close()
    return 0


def certified_names(asked: list[str], addresses: list[str]) -> list[str]:
    """Those that were asked for, this machine's own, and whatever multicast DNS tells devices: they connect
    to what they were told, and check that the certificate holds it."""
    return list(dict.fromkeys((*asked, socket.gethostname(), *addresses)))


def page_address(name: str, port: int) -> str:
    """The address of the pages, short enough for what devices are told. Raises ConfigError."""
    page = f"https://{_in_url(name)}:{port}"
    if len(page.encode()) > PAGE_BASE_BYTES_MAX:
        raise ConfigError(
            f"--name {name:.60} is too long for a QR code: {page:.60} may have {PAGE_BASE_BYTES_MAX} bytes"
        )
    return page


def _lift_file_limit() -> None:
    """A connection is an open file; 1,024 of them, as is customary, are fewer than a hall's devices."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _say(page: str, renewal_port: int) -> None:
    print(f"desk is up: {page} for devices and phones, port {renewal_port} for renewals", flush=True)


def _world() -> World:
    return World(
        now_ms=lambda: time.time_ns() // 1_000_000, monotonic_s=time.monotonic, random=secrets.token_bytes
    )


def _in_url(name: str) -> str:
    return f"[{name}]" if ":" in name else name


def _account(given: argparse.Namespace) -> str:
    if not given.account:
        raise ConfigError("--account is missing: the desk registers batches under an account of its own")
    return str(given.account)


def _password(given: argparse.Namespace) -> str:
    """Never from the command line, which everybody on the machine can read. Raises ConfigError."""
    if given.password_file is None:
        return secret_of(PASSWORD_VARIABLE, f"password of {given.account}")
    path: Path = given.password_file
    content = read_whole(path, "the password file")
    if path.stat().st_mode & 0o077:
        raise ConfigError(f"{path} can be read by others: run `chmod 600 {path}`")
    return content.decode(errors="replace").strip()


def _check_account(gate: FleetGate, setup: Setup) -> None:
    """A wrong password is said at once; a fleet that is away is waited for."""
    try:
        gate.sign_in(setup.account, setup.password)
    except FleetRefused as err:
        if err.status == _WRONG_PASSWORD:
            raise ConfigError(f"the fleet does not let {setup.account} in: {err.what}") from err
        print(f"hallward: {err.what}; the desk starts all the same, and asks again", file=sys.stderr)


def _certified(authority: AuthorityFolder, folder: Path, names: list[str]) -> Certified:
    """The desk's certificate, issued anew at every start: two years from now, under the hall's key of today.
    Raises AuthorityError for a hall without a root."""
    key = private_key(folder / KEY_FILE)
    certificate = authority.issue_desk(key.public_key(), names)
    chain = certificate_pem(certificate) + certificate_pem(authority.intermediate)
    write_whole(folder / CERTIFICATE_FILE, chain, PUBLIC)
    return Certified(folder / CERTIFICATE_FILE, folder / KEY_FILE, authority.renewal_anchors)


@contextmanager
def _announced(
    given: argparse.Namespace, authority: AuthorityFolder, addresses: list[str], port: int
) -> Iterator[None]:
    if given.no_announce:
        yield
        return
    only = [] if _is_everywhere(given) else addresses
    with announced(authority.card.hall, port, addresses=addresses, interfaces=only):
        yield


def _is_everywhere(given: argparse.Namespace) -> bool:
    return given.host in ("0.0.0.0", "::")  # noqa: S104  # compared with, not listened on
