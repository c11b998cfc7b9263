"""The words of consent, and what is taken down when somebody agrees to them."""

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Final, Literal

from edge.device.errors import ConfigError

Language = Literal["vi", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("vi", "en")
_VERSION: Final = {
    "vi": re.compile(r"^Bản số (\d{1,4})\.", re.MULTILINE),
    "en": re.compile(r"^Version (\d{1,4})\.", re.MULTILINE),
}


class Channel(StrEnum):
    """How somebody agreed, or withdrew: by word at the desk, or by a signature on paper."""

    DESK = "desk"
    PAPER = "paper"


@dataclass(frozen=True, slots=True)
class ConsentText:
    """The words in one language. version: as written in them. sha256: hex, of the file's very bytes."""

    language: Language
    version: str
    sha256: str
    words: str

    @property
    def blocks(self) -> tuple[tuple[Literal["title", "point", "line"], str, str], ...]:
        """(kind, what stands in bold before it or nothing, the rest) of each paragraph, in order."""
        return tuple(_block(line) for line in self.words.splitlines() if line.strip())


@dataclass(frozen=True, slots=True)
class Consent:
    """Which words somebody agreed to, and how. The fleet's ledger adds who took it down, and when."""

    text_version: str
    text_sha256: str
    language: Language
    channel: Channel
    station: str

    def body(self) -> dict[str, str]:
        """As the fleet takes it."""
        return {
            "text_version": self.text_version,
            "text_sha256": self.text_sha256,
            "language": self.language,
            "channel": self.channel.value,
            "station": self.station,
        }


def consent_texts() -> dict[Language, ConsentText]:
    """The words of this release, by language. Raises ConfigError when they lack a version or differ in it."""
    folder = files("edge.enrol") / "texts"
    texts = {lang: read_text(lang, (folder / f"consent.{lang}.md").read_bytes()) for lang in LANGUAGES}
    if len({text.version for text in texts.values()}) != 1:
        raise ConfigError("the texts of consent have different versions in their languages; install again")
    return texts


def read_text(language: Language, raw: bytes) -> ConsentText:
    """Raises ConfigError when no line says which version this is."""
    words = raw.decode("utf-8")
    found = _VERSION[language].search(words)
    if found is None:
        raise ConfigError(f"the text of consent in {language} does not say its version; install again")
    return ConsentText(language, found[1], hashlib.sha256(raw).hexdigest(), words)


def given(text: ConsentText, channel: Channel, station: str) -> Consent:
    """Somebody agreed to these words at this station."""
    return Consent(text.version, text.sha256, text.language, channel, station)


def _block(line: str) -> tuple[Literal["title", "point", "line"], str, str]:
    if line.startswith("# "):
        return "title", "", line[2:]
    if line.startswith("- **"):
        head, _, rest = line[4:].partition("** ")
        return "point", head, rest
    return "line", "", line
