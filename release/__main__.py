"""`hallward release VERB …`."""

import argparse
from collections.abc import Sequence


def main(words: Sequence[str]) -> int:
    """Exit code."""
    parser = argparse.ArgumentParser(prog="hallward release", description=__doc__)
    parser.parse_args(words)
    return 0
