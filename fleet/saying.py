"""What people are told, in Vietnamese and in English: sentences of a table, with their facts filled in. Pure.

A room keeps its sentences in one table, so that whoever looks at one language looks at both. A fact that has
a word of its own in either language, the role of a device or the state of a sitting, is a Said itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Sentences = Mapping[str, tuple[str, str]]
"""By key: the Vietnamese sentence and the English one, with the same `{facts}` in both."""


@dataclass(frozen=True, slots=True)
class Said:
    """The same in both languages; both empty: nothing is to be said."""

    en: str = ""
    vi: str = ""

    def __bool__(self) -> bool:
        return bool(self.en)


def say(table: Sentences, key: str, /, **facts: object) -> Said:
    """The sentence of this key with its facts filled in. Raises KeyError for a key or a fact that is not
    there: a mistake of ours."""
    vi, en = table[key]
    return Said(
        en.format_map({name: fact.en if isinstance(fact, Said) else fact for name, fact in facts.items()}),
        vi.format_map({name: fact.vi if isinstance(fact, Said) else fact for name, fact in facts.items()}),
    )


def joined(parts: Iterable[Said], between: str) -> Said:
    """Those that say something, one after the other."""
    given = [part for part in parts if part]
    return Said(between.join(part.en for part in given), between.join(part.vi for part in given))
