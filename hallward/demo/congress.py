"""The officers of a congress, each at their own machine, and their papers of a secret question."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hallward.demo.children import ProcessDied
from hallward.demo.officer import Officer

TRUSTEES: Final = ("an", "binh", "chi")
BOARD: Final = ("dung", "em")
COMMISSION: Final = ("giang", "ha")
CHAIR: Final = "khanh"
WITNESS: Final = "lan"
K: Final = 2
_ROUNDS_MAX: Final = 8
_LINE: Final = re.compile(r"\b[a-z0-9-]+:[0-9a-f]{64}\b")
_AT_ONCE: Final = 2


@dataclass(frozen=True, slots=True)
class Papers:
    """Where the papers of one contest lie. In `roll`, `manifest` … all who must sign have signed."""

    folder: Path
    contest: str

    def __truediv__(self, name: str) -> Path:
        return self.folder / name


class Congress:
    """root: a folder per officer, and `table`, where papers are passed round. Keys are made at once."""

    def __init__(self, root: Path, name: str) -> None:
        self.root, self.name = root, name
        self.table = root / "table"
        self.table.mkdir(parents=True, mode=0o700)
        people = (*TRUSTEES, *BOARD, *COMMISSION, CHAIR, WITNESS)
        self.officers = {each: Officer(each, root) for each in people}
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            lines = dict(zip(people, pool.map(self._key, people), strict=True))
            (self.table / "charter.toml").write_text(self._charter_toml(lines))
            self._chair.do("officer", "charter", self.table / "charter.toml", self.charter)
            for _ in pool.map(self._pin, people):
                pass

    @property
    def charter(self) -> Path:
        return self.table / "charter"

    @property
    def key_record(self) -> Path:
        """Of the one ceremony there was."""
        return next((self.table / "stick").glob("key-record-????-????-????.doc"))

    def papers(self, contest: str) -> Papers:
        folder = self.table / contest[:8]
        folder.mkdir(exist_ok=True)
        return Papers(folder, contest)

    # -- once a congress ---------------------------------------------------------------------------------

    def _key(self, name: str) -> str:
        officer = self.officers[name]
        said = officer.do("officer", "key", officer.folder, "--name", name, "--congress", self.name)
        found = _LINE.search(said)
        if found is None:
            raise ProcessDied(f"the key of {name} was made, but no line for the charter was said", 1)
        return found[0]

    def _pin(self, name: str) -> None:
        self.officers[name].do("officer", "pin", self.officers[name].folder, self.charter)

    def _charter_toml(self, lines: dict[str, str]) -> str:
        def listed(names: Iterable[str], role: str = "") -> str:
            return json.dumps([lines[name] + role for name in names])

        return (
            f'congress = "{self.name}"\nk = {K}\ntrustees = {listed(TRUSTEES)}\n'
            f"board = {listed(BOARD)}\nboard_quorum = {len(BOARD)}\n"
            f"commission = {listed(COMMISSION)}\ncommission_quorum = {len(COMMISSION)}\n"
            f'chair = "{lines[CHAIR]}"\nwitnesses = {listed([WITNESS], ":external")}\nwitness_quorum = 1\n'
        )

    def hold_ceremony(self) -> Path:
        """In rounds until all trustees are done; the key record. Some are at it at once, each at their own
        machine, over a folder that all of them see. Raises ProcessDied."""
        stick = self.table / "stick"
        stick.mkdir()
        first = self.officers[TRUSTEES[0]]
        first.do("trustee", "ceremony", first.folder, stick, "--begin", ends=(0, 1))
        waiting = list(TRUSTEES)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for _ in range(_ROUNDS_MAX):
                done = [*pool.map(lambda name: self._attend(name, stick), waiting)]
                waiting = [name for name, is_done in zip(waiting, done, strict=True) if not is_done]
                if not waiting:
                    return self.key_record
        raise ProcessDied(f"the ceremony does not end: {', '.join(waiting)} wait", 1)

    def _attend(self, name: str, stick: Path) -> bool:
        """Whether this trustee is done."""
        officer = self.officers[name]
        officer.do("trustee", "ceremony", officer.folder, stick, ends=(0, 1))
        return any(officer.folder.glob("key-record-*.doc"))

    # -- before the vote ---------------------------------------------------------------------------------

    def make_roll(self, papers: Papers, lines: bytes) -> None:
        """`roll.doc` and `roll-rows.doc`. lines: the fleet's list of session keys."""
        first, second = (self.officers[name] for name in COMMISSION)
        (papers / "list.jsonl").write_bytes(lines)
        made = papers / "one"
        first.do("officer", "roll", first.folder, papers / "list.jsonl", made, "--contest", papers.contest)
        rows = made / "roll-rows.doc"
        self._signed_by(second, made / "roll.doc", papers / "roll.doc", beside=[rows])
        (papers / "roll-rows.doc").write_bytes(rows.read_bytes())

    def make_manifest(self, papers: Papers, toml: str) -> None:
        first, second = (self.officers[name] for name in BOARD)
        (papers / "manifest.toml").write_text(toml)
        made, roll = papers / "manifest.one.doc", papers / "roll.doc"
        beside: list[str | Path] = ["--key-record", self.key_record, "--roll", roll]
        first.do("officer", "manifest", first.folder, papers / "manifest.toml", made, *beside)
        self._signed_by(second, made, papers / "manifest.doc", beside=[self.key_record, roll])

    def make_bind(self, papers: Papers, name: str, *who: str, key: str, device: str, reason: str) -> Path:
        """Another unit for a delegate. who: `--seat A1`, or `--member HEX`."""
        first, second = (self.officers[each] for each in COMMISSION)
        made = papers / f"{name}.one.doc"
        about = ["--contest", papers.contest, *who, "--key", key, "--new-device", device, "--reason", reason]
        first.do("officer", "bind", first.folder, made, *about)
        return self._signed_by(second, made, papers / f"{name}.doc")

    # -- the end -----------------------------------------------------------------------------------------

    def make_close(self, papers: Papers, hall: str, note: bytes) -> Path:
        (papers / "checkpoint.txt").write_bytes(note)
        about = ["--hall", hall, "--contest", papers.contest]
        self._chair.do(
            "officer", "close", self._chair.folder, papers / "checkpoint.txt", papers / "close.doc", *about
        )
        return papers / "close.doc"

    def make_disposition(self, papers: Papers, reasons: Sequence[tuple[str, str]]) -> Path:
        """reasons: (voter, reason) of every unit from which nothing came."""
        first, second = (self.officers[each] for each in BOARD)
        rows = [word for voter, reason in reasons for word in ("--voter", voter, reason)]
        made = papers / "disposition.one.doc"
        first.do("officer", "disposition", first.folder, made, "--contest", papers.contest, *rows)
        return self._signed_by(second, made, papers / "disposition.doc")

    def approve(self, papers: Papers, export: Path, note: bytes) -> Path:
        """K trustees check everything, one after the other, and sign the one tally."""
        before: Path | None = None
        for name in TRUSTEES[:K]:
            proposed = [] if before is None else ["--tally", str(before)]
            before = self._count(name, "approve", papers, export, note, *proposed)
        if before is None:
            raise ProcessDied("no trustee approves", 1)
        return before

    def share(self, papers: Papers, export: Path, note: bytes, shown: Callable[[str], None]) -> list[Path]:
        """The shares of k trustees, not all of whom approved. shown: told each trustee's name."""
        shares = []
        for name in TRUSTEES[-K:]:
            shares.append(self._count(name, "share", papers, export, note))
            shown(name)
        return shares

    def _count(self, name: str, verb: str, papers: Papers, export: Path, note: bytes, *more: str) -> Path:
        officer, out = self.officers[name], papers / f"{verb}-{name}.doc"
        given = papers / f"{verb}-{name}.note"
        given.write_bytes(note)
        about: list[str | Path] = [
            "--witness-note",
            given,
            "--contest",
            papers.contest,
            "--laptop",
            officer.laptop,
            "--out",
            out,
        ]
        officer.do("trustee", verb, officer.folder, export, *about, "--jobs", str(_AT_ONCE), *more)
        return out

    def result(self, papers: Papers, export: Path, shares: Sequence[Path]) -> dict[str, object]:
        """What anybody may work out from the shares."""
        out = papers / "result.json"
        about: list[str | Path] = ["--charter", self.charter, "--contest", papers.contest, "--out", out]
        self._chair.do("trustee", "result", export, *shares, *about)
        found: dict[str, object] = json.loads(out.read_bytes())
        return found

    def certify(self, papers: Papers, tally: bytes, facts: dict[str, int | None]) -> Path:
        first, second = (self.officers[each] for each in BOARD)
        (papers / "tally.doc").write_bytes(tally)
        (papers / "facts.json").write_text(json.dumps(facts))
        made = papers / "result.one.doc"
        beside: list[str | Path] = ["--manifest", papers / "manifest.doc", "--tally", papers / "tally.doc"]
        first.do(
            "officer", "certify", first.folder, papers / "result.json", made, *beside, "--facts",
            papers / "facts.json",
        )  # fmt: skip
        return self._signed_by(second, made, papers / "result.doc")

    # -- two signatures ----------------------------------------------------------------------------------

    def _signed_by(self, second: Officer, made: Path, out: Path, *, beside: Sequence[Path] = ()) -> Path:
        words = [word for path in beside for word in ("--beside", str(path))]
        second.do("officer", "sign", second.folder, made, *words)
        copy = made.with_name(f"{made.stem}.{second.name}.doc")
        second.do("officer", "merge", out, made, copy, "--charter", self.charter)
        return out

    @property
    def _chair(self) -> Officer:
        return self.officers[CHAIR]
