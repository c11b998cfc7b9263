"""One defence that can be taken out of the code, as text: which rows must then notice."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Defence:
    """attacks: ids of rows. file: of the code. is_: what stands there, once. without: what stands there when
    it is taken out."""

    attacks: str
    file: str
    is_: str
    without: str
