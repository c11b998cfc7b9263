"""The last thing that happens on the bench: a service beats for longer than the watchdog would wait, then it
hangs, and the kernel resets the machine."""

import sys
import time
from pathlib import Path

from edge.device.adapters.systemd_notify import SystemdNotify
from tests.virtual_bench.guest.dog import Dog, Supervisor

TIMEOUT_S = 4
BEATS = 6


def main() -> int:
    dog = Dog(TIMEOUT_S)
    supervisor = Supervisor(dog, Path("/run/hang"))
    service = SystemdNotify({"NOTIFY_SOCKET": str(supervisor.address)}, 1)
    for _ in range(BEATS):
        service.say("WATCHDOG=1")
        supervisor.listen()
        time.sleep(1)
    sys.stdout.write(f"bench: the service hangs after {supervisor.beats} beats\n")
    sys.stdout.flush()
    time.sleep(TIMEOUT_S + 8)
    return 1  # nobody reset the machine


if __name__ == "__main__":
    sys.exit(main())
