"""`hallward provision device | revoke`: a device's folder made here, and certificates taken back."""

import argparse
from pathlib import Path

from ballot.seeds import fingerprint
from provisioning import commands
from provisioning.device_folder import ROLES, Order, charter_of
from provisioning.files import read_whole
from provisioning.updates import MISSING, load_service
from provisioning.verbs.asked import Verbs, add_authority, add_fleet, fleet_of, opened, verb
from wire.ids import DeviceId
from wire.keys import Alg


def add(verbs: Verbs) -> None:
    device = verb(verbs, "device", _device, "make a device's folder and register it")
    add_authority(device)
    device.add_argument("device", help="name of the device")
    device.add_argument("--role", required=True, choices=ROLES)
    device.add_argument("--folder", type=Path, required=True, metavar="DIR", help="where the folder is made")
    device.add_argument("--place", default="", help="where it stands, in words")
    device.add_argument("--es256", action="store_true", help="a P-256 key, as a secure element has")
    device.add_argument(
        "--charter", type=Path, metavar="FILE", help="pin this charter in a keypad, for secret questions"
    )
    device.add_argument(
        "--hardware", metavar="NAME", help="its kind, as releases name it (default: the role's)"
    )
    device.add_argument("--simulated", action="store_true", help="its hardware is simulated")
    add_fleet(device)

    revoke = verb(verbs, "revoke", _revoke, "take a device's certificates back")
    add_authority(revoke)
    revoke.add_argument("device", help="name of the device")
    revoke.add_argument("--reason", default=commands.DEFAULT_REASON)
    revoke.add_argument("--fleet-tls", type=Path, metavar="DIR", help="the tls folder of the fleet's data")
    add_fleet(revoke)


def _device(given: argparse.Namespace) -> int:
    authority = opened(given)
    order = Order(
        device=DeviceId(given.device),
        role=given.role,
        alg=Alg.ES256 if given.es256 else Alg.EDDSA,
        hands=given.simulated,
        charter=read_whole(given.charter, "the charter") if given.charter else None,
        update=load_service(given.authority),
        hardware=given.hardware,
    )
    target: Path = given.folder
    card = commands.provision_device(authority, target, order, place=given.place, fleet=fleet_of(given))
    registered = f", registered at {given.fleet}" if given.fleet else "; the fleet does not know it yet"
    print(f"{card.role} {card.device}: {target}{registered}")
    if order.update is None:
        print(" / ".join(MISSING))
    if order.charter is not None:
        charter = charter_of(order.charter, str(given.charter), authority.card)
        print(f"charter of {charter.congress} is pinned: {fingerprint(charter.hash)}, {charter.fingerprint}")
    return 0


def _revoke(given: argparse.Namespace) -> int:
    commands.revoke(
        opened(given),
        DeviceId(given.device),
        reason=given.reason,
        fleet_tls=given.fleet_tls,
        fleet=fleet_of(given),
    )
    print(f"{given.device} is revoked, and its name with it; a device in its place gets another name")
    return 0
