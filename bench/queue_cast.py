"""Who comes to the scripted queue: photographs on disk -> people enrolled, and one comer after another.

Whoever is enrolled is shown by other photographs than they were enrolled with. Seeded: the same queue every
time.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Literal, TypeVar

import numpy as np

from bench.errors import BenchError
from edge.rollcall_gate.adapters.opencv_optics import OpencvOptics
from edge.rollcall_gate.adapters.recorded_camera import photographs_in
from edge.rollcall_gate.frames import Pixels

Way = Literal["badge", "pin", "usher"]
Frames = tuple[str, tuple[Path, ...]]
"""Of whom, and what the camera sees."""
_T = TypeVar("_T")
ENROLLED_MAX: Final = 3
SHOWN_FROM: Final = 4
"""Photographs of a person in a large collection, from which on they come themselves; of two or three they are
enrolled and stay away: the others' look-alikes."""
FRAMES: Final = 6
"""Of one film that one walk-up shows."""
OTHERWISE: Final[Mapping[Way, float]] = {"badge": 0.6, "pin": 0.25, "usher": 0.15}
"""What people turn to whom the gate did not take by face, in shares."""
PAPER: Final = 235
_PRINT_SHRINK, _PRINT_GAIN, _PRINT_BLACK = 3, 0.6, 60


class Kind(StrEnum):
    """Enrolled, shown by photographs; enrolled and filmed by a webcam; a badge in hand; number and PIN;
    nothing in hand and no reference; nobody we know; a picture of somebody enrolled.
    """

    DELEGATE = "delegate"
    FILMED = "filmed"
    BADGE = "badge"
    PIN = "pin"
    USHER = "usher"
    STRANGER = "stranger"
    PRINT = "print"


MIX: Final[Mapping[Kind, float]] = {
    Kind.DELEGATE: 0.45,
    Kind.FILMED: 0.10,
    Kind.BADGE: 0.10,
    Kind.PIN: 0.07,
    Kind.USHER: 0.05,
    Kind.STRANGER: 0.13,
    Kind.PRINT: 0.10,
}


@dataclass(frozen=True, slots=True)
class Collection:
    """enrolled: name -> photographs given at the desk. shown: name -> those before the gate. filmed: name of
    somebody enrolled, and frames of a film of them. strangers: one person each. prints: name of somebody
    enrolled, and frames of one print of them. emulated: the prints are photographs that the bench makes look
    like prints. said: of what it is, for the rows.
    """

    said: str
    enrolled: Mapping[str, tuple[Path, ...]]
    shown: Mapping[str, tuple[Path, ...]]
    filmed: tuple[Frames, ...]
    strangers: tuple[tuple[Path, ...], ...]
    prints: tuple[Frames, ...]
    emulated: bool


@dataclass(frozen=True, slots=True)
class Comer:
    """One walk-up. name: who they are or, of a print, whom it shows. pictures: what the camera sees of them,
    empty when they do not look at it. otherwise: what they turn to when their face is not taken.
    """

    kind: Kind
    name: str
    pictures: tuple[Path, ...] = ()
    otherwise: Way | None = None
    emulated: bool = False


def shipped(folder: Path) -> Collection:
    """The photographs that the packages of the networks bring: few people, and no print."""
    people = {entry.name: photographs_in(entry) for entry in sorted(folder.iterdir()) if entry.is_dir()}
    enrolled, shown = _split({name: found for name, found in people.items() if len(found) > 1})
    return Collection(
        "shipped photographs, prints EMULATED",
        enrolled,
        shown,
        (),
        tuple((found[0],) for found in people.values() if len(found) == 1),
        tuple(shown.items()),
        emulated=True,
    )


def portraits(images: Path, webcam: Path) -> Collection:
    """images: Some_Name_0001.jpg, as in LFW. webcam: live/ and print/ with 0001_… of client 1, as in NUAA.

    The frames of one person are different photographs, often years apart: harder than what a camera sees.
    """
    people = _by(photographs_in(images), lambda name: name.rpartition("_")[0])
    enrolled, shown = _split({name: found for name, found in people.items() if len(found) >= SHOWN_FROM})
    away = {name: found for name, found in people.items() if 1 < len(found) < SHOWN_FROM}
    films, prints = (_films(webcam / folder) for folder in ("live", "print"))
    desk = {client: _spread(takes[0], ENROLLED_MAX) for client, takes in films.items()}
    return Collection(
        "LFW people, NUAA films and prints",
        {**enrolled, **away, **desk},
        shown,
        tuple(
            (client, take[at : at + FRAMES])
            for client, takes in films.items()
            for take in takes[1:]  # another day than the desk's
            for at in range(0, len(take) - FRAMES + 1, FRAMES)
        ),
        tuple(found for found in people.values() if len(found) == 1),
        tuple(
            (client, _spread(take, FRAMES))
            for client, takes in prints.items()
            if client in films
            for take in takes
        ),
        emulated=False,
    )


def queue(of: Collection, people: int, random: np.random.Generator) -> list[Comer]:
    """So many walk-ups in a random order; nobody comes twice in a row. Raises BenchError without people."""
    if len(of.shown) < 2 or not of.strangers or not of.prints:
        raise BenchError("a queue needs two people with several photographs, a stranger, and prints")
    mix = dict(MIX)
    if not of.filmed:
        mix[Kind.DELEGATE] += mix.pop(Kind.FILMED)
    kinds = [kind for kind, share in mix.items() for _ in range(round(share * people))]
    comers: list[Comer] = []
    for number, which in enumerate(random.permutation(len(kinds)).tolist()):
        before = comers[-1].name if comers else ""
        comers.append(_comer(kinds[which], of, number, before, random))
    return comers


def printed(pixels: Pixels) -> Pixels:
    """A photograph as if printed and held up: coarse, pale, white at its edges. An emulation, not a print."""
    optics, (height, width) = OpencvOptics(), pixels.shape[:2]
    coarse = optics.resize(pixels, max(1, width // _PRINT_SHRINK), max(1, height // _PRINT_SHRINK))
    soft = optics.resize(coarse, width, height).astype(np.float32)
    paper = np.clip(_PRINT_BLACK + _PRINT_GAIN * soft, 0, 255).astype(np.uint8)
    edge = max(1, min(height, width) // 20)
    paper[:edge] = paper[-edge:] = PAPER
    paper[:, :edge] = paper[:, -edge:] = PAPER
    return paper


def _comer(kind: Kind, of: Collection, number: int, before: str, random: np.random.Generator) -> Comer:
    otherwise = tuple(OTHERWISE)[int(random.choice(len(OTHERWISE), p=list(OTHERWISE.values())))]
    if kind is Kind.DELEGATE:
        name = _one_of([name for name in of.shown if name != before], random)
        return Comer(kind, name, of.shown[name], otherwise)
    if kind in (Kind.FILMED, Kind.PRINT):
        films = of.filmed if kind is Kind.FILMED else of.prints
        name, pictures = _one_of([one for one in films if one[0] != before] or films, random)
        if kind is Kind.FILMED:
            return Comer(kind, name, pictures, otherwise)
        return Comer(kind, name, pictures, emulated=of.emulated)
    guest = f"guest {number}"
    if kind in (Kind.BADGE, Kind.PIN):
        return Comer(kind, guest)
    pictures = _one_of(of.strangers, random)
    return Comer(kind, guest, pictures, "usher" if kind is Kind.USHER else None)


def _one_of(choices: Sequence[_T], random: np.random.Generator) -> _T:
    return choices[int(random.integers(len(choices)))]


def _by(photographs: Iterable[Path], key: Callable[[str], str]) -> dict[str, tuple[Path, ...]]:
    """Photographs by what `key` reads off their name without its ending, both in order of name."""
    found: dict[str, list[Path]] = {}
    for photograph in photographs:
        found.setdefault(key(photograph.stem), []).append(photograph)
    return {name: tuple(those) for name, those in found.items()}


def _films(folder: Path) -> dict[str, tuple[tuple[Path, ...], ...]]:
    """Client -> films of them, each its frames in order of name: 0001_…_0.jpg, 0001_…_20.jpg."""
    takes = _by(photographs_in(folder), lambda name: name.rpartition("_")[0])
    clients = sorted({take.partition("_")[0] for take in takes})
    return {
        client: tuple(found for take, found in takes.items() if take.partition("_")[0] == client)
        for client in clients
    }


def _spread(photographs: Sequence[Path], count: int) -> tuple[Path, ...]:
    """At most so many, from the first to the last evenly: neighbours of a film are almost one picture."""
    step = max(1, len(photographs) // count)
    return tuple(photographs[::step][:count])


def _split(
    people: Mapping[str, Sequence[Path]],
) -> tuple[dict[str, tuple[Path, ...]], dict[str, tuple[Path, ...]]]:
    """Half of each person's photographs for the desk, at most ENROLLED_MAX; the others for the gate."""
    given = {name: min(ENROLLED_MAX, len(found) // 2) for name, found in people.items()}
    return (
        {name: tuple(found[: given[name]]) for name, found in people.items()},
        {name: tuple(found[given[name] :]) for name, found in people.items()},
    )
