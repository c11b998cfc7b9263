"""`python -m hallward.demo.tied PARENT WORDS…`: `hallward WORDS…`, which ends when its parent does.

Whoever is killed (-9) can stop nobody any more, so the kernel does it: it sends us SIGTERM, which every part
of a hall takes as the order to stop, children first.
"""

import ctypes
import os
import signal
import sys
from typing import Final

from hallward.__main__ import main

_PR_SET_PDEATHSIG: Final = 1  # prctl(2)


def tie(parent: int) -> bool:
    """Have SIGTERM sent when the parent ends. False: it has ended already, or was another."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    return os.getppid() == parent


if __name__ == "__main__":
    sys.exit(main(sys.argv[2:]) if tie(int(sys.argv[1])) else 1)
