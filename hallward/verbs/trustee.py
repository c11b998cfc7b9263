"""hallward trustee …: the key ceremony, and a trustee's part after the close."""

from collections.abc import Sequence
from typing import Final

from hallward.verbs.officer import run_verb

VERBS: Final = {
    "ceremony": ("officers.ceremony.commands:run_ceremony", "the next step of the key ceremony"),
    "approve": ("officers.tally.commands:approve", "check everything, then sign the one tally"),
    "share": ("officers.tally.commands:share", "this trustee's share of the decryption"),
    "result": ("officers.tally.commands:result", "the counts, from any k shares; needs no key"),
    "view": ("officers.tally.commands:view", "what an export says of its questions; needs no key"),
}


def run(words: Sequence[str]) -> int:
    return run_verb("trustee", VERBS, words)
