"""What a command of an officer takes from the world, and the options that all of them have."""

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from officers.files import Step, no_step
from officers.keys.adapters.terminal import Terminal, keep_secrets_in
from officers.keys.sealed import Sealing
from officers.person import Person


@dataclass(frozen=True, slots=True)
class Means:
    """now_ms: the time of day of this machine. durable: called at each durable step; tests cut there."""

    person: Person
    sealing: Sealing = field(default_factory=Sealing)
    random: Callable[[int], bytes] = os.urandom
    now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000
    durable: Step = no_step


def add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--passphrase-fd", type=int, metavar="N", help="read the passphrase from this file descriptor"
    )


def means_of(given: argparse.Namespace, means: Means | None) -> Means:
    """Those that were handed in, or the real ones: one set a process, which opens one trustee's files."""
    if means is not None:
        return means
    keep_secrets_in()
    return Means(Terminal(given.passphrase_fd))
