"""What a step of the build did, and what it could not do."""

from dataclasses import dataclass

from wire.errors import HallError


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many files are new, and one error per culprit for what could not be had or made, gravest first."""

    done: int
    failures: tuple[HallError, ...] = ()

    def __add__(self, other: "Outcome") -> "Outcome":
        """Two steps, one after the other; the same sentence is not said twice."""
        said = {err.what for err in self.failures}
        fresh = tuple(err for err in other.failures if err.what not in said)
        return Outcome(self.done + other.done, self.failures + fresh)
