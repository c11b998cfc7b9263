"""`hallward provision swap`: a spare in the place of a dead device."""

import argparse
from pathlib import Path

from provisioning.authority.folder import open_authority
from provisioning.swap import swap
from provisioning.verbs.asked import Verbs, add_fleet, means, signed_in, verb


def add(verbs: Verbs) -> None:
    parser = verb(verbs, "swap", _swap, "put a spare in the place of a dead device")
    parser.add_argument("dead", help="device, serial number, or the place where it stands")
    parser.add_argument("spare", help="device or serial number")
    parser.add_argument("--reason", required=True, help="kept in the hall log; without names of persons")
    add_fleet(parser, required=True)
    parser.add_argument("--authority", type=Path, metavar="DIR", help="takes the old certificate back")
    parser.add_argument("--fleet-tls", type=Path, metavar="DIR", help="the tls folder of the fleet's data")


def _swap(given: argparse.Namespace) -> int:
    authority = None if given.authority is None else open_authority(given.authority, means())
    done = swap(signed_in(given), authority, given.dead, given.spare, given.reason, fleet_tls=given.fleet_tls)
    sittings = f", in the roll of {', '.join(done.sittings)}" if done.sittings else ""
    print(f"{done.spare} stands at {done.place} for {done.dead}{sittings}; {done.dead} is revoked")
    if not done.is_taken_back:
        print(
            f"the certificate of {done.dead} is on no list yet: run `hallward provision revoke {done.dead}` "
            "with the authority that issued it"
        )
    for vi, en in done.notes:
        print(f"- {vi}\n  {en}")
    return 0
