"""Refusals in both languages: a room has one table of them, and raises none that does not stand there."""

from collections.abc import Sequence
from typing import Final, TypeVar

from fleet.api.errors import ApiError
from fleet.saying import Sentences, say

E = TypeVar("E", bound=ApiError)


class Refusals:
    """The refusals of one room. A key is the stable code that programs see; where one code has several
    sentences, `code/which`."""

    def __init__(self, said: Sentences) -> None:
        self.said: Final = said

    def __call__(
        self, kind: type[E], key: str, /, *, seats: Sequence[str] | None = None, **facts: object
    ) -> E:
        """The refusal to raise. seats: those it is about, if any."""
        told = say(self.said, key, **facts)
        return kind(told.en, code=key.partition("/")[0], seats=seats, vi=told.vi)
