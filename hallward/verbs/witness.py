"""hallward witness run | cosign | state: cosign a hall log, on a machine that its fleet does not run."""

from collections.abc import Sequence


def run(words: Sequence[str]) -> int:
    from officers.witness.commands import main

    return main(words)
