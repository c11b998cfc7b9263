"""`python -m tests.hall SEED`: one simulated hall, its trace, and what it came to."""

import argparse
import logging
import sys
import time

from tests.hall.hall import Hall
from tests.hall.world import HallFault


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hall", description=__doc__)
    parser.add_argument("seed", nargs="?", type=int)
    parser.add_argument("--seed", dest="named", type=int, help="the same, as the Makefile says it")
    parser.add_argument("--minutes", type=float, default=60.0, help="of turbulence, default 60")
    parser.add_argument("--gates", type=int, default=2)
    parser.add_argument("--keypads", type=int, default=5)
    words = parser.parse_args()
    seed = words.named if words.seed is None else words.seed
    if seed is None:
        parser.error("a seed is needed")
    logging.disable(logging.CRITICAL)  # the product's own words; the trace has the world's
    began_s = time.monotonic()
    hall = Hall(seed, words.gates, words.keypads)
    try:
        report = hall.run(words.minutes)
    except HallFault as fault:
        print(*hall.world.trace, sep="\n")
        print(f"\n{fault}", file=sys.stderr)
        return 1
    finally:
        hall.close()
    print(*hall.world.trace, sep="\n")
    print(
        f"\n{report}\n{time.monotonic() - began_s:.1f} s for {report.simulated_s / 60:.0f} simulated minutes"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
