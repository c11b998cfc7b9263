"""What a trial reads beside photographs: labelled pairs, and the group of each photograph. Strict."""

import stat
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from models.errors import ModelsMissing

PAIR_COLUMNS: Final = ("fold", "same", "a", "b")
GROUP_COLUMNS: Final = ("image", "group")
BYTES_MAX: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class Pair:
    """Two file names, whether they show one person, and the fold they belong to."""

    fold: str
    same: bool
    a: str
    b: str


def read_pairs(table: Path) -> tuple[Pair, ...]:
    """Tab-separated under a header fold, same, a, b; same is 1 for one person, 0 for two.

    Raises ModelsMissing with one sentence naming the file, and the line where there is one. Both kinds of
    pair must occur: without one of them half of the error rates have no meaning.
    """
    pairs = tuple(_pair(table, number, row) for number, row in _rows(table, PAIR_COLUMNS))
    for same, kind in ((True, "genuine pair (same = 1)"), (False, "impostor pair (same = 0)")):
        if not any(pair.same is same for pair in pairs):
            raise ModelsMissing(f"{table}: no {kind} in it")
    return pairs


def read_groups(table: Path) -> dict[str, str]:
    """Tab-separated under a header image, group: the group of each photograph. Raises as read_pairs does."""
    groups: dict[str, str] = {}
    for number, (name, group) in _rows(table, GROUP_COLUMNS):
        _plain(table, number, name)
        if not group or not group.isprintable():
            raise ModelsMissing(f"{table}, line {number}: the group has no printable name")
        if name in groups:
            raise ModelsMissing(f"{table}, line {number}: {name} has a group already")
        groups[name] = group
    return groups


def photographs_of(pairs: Iterable[Pair]) -> list[str]:
    """Every photograph that the pairs name, once, in order of name."""
    return sorted({name for pair in pairs for name in (pair.a, pair.b)})


def require_photographs(folder: Path, names: Sequence[str], table: Path) -> None:
    """Raises ModelsMissing naming the first photograph that is not there, and how many are not."""
    if not folder.is_dir():
        raise ModelsMissing(f"{folder}: no such folder of photographs")
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        others = f", nor are {len(missing) - 1} others" if len(missing) > 1 else ""
        raise ModelsMissing(f"{folder / missing[0]}, which {table} names, is not there{others}")


def require_groups(table: Path, groups: Mapping[str, str], names: Collection[str], folder: Path) -> None:
    """Every photograph of the trial has a group, and the table names no photograph that does not exist.

    It may name more than the trial uses. Raises ModelsMissing naming the first photograph at fault.
    """
    without = [name for name in names if name not in groups]
    if without:
        others = f" ({len(without)} photographs have none)" if len(without) > 1 else ""
        raise ModelsMissing(f"{table}: no group for {without[0]}{others}")
    for name in groups.keys() - set(names):
        if not (folder / name).is_file():
            raise ModelsMissing(f"{table}: {name} is not in {folder}")


def _pair(table: Path, number: int, row: Sequence[str]) -> Pair:
    fold, same, a, b = row
    if same not in {"0", "1"} or not fold or not fold.isprintable():
        raise ModelsMissing(f"{table}, line {number}: a fold, 0 or 1, and two file names expected")
    for name in (a, b):
        _plain(table, number, name)
    if a == b:
        raise ModelsMissing(f"{table}, line {number}: {a} is paired with itself")
    return Pair(fold, same == "1", a, b)


def _rows(table: Path, columns: tuple[str, ...]) -> Iterable[tuple[int, list[str]]]:
    lines = [line.removesuffix("\r") for line in _text(table).split("\n")]
    if tuple(lines[0].split("\t")) != columns:
        raise ModelsMissing(f"{table}, line 1: the columns {', '.join(columns)} expected, tab-separated")
    if lines[-1] == "":
        lines.pop()
    for number, line in enumerate(lines[1:], start=2):
        row = line.split("\t")
        if len(row) != len(columns):
            raise ModelsMissing(f"{table}, line {number}: {len(columns)} columns expected, not {len(row)}")
        yield number, row


def _text(table: Path) -> str:
    try:
        if not stat.S_ISREG(table.stat().st_mode):  # it is read twice, and a device never ends
            raise ModelsMissing(f"{table}: a plain file expected")
        with table.open("rb") as stream:
            raw = stream.read(BYTES_MAX + 1)
    except OSError as err:
        raise ModelsMissing(f"{table} cannot be read ({err.strerror})") from err
    if len(raw) > BYTES_MAX:
        raise ModelsMissing(f"{table}: larger than {BYTES_MAX} bytes")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        line = raw.count(b"\n", 0, err.start) + 1
        raise ModelsMissing(f"{table}, line {line}: not UTF-8 text") from err


def _plain(table: Path, number: int, name: str) -> None:
    """A name inside the folder of photographs, spelt in the one way that names it."""
    path = PurePosixPath(name)
    inside = name and not path.is_absolute() and ".." not in path.parts and path.parts
    if not inside or str(path) != name or "\\" in name or not name.isprintable():
        raise ModelsMissing(f"{table}, line {number}: {name!r} is no plain file name inside the folder")
