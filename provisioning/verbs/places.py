"""`hallward provision places`: the plan of the hall, in and out of a spreadsheet, and its spares."""

import argparse
import sys
from pathlib import Path

from provisioning import places
from provisioning.errors import ConfigError
from provisioning.files import PUBLIC, read_whole, write_whole
from provisioning.verbs.asked import Verbs, add_fleet, signed_in, verb


def add(verbs: Verbs) -> None:
    parser = verbs.add_parser(
        "places", help="the plan of the hall", description="The plan of the hall and its spares."
    )
    acts = parser.add_subparsers(required=True, metavar="ACT")
    imports = verb(acts, "import", _import, "make a CSV table the plan of the hall")
    imports.add_argument("file", type=Path, metavar="FILE", help=f"columns: {', '.join(places.COLUMNS)}")
    imports.add_argument("--dry-run", action="store_true", help="only say what would change")
    add_fleet(imports, required=True)
    exports = verb(acts, "export", _export, "write the plan as a CSV table")
    exports.add_argument("file", type=Path, nargs="?", metavar="FILE", help="default: print it")
    add_fleet(exports, required=True)
    add_fleet(verb(acts, "spares", _spares, "list the devices that stand nowhere"), required=True)


def _import(given: argparse.Namespace) -> int:
    try:
        text = read_whole(given.file, "the plan").decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"{given.file} is not UTF-8: save the sheet as CSV UTF-8") from None
    planned = places.import_plan(signed_in(given), text, dry_run=given.dry_run)
    for line in planned.changes:
        print(line)
    did = "would change; nothing was changed" if given.dry_run else "changed"
    print(f"{planned.rows} places on the plan, {len(planned.changes)} {did}")
    return 0


def _export(given: argparse.Namespace) -> int:
    found = places.places_of(signed_in(given))
    text = places.plan_csv(places.fields_of(place) for place in found)
    if given.file is None:
        sys.stdout.write(text)
        return 0
    write_whole(given.file, text.encode(), PUBLIC)
    print(f"{len(found)} places written to {given.file}")
    return 0


def _spares(given: argparse.Namespace) -> int:
    found = places.spares_of(signed_in(given))
    for spare in found:
        print(f"{spare.device}\t{spare.role}\t{spare.serial}\t{spare.word}")
    print(f"{len(found)} spares")
    return 0
