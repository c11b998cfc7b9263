"""Officers of a test: their keys as files, their answers, and the verbs as they type them."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from release.__main__ import main
from release.commands import Means
from release.keys import Cost, encode_public, new_signer, public_of
from tests.release.making import NOW

CHEAP = Cost(8 * 1024, 1, 1)
SECRET = "one two three four five six"


@dataclass
class Scripted:
    """A person who reads what is shown, and types the block that stands in it. answer: types this instead."""

    secret: str = SECRET
    answer: str | None = None
    lines: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        self.lines.append(line)

    def ask(self, question: str) -> str:
        if self.answer is not None:
            return self.answer
        shown = next(line for line in reversed(self.lines) if line.startswith("Fingerprint"))
        return shown.rpartition(": ")[2].partition("-")[0].lower()

    def passphrase(self, question: str) -> str:
        return self.secret

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@dataclass
class Table:
    """The room of a ceremony. folder: on the stick."""

    room: Path
    now: datetime = NOW

    @property
    def folder(self) -> Path:
        return self.room / "stick"

    def type(self, *words: object, person: Scripted | None = None) -> tuple[int, str]:
        """Exit code, and what was said."""
        there = person or Scripted()
        return main([str(word) for word in words], Means(there, self.now, CHEAP)), there.text

    def key(self, name: str) -> Path:
        path = self.room / f"{name}.key"
        self.type("key", name, "--out", path)
        return path

    def public(self, name: str) -> Path:
        return self.room / f"{name}.pub.json"

    def fleet_key(self, name: str) -> Path:
        """As the fleet hands it over."""
        path = self.public(name)
        path.write_bytes(encode_public(public_of(name, new_signer())))
        return path

    def sign(self, name: str, *words: object, person: Scripted | None = None) -> tuple[int, str]:
        return self.type("sign", self.folder, "--key", self.room / f"{name}.key", *words, person=person)

    def sit_down(self, *officers: str, threshold: int = 2, words: tuple[object, ...] = ()) -> None:
        """Keys of all, and the drafts of a new release."""
        for name in officers:
            self.key(name)
        asked = [word for name in officers for word in ("--officer", self.public(name))]
        online, director = self.fleet_key("image-online"), self.fleet_key("director")
        self.type(
            "init",
            self.folder,
            *asked,
            "--threshold",
            threshold,
            "--online",
            online,
            "--director",
            director,
            *words,
        )

    def add(self, counter: int, *words: object) -> tuple[int, str]:
        """List a bundle of thresholds as config/hall-COUNTER.tar."""
        source, out = self.room / "settings.toml", self.room / f"config-{counter}.tar"
        source.write_text(f"[gate]\nmargin = {counter}\n", encoding="utf-8")
        self.type("bundle", "config", source, "--version", f"1.{counter}", "--counter", counter, "--out", out)
        path = f"config/hall-{counter}.tar"
        return self.type("add", self.folder, out, "--path", path, "--hardware", "gate-pi5", *words)
