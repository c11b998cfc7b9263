"""`hallward trustee ceremony`: run again and again by each trustee, until it says that it is done."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ballot.adapters.libsodium import Libsodium
from officers.ceremony.attend import attend, take_seat
from officers.keys import passphrase
from officers.keys.folder import OfficerFolder
from officers.means import Means, add_common, means_of

EXIT_WAITING: Final = 1


def run_ceremony(words: Sequence[str], means: Means | None = None) -> int:
    """0: done; 1: waiting for others, or stopped. Raises OfficerError, BadDocument."""
    parser = argparse.ArgumentParser(
        prog="hallward trustee ceremony",
        description="The next step of the key ceremony. Run it whenever the stick comes back to you.",
    )
    parser.add_argument("folder", type=Path, help="your own folder, on your own machine")
    parser.add_argument("shared", type=Path, help="folder on the stick that goes round")
    parser.add_argument("--begin", action="store_true", help="propose a new ceremony: one of you, once")
    add_common(parser)
    given = parser.parse_args(words)
    real = means_of(given, means)
    folder = OfficerFolder(given.folder, real.sealing)
    with folder.locked():
        folder.charter()
        typed = passphrase.ask(real.person)
        seat = take_seat(folder, given.shared, typed, Libsodium(), real)
        return 0 if attend(seat, beginning=given.begin) else EXIT_WAITING
