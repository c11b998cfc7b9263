"""hallward models …: the networks."""

from collections.abc import Sequence


def run(words: Sequence[str]) -> int:
    from models.__main__ import main

    return main(words)
