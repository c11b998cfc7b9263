"""Every key of a keypad and its buzzer, from the cable to what the firmware makes of it, and back."""

import queue
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from edge.ballot_keypad.adapters.hardware import Hardware
from edge.ballot_keypad.display.drawing.picture import Size, draw
from edge.ballot_keypad.display.page import Page, Sign
from edge.ballot_keypad.errors import ScreenError
from edge.ballot_keypad.keys.layout import MATRIX, KeyCap
from edge.ballot_keypad.keys.press import KeyEvent, Pressed
from edge.ballot_keypad.sound.tones import Tone
from tests.virtual_bench.loom import Findings, Loom, until

PATIENCE_S: Final = 40.0
"""As of the gate (walk_gate.py)."""
PAGE: Final = Page("A-12", Sign.RECORDED, "Đã ghi nhận", large="Tán thành")
_OF_DISPLAY: Final = frozenset({"D/C", "RESET"})
_BY_THEMSELVES: Final = _OF_DISPLAY | {"tone"}
"""They may move while keys are looked at: a page is shown, a tone is not over yet."""
_LOOKS: Final = 20
"""That all of them meet a wave in its low half is not to be expected in this world."""


class Glass(Protocol):
    """The display's own chip, at the other end of its bus. place: for sentences."""

    place: str
    size: Size

    @property
    def heard(self) -> int:
        """Bytes, so far."""
        ...

    def picture(self) -> bytes:
        """What its memory holds, one bit for each point; empty: nothing that makes sense."""
        ...


class Finger:
    """Presses keys by their place on the unit, one after the other, and hears what is told of each."""

    def __init__(self, loom: Loom) -> None:
        self._loom = loom
        self._told: queue.Queue[KeyEvent] = queue.Queue()
        self.hear: Callable[[KeyEvent], None] = self._told.put

    def press(self, cap: KeyCap) -> KeyEvent | None:
        """Down until something is told, then up until the keypad rests again. None: nothing was told."""
        self._loom.press((cap.row, cap.col))
        try:
            return self._told.get(timeout=PATIENCE_S)
        except queue.Empty:
            return None
        finally:
            self._loom.press()
            until(lambda: not self._loom.awake(), PATIENCE_S)

    def more(self) -> list[KeyEvent]:
        return [self._told.get_nowait() for _ in range(self._told.qsize())]


def keypad_faults(keypad: Hardware, loom: Loom, glass: Glass | None) -> Iterator[str]:
    """What is not as the wiring says, each as it is found. keypad: just opened, its keys not yet started.
    glass: None where no display can be: that it does not answer is no news then."""
    found = Findings(loom)
    for fault in keypad.faults:
        if glass is not None or not isinstance(fault, ScreenError):
            yield f"when it is opened: {fault.diagnostics()}"
    yield from found.driven("when it is opened", loom.driven() - _OF_DISPLAY)
    if glass is not None:
        yield from _display(keypad, loom, glass)
    yield from _tone(keypad, loom, found)
    with loom.watch() as seen:
        yield from _keys(keypad, loom, found)
        keypad.close()
    wrong = [moved for each in seen if (moved := each - _BY_THEMSELVES)]
    yield from found.driven("keys are looked at", wrong[0] if wrong else frozenset())
    yield from found.lines("after it is closed")
    if glass is not None and glass.picture() != bytes(glass.size[0] * glass.size[1] // 8):
        yield f"after it is closed: {glass.place} is not dark"


def _display(keypad: Hardware, loom: Loom, glass: Glass) -> Iterator[str]:
    """Its own chip heard the picture, after a reset where it has a leg for that."""
    if "RESET" in loom.signals:
        loom.tried.update(_OF_DISPLAY)
        went = ", ".join("high" if level else "low" for level in loom.levels("RESET") if level is not None)
        if went.removeprefix("low, ") != "high, low, high":  # an output of the kernel's begins low
            yield f"when it is opened: {loom.place('RESET')} went {went or 'nowhere'}; it is high, low, high"
    keypad.screen.show(PAGE)
    if glass.picture() != draw(PAGE, glass.size).tobytes():
        yield f"a page is shown: {glass.place} holds another picture ({glass.heard} bytes heard)"


def _tone(keypad: Hardware, loom: Loom, found: Findings) -> Iterator[str]:
    """A wave that the library makes in a thread of its own: each look meets it high or low."""
    loom.tried.add("tone")
    before = loom.driven()
    sounding: list[frozenset[str]] = []

    def sounds() -> bool:
        sounding[:] = filter(None, (loom.driven() - before for _ in range(_LOOKS)))
        return bool(sounding)

    for _ in range(round(PATIENCE_S)):  # a busy machine may sleep through one
        keypad.tones.play(Tone.RECORDED)  # the only one of several notes that has no pause
        if until(sounds, 1.0):
            break
    yield from found.driven("a tone is played", sounding[0] if sounding else frozenset(), "tone")
    until(lambda: not sounds(), PATIENCE_S)
    yield from found.driven("the tone is over", sounding[0] if sounding else frozenset())


def _keys(keypad: Hardware, loom: Loom, found: Findings) -> Iterator[str]:
    finger = Finger(loom)
    keypad.keys.start(finger.hear, lambda: None)
    if not until(lambda: not loom.awake(), PATIENCE_S):
        yield f"at rest: {loom.places(loom.awake())} not pulled low; a key there would wake nobody"
        return
    for cap in MATRIX:
        told = finger.press(cap)
        doing = f"{cap.en} is pressed (row {cap.row + 1}, column {cap.col + 1})"
        yield from found.told(doing, _name(told), cap.button.value)
        if told is None:
            return  # what is silent for one key is silent for others, and each would be waited for
    yield from found.told("all keys are up again", finger.more(), [])


def _name(event: KeyEvent | None) -> str:
    return "" if event is None else event.button.value if isinstance(event, Pressed) else str(event)
