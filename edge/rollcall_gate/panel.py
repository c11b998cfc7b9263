"""What a person at the gate is told, for every sense at once: colour, icon and words, and a sound."""

from dataclasses import dataclass
from enum import StrEnum


class Colour(StrEnum):
    """Of lamp and panel. Never the only carrier of a meaning."""

    OFF = "off"
    GREEN = "green"
    AMBER = "amber"
    RED = "red"


class Icon(StrEnum):
    """The shape that goes with the words."""

    NONE = "none"
    WELCOME = "welcome"
    WAIT = "wait"
    LOOK = "look"
    BADGE = "badge"
    USHER = "usher"
    HELD = "held"
    EXIT = "exit"


class Sound(StrEnum):
    """Told apart by pitch and rhythm, not by loudness."""

    SILENCE = "silence"
    WELCOME = "welcome"
    ATTENTION = "attention"
    REFUSED = "refused"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture. lines: 1 to 4, most important first, each language by itself; never who somebody is unless
    they have just been admitted.
    """

    colour: Colour
    icon: Icon
    lines: tuple[str, ...]
