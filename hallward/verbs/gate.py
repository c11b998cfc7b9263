"""hallward gate run | check | calibrate | replay | new-epoch: a gate's firmware."""

from collections.abc import Sequence


def run(words: Sequence[str]) -> int:
    from edge.rollcall_gate.__main__ import main

    return main(words)
