"""Reading before signing: who signs types what only somebody who looked can type."""

from ballot.seeds import fingerprint
from officers.errors import NotConfirmed
from officers.person import Person, question
from officers.words import words


def confirm(person: Person, hash_: bytes, why: str = "type-block") -> None:
    """Ask for the first block of the fingerprint, as it is printed on the page the person holds. Raises
    NotConfirmed."""
    shown = fingerprint(hash_)
    typed = person.ask(question(words(why, fingerprint=shown)))
    if typed.strip().upper() != shown.partition("-")[0]:
        raise NotConfirmed("not-confirmed")
