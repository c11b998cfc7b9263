"""`hallward provision …`: identities of a hall. Each subject of the command line is a module of verbs/."""

import argparse
import importlib
import sys
from collections.abc import Sequence
from typing import Final

from wire.errors import HallError

SUBJECTS: Final = (
    "root", "hall", "rotate", "device", "badge", "image", "labels", "desk", "status", "batch", "accept",
    "places", "template", "swap", "balena", "updates",
)  # fmt: skip


def main(words: Sequence[str] | None = None) -> int:
    """Exit status: 0 done, 1 not done, 2 wrong words, 78 configuration."""
    given = _parser().parse_args(words)
    try:
        return int(given.verb(given))
    except HallError as err:
        print(f"hallward: {err.diagnostics()} [{err.code}]", file=sys.stderr)
        return err.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hallward provision", description="Identities of a hall: its authority, its devices, its badges."
    )
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    for subject in SUBJECTS:
        importlib.import_module(f"provisioning.verbs.{subject}").add(verbs)
    return parser


if __name__ == "__main__":
    sys.exit(main())
