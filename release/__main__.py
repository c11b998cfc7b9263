"""`hallward release VERB …`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wire.errors import RecordRejected
from wire.updates import COMPONENTS

if TYPE_CHECKING:
    from release.commands import Means


def main(words: Sequence[str], means: "Means | None" = None) -> int:
    """Exit code: 0 done, 1 others must sign, or not installable. Raises ReleaseError."""
    given = _parser().parse_args(words)
    from release import commands

    try:
        return int(getattr(commands, given.act)(given, means or commands.Means()))
    except RecordRejected as err:
        raise commands.rejected(err) from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hallward release",
        description="Officers of a release, on machines without a network (docs/runbooks/release.md).",
    )
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    _key_verbs(verbs)
    _folder_verbs(verbs)
    _content_verbs(verbs)
    return parser


def _verb(verbs: Any, name: str, what: str, act: str | None = None) -> argparse.ArgumentParser:
    found: argparse.ArgumentParser = verbs.add_parser(name, help=what, description=what)
    found.set_defaults(act=act or name.replace("-", "_"))
    return found


def _folder(verbs: Any, name: str, what: str, act: str | None = None) -> argparse.ArgumentParser:
    found = _verb(verbs, name, what, act)
    found.add_argument("folder", type=Path, help="the release's folder, on the stick that goes round")
    return found


def _passphrase(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--passphrase-file", type=Path, help="mode 600, first line; otherwise you are asked")


def _key_verbs(verbs: Any) -> None:
    key = _verb(verbs, "key", "make an officer's key, sealed under a passphrase")
    key.add_argument("name", help="of the officer: a-z, 0-9, '-'")
    key.add_argument(
        "--out", type=Path, required=True, help="file of the sealed key; NAME.pub.json beside it"
    )
    _passphrase(key)
    sign = _folder(verbs, "sign", "read what waits, and sign it")
    sign.add_argument("--key", type=Path, required=True, help="your sealed key")
    sign.add_argument(
        "--again", action="store_true", help="what you signed under this number was thrown away"
    )
    _passphrase(sign)


def _folder_verbs(verbs: Any) -> None:
    init = _folder(verbs, "init", "begin a release: roots, targets and the four components")
    init.add_argument(
        "--officer", type=Path, action="append", required=True, help="NAME.pub.json, once for each"
    )
    init.add_argument(
        "--threshold", type=int, default=2, help="how many of them sign, 2 at least (default 2)"
    )
    init.add_argument("--online", type=Path, required=True, help="image-online.pub.json of the fleet")
    init.add_argument("--director", type=Path, required=True, help="director.pub.json of the fleet")
    rotate = _folder(verbs, "rotate-root", "other officers or keys, signed by the old and the new ones")
    rotate.add_argument("--officer", type=Path, action="append", default=[], help="all who are officers then")
    rotate.add_argument("--threshold", type=int, help="how many of them sign then, 2 at least")
    rotate.add_argument("--online", type=Path)
    rotate.add_argument("--director", type=Path)
    for parser in (init, rotate):
        parser.add_argument(
            "--delegate",
            action="append",
            default=[],
            help="COMPONENT=FILE.pub.json signs it instead of the officers",
        )
    director = _folder(
        verbs, "director", "a root for the director of a further hall, signed by the same officers"
    )
    director.add_argument(
        "--release", type=Path, required=True, help="the release's folder: whose officers sign"
    )
    director.add_argument(
        "--director", type=Path, required=True, help="director.pub.json of that hall's fleet"
    )
    renew = _folder(verbs, "renew", "the same content, with a new end")
    renew.add_argument(
        "role",
        nargs="*",
        default=["targets", *COMPONENTS],
        help="root, targets, or components (default: all but root)",
    )
    _folder(verbs, "status", "what is signed, by whom, until when, and what waits")
    _folder(verbs, "check", "verify all of it as a device would", "check_folder")


def _content_verbs(verbs: Any) -> None:
    bundle = _verb(verbs, "bundle", "make a bundle; the same files give the same bytes")
    bundle.add_argument("component", choices=("firmware", "models", "config"))
    bundle.add_argument("source", type=Path, help="source tree; folder int8; settings.toml")
    bundle.add_argument("--version", required=True, help="for people")
    bundle.add_argument("--counter", type=int, required=True, help="rises with each release")
    bundle.add_argument("--out", type=Path, required=True)
    bundle.add_argument("--package", action="append", help="firmware: instead of the usual packages")
    bundle.add_argument("--golden", type=Path, help="models: golden.json, if it is not in the folder")
    add = _folder(verbs, "add", "list a file in the next version of its component")
    add.add_argument("file", type=Path)
    add.add_argument("--path", required=True, help="COMPONENT/NAME")
    add.add_argument(
        "--hardware", action="append", required=True, help="gate-pi5, keypad-zero2w, …; once for each"
    )
    add.add_argument("--version", help="of an OS image; a bundle says its own")
    add.add_argument("--counter", type=int, help="of an OS image; a bundle says its own")
    add.add_argument(
        "--minimum", type=int, default=0, help="once committed, nothing below this counter runs again"
    )
    add.add_argument(
        "--require", action="append", default=[], metavar="NAME=N", help="firmware, memory-kb, disk-kb"
    )
    add.add_argument("--environment", default="", help="of Python and its libraries, as devices report it")
    add.add_argument("--embedder", help="models: SHA-256, compared with the bundle's")
    add.add_argument(
        "--measured", action="append", default=[], metavar="NAME=N", help="whole numbers: ppm, us"
    )
    remove = _folder(verbs, "remove", "take a file off the list; nobody can install it any more")
    remove.add_argument("path", help="COMPONENT/NAME")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
