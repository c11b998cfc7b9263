"""Who comes to the demo: with several photographs by face, everybody else by badge, strangers refused."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wire.errors import HallError

PHOTOGRAPHS: Final = frozenset({".jpg", ".jpeg", ".png"})
ENROLLED_MAX: Final = 3


class NoFaces(HallError):
    """The folder of photographs is not one."""

    code = "no-faces"
    exit_code = 78


@dataclass(frozen=True, slots=True)
class Delegate:
    """enrolled: photographs for the station; probe: a different one, for the gate. By badge: none."""

    name: str
    enrolled: tuple[Path, ...] = ()
    probe: Path | None = None


@dataclass(frozen=True, slots=True)
class Cast:
    delegates: tuple[Delegate, ...]
    strangers: tuple[Path, ...]


def cast(faces: Path, delegates: int) -> Cast:
    """One folder per person: with several photographs a delegate by face, with one a stranger.
    The rest of the delegates come by badge.

    Raises NoFaces when no folder has two photographs or none has exactly one.
    """
    if not faces.is_dir():
        raise NoFaces(f"{faces} is not a folder; it must hold one folder of photographs per person")
    by_face, strangers = [], []
    for folder in sorted(path for path in faces.iterdir() if path.is_dir()):
        photographs = sorted(path for path in folder.iterdir() if path.suffix.lower() in PHOTOGRAPHS)
        if len(photographs) == 1:
            strangers.append(photographs[0])
        elif photographs:
            *enrolled, probe = photographs[: ENROLLED_MAX + 1]
            by_face.append(Delegate(_name(folder.name), tuple(enrolled), probe))
    if not by_face or not strangers:
        raise NoFaces(
            f"{faces} needs at least one folder with two photographs (a delegate) and one with a single one "
            f"(a stranger); it has {len(by_face)} and {len(strangers)}"
        )
    by_face = by_face[:delegates]
    by_badge = [Delegate(f"Delegate {number:02}") for number in range(len(by_face) + 1, delegates + 1)]
    return Cast((*by_face, *by_badge), tuple(strangers))


def _name(folder: str) -> str:
    return folder.replace("_", " ").replace("-", " ").title()
