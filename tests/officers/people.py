"""People in front of their machines: each with a folder, a passphrase and what they type."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from officers.files import Step, no_step
from officers.keys import commands as keys
from officers.keys.sealed import CHEAPEST, Sealing
from officers.means import Means

PASSPHRASE = "sáu từ đủ dài cho mật khẩu này"
NOW_MS = 1_790_000_000_000
_FINGERPRINT = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")


def first_block(question: str) -> str:
    """What somebody types who has read the fingerprint."""
    found = _FINGERPRINT.search(question)
    assert found is not None, question
    return found.group()[:4]


@dataclass
class Script:
    """A person. types: what they answer to a question."""

    secret: str = PASSPHRASE
    types: Callable[[str], str] = first_block
    heard: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        self.heard.append(line)

    def ask(self, question: str) -> str:
        self.heard.append(question)
        return self.types(question)

    def passphrase(self, question: str) -> str:
        return self.secret

    @property
    def text(self) -> str:
        return "\n".join(self.heard)


def quick(durable: Step = no_step) -> Sealing:
    """A machine on which passphrases cost nothing: what they cost is tested with the sealed files."""
    return Sealing(
        cost=CHEAPEST,
        stretch=lambda passphrase, salt, _: hashlib.sha256(salt + passphrase.encode()).digest(),
        durable=durable,
    )


def means(
    person: Script | None = None, *, durable: Step = no_step, now_ms: Callable[[], int] = lambda: NOW_MS
) -> Means:
    """One process on one machine."""
    sealing = quick(durable)
    return Means(person if person is not None else Script(), sealing, durable=durable, now_ms=now_ms)


def make_keys(root: Path, names: list[str]) -> dict[str, str]:
    """Folders with a key each; the line of each for the charter."""
    lines = {}
    for name in names:
        person = Script()
        assert keys.run_key([str(root / name), "--name", name, "--congress", "dh-2026"], means(person)) == 0
        line = re.search(rf"{name}:[0-9a-f]{{64}}", person.text)
        assert line is not None
        lines[name] = line.group()
    return lines


def charter_toml(lines: dict[str, str], trustees: list[str], k: int) -> str:
    def quoted(names: list[str], suffix: str = "") -> str:
        return "[" + ", ".join(f'"{lines[name]}{suffix}"' for name in names) + "]"

    return f"""
congress = "dh-2026"
k = {k}
trustees = {quoted(trustees)}
board = {quoted(["bkp-1", "bkp-2", "bkp-3"])}
board_quorum = 2
commission = {quoted(["ttr-1", "ttr-2"])}
commission_quorum = 2
chair = "{lines["chu-toa"]}"
witnesses = {quoted(["ngoai"], ":external")}
witness_quorum = 1
"""


OTHERS = ["bkp-1", "bkp-2", "bkp-3", "ttr-1", "ttr-2", "chu-toa", "ngoai"]


def congress(root: Path, n: int, k: int, pinned: list[str] | None = None) -> list[str]:
    """Everybody's folder under root, the charter pinned in those of `pinned` (left out: the trustees); the
    names of the trustees."""
    trustees = [f"giu-{i}" for i in range(1, n + 1)]
    lines = make_keys(root, trustees + OTHERS)
    (root / "charter.toml").write_text(charter_toml(lines, trustees, k))
    assert keys.run_charter([str(root / "charter.toml"), str(root / "charter")], means()) == 0
    for name in trustees if pinned is None else pinned:
        assert keys.run_pin([str(root / name), str(root / "charter")], means()) == 0
    return trustees
