"""hallward release …: officers of a release."""

from collections.abc import Sequence


def run(words: Sequence[str]) -> int:
    from release.__main__ import main

    return main(words)
