"""A power cut at a chosen durable step."""

from collections.abc import Callable


class PowerCut(BaseException):
    """No handler of ours may survive it."""


def fuse(step: int | None) -> Callable[[str], None]:
    """To be called at each durable step; blows at the given one, never for None."""
    left = step

    def burn(_: str) -> None:
        nonlocal left
        if left is not None:
            left -= 1
            if left == 0:
                raise PowerCut

    return burn
