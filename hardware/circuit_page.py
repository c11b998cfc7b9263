"""The sheet that a circuit is drawn on: parts by coordinates, with labels that stay upright. Pure.

Coordinates are schemdraw's units, x to the right and y up.
"""

import textwrap
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, Final, Literal

import schemdraw
import schemdraw.elements

elm: Any = schemdraw.elements  # typed in parts
Point = tuple[float, float]
Side = Literal["left", "center", "right"]
SMALL: Final = 9.5
NOTE: Final = 10.5
_TITLE: Final = 15
_BASELINE: Final = 0.16
"""Letters stand on their place; this puts their middle there."""
RED, BLUE, GREY = "#a4262c", "#1f4e79", "#52616d"


class Page:
    """A drawing by coordinates: every part has its place and its label."""

    def __init__(self, title: str, subtitle: str, at: Point) -> None:
        schemdraw.use("svg")
        self.drawing = schemdraw.Drawing(show=False)
        self.drawing.config(fontsize=SMALL, font="DejaVu Sans", lw=1.4, bgcolor="white", margin=0.7)
        self.text(at, title, size=_TITLE)
        self.text((at[0], at[1] - 0.55), subtitle, size=NOTE, colour=GREY)

    def text(
        self, at: Point, words: str, *, size: float = SMALL, colour: str = "black", to: Side = "left"
    ) -> None:
        label = elm.Label().at((at[0], at[1] - _BASELINE)).theta(0)
        self.drawing += label.label(
            words, loc="center", ofst=0, fontsize=size, halign=to, valign="center", color=colour
        )

    def notes(self, at: Point, paragraphs: Iterable[str], columns: int, step: float = 0.45) -> None:
        """Below each other, broken at so many letters; a later line of a paragraph stands a little inside."""
        y = at[1]
        for paragraph in paragraphs:
            for number, line in enumerate(textwrap.wrap(paragraph, columns, break_long_words=False)):
                self.text((at[0] + (0.35 if number else 0), y), line, size=NOTE)
                y -= step

    def wire(self, *points: Point, colour: str = "black") -> None:
        for start, end in pairwise(points):
            self.drawing += elm.Line().at(start).to(end).color(colour)

    def dot(self, at: Point) -> None:
        self.drawing += elm.Dot(radius=0.07).at(at)

    def part(
        self,
        element: Any,
        start: Point,
        end: Point,
        words: str = "",
        where: str = "top",
        offset: float = 0.12,
    ) -> Any:
        placed = element.at(start).to(end)
        if words:
            placed = placed.label(words, loc=where, ofst=offset)
        self.drawing += placed
        return placed

    def terminal(self, at: Point, words: str, to: Side = "right") -> None:
        """A clamp of a connector, labelled beside it. to: the side at which the words end."""
        self.drawing += elm.Dot(open=True, radius=0.1).at(at)
        shift = -0.25 if to == "right" else 0.25
        self.text((at[0] + shift, at[1]), words, to=to)

    def ground(self, at: Point, words: str) -> None:
        self.drawing += elm.GroundSignal().at(at)
        self.text((at[0] + 0.4, at[1] - 0.3), words, colour=GREY)

    def place(self, element: Any, anchor: str, at: Point) -> None:
        """A part with more than two ends, upright, one of them put where it belongs."""
        self.drawing += element.anchor(anchor).at(at).theta(0)

    def frame(self, low: Point, high: Point, words: str) -> None:
        """A dashed box, named above its left corner."""
        corners = (low, (high[0], low[1]), high, (low[0], high[1]), low)
        for start, end in pairwise(corners):
            self.drawing += elm.Line(ls="--", lw=0.8).at(start).to(end).color(GREY)
        self.text((low[0] + 0.1, high[1] + 0.25), words, colour=GREY)
