"""python -m edge.ballot_keypad run | check | new-epoch FOLDER: a keypad without the rest of the product."""

import sys
from collections.abc import Sequence


def main(words: Sequence[str]) -> int:
    """Exit status as of edge.device.command_line."""
    from edge.ballot_keypad import commands
    from edge.device.command_line import obey

    verbs = {"run": commands.run, "check": commands.check, "new-epoch": commands.new_epoch}
    return obey("keypad", verbs, words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
