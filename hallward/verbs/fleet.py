"""hallward fleet …: the hall's server."""

from collections.abc import Sequence


def run(words: Sequence[str]) -> int:
    from fleet.__main__ import main

    return main(words)
