"""The officer in front of the machine, as a port; passphrases: what is long enough, and their one form."""

import unicodedata
from pathlib import Path
from typing import Final, Protocol

from release.errors import ConfigError, NotConfirmed
from release.files import read_whole

WORDS_MIN: Final = 6
CHARACTERS_MIN: Final = 20
BYTES_MAX: Final = 1024
_OTHERS: Final = 0o077


class Person(Protocol):
    """A terminal; in tests a script of answers."""

    def say(self, line: str) -> None: ...

    def ask(self, question: str) -> str:
        """One line as it was typed, without its end."""

    def passphrase(self, question: str) -> str:
        """The same, not shown while it is typed."""


def normal(typed: str) -> str:
    """NFC: two keyboards write the same Vietnamese letter in two ways. Raises ConfigError."""
    text = unicodedata.normalize("NFC", typed)
    if not text or len(text.encode(errors="surrogatepass")) > BYTES_MAX:
        raise ConfigError(f"a passphrase has 1 to {BYTES_MAX} bytes")
    return text


def new_passphrase(person: Person, file: Path | None) -> str:
    """Typed twice, or from a file. Raises ConfigError for a weak one, NotConfirmed."""
    text = passphrase(person, file, "New passphrase")
    if len(text.split()) < WORDS_MIN and len(text) < CHARACTERS_MIN:
        raise ConfigError(
            f"this passphrase is too easy to guess: take {WORDS_MIN} words, or {CHARACTERS_MIN} characters"
        )
    if file is None and normal(person.passphrase("The same once more: ")) != text:
        raise NotConfirmed("the two passphrases differ; nothing was made")
    return text


def passphrase(person: Person, file: Path | None, question: str = "Passphrase") -> str:
    """file: its first line; nobody but its owner may read it. Raises ConfigError."""
    if file is None:
        return normal(person.passphrase(f"{question}: "))
    content = read_whole(file, BYTES_MAX + 2)
    if file.stat().st_mode & _OTHERS:
        raise ConfigError(f"{file} can be read by others: chmod 600 {file}")
    try:
        return normal(content.split(b"\n", 1)[0].rstrip(b"\r").decode())
    except UnicodeDecodeError:
        raise ConfigError(f"{file} is not text") from None


def confirm(person: Person, fingerprint: str) -> None:
    """Who signs types what only somebody who looked can type. Raises NotConfirmed."""
    person.say(f"Fingerprint of all of the above: {fingerprint}")
    typed = person.ask("To sign it, type the first four characters of the fingerprint: ")
    if typed.strip().upper() != fingerprint.partition("-")[0]:
        raise NotConfirmed(
            "that is not what is shown; nothing was signed. Read it again, and ask if in doubt"
        )
