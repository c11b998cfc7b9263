"""python -m edge.rollcall_gate VERB …: a gate without the rest of the product.

run | check | new-epoch FOLDER
replay RECORDING --models DIR [--json]
calibrate FOLDER [--people RECORDING | --seconds N] [--pictures RECORDING]
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from wire.errors import HallError

SECONDS_MAX = 3600


def main(words: Sequence[str]) -> int:
    """Exit status as of edge.device.command_line."""
    from edge.device.command_line import Flagged, Verb, obey
    from edge.rollcall_gate import commands

    if words[:1] == ["replay"]:
        return _said(lambda: _replay(words[1:]))
    if words[:1] == ["calibrate"]:
        return _said(lambda: _calibrate(words[1:]))
    check = Flagged(commands.check, ("--no-door", "--offline"))
    verbs: dict[str, Verb | Flagged] = {"run": commands.run, "check": check, "new-epoch": commands.new_epoch}
    status = obey("gate", verbs, words)
    if words[:1] in ([], ["-h"], ["--help"]):
        print("       gate replay RECORDING --models DIR [--json]")
        print("       gate calibrate FOLDER [--people RECORDING | --seconds N] [--pictures RECORDING]")
    return status


def _replay(words: Sequence[str]) -> int:
    from edge.rollcall_gate import commands

    parser = argparse.ArgumentParser(
        prog="gate replay", description="The whole firmware on recorded frames, and each stage's time."
    )
    parser.add_argument("recording", type=Path, help="a folder with recording.toml and its pictures")
    parser.add_argument("--models", type=Path, required=True, help="the folder int8 of `hallward models all`")
    parser.add_argument("--json", action="store_true", help="one JSON object per decision, and nothing else")
    found = parser.parse_args(words)
    return commands.replay(found.recording, found.models, as_json=found.json)


def _calibrate(words: Sequence[str]) -> int:
    from edge.rollcall_gate import commands

    parser = argparse.ArgumentParser(
        prog="gate calibrate", description="Set the attack detector's thresholds before this gate's camera."
    )
    parser.add_argument("folder", type=Path, help="the gate's folder; the gate itself must not be running")
    parser.add_argument("--people", type=Path, help="a recording of people, instead of the camera")
    parser.add_argument("--pictures", type=Path, help="a recording of prints and screens held up")
    parser.add_argument("--seconds", type=int, default=120, help="how long people walk past (120)")
    found = parser.parse_args(words)
    if not 1 <= found.seconds <= SECONDS_MAX:
        parser.error(f"--seconds {found.seconds}: 1 to {SECONDS_MAX}")
    return commands.calibrate(found.folder, found.people, found.pictures, found.seconds)


def _said(do: Callable[[], int]) -> int:
    try:
        return do()
    except HallError as err:
        sys.stderr.write(f"gate: {err.diagnostics()} [{err.code}]\n")
        return err.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
