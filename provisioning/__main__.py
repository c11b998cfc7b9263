"""`hallward provision hall | device | revoke | badge`: words of the command line to calls of commands.py."""

import argparse
import getpass
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509

from ballot.seeds import fingerprint
from provisioning import commands
from provisioning.adapters.fleet_api import FleetApi
from provisioning.authority_folder import AuthorityFolder, Means, open_authority
from provisioning.badge import REGISTRAR
from provisioning.device_folder import ROLES, Order, charter_of
from provisioning.errors import ConfigError
from provisioning.files import read_whole
from provisioning.hall import HallCard, Trust, key_from_hex
from wire.errors import HallError
from wire.ids import CongressId, DeviceId, HallId, MemberRef
from wire.keys import Alg
from wire.signers import signer_from_pem

BADGE_DAYS_MAX: Final = 3650
PASSWORD_VARIABLE: Final = "HALLWARD_PASSWORD"  # noqa: S105 - the name of a variable


def main(words: Sequence[str] | None = None) -> int:
    """Exit status: 0 done, 1 not done, 2 wrong words, 78 configuration."""
    given = _parser().parse_args(words)
    try:
        return int(given.verb(given))
    except HallError as err:
        print(f"hallward: {err.diagnostics()} [{err.code}]", file=sys.stderr)
        return err.exit_code


def _hall(given: argparse.Namespace) -> int:
    card = HallCard(
        hall=HallId(given.hall),
        congress=CongressId(given.congress),
        broker_host=given.broker_host,
        broker_port=given.broker_port,
        trust=Trust(
            key_from_hex("desk", given.desk),
            key_from_hex("store", given.store),
            None if given.registrar is None else key_from_hex("registrar", given.registrar),
        ),
    )
    commands.provision_hall(given.authority, card, _means(), fleet_tls=given.fleet_tls, names=given.name)
    print(f"hall {card.hall}: authority in {given.authority}; keep a copy of this folder under lock and key")
    return 0


def _device(given: argparse.Namespace) -> int:
    authority = _open(given)
    order = Order(
        device=DeviceId(given.device),
        role=given.role,
        alg=Alg.ES256 if given.es256 else Alg.EDDSA,
        hands=given.simulated,
        charter=read_whole(given.charter, "the charter") if given.charter else None,
    )
    target: Path = given.folder
    card = commands.provision_device(authority, target, order, place=given.place, fleet=_fleet(given))
    registered = f", registered at {given.fleet}" if given.fleet else "; the fleet does not know it yet"
    print(f"{card.role} {card.device}: {target}{registered}")
    if order.charter is not None:
        charter = charter_of(order.charter, str(given.charter), authority.card)
        print(f"charter of {charter.congress} is pinned: {fingerprint(charter.hash)}, {charter.fingerprint}")
    return 0


def _revoke(given: argparse.Namespace) -> int:
    commands.revoke(
        _open(given),
        DeviceId(given.device),
        reason=given.reason,
        fleet_tls=given.fleet_tls,
        fleet=_fleet(given),
    )
    print(f"{given.device} is revoked, and its name with it; a device in its place gets another name")
    return 0


def _badge(given: argparse.Namespace) -> int:
    signer = signer_from_pem(REGISTRAR, read_whole(given.key, "the registrar's key"))
    if not 1 <= given.days <= BADGE_DAYS_MAX:
        raise ConfigError(f"--days must be 1 to {BADGE_DAYS_MAX}, got {given.days}")
    end = datetime.now(UTC) + timedelta(days=given.days)
    texts = commands.badges(
        signer,
        _open(given).card.congress,
        [_member(text) for text in given.member],
        first_serial=given.first_serial,
        not_after_ms=int(end.timestamp() * 1000),
    )
    for text in texts:
        print(text)
    return 0


def _member(text: str) -> MemberRef:
    try:
        return MemberRef(bytes.fromhex(text))
    except ValueError:
        raise ConfigError(f"a member is 32 hexadecimal digits, got {text!r:.40}") from None


def _open(given: argparse.Namespace) -> AuthorityFolder:
    return open_authority(given.authority, _means())


def _means() -> Means:
    return Means(now=lambda: datetime.now(UTC), serial=x509.random_serial_number)


def _fleet(given: argparse.Namespace) -> FleetApi | None:
    """Signed in at the fleet, if one was named. The password comes from the environment or is asked for."""
    if not given.fleet:
        return None
    if not given.account:
        raise ConfigError("--account is missing: the fleet wants to know who registers its devices")
    fleet = FleetApi(given.fleet)
    password = os.environ.get(PASSWORD_VARIABLE)
    if password is None:
        if not sys.stdin.isatty():
            raise ConfigError(f"set {PASSWORD_VARIABLE}: there is no terminal to ask for the password")
        password = getpass.getpass(f"password of {given.account}: ")
    fleet.sign_in(given.account, password)
    return fleet


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hallward provision", description="Identities of a hall: its authority, its devices, its badges."
    )
    verbs = parser.add_subparsers(required=True, metavar="hall | device | revoke | badge")

    hall = _verb(verbs, "hall", _hall, "make a hall's authority, and the tls folder of its server")
    hall.add_argument("hall", help="name of the hall")
    hall.add_argument("--congress", required=True, help="name of the congress")
    hall.add_argument("--desk", required=True, metavar="HEX", help="public key of the fleet's desk")
    hall.add_argument("--store", required=True, metavar="HEX", help="public key of the fleet's store")
    hall.add_argument("--registrar", metavar="HEX", help="public key that signs badges (default: the desk's)")
    hall.add_argument("--broker-host", default="127.0.0.1", help="where devices reach the broker")
    hall.add_argument("--broker-port", type=int, default=8883)
    hall.add_argument("--fleet-tls", type=Path, metavar="DIR", help="the tls folder of the fleet's data")
    hall.add_argument("--name", action="append", default=[], help="another name of the broker's host")

    device = _verb(verbs, "device", _device, "make a device's folder and register it")
    device.add_argument("device", help="name of the device")
    device.add_argument("--role", required=True, choices=ROLES)
    device.add_argument("--folder", type=Path, required=True, metavar="DIR", help="where the folder is made")
    device.add_argument("--place", default="", help="where it stands, in words")
    device.add_argument("--es256", action="store_true", help="a P-256 key, as a secure element has")
    device.add_argument(
        "--charter", type=Path, metavar="FILE", help="pin this charter in a keypad, for secret questions"
    )
    device.add_argument("--simulated", action="store_true", help="its hardware is simulated")
    _add_fleet(device)

    revoke = _verb(verbs, "revoke", _revoke, "take a device's certificates back")
    revoke.add_argument("device", help="name of the device")
    revoke.add_argument("--reason", default=commands.DEFAULT_REASON)
    revoke.add_argument("--fleet-tls", type=Path, metavar="DIR", help="the tls folder of the fleet's data")
    _add_fleet(revoke)

    badge = _verb(verbs, "badge", _badge, "print the texts of badges")
    badge.add_argument("member", nargs="+", help="pseudonym, 32 hexadecimal digits")
    badge.add_argument("--key", type=Path, required=True, help="private key of the registrar, PEM")
    badge.add_argument("--first-serial", type=int, required=True, help="the first that was never given")
    badge.add_argument("--days", type=int, default=14, help="how long it is good")
    return parser


def _verb(
    verbs: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, call: object, what: str
) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=what, description=what)
    parser.set_defaults(verb=call)
    parser.add_argument("--authority", type=Path, required=True, metavar="DIR", help="the authority's folder")
    return parser


def _add_fleet(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--fleet", metavar="URL", help="the fleet's address, http://host:port")
    parser.add_argument("--account", help=f"who signs in; the password is read from {PASSWORD_VARIABLE}")


if __name__ == "__main__":
    sys.exit(main())
