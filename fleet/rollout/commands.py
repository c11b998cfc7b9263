"""hallward fleet rollout …: what the page does, from a terminal, over the same routes."""

import argparse
import getpass
import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from fleet.errors import ConfigError
from fleet.rollout import printed
from fleet.rollout.client import Client

FOLLOW_S: Final = 1.0
ACTS: Final = {
    "start": "let a rollout begin",
    "pause": "give no new order until it is resumed",
    "resume": "let a paused rollout go on",
    "abort": "stop it, and bring back every device that took the new release",
    "roll-back": "bring the devices of a rollout, a finished one too, back to what they had",
    "retry": "try again on the devices that failed for something else than the release",
}
OVER: Final = {"done": 0, "aborted": 1}
"""Exit status of `show --follow` by the state in which the rollout ended."""
Words = argparse.ArgumentParser


def add_verbs(parser: Words) -> None:
    """`rollout` and what stands behind it."""
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    create = _verb(verbs, "create", _create, "plan a rollout; nothing begins before `start`")
    create.add_argument("name")
    create.add_argument("target", help="path of the release, like models/gate-5")
    create.add_argument("--plan", type=Path, metavar="FILE", help="JSON; left out: few devices, 25 %%, all")
    create.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
    for name, what in ACTS.items():
        act = _verb(verbs, name, _act(name), what)
        act.add_argument("name")
        if name == "retry":
            act.add_argument("--device", action="append", metavar="DEVICE", help="this one alone; may repeat")
    show = _verb(verbs, "show", _show, "how far a rollout is, and why it stands there")
    show.add_argument("name")
    show.add_argument("--follow", action="store_true", help="again every second, until it is over")
    _verb(verbs, "list", _list, "all rollouts of the hall")
    why = _verb(verbs, "why", _why, "why a device is not eligible, release by release")
    why.add_argument("name", metavar="DEVICE")


def _verb(verbs: Any, name: str, call: Callable[[argparse.Namespace], int], what: str) -> Words:
    parser: Words = verbs.add_parser(name, help=what, description=what)
    parser.set_defaults(verb=call)
    parser.add_argument("--url", default="http://127.0.0.1:8080", help="of the fleet")
    parser.add_argument("--ca", type=Path, metavar="FILE", help="authority of an https fleet, PEM")
    parser.add_argument("--account", required=True, help="of staff or an admin")
    parser.add_argument(
        "--password-file", type=Path, metavar="FILE", help="left out: asked for, or the first line of input"
    )
    return parser


def _create(given: argparse.Namespace) -> int:
    body = {
        "name": given.name,
        "target": given.target,
        "plan": None if given.plan is None else _plan(given.plan),
        "dry_run": given.dry_run,
    }
    found = _client(given).call("POST", "/api/rollouts", body)
    _say(printed.planned(found))
    if not given.dry_run:
        _say([f"Nothing has begun: `hallward fleet rollout start {given.name}` begins."])
    return 0


def _act(name: str) -> Callable[[argparse.Namespace], int]:
    def act(given: argparse.Namespace) -> int:
        body = {"devices": given.device} if name == "retry" else {}
        found = _client(given).call("POST", f"{_path(given.name)}/{name}", body)
        _say([f"{found['rollout']} is {found['state']}: {found['words']}"])
        return 0

    return act


def _show(given: argparse.Namespace) -> int:
    client = _client(given)
    last: list[str] = []
    while True:
        found = client.call("GET", _path(given.name))
        lines = list(printed.shown(found))
        if lines != last:
            _say([*([""] if last else []), *lines])
            last = lines
        if not given.follow:
            return 0
        if found["state"] in OVER:
            return OVER[found["state"]]
        time.sleep(FOLLOW_S)


def _list(given: argparse.Namespace) -> int:
    _say(printed.listed(_client(given).call("GET", "/api/rollouts")))
    return 0


def _why(given: argparse.Namespace) -> int:
    _say(printed.why(_client(given).call("GET", f"/api/devices/{_quoted(given.name)}/why-not")))
    return 0


def _client(given: argparse.Namespace) -> Client:
    client = Client(given.url, given.ca)
    client.sign_in(given.account, _password(given.password_file))
    return client


def _password(file: Path | None) -> str:
    if file is None:
        if sys.stdin.isatty():
            return getpass.getpass("password of the fleet account: ")
        return sys.stdin.readline().rstrip("\n")
    try:
        return file.read_text(encoding="utf-8").partition("\n")[0]
    except (OSError, UnicodeDecodeError) as err:
        raise ConfigError(f"--password-file {file} cannot be read: {err}") from None


def _plan(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except OSError as err:
        raise ConfigError(f"--plan {file} cannot be read: {err.strerror}") from None
    except (ValueError, RecursionError) as err:
        raise ConfigError(f"--plan {file} is no JSON: {err}") from None


def _path(name: str) -> str:
    return f"/api/rollouts/{_quoted(name)}"


def _quoted(name: str) -> str:
    """Bytes of a terminal that are no UTF-8 go as they are: the fleet says what a name is."""
    return quote(name, safe="", errors="surrogateescape")


def _say(lines: Iterable[str]) -> None:
    print("\n".join(lines), flush=True)
