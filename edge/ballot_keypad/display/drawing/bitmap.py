"""Small pictures written as text: `#` is lit. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from PIL import Image

Pixel = tuple[int, int]
"""x to the right, y down."""


def pixels(rows: Sequence[str], scale: int = 1) -> Iterator[Pixel]:
    """Where it is lit, each point a square of `scale`."""
    for y, row in enumerate(rows):
        for x, letter in enumerate(row):
            if letter == "#":
                for dy in range(scale):
                    for dx in range(scale):
                        yield x * scale + dx, y * scale + dy


def light(picture: Image.Image, at: Pixel, points: Iterable[Pixel], ink: int = 1) -> None:
    """Points beyond the edge are the caller's mistake, and raise IndexError rather than vanish."""
    for x, y in points:
        picture.putpixel((at[0] + x, at[1] + y), ink)
