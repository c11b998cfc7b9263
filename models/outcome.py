"""What a step of the build did, and what it could not do."""

from dataclasses import dataclass

from models.errors import SourceMissing
from wire.errors import HallError


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many files are new, and one error per culprit for what could not be had or made, gravest first."""

    done: int
    failures: tuple[HallError, ...] = ()

    def then(self, later: "Outcome") -> "Outcome":
        """Both, one after the other. After a failure, a missing source is no news: it is what failed."""
        fresh = later.failures
        if self.failures:
            fresh = tuple(err for err in fresh if not isinstance(err, SourceMissing))
        return Outcome(self.done + later.done, self.failures + fresh)
