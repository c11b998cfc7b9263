"""Who is on a photograph: by its file name, as long as the labels of the pairs agree."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

import numpy as np
import numpy.typing as npt

from models.errors import ModelsMissing
from models.evaluation.tables import Pair

Codes = npt.NDArray[np.int64]
NUMBERED: Final = re.compile(r"(?P<person>.+)_[0-9]+")


@dataclass(frozen=True, slots=True)
class Persons:
    """`codes` int64 (N,): the person of each photograph, 0..count-1.

    by_name: the codes are persons, so that any two photographs can be compared. Otherwise the file names
    contradict the labels, and a code only joins what the labels join: two codes may be one person.
    """

    codes: Codes
    count: int
    by_name: bool = True


def person_of(name: str) -> str:
    """The folder for person/photo.jpg, Some_Name for Some_Name_0001.jpg, else the name without its suffix."""
    path = PurePosixPath(name)
    if len(path.parts) > 1:
        return str(path.parent)
    numbered = NUMBERED.fullmatch(path.stem)
    return numbered["person"] if numbered else path.stem


def persons_of(names: Sequence[str], pairs: Iterable[Pair] = ()) -> Persons:
    """The person of each photograph. Raises ModelsMissing when the labels contradict one another."""
    listed = tuple(pairs)
    if all((person_of(pair.a) == person_of(pair.b)) is pair.same for pair in listed):
        return _coded([person_of(name) for name in names], by_name=True)
    joined = _joined(names, listed)
    for pair in listed:
        if not pair.same and joined[pair.a] == joined[pair.b]:
            raise ModelsMissing(f"{pair.a} and {pair.b} are two persons in one pair, and one by other pairs")
    return _coded([joined[name] for name in names], by_name=False)


def _coded(persons: Sequence[str], *, by_name: bool) -> Persons:
    code = {person: i for i, person in enumerate(sorted(set(persons)))}
    return Persons(np.array([code[person] for person in persons], np.int64), len(code), by_name)


def _joined(names: Iterable[str], pairs: Iterable[Pair]) -> dict[str, str]:
    """A photograph that stands for each connected set of genuine pairs (union-find with path halving)."""
    parent = {name: name for name in names}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for pair in pairs:
        if pair.same:
            parent[root(pair.a)] = root(pair.b)
    return {name: root(name) for name in parent}
