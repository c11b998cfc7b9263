"""A trustee at a laptop, in memory: keys, what both places remember, and a person who types what is shown."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ballot.documents.document import Document, parse_document
from ballot.seeds import fingerprint
from officers.tally import acts
from officers.tally.acts import Desk, Request
from officers.tally.adapters.pool import InThisProcess
from officers.tally.words import TallyRefused
from tests.ballot.board.election import CHARTER, GROUP, Election, signer
from wire.signers import Ed25519Signer


class Script:
    """Types the first block of every fingerprint that it is asked for, unless told to type something else."""

    def __init__(self, typed: str | None = None) -> None:
        self.lines: list[str] = []
        self._typed = typed

    def say(self, line: str) -> None:
        self.lines.append(line)

    def ask(self, question: str) -> str:
        self.lines.append(question)
        found = re.search(r"([0-9A-Z]{4})-[0-9A-Z]{4}-[0-9A-Z]{4}", question)
        assert found is not None
        return found[1].lower() if self._typed is None else self._typed

    def passphrase(self, question: str) -> str:
        return "one two three four five six"


@dataclass
class Remembered:
    """One place that remembers; `forget` is a restore from a backup."""

    lines: dict[str, bytes] = field(default_factory=dict)

    @property
    def memory(self) -> Mapping[str, bytes]:
        return MappingProxyType(self.lines)

    def remember(self, lines: Mapping[str, bytes]) -> None:
        for line, value in lines.items():
            if self.lines.setdefault(line, value) != value:
                raise TallyRefused("laptop-differs", line=line)

    def forget(self) -> None:
        self.lines.clear()


@dataclass
class Stick(Remembered):
    """A sealed key file that was opened."""

    name: str = "an"
    secret: int = 0
    signed: list[bytes] = field(default_factory=list)

    @property
    def signer(self) -> Ed25519Signer:
        return signer(self.name)

    def share(self, ceremony_id: bytes) -> int:
        return self.secret


@dataclass
class Trustee:
    election: Election
    name: str = "an"
    typed: str | None = None

    def __post_init__(self) -> None:
        number = CHARTER.trustee_number(self.name)
        assert number is not None
        self.person = Script(self.typed)
        self.stick = Stick(name=self.name, secret=self.election.shares[number - 1])
        self.laptop = Remembered()
        self.desk = Desk(
            CHARTER, GROUP, InThisProcess(), self.person, self.election.rng.randbytes, lambda *_: None
        )

    def approve(
        self,
        export: bytes | None = None,
        note: str | None = None,
        proposed: bytes | None = None,
        election: Election | None = None,
    ) -> bytes:
        return acts.approve(
            self.desk, self.stick, self.laptop, self.request(export, note, proposed, election)
        )

    def share(self, export: bytes | None = None, note: str | None = None) -> bytes:
        return acts.share(self.desk, self.stick, self.laptop, self.request(export, note))

    def request(
        self,
        export: bytes | None = None,
        note: str | None = None,
        proposed: bytes | None = None,
        election: Election | None = None,
    ) -> Request:
        of = election or self.election
        return Request(
            of.export() if export is None else export,
            "hall.log",
            of.cosigned[-1] if note is None else note,
            proposed=proposed,
        )

    @property
    def said(self) -> str:
        return "\n".join(self.person.lines)


def document(data: bytes) -> Document:
    return parse_document(data)


def code(data: bytes) -> str:
    return fingerprint(document(data).hash)
