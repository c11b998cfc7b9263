"""`VERB FOLDER`: the words of every firmware's command line, with or without the rest of the product."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from wire.errors import HallError

EXIT_USAGE: Final = 2

Verb = Callable[[Path], int]


def obey(program: str, verbs: Mapping[str, Verb], words: Sequence[str]) -> int:
    """Exit status: 0 done, 2 wrong words, 78 the folder is wrong, 1 anything else; one sentence on stderr."""
    usage = f"usage: {program} {' | '.join(verbs)} FOLDER\n"
    if words and words[0] in ("-h", "--help"):
        sys.stdout.write(usage)
        return 0
    if len(words) != 2 or words[0] not in verbs:
        sys.stderr.write(usage)
        return EXIT_USAGE
    try:
        return verbs[words[0]](Path(words[1]))
    except HallError as err:
        sys.stderr.write(f"{program}: {err.diagnostics()} [{err.code}]\n")
        return err.exit_code
