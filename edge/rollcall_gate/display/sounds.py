"""What each sound of the gate is on a plain buzzer: its rhythm, since a buzzer has one pitch."""

from typing import Final

from edge.rollcall_gate.display.panel import Sound

Pattern = tuple[tuple[int, int], ...]
"""(on_ms, off_ms), one after the other."""

PATTERNS: Final[dict[Sound, Pattern]] = {
    Sound.SILENCE: (),
    Sound.WELCOME: ((150, 0),),
    Sound.ATTENTION: ((120, 160), (120, 0)),
    Sound.REFUSED: ((500, 150), (150, 0)),
    Sound.ALARM: ((300, 200),) * 5 + ((300, 0),),
}
