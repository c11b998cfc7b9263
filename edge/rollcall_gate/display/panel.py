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
    """The shape that goes with the words: one for each thing that a person may be asked or told."""

    NONE = "none"
    WELCOME = "welcome"
    STORED = "stored"
    NOT_STORED = "not-stored"
    WAIT = "wait"
    LATER = "later"
    LOOK = "look"
    BLINK = "blink"
    TURN_LEFT = "turn-left"
    TURN_RIGHT = "turn-right"
    ONE = "one"
    BADGE = "badge"
    BEARER = "bearer"
    PIN = "pin"
    USHER = "usher"
    INSIDE = "inside"
    WRONG_WAY = "wrong-way"
    HELD = "held"
    JAMMED = "jammed"
    DOOR = "door"
    NO_DOOR = "no-door"
    NO_CAMERA = "no-camera"
    NO_SITTING = "no-sitting"
    STARTING = "starting"
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
    """One picture. lines: 1 to 4, most important first, each in one language; never who somebody is unless
    they have just been admitted. code: for the technician, kebab-case, small in the corner; empty for none.
    qr: what a telephone is to scan, in the icon's place; empty for none.
    """

    colour: Colour
    icon: Icon
    lines: tuple[str, ...]
    code: str = ""
    qr: str = ""
