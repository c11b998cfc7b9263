"""What a hall log says of the freezes of its sittings: who attests what, and who lifted it. Pure."""

from collections.abc import Iterator, Sequence
from typing import Final

from ballot.counting import Leaf
from wire.updates import Attestation, Override

_NAMED: Final = 5


def freezes_in_words(leaves: Sequence[Leaf]) -> Iterator[str]:
    """Lines for people, by sitting in the order of the log; the newest word of each device counts."""
    said: dict[str, dict[str, tuple[int, Attestation]]] = {}
    lifted: dict[str, list[tuple[int, Override]]] = {}
    for leaf in leaves:
        if isinstance(leaf.body, Attestation):
            said.setdefault(leaf.body.sitting, {})[leaf.device] = leaf.index, leaf.body
        elif isinstance(leaf.body, Override):
            lifted.setdefault(leaf.body.sitting, []).append((leaf.index, leaf.body))
    for sitting in dict.fromkeys((*lifted, *said)):
        for index, override in lifted.get(sitting, ()):
            whom = f"of {override.device}" if override.device else "of the whole hall"
            who = f"{override.first} and {override.second}"
            yield f"Sitting {sitting}: {who} lifted the freeze {whom} ({override.reason}), leaf {index}."
        if sitting in said:
            yield _attested(sitting, said[sitting])


def _attested(sitting: str, words: dict[str, tuple[int, Attestation]]) -> str:
    changed = [
        f"{device} ({', '.join(name for name, then, now in word.rows if then != now)}), leaf {index}"
        for device, (index, word) in sorted(words.items())
        if not word.unchanged
    ]
    same = len(words) - len(changed)
    line = f"Sitting {sitting}: {same} of {len(words)} devices that spoke attest that nothing changed."
    if not changed:
        return line
    more = f" and {len(changed) - _NAMED} more" if len(changed) > _NAMED else ""
    return f"{line} Changed: {'; '.join(changed[:_NAMED])}{more}."
