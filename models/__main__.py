"""python -m models fetch | convert | quantise | all | evaluate | card | verify | calibrate | golden |
bundle."""

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Final, NoReturn

from models.cache import VARIABLE, cache_folder
from models.outcome import Outcome
from wire.errors import HallError

if TYPE_CHECKING:
    from models.verify import Line

_BUILD: Final = {
    "fetch": "bring the pinned files from the package registries, or from the archives in the cache",
    "convert": "make the float networks",
    "quantise": "make the int8 networks that a gate loads",
    "all": "whatever of these is missing, then every check and a small trial",
}


def main(argv: Sequence[str]) -> int:
    """Exit status: 0 done, 1 with a sentence on standard error, or for a check that failed."""
    arguments = _parser().parse_args(argv)
    signal.signal(signal.SIGTERM, _stop)
    if arguments.verb == "evaluate":
        _require_something_to_measure(arguments)
    if arguments.verb == "verify" and (arguments.candidate is None) != (arguments.baseline is None):
        arguments.refuse("--candidate and --baseline go together")
    cache = arguments.cache or cache_folder(os.environ)
    try:
        return _VERBS[arguments.verb](arguments, cache)
    except HallError as err:
        return _say(err)


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    """As after Ctrl-C: whatever was begun is tidied, and clients that were started are ended."""
    sys.exit(128 + signal.SIGTERM)


def _say(err: HallError) -> int:
    print(f"models: {err.diagnostics()} [{err.code}]", file=sys.stderr)
    return err.exit_code


def _build(arguments: argparse.Namespace, cache: Path) -> int:
    from models import commands

    steps = {"fetch": commands.fetch, "convert": commands.convert, "quantise": commands.quantise}
    return _told(steps[arguments.verb](cache), cache)


def _all(_: argparse.Namespace, cache: Path) -> int:
    from models import commands

    status = max(_told(commands.prepare(cache), cache), _lines(commands.verified(cache)))
    try:
        return max(status, _lines([commands.shipped_trial(cache)]))
    except HallError as err:
        return max(status, _say(err))


def _told(outcome: Outcome, cache: Path) -> int:
    print(f"{outcome.done} new {'file' if outcome.done == 1 else 'files'} in {cache}")
    return max([_say(err) for err in outcome.failures], default=0)


def _calibrate(_: argparse.Namespace, cache: Path) -> int:
    from models import commands

    for path in commands.calibrate(cache):
        print(f"{path.name}: measured anew; read the difference before you commit it")
    return 0


def _golden(_: argparse.Namespace, cache: Path) -> int:
    from models import commands

    for measured in commands.write_golden(cache):
        print(f"{measured}: outputs measured anew")
    return 0


def _bundle(arguments: argparse.Namespace, cache: Path) -> int:
    from models import bundle_of, places

    networks = arguments.networks or places.package_folder(cache)
    print("\n".join(bundle_of.bundle_of(networks, arguments.out)))
    print(f"written to {arguments.out}; now `hallward release bundle models {arguments.out} ...`")
    return 0


def _evaluate(arguments: argparse.Namespace, cache: Path) -> int:
    from models import commands
    from models.trial import Trial

    asked = Trial(
        pairs=arguments.pairs,
        images=arguments.images,
        identify=arguments.identify,
        groups=arguments.groups,
        attacks=arguments.pad,
        agreement=arguments.agreement,
        numbers="float" if arguments.float else "int8",
        runtime=arguments.runtime,
    )
    data = commands.evaluate(cache, asked, arguments.out)
    print(json.dumps(data, indent=1, ensure_ascii=False) if arguments.json else "\n".join(data["text"]))
    return 0


def _card(_: argparse.Namespace, cache: Path) -> int:
    from models import commands

    changed = commands.cards(cache)
    for path in changed:
        print(f"{path.name}: written anew")
    if not changed:
        print("all cards are up to date")
    return 0


def _verify(arguments: argparse.Namespace, cache: Path) -> int:
    from models import commands

    lines = commands.verified(cache)
    if arguments.candidate is not None:
        lines += commands.compared(arguments.candidate, arguments.baseline)
    return _lines(lines)


def _lines(lines: "Sequence[Line]") -> int:
    """Exit status 1 when a check failed."""
    width = max(len(line.what) for line in lines)
    for line in lines:
        print(f"{'ok  ' if line.ok else 'FAIL'}  {line.what:<{width}}  {line.found}")
    return 0 if all(line.ok for line in lines) else 1


_VERBS: Final[dict[str, Callable[[argparse.Namespace, Path], int]]] = {
    **dict.fromkeys(_BUILD, _build),
    "all": _all,
    "evaluate": _evaluate,
    "card": _card,
    "verify": _verify,
    "calibrate": _calibrate,
    "golden": _golden,
    "bundle": _bundle,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hallward models", description="The gate's networks: build, measure, verify."
    )
    parser.add_argument(
        "--cache", type=Path, help=f"folder of the files (default ${VARIABLE}, else var/models)"
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb, does in _BUILD.items():
        verbs.add_parser(verb, help=does)
    _add_evaluate(verbs.add_parser("evaluate", help="measure the networks on labelled photographs"))
    verbs.add_parser("card", help="write models/cards anew from the build and models/reports")
    verifying = verbs.add_parser("verify", help="check bytes, outputs, speed and cards on this machine")
    verifying.add_argument("--candidate", type=Path, help="report of `evaluate --groups --json`: the new one")
    verifying.add_argument("--baseline", type=Path, help="the same of the one in use")
    verifying.set_defaults(refuse=verifying.error)
    verbs.add_parser("calibrate", help="for whoever changes a network: measure models/ranges anew")
    verbs.add_parser("golden", help="for whoever changes a network: measure models/golden anew")
    bundling = verbs.add_parser("bundle", help="the folder that a release of networks is made of")
    bundling.add_argument("--out", type=Path, required=True, help="a new folder")
    bundling.add_argument("--networks", type=Path, help="folder of the networks (default CACHE/int8)")
    return parser


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--pairs", type=Path, help="tab-separated, with a header: fold, same, a, b")
    parser.add_argument("--images", type=Path, help="folder of the photographs that the pairs name")
    parser.add_argument("--identify", action="store_true", help="open-set identification too")
    parser.add_argument("--groups", type=Path, help="tab-separated, with a header: image, group")
    parser.add_argument("--pad", type=Path, help="folder of live/ and one folder per species of attack")
    parser.add_argument(
        "--agreement", action="store_true", help="int8 against float, on the shipped photographs"
    )
    parser.add_argument("--float", action="store_true", help="the float networks instead of the int8 ones")
    parser.add_argument("--runtime", choices=("litert", "tflite"), default="litert")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--out", type=Path, help="keep the report here; not repeated while nothing changes")
    parser.set_defaults(refuse=parser.error)


def _require_something_to_measure(arguments: argparse.Namespace) -> None:
    if (arguments.pairs is None) != (arguments.images is None):
        arguments.refuse("--pairs and --images go together")
    if arguments.pairs is None and arguments.pad is None and not arguments.agreement:
        arguments.refuse("nothing to measure: give --pairs and --images, --pad, or --agreement")
    if arguments.agreement and (arguments.float or arguments.runtime != "litert"):
        arguments.refuse(
            "--agreement compares int8 with float in LiteRT; --float and --runtime do not go with it"
        )
    if arguments.pairs is None and (arguments.identify or arguments.groups):
        arguments.refuse("--identify and --groups need --pairs and --images")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
