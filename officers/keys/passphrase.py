"""Passphrases: what is long enough, and their one form."""

import unicodedata
from typing import Final

from officers.errors import ConfigError, WeakPassphrase
from officers.person import Person, question
from officers.words import words

WORDS_MIN: Final = 6
CHARACTERS_MIN: Final = 20
BYTES_MAX: Final = 1024


def normal(typed: str) -> str:
    """NFC: two keyboards write the same Vietnamese letter in two ways. Raises WeakPassphrase."""
    text = unicodedata.normalize("NFC", typed)
    if len(text.encode(errors="surrogatepass")) > BYTES_MAX:
        raise WeakPassphrase("long-passphrase", most=BYTES_MAX)
    return text


def strong(typed: str) -> str:
    """The normal form of a new passphrase. Raises WeakPassphrase."""
    text = normal(typed)
    if len(text.split()) < WORDS_MIN and len(text) < CHARACTERS_MIN:
        raise WeakPassphrase("short-passphrase")
    return text


def ask_new(person: Person) -> str:
    """Typed twice. Raises WeakPassphrase."""
    typed = strong(person.passphrase(question(words("new-passphrase"))))
    if normal(person.passphrase(question(words("again")))) != typed:
        raise WeakPassphrase("differing-passphrases")
    return typed


def ask(person: Person) -> str:
    return normal(person.passphrase(question(words("passphrase"))))


def from_line(raw: bytes) -> str:
    """The passphrase that a script hands over, up to its first line end. Raises ConfigError."""
    try:
        return normal(raw.split(b"\n", 1)[0].decode())
    except UnicodeDecodeError:
        raise ConfigError("passphrase-fd") from None
