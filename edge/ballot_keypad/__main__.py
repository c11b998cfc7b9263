"""python -m edge.ballot_keypad run|check FOLDER: a keypad without the rest of the product."""

import sys
from pathlib import Path

from wire.errors import HallError


def main(arguments: list[str]) -> int:
    from edge.ballot_keypad import commands
    from edge.device.errors import exit_code

    verbs = {"run": commands.run, "check": commands.check}
    if len(arguments) != 2 or arguments[0] not in verbs:
        print("usage: python -m edge.ballot_keypad run|check FOLDER", file=sys.stderr)
        return 1
    try:
        return verbs[arguments[0]](Path(arguments[1]))
    except HallError as err:
        print(err.diagnostics(), file=sys.stderr)
        return exit_code(err)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
