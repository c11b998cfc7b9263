"""The sounds of a keypad: (hertz, milliseconds), 0 hertz is silence. Pure.

Recorded rises, refused is low and broken: they differ in pitch, in rhythm and in direction, for ears that
hear one of these alone. Every key has the same sound: a sound per key would tell the neighbour what was voted
(HV-1 rule 11).
"""

from enum import StrEnum
from typing import Final


class Tone(StrEnum):
    PRESSED = "pressed"
    """A press was taken, whichever key it was."""
    REFUSED = "refused"
    RECORDED = "recorded"
    ATTENTION = "attention"
    """A question opens, or somebody looks for this unit."""


Note = tuple[int, int]

NOTES: Final[dict[Tone, tuple[Note, ...]]] = {
    Tone.PRESSED: ((2000, 30),),
    Tone.REFUSED: ((400, 160), (0, 80), (400, 160)),
    Tone.RECORDED: ((1000, 100), (1500, 100), (2000, 200)),
    Tone.ATTENTION: ((1500, 100), (0, 100), (1500, 100), (0, 100), (1500, 100)),
}
