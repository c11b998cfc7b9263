"""hallward demo [--once] [--faces DIR]: a whole hall on this machine."""

import argparse
from collections.abc import Sequence
from pathlib import Path


def run(words: Sequence[str]) -> int:
    from hallward.demo.story import play

    parser = argparse.ArgumentParser(prog="hallward demo", description="A whole hall on this machine.")
    parser.add_argument("--once", action="store_true", help="end after the checks; exit 0 only if all hold")
    parser.add_argument(
        "--faces",
        type=Path,
        metavar="DIR",
        help="your photographs: a folder per person, one file: a stranger",
    )
    parser.add_argument(
        "--folder", type=Path, default=Path("var/demo"), metavar="DIR", help="where the hall is kept"
    )
    parser.add_argument("--keypads", type=int, default=24, choices=range(3, 61), metavar="3..60")
    parser.add_argument("--port", type=int, default=8080, help="of the page")
    parser.add_argument("--broker", choices=("nats", "mosquitto"), default="nats")
    given = parser.parse_args(words)
    return play(given)
