"""`hallward provision template`: a hall's places and policies for another hall."""

import argparse
from pathlib import Path

from provisioning import template
from provisioning.desk.settings import load_policy
from provisioning.files import PUBLIC, read_whole, write_whole
from provisioning.places import places_of
from provisioning.verbs.asked import Verbs, add_authority, add_fleet, signed_in, verb


def add(verbs: Verbs) -> None:
    parser = verbs.add_parser(
        "template",
        help="a hall's places and policies for another hall",
        description="Places and policies of a hall, without devices, for another hall.",
    )
    acts = parser.add_subparsers(required=True, metavar="ACT")
    exports = verb(acts, "export", _export, "write this hall's places and policies")
    applies = verb(acts, "apply", _apply, "give this hall the places and policies of a template")
    for act in (exports, applies):
        act.add_argument("file", type=Path, metavar="FILE")
        add_authority(act)
        add_fleet(act, required=True)
    applies.add_argument("--dry-run", action="store_true", help="only say what would change")


def _export(given: argparse.Namespace) -> int:
    made = template.template_of(places_of(signed_in(given)), load_policy(given.authority))
    write_whole(given.file, template.encode(made).encode(), PUBLIC)
    print(f"{len(made.places)} places and {len(made.policy)} policies written to {given.file}")
    return 0


def _apply(given: argparse.Namespace) -> int:
    found = template.parse(read_whole(given.file, "the template"), str(given.file))
    applied = template.apply(found, signed_in(given), given.authority, dry_run=given.dry_run)
    for line in (*applied.policy, *applied.plan.changes):
        print(line)
    did = "would change; nothing was changed" if given.dry_run else "changed"
    print(f"{len(applied.policy)} policies and {len(applied.plan.changes)} places {did}")
    if applied.policy and not given.dry_run:
        print("a desk that runs knows the policies of its start: start it again")
    return 0
