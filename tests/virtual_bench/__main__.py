"""`python -m tests.virtual_bench`: the firmware's adapters on simulated hardware, in a virtual machine.

Exit status: 0 all passed; 1 not; 78 this machine lacks something, in one sentence.
"""

import sys

from tests.virtual_bench.bench import carry_out
from tests.virtual_bench.debian import CannotRun, DoesNotCompile
from tests.virtual_bench.report import table


def main() -> int:
    try:
        result = carry_out()
    except CannotRun as err:
        print(err, file=sys.stderr)
        return 78
    except DoesNotCompile as err:
        print(err, file=sys.stderr)
        return 1
    print(table(result.cases))
    print(f"Linux {result.version}: wired after {result.boot_s} s, over after {result.run.seconds:.0f} s")
    print("\n".join(line for line in result.run.console.splitlines() if line.startswith("pins claimed")))
    print(f"the service hung: {result.hung}; the watchdog reset the machine: {result.reset}")
    good = result.run.ended and result.run.status("tests") == 0 and result.cases and result.reset
    if not good:
        print(result.run.console[-8000:])
        print(f"all of it: {result.run.out}", file=sys.stderr)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
