"""hallward fleet freeze …: what holds, lifting it by two people, and what devices attest, from a terminal,
over the same routes as the page."""

import argparse
import getpass
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from fleet.errors import ConfigError
from fleet.rollout.client import Client

KINDS: Final = ("pdf", "csv")
CHANGED: Final = 1
"""Exit status of `attestation` where something changed, or somebody is silent."""


def add_verbs(parser: argparse.ArgumentParser) -> None:
    """`freeze` and what stands behind it."""
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    _verb(verbs, "show", _show, "which sitting is frozen, and what is lifted by whom")
    lift = _verb(verbs, "lift", _lift, "ask to lift it; another person agrees within ten minutes")
    lift.add_argument("sitting")
    lift.add_argument("--device", help="this one alone; left out: the whole hall")
    lift.add_argument("--reason", required=True)
    lift.add_argument("--minutes", type=int, default=15, help="1 to 60, from the moment somebody agrees")
    for name, what in (
        ("agree", "the second person: lifted from now on"),
        ("end", "freeze again now, or take back what nobody agreed to"),
    ):
        act = _verb(verbs, name, _act, what)
        act.add_argument("number", type=int, help="as `show` says it")
        act.set_defaults(act=name)
    attestation = _verb(verbs, "attestation", _attestation, "what devices ran while a sitting was frozen")
    attestation.add_argument("sitting")
    attestation.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="write it there, too: .pdf for the minutes, .csv for every hash",
    )


def _verb(verbs: Any, name: str, call: object, what: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=what, description=what)
    parser.set_defaults(verb=call)
    parser.add_argument("--url", default="http://127.0.0.1:8080", help="of the fleet")
    parser.add_argument("--ca", type=Path, metavar="FILE", help="authority of an https fleet, PEM")
    parser.add_argument("--account", required=True)
    parser.add_argument("--password-file", type=Path, metavar="FILE", help="left out: asked for")
    return parser


def _show(given: argparse.Namespace) -> int:
    _say(shown(_client(given).call("GET", "/api/freeze")))
    return 0


def _lift(given: argparse.Namespace) -> int:
    body = {
        "sitting": given.sitting,
        "device": given.device,
        "reason": given.reason,
        "minutes": given.minutes,
    }
    asked = _client(given).call("POST", "/api/freeze/overrides", body)
    _say([f"Asked, number {asked['id']}: somebody else runs `hallward fleet freeze agree {asked['id']}`."])
    return 0


def _act(given: argparse.Namespace) -> int:
    path = f"/api/freeze/overrides/{given.number}/{given.act}"
    _say([line(_client(given).call("POST", path, {}))])
    return 0


def _attestation(given: argparse.Namespace) -> int:
    kind = "" if given.out is None else given.out.suffix.lower().removeprefix(".")
    if given.out is not None and kind not in KINDS:
        raise ConfigError(f"--out {given.out}: its name ends in .pdf or .csv")
    client = _client(given)
    path = f"/api/sittings/{quote(given.sitting, safe='', errors='surrogateescape')}/attestation"
    found = client.call("GET", path)
    _say(attested(found))
    if given.out is not None:
        content = client.fetch(f"{path}?format={kind}")
        try:
            given.out.write_bytes(content)
        except OSError as err:
            raise ConfigError(f"--out {given.out} cannot be written: {err.strerror}") from None
        _say([f"written to {given.out}"])
    return 0 if found["holds"] else CHANGED


def shown(freeze: dict[str, Any]) -> Iterator[str]:
    """The answer of GET /api/freeze in words."""
    if freeze["sitting"] is None:
        yield "Nothing is frozen: no sitting is open."
        return
    yield f"Sitting {freeze['sitting']} is frozen, {freeze['devices']} devices were there."
    yield from (line(row) for row in freeze["overrides"])


def line(row: dict[str, Any]) -> str:
    """One override in words."""
    whom = row["device"] or "the whole hall"
    who = " and ".join(name for name in (row["first"], row["second"]) if name)
    return f"{row['id']} {row['state']}: {whom}, {row['minutes']} min, by {who}: {row['reason']}"


def attested(found: dict[str, Any]) -> Iterator[str]:
    """The answer of GET /api/sittings/…/attestation in words: the sentence, then whatever needs a look."""
    yield found["en"]
    for row in found["devices"]:
        if row["state"] != "unchanged" or not row["fits"]:
            more = f" {', '.join(row['changed'])}" if row["changed"] else ""
            more += (
                ", while two people had lifted the freeze for it"
                if row["lifted"] and row["state"] == "changed"
                else ""
            )
            leaf = "" if row["leaf"] is None else f" (leaf {row['leaf']})"
            yield f"{row['device']}: {row['state']}{more}{leaf}"


def _client(given: argparse.Namespace) -> Client:
    client = Client(given.url, given.ca)
    client.sign_in(given.account, _password(given.password_file))
    return client


def _password(file: Path | None) -> str:
    if file is None:
        return getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    try:
        return file.read_text(encoding="utf-8").rstrip("\n")
    except (OSError, UnicodeDecodeError) as err:
        raise ConfigError(f"--password-file: {file} cannot be read: {err}") from None


def _say(lines: Any) -> None:
    for each in lines:
        print(each, flush=True)
