"""The picture of a step: a meter on two places, a terminal, keys that are pressed, a phone, a screen. Pure.

All have one size, so that the rows of a sheet stand alike.
"""

from collections.abc import Sequence
from typing import Final

from reportlab.lib import colors
from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from hardware.circuits import CAPS
from hardware.sheets_drawing import RED, WARN
from hardware.steps import Step
from printed.sheet import BOLD, INK, PALE, REGULAR, SOFT

_WIDTH: Final = 50 * mm
_HEIGHT: Final = 19 * mm


def picture_of(step: Step) -> Flowable:
    if step.probe:
        return ProbePicture(step.probe, step.reading)
    if step.press:
        return KeysPicture(step.press)
    if step.phone:
        return WordsPicture(step.phone, is_phone=True)
    if step.screen:
        return WordsPicture(step.screen, is_phone=False)
    return CommandPicture(step.command)


class ProbePicture(Flowable):  # type: ignore[misc]  # as above
    """A meter with its two leads on two places, and what it shows."""

    def __init__(self, places: Sequence[str], reading: str) -> None:
        super().__init__()
        self.places, self.reading = tuple(places), reading
        self.width, self.height = _WIDTH, _HEIGHT

    def draw(self) -> None:
        page = self.canv
        page.setStrokeColor(INK)
        page.setFillColor(PALE)
        page.roundRect(0.5 * mm, 3 * mm, 21 * mm, 14 * mm, 1.5 * mm, fill=1)
        page.setFillColor(colors.white)
        page.rect(2 * mm, 9 * mm, 18 * mm, 6.5 * mm, fill=1)
        page.setFillColor(INK)
        page.setFont(BOLD, 7.5 if len(self.reading) > 8 else 10)
        page.drawCentredString(11 * mm, 11 * mm, self.reading)
        for place, y, colour in zip(self.places, (13, 6), (RED, colors.black), strict=True):
            page.setStrokeColor(colour)
            page.setLineWidth(1.4)
            path = page.beginPath()
            path.moveTo(21.5 * mm, (y - 1) * mm)
            path.curveTo(25 * mm, (y - 3) * mm, 28 * mm, (y + 2) * mm, 32 * mm, y * mm)
            page.drawPath(path)
            page.setFillColor(colour)
            page.circle(32.6 * mm, y * mm, 0.9 * mm, fill=1, stroke=0)
            page.setStrokeColor(INK)
            page.setLineWidth(0.7)
            page.setFillColor(WARN)
            page.roundRect(34 * mm, (y - 2.4) * mm, 14.5 * mm, 4.8 * mm, 0.8 * mm, fill=1)
            page.setFillColor(INK)
            page.setFont(BOLD, 8)
            page.drawCentredString(41.2 * mm, (y - 0.95) * mm, place)


class CommandPicture(Flowable):  # type: ignore[misc]  # as above
    """A terminal with what is typed into it."""

    def __init__(self, command: str) -> None:
        super().__init__()
        self.command = command
        self.width, self.height = _WIDTH, _HEIGHT

    def draw(self) -> None:
        page = self.canv
        page.setStrokeColor(INK)
        page.setFillColor(INK)
        page.roundRect(0.5 * mm, 2 * mm, 48 * mm, 15 * mm, 1.2 * mm, fill=1)
        page.setFillColor(colors.white)
        for number, line in enumerate(_lines(self.command, 28)):
            page.setFont("Courier-Bold", 7)
            page.drawString(2.2 * mm, (13.6 - 3.3 * number) * mm, line)


class KeysPicture(Flowable):  # type: ignore[misc]  # as above
    """The twenty keys, those that are pressed filled. pressed: caps, as CAPS of circuits.py; "all": each."""

    _KEY: Final = (10.5 * mm, 3.1 * mm)

    def __init__(self, pressed: Sequence[str]) -> None:
        super().__init__()
        self.pressed = frozenset(pressed)
        self.width, self.height = _WIDTH, _HEIGHT

    def draw(self) -> None:
        page, (wide, high) = self.canv, self._KEY
        page.setStrokeColor(INK)
        page.setLineWidth(0.6)
        for row, caps in enumerate(CAPS):
            for col, cap in enumerate(caps):
                x, y = 1.5 * mm + col * (wide + 1.2 * mm), 15 * mm - row * (high + 0.5 * mm)
                is_pressed = cap in self.pressed or "all" in self.pressed
                page.setFillColor(INK if is_pressed else colors.white)
                page.roundRect(x, y, wide, high, 0.6 * mm, fill=1)
                page.setFillColor(colors.white if is_pressed else SOFT)
                page.setFont(BOLD, 5.6)
                page.drawCentredString(x + wide / 2, y + 1.0 * mm, cap)


class WordsPicture(Flowable):  # type: ignore[misc]  # as above
    """A phone, or a screen on its foot, with what is to be seen or tapped there."""

    def __init__(self, words: str, *, is_phone: bool) -> None:
        super().__init__()
        self.words, self.is_phone = words, is_phone
        self.width, self.height = _WIDTH, _HEIGHT

    def draw(self) -> None:
        page = self.canv
        page.setStrokeColor(INK)
        page.setLineWidth(1.1)
        page.setFillColor(PALE)
        if self.is_phone:
            page.roundRect(0.5 * mm, 1.2 * mm, 10 * mm, 16.6 * mm, 1.6 * mm, fill=1)
            page.setFillColor(colors.white)
            page.rect(1.5 * mm, 4 * mm, 8 * mm, 11.6 * mm, fill=1)
            page.circle(5.5 * mm, 2.6 * mm, 0.7 * mm, fill=1)
            left, columns = 13 * mm, 25
        else:
            page.rect(4.7 * mm, 1 * mm, 3 * mm, 3 * mm, fill=1)
            page.roundRect(0.5 * mm, 3.6 * mm, 12 * mm, 13 * mm, 0.8 * mm, fill=1)
            page.setFillColor(colors.white)
            page.rect(1.5 * mm, 4.6 * mm, 10 * mm, 11 * mm, fill=1)
            left, columns = 15 * mm, 24
        page.setFillColor(INK)
        for number, line in enumerate(_lines(self.words, columns)):
            page.setFont(REGULAR, 7.5)
            page.drawString(left, (14 - 3.4 * number) * mm, line)


def _lines(words: str, width: int) -> list[str]:
    """Broken at spaces, at most width letters each."""
    lines = [""]
    for word in words.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
