"""python -m edge.enrol PEOPLE --congress C --models DIR --station DIR [--gate ID=KEY …] > bodies.json

PEOPLE holds one folder per person, named by the member's pseudonym (32 hexadecimal digits). Prints one JSON
object with the bodies for the fleet: `references` and `wrapped_keys`. What could not serve is said on
standard error.

python -m edge.enrol serve STATION …: the same as a page for the person at the desk.
python -m edge.enrol withdraw STATION …: delete a member's references everywhere.
python -m edge.enrol destroy STATION: destroy the content key, and with it every reference it sealed.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from edge.device.errors import ConfigError
from wire.errors import HallError
from wire.ids import MEMBER_REF_BYTES, CongressId, MemberRef, is_name

if TYPE_CHECKING:
    from edge.enrol.enrolment import Enrolled

SERVE: Final = "serve"
WITHDRAW: Final = "withdraw"
DESTROY: Final = "destroy"


def main(argv: Sequence[str]) -> int:
    """Exit status: 0 all enrolled, 1 somebody was not, 78 the call was wrong."""
    try:
        return _verb(argv[0] if argv else "")(argv)
    except HallError as err:
        print(f"enrol: {err.diagnostics()} [{err.code}]", file=sys.stderr)
        return err.exit_code


def _verb(word: str) -> Callable[[Sequence[str]], int]:
    """What a first word stands for; any other is a folder of people."""
    if word in (SERVE, WITHDRAW):
        from edge.enrol import commands

        run = commands.run_serve if word == SERVE else commands.run_withdraw
        return lambda argv: run(argv[1:])
    return (lambda argv: _destroy(argv[1:])) if word == DESTROY else _enrol


def _destroy(words: Sequence[str]) -> int:
    from edge.enrol.adapters.key_file import KEY_FILE, destroy_content_key
    from edge.enrol.adapters.sealed_shelf import erase_station, lock

    parser = argparse.ArgumentParser(
        prog=f"enrol {DESTROY}", description="Destroy the content key: no sealed reference opens any more."
    )
    parser.add_argument("station", type=Path, help="folder of this station's content key")
    station: Path = parser.parse_args(words).station
    path = station / KEY_FILE
    with lock(station):
        try:
            destroy_content_key(path)
        finally:
            copies = erase_station(station)
    print(
        f"{path} is destroyed, and {copies} sealed copies with it; gates forget what they hold "
        "when they are switched off"
    )
    return 0


def _enrol(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="enrol",
        description="Photographs -> sealed references.",
        epilog=f"enrol {SERVE} STATION: a page for the person at the desk. enrol {WITHDRAW} STATION: delete "
        f"a member's references everywhere. enrol {DESTROY} STATION: at the end, destroy the content key.",
    )
    parser.add_argument("people", type=Path, help="one folder per person, named by the member's pseudonym")
    parser.add_argument("--congress", required=True)
    parser.add_argument("--models", type=Path, required=True, help="folder of the converted models")
    parser.add_argument("--station", type=Path, required=True, help="folder of this station's content key")
    parser.add_argument(
        "--gate", action="append", default=[], metavar="ID=KEY", help="a gate's sealing key, hex"
    )
    done, bodies = _run(parser.parse_args(argv))
    json.dump(bodies, sys.stdout, indent=1)
    return 0 if done else 1


def _run(arguments: argparse.Namespace) -> tuple[bool, dict[str, Any]]:
    from edge.enrol.adapters.key_file import KEY_FILE, content_key
    from edge.enrol.adapters.sealed_shelf import SealedShelf
    from edge.enrol.enrolment import Person, enrol
    from edge.enrol.gates import gate_key
    from edge.enrol.opened import references_of
    from edge.enrol.ports import Kept
    from edge.enrol.upload import wrap_for_gates
    from edge.rollcall_gate.adapters.recorded_camera import photographs_in
    from edge.rollcall_gate.eyes.vision import models_in, open_pipeline

    if not is_name(arguments.congress):
        raise ConfigError(f"--congress {arguments.congress}: 1 to 32 of a-z, 0-9 and '-' expected")
    congress = CongressId(arguments.congress)
    gates = dict(gate_key(text) for text in arguments.gate)
    people = [Person(_member(folder), photographs_in(folder)) for folder in _folders(arguments.people)]
    pipeline = open_pipeline(models_in(arguments.models))
    with closing(SealedShelf(arguments.station, congress)) as shelf:
        key = content_key(arguments.station / KEY_FILE, os.urandom)
        results = list(
            enrol(
                people,
                pipeline=pipeline,
                congress=congress,
                content_key=key,
                random_bytes=os.urandom,
                already=references_of(
                    shelf.all(), congress=congress, content_key=key, embedder=pipeline.embedder
                ),
            )
        )
        for result in results:
            if result.sealed:
                shelf.put(Kept(result.person.member, result.sealed, "printed"))
        shelf.note_gates({gate: sealing_key.hex() for gate, sealing_key in gates.items()})
    for result in results:
        _say(result)
    references = [sealed.body() for result in results for sealed in result.sealed]
    wrapped = [w.body() for w in wrap_for_gates(key, gates, congress=congress)]
    done = all(result.examined.problem is None for result in results)
    return done, {"references": references, "wrapped_keys": wrapped}


def _say(result: "Enrolled") -> None:
    who = result.person.member.hex()
    for refused in result.examined.refused:
        print(f"{who}: {refused.photograph}: {refused.reason}", file=sys.stderr)
    for words in (result.examined.problem, result.examined.advice):
        if words:
            print(f"{who}: {words}", file=sys.stderr)


def _folders(people: Path) -> list[Path]:
    try:
        return sorted(entry for entry in people.iterdir() if entry.is_dir())
    except OSError as err:
        raise ConfigError(f"{people} cannot be read ({err.strerror})") from err


def _member(folder: Path) -> MemberRef:
    try:
        member = bytes.fromhex(folder.name)
    except ValueError:
        member = b""
    if len(member) != MEMBER_REF_BYTES:
        raise ConfigError(f"{folder}: the folder's name must be a member's pseudonym, 32 hexadecimal digits")
    return MemberRef(member)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
