"""hallward enrol …: the enrolment station."""

from collections.abc import Sequence


def run(words: Sequence[str]) -> int:
    from edge.enrol.__main__ import main

    return main(words)
