"""Pages of one generation, as they arrive -> all of them, once all are there. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class Arriving(Generic[P]):
    """What has arrived of `generation`: page number -> page, of `pages` in all."""

    generation: int = 0
    pages: int = 0
    found: Mapping[int, P] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        return self.pages > 0 and len(self.found) == self.pages

    def in_order(self) -> tuple[P, ...]:
        return tuple(self.found[number] for number in sorted(self.found))


def collect(arriving: Arriving[P], page: P, number: int, pages: int, generation: int) -> Arriving[P]:
    """With this page. A newer generation begins anew, an older one changes nothing; a page comes in place of
    one of its number, and one that counts its pages otherwise is another edition: it begins anew too.
    """
    if generation < arriving.generation or number >= pages:
        return arriving
    if generation > arriving.generation or pages != arriving.pages:
        return Arriving(generation, pages, {number: page})
    return Arriving(generation, pages, {**arriving.found, number: page})
