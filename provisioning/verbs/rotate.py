"""`hallward provision rotate`: another key for a hall, planned or because the old one was stolen."""

import argparse
from pathlib import Path

from provisioning.authority import rotation
from provisioning.authority.chain import INTERMEDIATE_FILE
from provisioning.authority.folder import AuthorityFolder
from provisioning.authority.forms import fingerprint
from provisioning.authority.lock import alone
from provisioning.authority.root import Answer, read_answer
from provisioning.errors import ConfigError
from provisioning.files import PUBLIC, read_whole, write_whole
from provisioning.verbs.asked import Verbs, add_authority, opened, verb
from provisioning.verbs.root import opened_root

RESTART = (
    "stop and start `hallward fleet serve` and the provisioning desk now: they read the keys when they start"
)


def add(verbs: Verbs) -> None:
    rotate = verb(verbs, "rotate", _rotate, "replace the key of a hall")
    add_authority(rotate)
    way = rotate.add_mutually_exclusive_group(required=True)
    way.add_argument("--root", type=Path, metavar="FOLDER", help="the root's folder, if it is at hand")
    way.add_argument("--request", type=Path, metavar="FILE", help="write what the offline root has to sign")
    way.add_argument("--intermediate", type=Path, metavar="FILE", help="the offline root's answer")
    way.add_argument("--finish", action="store_true", help="trust the new key alone from now on")
    rotate.add_argument("--at-once", action="store_true", help="the old key was stolen: trust it no more")
    rotate.add_argument("--anyway", action="store_true", help="finish although devices have not renewed")
    rotate.add_argument("--fleet-tls", type=Path, metavar="DIR", help="the tls folder of the fleet's data")
    rotate.add_argument("--name", action="append", default=[], help="another name of the broker's host")


def _rotate(given: argparse.Namespace) -> int:
    authority = opened(given)
    with alone(authority.path):
        if given.request is not None:
            return _ask(authority, given)
        if given.finish:
            done = rotation.finish(authority, anyway=given.anyway)
            print(f"hall {done.card.hall} trusts its new key alone; the old one is destroyed")
        else:
            done = rotation.rotate(authority, _answer(authority, given), at_once=given.at_once)
            print(f"hall {done.card.hall} signs with key {fingerprint(done.own.key.public_key())}")
            _say_what_is_left(done)
        if given.fleet_tls is not None:
            done.write_fleet_tls(given.fleet_tls, given.name)
    print(RESTART if given.fleet_tls else f"run `hallward provision hall … --fleet-tls DIR`, then {RESTART}")
    return 0


def _answer(authority: AuthorityFolder, given: argparse.Namespace) -> Answer:
    key = rotation.next_key(authority).public_key()
    if given.intermediate is not None:
        return read_answer(read_whole(given.intermediate, "the root's answer"), key)
    root = opened_root(given.root)
    if authority.previous is None or given.at_once:  # else it is refused, and nothing may have changed
        for old in rotation.earlier_intermediates(authority):
            root.revoke(old)
    return root.sign(rotation.next_request(authority))


def _ask(authority: AuthorityFolder, given: argparse.Namespace) -> int:
    path: Path = given.request
    if authority.previous is not None and not given.at_once:
        raise ConfigError(
            "the last rotation is not finished: `hallward provision rotate --finish` first, or add --at-once "
            "if a key was stolen"
        )
    write_whole(path, rotation.next_request(authority), PUBLIC)
    key = fingerprint(rotation.next_key(authority).public_key())
    print(f"{path}: bring it to the root, and compare there: hall {authority.card.hall}, key {key}")
    print(
        f"with it {authority.path / INTERMEDIATE_FILE}: the root takes that back (--revoke) before it signs"
    )
    return 0


def _say_what_is_left(authority: AuthorityFolder) -> None:
    behind = rotation.not_renewed(authority)
    if rotation.is_under_way(authority):
        print(f"both keys are trusted; {len(behind)} devices renew within 60 days, then --finish")
    else:
        print(f"the old key is trusted by nobody here; {len(behind)} devices come back by a renewal")
