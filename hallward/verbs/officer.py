"""hallward officer …: keys, charter, and the documents that officers of the congress sign."""

import importlib
import sys
from collections.abc import Mapping, Sequence
from typing import Final

EXIT_USAGE: Final = 2
VERBS: Final = {
    "key": ("officers.keys.commands:run_key", "make an officer's own key"),
    "charter": ("officers.keys.commands:run_charter", "assemble the charter from public keys"),
    "pin": ("officers.keys.commands:run_pin", "pin the charter in an officer's folder"),
    "show": ("officers.papers.commands:run_show", "a document in words"),
    "sign": ("officers.papers.commands:run_sign", "read a document and sign it"),
    "merge": ("officers.papers.commands:run_merge", "one document with the signatures of its copies"),
    "check": ("officers.tally.commands:check", "make a ballot anew that a unit opened"),
    "roll": ("officers.commission.commands:run_roll", "commission: who may vote in one contest"),
    "bind": ("officers.commission.commands:run_bind", "commission: another unit, or none"),
    "manifest": ("officers.board.commands:run_manifest", "board: the ballot of one contest"),
    "close": ("officers.chair.commands:run_close", "chair: end the vote"),
    "disposition": ("officers.board.commands:run_disposition", "board: units from which nothing came"),
    "cancel": ("officers.board.commands:run_cancel", "board: a vote that is never opened"),
    "certify": ("officers.board.certify:run_certify", "board: the result"),
}


def run(words: Sequence[str]) -> int:
    return run_verb("officer", VERBS, words)


def run_verb(group: str, verbs: Mapping[str, tuple[str, str]], words: Sequence[str]) -> int:
    """Call the function of a verb, which is imported only now. verbs: name -> (module:function, what)."""
    if not words or words[0] in ("-h", "--help"):
        width = max(map(len, verbs))
        lines = [f"  {name:<{width}}  {what}" for name, (_, what) in verbs.items()]
        print("\n".join([f"usage: hallward {group} VERB …", "", *lines, "", "VERB --help says more."]))
        return 0 if words else EXIT_USAGE
    if words[0] not in verbs:
        print(f"hallward {group}: there is no {words[0]!r}; see `hallward {group} --help`", file=sys.stderr)
        return EXIT_USAGE
    module, _, function = verbs[words[0]][0].partition(":")
    return int(getattr(importlib.import_module(module), function)(list(words[1:])))
