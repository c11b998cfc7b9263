"""hallward keypad run | check | new-epoch FOLDER: a keypad's firmware."""

from collections.abc import Sequence


def run(words: Sequence[str]) -> int:
    from edge.ballot_keypad.__main__ import main

    return main(words)
