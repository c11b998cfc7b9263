"""The icons of the display beside the gate, as shapes: a font may lack a glyph, a shape is always there.

Drawn on a square of 100 x 100, in one ink; each is told from every other by its outline alone.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from math import cos, pi, sin
from typing import Final

from PIL import Image, ImageDraw, ImageOps

from edge.rollcall_gate.display.panel import Icon

_FINER: Final = 3  # drawn so many times as large, then averaged: smooth edges
_INK, _NO_INK, _FAINT = 255, 0, 110
_Point = tuple[float, float]


class Pen:
    """Shapes in units of a hundredth of the square. ink: 0 takes away what was drawn."""

    def __init__(self, mask: Image.Image) -> None:
        self._draw = ImageDraw.Draw(mask)
        self._unit = mask.width / 100

    def disc(self, x: float, y: float, radius: float, ink: int = _INK) -> None:
        self._draw.ellipse(self._box(x - radius, y - radius, x + radius, y + radius), fill=ink)

    def ring(self, x: float, y: float, radius: float, width: float, ink: int = _INK) -> None:
        box = self._box(x - radius, y - radius, x + radius, y + radius)
        self._draw.ellipse(box, outline=ink, width=round(width * self._unit))

    def arc(self, x: float, y: float, radius: float, degrees: tuple[float, float], width: float) -> None:
        """degrees: from, to; clockwise, 0 is to the right."""
        box = self._box(x - radius, y - radius, x + radius, y + radius)
        self._draw.arc(box, *degrees, fill=_INK, width=round(width * self._unit))

    def block(self, left: float, top: float, right: float, bottom: float, ink: int = _INK) -> None:
        """A filled box with round corners."""
        self._draw.rounded_rectangle(self._box(left, top, right, bottom), round(4 * self._unit), fill=ink)

    def frame(self, left: float, top: float, right: float, bottom: float, width: float = 6) -> None:
        wide = round(width * self._unit)
        self._draw.rounded_rectangle(
            self._box(left, top, right, bottom), round(5 * self._unit), outline=_INK, width=wide
        )

    def line(self, points: Sequence[_Point], width: float = 7, ink: int = _INK) -> None:
        """With round ends and joints."""
        wide = round(width * self._unit)
        self._draw.line([(x * self._unit, y * self._unit) for x, y in points], fill=ink, width=wide)
        for x, y in points:
            self.disc(x, y, width / 2, ink)

    def shape(self, points: Sequence[_Point], ink: int = _INK) -> None:
        self._draw.polygon([(x * self._unit, y * self._unit) for x, y in points], fill=ink)

    def person(self, x: float, top: float, tall: float, ink: int = _INK) -> None:
        """Head and shoulders down to a straight edge; as wide as 0.7 of `tall`."""
        half, shoulders = 0.35 * tall, top + 0.5 * tall
        self.disc(x, top + 0.22 * tall, 0.22 * tall, ink)
        box = self._box(x - half, shoulders, x + half, shoulders + tall)
        self._draw.pieslice(box, 180, 360, fill=ink)

    def _box(self, left: float, top: float, right: float, bottom: float) -> list[float]:
        return [edge * self._unit for edge in (left, top, right, bottom)]


def _smile(pen: Pen, x: float, y: float, radius: float, looks: float = 0) -> None:
    """A face from the front; looks: how far it is turned to the right, -1..1."""
    aside = looks * radius * 0.24
    pen.ring(x, y, radius, radius * 0.19)
    for eye in (-0.34, 0.34):
        pen.disc(x + aside + eye * radius, y - 0.16 * radius, radius * 0.12)
    pen.arc(x + aside, y + 0.1 * radius, radius * 0.48, (25, 155), radius * 0.15)


def _corners(pen: Pen) -> None:
    for x, y, right, down in ((8, 8, 1, 1), (92, 8, -1, 1), (8, 92, 1, -1), (92, 92, -1, -1)):
        pen.line([(x + 20 * right, y), (x, y), (x, y + 20 * down)])


def _slash(pen: Pen) -> None:
    pen.line([(12, 12), (88, 88)], 20, _NO_INK)
    pen.line([(12, 12), (88, 88)], 8)


def _welcome(pen: Pen) -> None:
    pen.shape([(50, 6), (88, 46), (65, 46), (65, 94), (35, 94), (35, 46), (12, 46)])


def _stored(pen: Pen) -> None:
    pen.ring(50, 50, 44, 8)
    pen.line([(28, 52), (44, 68), (73, 34)], 11)


def _not_stored(pen: Pen) -> None:
    pen.ring(50, 50, 44, 8)
    pen.line([(33, 33), (67, 67)], 11)
    pen.line([(67, 33), (33, 67)], 11)


def _wait(pen: Pen) -> None:
    pen.line([(22, 10), (78, 10)], 9)
    pen.line([(22, 90), (78, 90)], 9)
    pen.line([(29, 12), (29, 26), (50, 50), (29, 74), (29, 88)], 6)
    pen.line([(71, 12), (71, 26), (50, 50), (71, 74), (71, 88)], 6)
    pen.shape([(38, 30), (62, 30), (50, 44)])
    pen.shape([(36, 86), (64, 86), (50, 66)])


def _later(pen: Pen) -> None:
    pen.ring(50, 50, 44, 8)
    pen.line([(50, 24), (50, 52), (68, 64)], 8)


def _look(pen: Pen) -> None:
    _corners(pen)
    _smile(pen, 50, 50, 31)


def _blink(pen: Pen) -> None:
    pen.arc(50, 18, 46, (25, 155), 8)
    for degrees in (40, 65, 90, 115, 140):
        angle = degrees * pi / 180
        x, y = cos(angle), sin(angle)
        pen.line([(50 + 44 * x, 18 + 44 * y), (50 + 57 * x, 18 + 57 * y)], 7)


def _turn_left(pen: Pen) -> None:
    _smile(pen, 56, 64, 30, looks=-1)
    pen.line([(86, 18), (24, 18)], 9)
    pen.shape([(4, 18), (28, 2), (28, 34)])


def _one(pen: Pen) -> None:
    for x in (21, 79):
        pen.person(x, 24, 52, _FAINT)
    pen.person(50, 8, 92, _NO_INK)
    pen.person(50, 14, 80)


def _card(pen: Pen, left: float, top: float, wide: float) -> None:
    """A card with the three corners of a QR code."""
    tall, step = wide * 1.25, wide / 10
    pen.block(left, top, left + wide, top + tall)
    for x, y in ((1.6, 3.6), (5.6, 3.6), (1.6, 7.6)):
        at_x, at_y = left + x * step, top + y * step
        pen.block(at_x, at_y, at_x + 2.8 * step, at_y + 2.8 * step, _NO_INK)
        pen.disc(at_x + 1.4 * step, at_y + 1.4 * step, 0.7 * step)
    for x, y in ((5.8, 7.8), (7.4, 9.2)):
        pen.block(left + x * step, top + y * step, left + (x + 1) * step, top + (y + 1) * step, _NO_INK)
    pen.line([(left + 4 * step, top + 1.6 * step), (left + 6 * step, top + 1.6 * step)], step, _NO_INK)


def _badge(pen: Pen) -> None:
    pen.line([(27, 8), (50, 28), (73, 8)], 7)
    _card(pen, 22, 24, 56)


def _bearer(pen: Pen) -> None:
    _card(pen, 6, 32, 41)
    _smile(pen, 74, 58, 22)
    pen.line([(25, 14), (70, 14)], 7)
    pen.shape([(88, 14), (68, 3), (68, 25)])


def _pin(pen: Pen) -> None:
    pen.frame(16, 4, 84, 96)
    for y in (22, 41, 60, 79):
        for x in (32, 50, 68):
            pen.disc(x, y, 6.5)


def _usher(pen: Pen) -> None:
    pen.person(40, 22, 76)
    pen.disc(74, 28, 22)
    pen.disc(74, 16, 4, _NO_INK)
    pen.line([(74, 27), (74, 41)], 7, _NO_INK)


def _inside(pen: Pen) -> None:
    pen.line([(6, 48), (50, 8), (94, 48)], 8)
    pen.line([(18, 42), (18, 93), (82, 93), (82, 42)], 7)
    pen.person(50, 40, 48)


def _wrong_way(pen: Pen) -> None:
    pen.disc(50, 50, 45)
    pen.block(20, 41, 80, 59, _NO_INK)


def _held(pen: Pen) -> None:
    low, high = 28, 72
    pen.shape([(low, 4), (high, 4), (96, low), (96, high), (high, 96), (low, 96), (4, high), (4, low)])
    pen.block(32, 26, 44, 74, _NO_INK)
    pen.block(56, 26, 68, 74, _NO_INK)


def _jammed(pen: Pen) -> None:
    pen.line([(50, 12), (92, 86), (8, 86), (50, 12)], 8)
    pen.shape([(50, 12), (92, 86), (8, 86)])
    pen.line([(50, 36), (50, 60)], 9, _NO_INK)
    pen.disc(50, 75, 5.5, _NO_INK)


def _door(pen: Pen) -> None:
    pen.line([(14, 94), (14, 8), (62, 8), (62, 94)], 7)
    pen.shape([(14, 8), (42, 20), (42, 96), (14, 94)])
    pen.disc(35, 58, 4, _NO_INK)
    pen.line([(92, 50), (78, 50)], 8)
    pen.shape([(66, 50), (82, 37), (82, 63)])


def _no_door(pen: Pen) -> None:
    pen.block(22, 4, 78, 96)
    pen.disc(68, 40, 5, _NO_INK)
    _slash(pen)


def _no_camera(pen: Pen) -> None:
    pen.block(6, 28, 94, 84)
    pen.block(34, 16, 66, 36)
    pen.disc(50, 56, 20, _NO_INK)
    pen.disc(50, 56, 12)
    _slash(pen)


def _no_sitting(pen: Pen) -> None:
    pen.frame(8, 14, 92, 92, 7)
    pen.block(8, 14, 92, 38)
    for x in (30, 70):
        pen.line([(x, 8), (x, 24)], 14, _NO_INK)
        pen.line([(x, 8), (x, 22)], 8)
    pen.line([(34, 65), (66, 65)], 9)


def _starting(pen: Pen) -> None:
    for number in range(8):
        angle = number * pi / 4
        pen.disc(50 + 36 * cos(angle), 50 + 36 * sin(angle), 4 + number)


def _exit(pen: Pen) -> None:
    pen.line([(62, 8), (92, 8), (92, 93), (62, 93)], 7)
    pen.disc(49, 17, 10)
    pen.line([(44, 34), (36, 60)], 13)
    pen.line([(45, 34), (60, 47), (75, 42)], 7)
    pen.line([(42, 33), (24, 38), (16, 54)], 7)
    pen.line([(37, 60), (53, 70), (50, 91)], 9)
    pen.line([(35, 60), (28, 78), (8, 80)], 9)


SHAPES: Final[Mapping[Icon, Callable[[Pen], None]]] = {
    Icon.WELCOME: _welcome,
    Icon.STORED: _stored,
    Icon.NOT_STORED: _not_stored,
    Icon.WAIT: _wait,
    Icon.LATER: _later,
    Icon.LOOK: _look,
    Icon.BLINK: _blink,
    Icon.TURN_LEFT: _turn_left,
    Icon.ONE: _one,
    Icon.BADGE: _badge,
    Icon.BEARER: _bearer,
    Icon.PIN: _pin,
    Icon.USHER: _usher,
    Icon.INSIDE: _inside,
    Icon.WRONG_WAY: _wrong_way,
    Icon.HELD: _held,
    Icon.JAMMED: _jammed,
    Icon.DOOR: _door,
    Icon.NO_DOOR: _no_door,
    Icon.NO_CAMERA: _no_camera,
    Icon.NO_SITTING: _no_sitting,
    Icon.STARTING: _starting,
    Icon.EXIT: _exit,
}


@lru_cache(maxsize=len(Icon) * 2)
def mask(icon: Icon, side_px: int) -> Image.Image:
    """Where the ink is: mode L, side x side, 255 all of it. Not to be drawn upon: it is kept."""
    if icon is Icon.TURN_RIGHT:
        return ImageOps.mirror(mask(Icon.TURN_LEFT, side_px))
    fine = Image.new("L", (side_px * _FINER, side_px * _FINER))
    if icon in SHAPES:
        SHAPES[icon](Pen(fine))
    return fine.reduce(_FINER)
