"""python -m models fetch | convert | all | evaluate."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from models.cache import VARIABLE, cache_folder
from wire.errors import HallError


def main(argv: Sequence[str]) -> int:
    """Exit status: 0 done, 1 with one sentence on standard error."""
    parser = argparse.ArgumentParser(
        prog="models", description="The gate's networks: fetch, convert, evaluate."
    )
    parser.add_argument(
        "--cache", type=Path, help=f"folder of the files (default ${VARIABLE}, else var/models)"
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb, does in (
        ("fetch", "download the pinned packages and unpack the pinned files"),
        ("convert", "make the files a gate loads"),
        ("all", "fetch, then convert"),
    ):
        verbs.add_parser(verb, help=does)
    measuring = verbs.add_parser("evaluate", help="accuracy on labelled pairs of photographs")
    measuring.add_argument("--pairs", type=Path, required=True, help="tab-separated: fold, same, a, b")
    measuring.add_argument("--images", type=Path, required=True, help="folder of the photographs")
    arguments = parser.parse_args(argv)
    cache = arguments.cache or cache_folder(os.environ)
    try:
        return _run(arguments, cache)
    except HallError as err:
        print(f"models: {err.diagnostics()} [{err.code}]", file=sys.stderr)
        return err.exit_code


def _run(arguments: argparse.Namespace, cache: Path) -> int:
    from models import commands

    if arguments.verb == "fetch":
        print(f"{commands.fetch(cache)} files fetched into {cache}")
    if arguments.verb == "convert":
        print(f"{commands.convert(cache)} files converted in {cache}")
    if arguments.verb == "all":
        print(f"{commands.prepare(cache)} new files in {cache}")
    if arguments.verb == "evaluate":
        found = commands.evaluate(cache, arguments.pairs, arguments.images)
        for name in found.__slots__:
            print(f"{name:<14}{getattr(found, name):.4g}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
