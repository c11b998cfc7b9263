"""What is refused in words: a rule that cannot decide anything, numbers that cannot be."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from wire.errors import HallError


@dataclass(frozen=True, slots=True)
class Refusal:
    """code: stable, for machines. vi, en: a sentence for the secretariat that says what to do."""

    code: str
    vi: str
    en: str


class Refused(HallError):
    """Base of what the rules refuse. Nothing is lost: the numbers stay where they came from."""

    code: ClassVar[str] = "refused"

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__(" ".join(f"{refusal.vi} {refusal.en}" for refusal in self.refusals))


class RuleRefused(Refused):
    """The rule does not fit its question, or itself."""

    code = "rule-refused"


class CountRefused(Refused):
    """The facts or the counts contradict each other."""

    code = "count-refused"
