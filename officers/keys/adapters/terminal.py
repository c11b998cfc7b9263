"""A person at a terminal. Passphrases come from the keyboard or from a file descriptor, never from the
command line or the environment, where other programs could read them."""

import getpass
import os
import resource
import sys

from ballot.documents.visible import visible
from officers.errors import ConfigError
from officers.keys.passphrase import BYTES_MAX, from_line


class Terminal:
    """passphrase_fd: where a script hands over the passphrase, one line of UTF-8; None: it is typed."""

    def __init__(self, passphrase_fd: int | None = None) -> None:
        """Raises ConfigError when nothing can be read there."""
        self._handed = None if passphrase_fd is None else _handed_over(passphrase_fd)

    def say(self, line: str) -> None:
        # What a line quotes is of others: nothing in it may move the cursor or hide what was said before.
        sys.stdout.write(visible(line) + "\n")
        sys.stdout.flush()

    def ask(self, question: str) -> str:
        sys.stdout.write(visible(question))
        sys.stdout.flush()
        line = sys.stdin.readline()
        if not line:
            raise ConfigError("no-terminal")
        return line.rstrip("\r\n")

    def passphrase(self, question: str) -> str:
        if self._handed is not None:
            return self._handed
        if not sys.stdin.isatty():
            raise ConfigError("no-terminal")
        return getpass.getpass(question)


def keep_secrets_in() -> None:
    """No core dump of this process: it would hold the secrets. Swap is the machine's to be without."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _handed_over(descriptor: int) -> str:
    try:
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return from_line(file.readline(BYTES_MAX + 2))
    except (OSError, ValueError):
        raise ConfigError("passphrase-fd") from None
