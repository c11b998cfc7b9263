"""`hallward GROUP VERB …`: one group per role. Each group is imported only when it is named."""

import importlib
import io
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from types import ModuleType
from typing import Final

from wire.errors import HallError

GROUPS: Final = {
    "demo": "a whole hall on this machine, from a face and a key press to the board",
    "fleet": "the hall's server: init, serve, ingest, api, backup, restore",
    "provision": "identities: the hall's authority, devices, badges, revocation",
    "gate": "a gate's firmware: run, check, calibrate, replay, new-epoch",
    "keypad": "a keypad's firmware: run, check, new-epoch",
    "enrol": "the enrolment station: serve (a page), withdraw, destroy; or photographs in, references out",
    "trustee": "a trustee's machine: the key ceremony, approve, share, result",
    "officer": "officers of the congress: keys, charter, roll, manifest, close, result",
    "witness": "a witness of the hall log: run, cosign, state",
    "release": "officers of a release, without a network: keys, roots, bundles, signatures",
    "models": "the networks: build, measure, verify",
    "export": "write the hall log to a file",
    "audit": "check such a file: signatures, chains, tree, counts",
}
EXIT_USAGE: Final = 2
EXIT_INTERRUPTED: Final = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Exit codes: 0 done, 1 not done, 2 wrong words, 3 audit without pinned keys, 78 configuration."""
    words = list(sys.argv[1:] if argv is None else argv)
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal without Vietnamese shows codes, and goes on
        sys.stdout.reconfigure(errors="backslashreplace")
    if sys.version_info < (3, 11):  # noqa: UP036  # said in a sentence instead of a traceback further on
        print("hallward needs Python 3.11 or newer", file=sys.stderr)
        return 78
    if not words or words[0] in ("-h", "--help", "help", "--version"):
        print(f"hallward {version('hallward')}" if words == ["--version"] else _help())
        return 0 if words else EXIT_USAGE
    if words[0] not in GROUPS:
        print(f"hallward: there is no {words[0]!r}; see `hallward --help`", file=sys.stderr)
        return EXIT_USAGE
    try:
        group: ModuleType = importlib.import_module(f"hallward.verbs.{words[0]}")
        return int(group.run(words[1:]))
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except UnicodeEncodeError:
        print("hallward: a word of the command is not in UTF-8; type it again [usage]", file=sys.stderr)
        return EXIT_USAGE
    except (HallError, ImportError, OSError) as err:
        return _failed(words[0], err)


def _failed(group: str, err: HallError | ImportError | OSError) -> int:
    """One sentence for the person who typed the command, and the exit code."""
    if isinstance(err, HallError):
        print(f"hallward: {err.diagnostics()} [{err.code}]", file=sys.stderr)
        return err.exit_code
    if isinstance(err, ImportError):
        return _not_installed(group, err)
    if isinstance(err, BrokenPipeError):
        # whoever read our output has gone; without this the interpreter complains once more while it exits
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    print(f"hallward: {err.strerror or err}: {err.filename or 'the system refused'} [os]", file=sys.stderr)
    return 1


def _not_installed(group: str, err: ImportError) -> int:
    """A device has its own role's libraries and no others. A module of ours that is missing is our fault."""
    missing = (err.name or "").partition(".")[0]
    if missing in {
        "",
        "ballot",
        "durable",
        "edge",
        "fleet",
        "front",
        "hallward",
        "models",
        "officers",
        "printed",
        "provisioning",
        "release",
        "wire",
    }:
        raise err
    print(
        f"hallward: `hallward {group}` needs {missing}, which is not installed on this machine; use one that "
        "was set up for it (`make setup`)",
        file=sys.stderr,
    )
    return 1


def _help() -> str:
    width = max(map(len, GROUPS))
    lines = [f"  {group:<{width}}  {what}" for group, what in GROUPS.items()]
    return "\n".join(
        ["usage: hallward GROUP … | --version", "", *lines, "", "hallward GROUP --help says more."]
    )


if __name__ == "__main__":
    sys.exit(main())
