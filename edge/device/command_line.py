"""`VERB FOLDER [--flag …]`: the words of every firmware's command line, with or without the rest of the
product."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wire.errors import HallError

EXIT_USAGE: Final = 2

Verb = Callable[[Path], int]


@dataclass(frozen=True, slots=True)
class Flagged:
    """A verb that also takes flags, in any order, after its folder. do: given the flags that were said."""

    do: Callable[[Path, frozenset[str]], int]
    flags: tuple[str, ...]


def obey(program: str, verbs: Mapping[str, Verb | Flagged], words: Sequence[str]) -> int:
    """Exit status: 0 done, 2 wrong words, 78 the folder is wrong, 1 anything else; one sentence on stderr."""
    usage = _usage(program, verbs)
    if words and words[0] in ("-h", "--help"):
        sys.stdout.write(usage)
        return 0
    verb = verbs.get(words[0]) if len(words) >= 2 else None
    said = frozenset(words[2:])
    if verb is None or not said.issubset(verb.flags if isinstance(verb, Flagged) else ()):
        sys.stderr.write(usage)
        return EXIT_USAGE
    try:
        return verb.do(Path(words[1]), said) if isinstance(verb, Flagged) else verb(Path(words[1]))
    except HallError as err:
        sys.stderr.write(f"{program}: {err.diagnostics()} [{err.code}]\n")
        return err.exit_code


def _usage(program: str, verbs: Mapping[str, Verb | Flagged]) -> str:
    taken = [
        f"       {program} {name} FOLDER {' '.join(f'[{flag}]' for flag in verb.flags)}\n"
        for name, verb in verbs.items()
        if isinstance(verb, Flagged)
    ]
    return f"usage: {program} {' | '.join(verbs)} FOLDER\n" + "".join(taken)
