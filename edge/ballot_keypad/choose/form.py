"""What stands on a ballot, as the person meets it: a motion, a list to choose from, or people one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ballot.errors import BadShape
from ballot.shape import BLANK, Shape, each_of, one_of
from edge.ballot_keypad.keys.press import Button

MOTION = (Button.YES, Button.NO, Button.ABSTAIN)
"""Options of a motion bear the names of their keys."""


class Kind(StrEnum):
    MOTION = "motion"
    LIST = "list"
    EACH = "each"


@dataclass(frozen=True, slots=True)
class Form:
    """names: what is shown of each thing to choose: three choices, or people in their order. lo, hi: how many
    of a list. has_blank: a list may be left empty on purpose, and a ballot says so."""

    kind: Kind
    shape: Shape
    names: tuple[str, ...]
    lo: int = 1
    hi: int = 1
    has_blank: bool = False

    @property
    def needs_digits(self) -> bool:
        return self.kind is Kind.LIST


def form_of(shape: Shape, labels: Sequence[str]) -> Form | None:
    """The form of a ballot of this shape; None for one that no machine here can fill in. labels: per
    option."""
    if shape == one_of(MOTION):
        return Form(Kind.MOTION, shape, tuple(labels))
    return _list(shape, labels) or _each(shape, labels)


def _list(shape: Shape, labels: Sequence[str]) -> Form | None:
    if len(shape.relations) != 1:
        return None
    relation = shape.relations[0]
    has_blank = shape.options[-1] == BLANK
    people = len(shape.options) - has_blank
    terms = [(index, 1) for index in range(people)] + ([(people, relation.hi)] if has_blank else [])
    if list(relation.terms) != terms or not people or not 1 <= relation.lo <= relation.hi <= people:
        return None
    return Form(Kind.LIST, shape, tuple(labels[:people]), relation.lo, relation.hi, has_blank)


def _each(shape: Shape, labels: Sequence[str]) -> Form | None:
    people = [option.removesuffix("-for") for option in shape.options[::2]]
    try:
        if shape != each_of(people):
            return None
    except BadShape:
        return None
    pairs = zip(labels[::2], labels[1::2], strict=True)
    return Form(Kind.EACH, shape, tuple(_person(label, other) for label, other in pairs))


def _person(label: str, other: str) -> str:
    """Whose labels these are: what both have in common before their sides, as in `Lê Ậu: for`, `Lê Ậu:
    against`."""
    common = next((at for at, (a, b) in enumerate(zip(label, other, strict=False)) if a != b), len(label))
    name = label[:common].rpartition(":")[0] or label[:common]
    return name.strip() or label
