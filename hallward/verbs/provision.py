"""hallward provision …: identities. Its own process: it alone holds the authority's key."""

from collections.abc import Sequence


def run(words: Sequence[str]) -> int:
    from provisioning.__main__ import main

    return main(words)
