"""The person in front of an officer's machine, as a port."""

from typing import Protocol

from officers.words import Words


class Person(Protocol):
    """Adapters: a terminal; in tests a script of answers."""

    def say(self, line: str) -> None: ...

    def ask(self, question: str) -> str:
        """One line as it was typed, without its end."""

    def passphrase(self, question: str) -> str:
        """The same, not shown while it is typed."""


def tell(person: Person, said: Words) -> None:
    """Vietnamese first, English below it."""
    for line in said:
        person.say(line)


def question(said: Words) -> str:
    return " / ".join(said) + ": "
