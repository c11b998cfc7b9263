"""python -m edge.rollcall_gate run|check FOLDER: a gate without the rest of the product."""

import sys
from pathlib import Path

from wire.errors import HallError


def main(arguments: list[str]) -> int:
    """Exit status: 0 done, 78 the folder is wrong, 1 anything else; one sentence on standard error."""
    from edge.device.errors import exit_code
    from edge.rollcall_gate import commands

    verbs = {"run": commands.run, "check": commands.check}
    if len(arguments) != 2 or arguments[0] not in verbs:
        print("usage: python -m edge.rollcall_gate run|check FOLDER", file=sys.stderr)
        return 1
    try:
        return verbs[arguments[0]](Path(arguments[1]))
    except HallError as err:
        print(err.diagnostics(), file=sys.stderr)
        return exit_code(err)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
