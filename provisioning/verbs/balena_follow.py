"""`hallward provision balena adopt | follow`: devices under balena in the waves of the hall's rollouts."""

import argparse
import os
import time
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from provisioning.adapters.fleet_api import TIMEOUT_S, FleetGate
from provisioning.backends.balena.account import CLOUD, TOKEN_VARIABLE, account
from provisioning.backends.balena.adapters.connect import connect
from provisioning.backends.follower import EVERY_S, Calls, Follower, Means
from provisioning.backends.following import BALENA
from provisioning.backends.ports import FleetBackend
from provisioning.desk.fleet_seats import OwnAccount
from provisioning.errors import ConfigError
from provisioning.verbs.asked import PASSWORD_VARIABLE, Verbs, secret_of, verb

EVERY_S_MIN: Final = 5.0
EVERY_S_MAX: Final = 3600.0


def add(actions: Verbs) -> None:
    adopt = _action(actions, "adopt", _adopt, "tell the hall which of its devices balena carries")
    adopt.add_argument("--dry-run", action="store_true", help="say which, change nothing")
    follow = _action(actions, "follow", _follow, "carry a rollout's orders out by pins, until it is over")
    follow.add_argument("--rollout", required=True, metavar="NAME", help="of the hall, of firmware")
    follow.add_argument("--once", action="store_true", help="one look, then end; for a timer")
    follow.add_argument(
        "--every", type=float, default=EVERY_S, metavar="S", help=f"between two looks (default {EVERY_S:.0f})"
    )


def _action(actions: Verbs, name: str, action: Any, what: str) -> argparse.ArgumentParser:
    parser = verb(actions, name, action, what)
    parser.add_argument("--host", default=CLOUD, help=f"domain of balena or openBalena (default {CLOUD})")
    parser.add_argument("--fleet", required=True, metavar="ORGANISATION/FLEET", help="of balena")
    parser.add_argument(
        "--token-file",
        type=Path,
        metavar="FILE",
        help=f"mode 600; otherwise {TOKEN_VARIABLE} of the environment",
    )
    parser.add_argument("--ca", type=Path, metavar="FILE", help="authority of an openBalena, PEM")
    parser.add_argument(
        "--hall", required=True, metavar="URL", help="the hall's own fleet, https://host:port"
    )
    parser.add_argument("--hall-ca", type=Path, metavar="FILE", help="its authority, PEM")
    parser.add_argument("--account", required=True, help=f"a technician; the password: {PASSWORD_VARIABLE}")
    return parser


def _backend(given: argparse.Namespace) -> FleetBackend:
    who = account(given.host, environment=os.environ, token_file=given.token_file, ca=given.ca)
    return connect(who, given.fleet)


def _hall(given: argparse.Namespace) -> Calls:
    """Signs in again when a sign-in is over: a rollout takes longer than one lasts."""
    gate = FleetGate(given.hall, given.hall_ca, TIMEOUT_S)
    return OwnAccount(gate, given.account, secret_of(PASSWORD_VARIABLE, f"password of {given.account}"))


def _adopt(given: argparse.Namespace) -> int:
    backend, hall = _backend(given), _hall(given)
    known = {row["device"] for row in hall.call("GET", "/api/devices")}
    theirs = [state.device for state in backend.states()]
    changed = 0
    for device in sorted(known.intersection(theirs)):
        path = f"/api/devices/{quote(device, safe='')}/backend"
        if hall.call("GET", path)["backend"] == BALENA:
            continue
        changed += 1
        if not given.dry_run:
            hall.call("PUT", path, {"backend": BALENA})
        print(f"{device}: {'would be' if given.dry_run else 'is'} carried by balena")
    unknown = len(set(theirs) - known)
    print(f"{len(theirs)} devices in {given.fleet}, {changed} changed, {unknown} unknown to the hall")
    return 0


def _follow(given: argparse.Namespace) -> int:
    if not EVERY_S_MIN <= given.every <= EVERY_S_MAX:
        raise ConfigError(f"--every must be {EVERY_S_MIN:.0f} to {EVERY_S_MAX:.0f} seconds")
    means = Means(
        connect=lambda: _backend(given),
        now_ms=lambda: time.time_ns() // 1_000_000,
        sleep=time.sleep,
        say=lambda line: print(line, flush=True),
    )
    follower = Follower(_hall(given), means, given.rollout)
    if given.once:
        follower.round()
        return 0
    try:
        return 0 if follower.follow(given.every) == "done" else 1
    except KeyboardInterrupt:
        print("stopped; devices that are on their way go on. Run it again, and it goes on where it stood")
        return 1
