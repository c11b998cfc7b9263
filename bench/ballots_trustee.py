"""What a trustee waits for, in a process of its own as at home.

python -m bench.ballots_trustee ACT NAME FOLDER: ACT is approve or share. FOLDER holds charter, hall.log,
note, seed and x of the trustee and, if another has signed first, tally. The program's own acts do the work,
with a pool of one process per processor; the keys are handed over unsealed, and what unsealing costs is timed
apart. Writes ACT.doc, prints one line of JSON.
"""

import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ed25519

from ballot.adapters.libsodium import Libsodium
from ballot.documents.charter import parse_charter
from ballot.group import scalar_of
from bench.errors import BenchError
from officers.keys.sealed import About, Contents, Role, SealedFile, Sealing
from officers.tally import acts
from officers.tally.acts import Desk, Request
from officers.tally.adapters.pool import InProcesses
from officers.tally.memory import Laptop
from wire.ids import CongressId
from wire.signers import Ed25519Signer

ACTS: Final = {"approve": acts.approve, "share": acts.share}


class Reader:
    """Types the first block of every fingerprint it is shown."""

    def say(self, line: str) -> None:
        """Nobody listens."""

    def ask(self, question: str) -> str:
        found = re.search(r"([0-9A-Z]{4})-[0-9A-Z]{4}-[0-9A-Z]{4}", question)
        if found is None:
            raise BenchError(f"the trustee's program asks what no measurement answers: {question}")
        return found[1]

    def passphrase(self, question: str) -> str:
        raise BenchError(f"the keys are unsealed already: {question}")


@dataclass
class Keys:
    """A key file that is open."""

    name: str
    signer: Ed25519Signer
    secret: int
    lines: dict[str, bytes] = field(default_factory=dict)

    @property
    def memory(self) -> Mapping[str, bytes]:
        return self.lines

    def remember(self, lines: Mapping[str, bytes]) -> None:
        self.lines |= lines

    def share(self, _ceremony_id: bytes) -> int:
        return self.secret


def act(name: str, folder: Path, what: str) -> dict[str, float]:
    """Seconds, of the act and of the passphrase."""
    charter = parse_charter((folder / "charter").read_bytes())
    private = ed25519.Ed25519PrivateKey.from_private_bytes((folder / "seed").read_bytes())
    keys = Keys(name, Ed25519Signer(name, private), scalar_of((folder / "x").read_bytes()))
    desk = Desk(charter, Libsodium(), InProcesses(), Reader(), os.urandom, lambda *_: None)
    laptop = Laptop(folder / "laptop")
    proposed = folder / "tally"
    begun_s, before_s = time.perf_counter(), _cpu_s()
    request = Request(
        (folder / "hall.log").read_bytes(),
        "hall.log",
        (folder / "note").read_text(encoding="utf-8"),
        proposed=proposed.read_bytes() if what == "approve" and proposed.exists() else None,
    )
    document = ACTS[what](desk, keys, laptop, request)
    spent = {"wall_s": time.perf_counter() - begun_s, "cpu_s": _cpu_s() - before_s}
    (folder / f"{what}.doc").write_bytes(document)
    return spent | {"passphrase_s": _passphrase_s(name, charter.congress)}


def _passphrase_s(name: str, congress: CongressId) -> float:
    """A key file opened and, with one line more, saved again, as an approval does."""
    with tempfile.TemporaryDirectory() as place:
        file = SealedFile(Path(place) / "identity", Sealing())
        about = About(Role.IDENTITY, congress, name)
        typed = "six words that nobody would guess"
        file.save(about, Contents({"seed": bytes(32)}), typed)
        begun_s = time.perf_counter()
        contents = file.load(typed)
        contents.remember("tally", bytes(32))
        file.save(about, contents, typed)
        return time.perf_counter() - begun_s


def _cpu_s() -> float:
    """Of this process and of the pool, which has ended whenever this is asked."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def main(words: Sequence[str]) -> int:
    what, name, folder = words
    print(json.dumps(act(name, Path(folder), what)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
