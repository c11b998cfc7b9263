"""python -m edge.rollcall_gate run | check | new-epoch FOLDER: a gate without the rest of the product."""

import sys
from collections.abc import Sequence


def main(words: Sequence[str]) -> int:
    """Exit status as of edge.device.command_line."""
    from edge.device.command_line import obey
    from edge.rollcall_gate import commands

    verbs = {"run": commands.run, "check": commands.check, "new-epoch": commands.new_epoch}
    return obey("gate", verbs, words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
