"""What can go wrong with a measurement, as a sentence."""

from wire.errors import HallError


class BenchError(HallError):
    """The measurement cannot be made, or would not be one: it is abandoned, never guessed."""

    code = "bench-error"
