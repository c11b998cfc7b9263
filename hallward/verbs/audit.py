"""hallward audit FILE: check signatures, chains, tree, counts, secret questions of an exported hall log."""

from collections.abc import Sequence


def run(words: Sequence[str]) -> int:
    from fleet.__main__ import main

    return main(["audit", *words])
