"""`hallward provision status`: what is done and what is left, in words."""

import argparse
from pathlib import Path

from provisioning.commands import end_of_root
from provisioning.desk.claims import Claim
from provisioning.desk.journal import FILE_NAME, claims_of, read_lines
from provisioning.desk.progress import report, story
from provisioning.errors import ConfigError
from provisioning.plan import Plan, plan_of
from provisioning.updates import MISSING, load_service
from provisioning.verbs.asked import Verbs, add_authority, add_fleet, fleet_of, opened, verb


def add(verbs: Verbs) -> None:
    status = verb(
        verbs, "status", _status, "say what is done and what is left, for the hall or for one device"
    )
    add_authority(status)
    status.add_argument("thing", nargs="?", metavar="SERIAL|DEVICE", help="only this device, step by step")
    add_fleet(status)


def _status(given: argparse.Namespace) -> int:
    authority = opened(given)  # a wrong folder is no hall where nobody waits
    claims = _claims(given.authority)
    fleet = fleet_of(given)
    plan: Plan | None = None if fleet is None else plan_of(fleet.call("GET", "/api/places"))
    if given.thing is None:
        lines = report(_newest(claims), plan)
        if load_service(given.authority) is None:
            lines.append(" / ".join(MISSING))
        if (ends := end_of_root(authority)) is not None:
            lines.append(" / ".join(ends))
    else:
        found = [claim for claim in _newest(claims) if given.thing in (claim.serial, claim.device)]
        if not found:
            raise ConfigError(
                f"no device {given.thing!r:.70} has ever said hello to this desk: switch it on, and look at "
                "its own screen"
            )
        lines = [line for claim in found for line in story(claim, plan)]
    print("\n".join(lines))
    return 0


def _claims(folder: Path) -> list[Claim]:
    """From the desk's journal, which may be growing meanwhile."""
    path = folder / FILE_NAME
    return claims_of(read_lines(path), path).every()


def _newest(claims: list[Claim]) -> list[Claim]:
    """The last claim of each key."""
    return list({claim.key: claim for claim in claims}.values())
