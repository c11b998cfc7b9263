"""hallward export FILE: the hall log, for `hallward audit` and for auditors' own programs."""

from collections.abc import Sequence


def run(words: Sequence[str]) -> int:
    from fleet.__main__ import main

    return main(["export", *words])
