"""Where the gate is with the person before it."""

from dataclasses import dataclass

from edge.rollcall_gate.who.decide import Admitted, Decision
from edge.rollcall_gate.who.word import Word
from wire.ids import SittingId
from wire.lane import Greeting


@dataclass(slots=True)
class Progress:
    """Forgotten when they have gone on."""

    admitted: Admitted | None = None
    admitted_to: SittingId | None = None
    greeting: Greeting | None = None
    sitting: SittingId | None = None
    decision: Decision | None = None
    decisions: int = 0
    passages: int = 0
    camera_works: bool = True
    word: Word | None = None
